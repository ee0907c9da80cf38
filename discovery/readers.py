"""The readers at hand: each module of `discovery.agents` that has a pure `parse`, by its name.

Nothing lists them: a new agent file is a new format of `cmdb import`. A module whose files are not
JSON or YAML also has `open_document(path, catalog)`, which gives `parse` what it reads; one with
`MESSAGES` reads files that are messages, each newer than the one before, and not parts of a whole.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from cmdb.errors import CMDBError, UnknownName
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery import agents, documents
from discovery.agent import Agent
from discovery.workbooks import OLE, ZIP

Parse = Callable[[Any], Iterator[Observation | CMDBError]]

DEFAULT = "estate"
SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".snmprec": "snmp",
    ".snmpwalk": "snmp",
    ".xml": "nmap",
}
PACKED = (".bz2", ".gz")


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


def are_messages(name: str) -> bool:
    """Whether each file of a format is a run of its own, and may say anew what one before said."""
    return getattr(import_module(f"{agents.__name__}.{name}"), "MESSAGES", False)


def opened(path: str, name: str | None, catalog: Catalog) -> tuple[str, Any]:
    """The format of a file, given or what it looks like, and the document to be parsed."""
    name = name or _by_content(path)
    if name is not None:
        module = import_module(f"{agents.__name__}.{name}")
        if hasattr(module, "open_document"):
            return name, module.open_document(path, catalog)
    document = documents.load(path)
    return name or recognised(document), document


def _by_content(path: str) -> str | None:
    """The format that the first bytes or the suffix of a file tell; None for JSON and YAML."""
    if not Path(path).is_file():
        return None
    with documents.open_file(path) as file:
        start = file.read(len(OLE))
    if start.startswith((ZIP, OLE)):
        return "xlsx"
    suffixes = [one.lower() for one in Path(path).suffixes if one.lower() not in PACKED]
    return SUFFIXES.get(suffixes[-1]) if suffixes else None


def recognised(document: Any) -> str:
    """The format a document looks like.

    A list of `model` and `fields` is of NetBox; `deviceid` and `content`, also in a list, of GLPI;
    `kind` and `apiVersion` are of Kubernetes, `activeTargets` of Prometheus.
    """
    first = document[0] if isinstance(document, list) and document else document
    if isinstance(first, dict) and {"deviceid", "content"} <= first.keys():
        return "glpi"
    if first is not document and isinstance(first, dict) and {"model", "fields"} <= first.keys():
        return "netbox"
    if isinstance(document, dict) and {"kind", "apiVersion"} <= document.keys():
        return "kubernetes"
    data = document.get("data") if isinstance(document, dict) else None
    if isinstance(data, dict) and "activeTargets" in data:
        return "prometheus"
    return DEFAULT


def agent(name: str) -> Agent:
    """The scanning agent of a name; UnknownName with the nearest name when there is none."""
    found: Agent | None = None
    if name in names():
        found = getattr(import_module(f"{agents.__name__}.{name}"), "AGENT", None)
    if found is None:
        raise UnknownName(place="agent", kind="agent", name=name, known=scanning())
    return found


def scanning() -> list[str]:
    """The names of all agents that scan."""
    modules = {name: import_module(f"{agents.__name__}.{name}") for name in names()}
    return [name for name, module in modules.items() if hasattr(module, "AGENT")]
