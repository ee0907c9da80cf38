"""The readers at hand: each module of `discovery.agents` that has a pure `parse`, by its name.

Nothing lists them: a new agent file is a new format of `cmdb import`.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from cmdb.errors import CMDBError, UnknownName
from cmdb.identity.observation import Observation
from discovery import agents

Parse = Callable[[Any], Iterator[Observation | CMDBError]]

DEFAULT = "estate"


def names() -> tuple[str, ...]:
    """The names of all agents, sorted; nothing is imported for that."""
    found = (module.name for module in iter_modules(agents.__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def reader(name: str, place: str = "format") -> Parse:
    """The `parse` of an agent; UnknownName with the nearest name when there is none."""
    parse: Parse | None = None
    if name in names():
        parse = getattr(import_module(f"{agents.__name__}.{name}"), "parse", None)
    if parse is None:
        raise UnknownName(place=place, kind="format", name=name, known=names())
    return parse


def recognised(document: Any) -> str:
    """The format a document looks like.

    A list of `model` and `fields` is of NetBox; `deviceid` and `content`, also in a list, of GLPI.
    """
    first = document[0] if isinstance(document, list) and document else document
    if isinstance(first, dict) and {"deviceid", "content"} <= first.keys():
        return "glpi"
    if first is not document and isinstance(first, dict) and {"model", "fields"} <= first.keys():
        return "netbox"
    return DEFAULT
