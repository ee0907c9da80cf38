"""Statements that write many rows, and notice when a row did not find what it was about."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from neo4j import Transaction
from neo4j.exceptions import ConstraintError

from cmdb.errors import Conflict
from cmdb.stores.neo4j.connection import Rows, rows

BATCH = 10_000

One = TypeVar("One")
Group = TypeVar("Group", bound=Hashable)


def grouped(ones: Iterable[One], key: Callable[[One], Group]) -> dict[Group, list[One]]:
    """The ones by their group."""
    result: dict[Group, list[One]] = defaultdict(list)
    for one in ones:
        result[key(one)].append(one)
    return result


class Batches:
    """Runs statements with `$rows` in one transaction, some thousand rows at a time."""

    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction

    def run(self, statement: str, values: Sequence[Any], **parameters: Any) -> Rows:
        """All rows that the statement gives."""
        return [
            row
            for batch in _slices(values)
            for row in rows(self.transaction, statement, rows=batch, **parameters)
        ]

    def create(self, statement: str, values: Sequence[Any], kind: str, **parameters: Any) -> None:
        """Create records; Conflict when one is there already."""
        try:
            self.run(statement, values, **parameters)
        except ConstraintError as error:
            raise Conflict(kind=kind, name=f"one of {len(values)}") from error

    def exactly(
        self,
        statement: str,
        values: Sequence[Any],
        kind: str,
        names: Mapping[Any, str],
        **parameters: Any,
    ) -> None:
        """Conflict unless the statement gives back, once each, the ids that `names` names."""
        try:
            found = self.run(statement, values, **parameters)
        except ConstraintError as error:
            raise Conflict(kind=kind, name=f"one of {len(values)}") from error
        done = {tuple(one) if isinstance(one, list) else one for (one,) in found}
        for missing in (name for one, name in names.items() if one not in done):
            raise Conflict(kind=kind, name=missing)
        if len(values) != len(names):
            raise Conflict(kind=kind, name="the same one twice")


def _slices(ones: Sequence[One]) -> Iterator[Sequence[One]]:
    for start in range(0, len(ones), BATCH):
        yield ones[start : start + BATCH]
