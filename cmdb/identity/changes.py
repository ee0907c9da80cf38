"""Change sets: everything one commit will do, with what it was computed from."""

from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from cmdb.identity.claims import Claim
from cmdb.schema.records import ConfigurationItem, Relation, TicketRecord

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Document:
    """A named piece of configuration kept in the store: a type declaration, a token, …"""

    kind: str
    name: str
    body: dict[str, Any]


@dataclass(slots=True)
class Change(Generic[Record]):
    """One record before and after. `before` None creates, `after` None removes.

    The store refuses the whole change set when `before` is no longer what it holds.
    """

    before: Record | None
    after: Record | None


@dataclass(frozen=True, slots=True)
class IdentifierChange:
    """Digests under which a claim about a CI is found no more, and those under which it is now."""

    source: str
    key: str
    removed: tuple[int, ...]
    added: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What is written on a ticket; the log keeps it, and a search finds it by its `words`."""

    ticket: str
    body: dict[str, Any]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of an attachment, under the SHA-256 of them as hexadecimal digits."""

    digest: str
    data: bytes


@dataclass(slots=True)
class ChangeSet:
    """What one commit does: all of it or nothing.

    New CIs and relations carry a number below -1, unique in the set, to which claims refer; the
    store replaces it by the real one. `confirmed` are claims whose source said the same again:
    only the stamp of the word differs.
    """

    items: list[Change[ConfigurationItem]] = field(default_factory=list)
    relations: list[Change[Relation]] = field(default_factory=list)
    claims: list[Change[Claim]] = field(default_factory=list)
    documents: list[Change[Document]] = field(default_factory=list)
    identifiers: list[IdentifierChange] = field(default_factory=list)
    confirmed: list[Change[Claim]] = field(default_factory=list)
    tickets: list[Change[TicketRecord]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    contents: list[Content] = field(default_factory=list)
    _fresh: int = -1

    def fresh_number(self) -> int:
        """The next placeholder number for a new record."""
        self._fresh -= 1
        return self._fresh

    def written(self) -> list[tuple[str, str, str]]:
        """The tickets that are written on, each with the words of its comments and work notes."""
        found: dict[str, tuple[list[str], list[str]]] = {}
        for one in self.notes:
            sides = found.setdefault(one.ticket, ([], []))
            sides[0 if one.body.get("public") else 1].append(one.words)
        return [(number, " ".join(open), " ".join(kept)) for number, (open, kept) in found.items()]

    def __bool__(self) -> bool:
        graph = self.items or self.relations or self.claims or self.confirmed
        return bool(graph or self.documents or self.tickets or self.notes)


def ranges(numbers: list[int]) -> list[list[int]]:
    """Sorted numbers as closed ranges `[[first, last], …]`."""
    result: list[list[int]] = []
    for number in sorted(set(numbers)):
        if result and result[-1][1] == number - 1:
            result[-1][1] = number
        else:
            result.append([number, number])
    return result
