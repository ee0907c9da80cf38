"""Which CIs carry which codes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from cmdb.identity.codes import Code
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem
from cmdb.services.ports import GraphStore, ItemQuery

FEW = 8
"""So many codes are looked up one by one; for more, all CIs are read once."""
PAGE = 5000


class Holder(NamedTuple):
    """A CI that carries a code."""

    number: int
    key: str


class Carriers:
    """Which CIs carry which codes: a few are looked up; for more, all CIs are read once.

    What was found stays: what is said of a code later counts as said after it was given.
    """

    def __init__(self, store: GraphStore, catalog: Catalog) -> None:
        self._store = store
        self._attributes = {rule.attribute for rule in catalog.codes.values()}
        self._known: dict[Code, list[Holder]] = {}
        self._complete = False

    def of(self, code: Code) -> list[Holder]:
        """The CIs, of whatever type, that carry a code."""
        if code not in self._known and not self._complete:
            if len(self._known) < FEW:
                query = ItemQuery(attributes={code.attribute: code.text})
                self._known[code] = [_holder(one) for one in self._store.find_items(query)]
            else:
                self._known, self._complete = self._read(), True
        return self._known.get(code, [])

    def _read(self) -> dict[Code, list[Holder]]:
        found: dict[Code, list[Holder]] = {}
        for item in every_item(self._store.find_items):
            for attribute in self._attributes & item.attributes.keys():
                if isinstance(text := item.attributes[attribute], str):
                    found.setdefault(Code(attribute, text), []).append(_holder(item))
        return found


def _holder(item: ConfigurationItem) -> Holder:
    return Holder(item.number, item.key)


def every_item(
    find: Callable[[ItemQuery], list[ConfigurationItem]],
) -> Iterator[ConfigurationItem]:
    """All CIs that `find` gives, page by page."""
    query = ItemQuery(limit=PAGE)
    while page := find(query):
        yield from page
        query = replace(query, after=(page[-1].key, page[-1].key))
