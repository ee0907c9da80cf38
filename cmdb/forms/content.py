"""What is exported, and the mark by which a row is known again when it comes back."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from cmdb.identity.observation import Alias, Exported
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem, Relation

_EXPORTED = re.compile(r"(\d{1,18})-(\w+)-(\w+)", re.ASCII)
"""Commit, mark and digest."""


@dataclass(frozen=True, slots=True)
class Content:
    """CIs by key, and the relations between them, in the order in which they are written.

    `aliases` are the names of each CI that its key does not say. `seq` is the commit that
    was the last when the reading began; `mark` gives what no other commit has.
    """

    catalog: Catalog
    items: Mapping[str, ConfigurationItem]
    aliases: Mapping[str, list[Alias]]
    relations: list[Relation]
    seq: int
    mark: Callable[[int], str]

    def item_content(self, item: ConfigurationItem) -> dict[str, Any]:
        """The item in the estate form."""
        named = [{"source": one.source, "key": one.key} for one in self.aliases[item.key]]
        return {**item.content(), "aliases": named}

    def exported(self, record: ConfigurationItem | Relation, content: dict[str, Any]) -> str:
        """The cell that says of which commit and store the row is, and what it said then."""
        seq = max(self.seq, record.seq)  # changed while the export was read
        return f"{seq}-{self.mark(seq)}-{digest(content)}"


def digest(content: dict[str, Any]) -> str:
    """A short digest of a CI or relation in the estate form."""
    data = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return blake2b(data, digest_size=8).hexdigest()


def exported_of(cell: str, content: dict[str, Any]) -> Exported:
    """What an `exported` cell says; ValueError where it is none. `content` is the row as it is."""
    found = _EXPORTED.fullmatch(cell)
    if found is None:
        raise ValueError(cell)
    return Exported(int(found[1]), found[2], edited=found[3] != digest(content))
