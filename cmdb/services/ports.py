"""The GraphStore port: what the services need of a store. Its adapters are in `cmdb.stores`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy.typing as npt

from cmdb.history.log import Commit
from cmdb.identity.changes import ChangeSet, Document
from cmdb.identity.claims import Claim, Kind
from cmdb.impact.topology import Topology
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity, TicketRecord


@dataclass(frozen=True, slots=True)
class Receipt:
    """Marks a commit as the answer to one request, so that a repeated request is recognised."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who commits, when, and why."""

    actor: str
    at: float
    reason: str
    run: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """A filtered, sorted page of CIs; None and empty mean no limit.

    `after` is (sort value, key) of the last row of the page before. `attributes` are exact values.
    `sites` and `visible_types` are what the asker may see.
    """

    types: frozenset[str] | None = None
    status: str | None = None
    text: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    sites: frozenset[str] | None = None
    visible_types: frozenset[str] | None = None
    sort: str = "key"
    descending: bool = False
    after: tuple[str, str] | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class RelationQuery:
    """A page of relations in the order of their numbers; `key` is either end."""

    key: str | None = None
    from_key: str | None = None
    to_key: str | None = None
    type: str | None = None
    after: int = -1
    limit: int = 100


Matches = tuple[list[str], list[str], list[str]]
"""The keys, sorted, of CIs that a reference means as key; as alias or `source:key`; as name."""


def matches(found: Iterable[tuple[int, str, str]]) -> dict[str, Matches]:
    """The matches of references, from (kind of match, reference, key) in any order."""
    made: dict[str, Matches] = {}
    for kind, reference, key in sorted(set(found)):
        made.setdefault(reference, ([], [], []))[kind].append(key)
    return made


@dataclass(frozen=True, slots=True)
class TicketQuery:
    """A filtered, sorted page of tickets; None and empty mean no limit.

    `items` are keys of CIs of which one must be tied, in one of `roles` (these alone: any CI);
    `linked` is the number of
    a ticket that is linked to; something of it must be on one of `worklists`. `fields` are exact
    values of fields that have no name here. `due_by`
    and `breach_by` are upper limits, `opened` a closed range of moments. `sites` and
    `visible_types` are what the asker may see: a CI there must be tied, or `own` be the requester.
    `sort` is one of TICKET_SORTS; `after` is (sort value, number) of the last row before.
    """

    kinds: frozenset[str] | None = None
    states: frozenset[str] | None = None
    open: bool | None = None
    priority: int | None = None
    team: str | None = None
    assignee: str | None = None
    requester: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    items: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    linked: str | None = None
    worklists: frozenset[str] | None = None
    due_by: float | None = None
    breach_by: float | None = None
    opened: tuple[float, float] | None = None
    sites: frozenset[str] | None = None
    visible_types: frozenset[str] | None = None
    own: str = ""
    sort: str = "opened"
    descending: bool = False
    after: tuple[Any, str] | None = None
    limit: int = 100


TICKET_SORTS = ("opened", "changed", "priority", "breach", "due", "number")


MOST_WRITTEN = 32 * 1024
"""By so many of the last characters of its comments, and of its work notes, a ticket is found."""


class TicketStore(Protocol):
    """What a store answers about tickets; they are written with everything else, by commits."""

    def tickets(self, numbers: Iterable[str]) -> dict[str, TicketRecord]:
        """The tickets that have these numbers."""
        ...

    def find(self, query: TicketQuery) -> list[TicketRecord]:
        """One page of tickets."""
        ...

    def search(
        self, words: Sequence[str], query: TicketQuery, every: bool, *, notes: bool
    ) -> list[tuple[float, TicketRecord]]:
        """The tickets of a query that have some, or every, of the words; best first (BM25).

        They are in fields and comments, and with `notes` in work notes. The score is greater for
        better ones. `sort` and `after` of the query are not used.
        """
        ...

    def count(self, query: TicketQuery) -> int:
        """How many tickets a query is about, on all pages."""
        ...

    def timeline(self, number: str, after: int, limit: int) -> list[Commit]:
        """The commits after `after` that concern a ticket, with what they say of it."""
        ...

    def content(self, digest: str) -> bytes | None:
        """The bytes of an attachment."""
        ...


class GraphStore(Protocol):
    """A store of CIs, relations, claims, documents and the log; safe for use by many threads.

    Every method raises StoreUnavailable when the store cannot answer.
    """

    @property
    def address(self) -> str:
        """Where the store is, without secrets."""
        ...

    @property
    def tickets(self) -> TicketStore:
        """What it answers about tickets."""
        ...

    def close(self) -> None:
        """Release all resources."""
        ...

    def seq(self) -> int:
        """Number of the last commit, 0 for a new store."""
        ...

    def settled_seq(self) -> int:
        """Number of the last commit; no read that ended before saw anything of a later one."""
        ...

    def mark(self, seq: int) -> str:
        """What no other commit has, in this store or any other; empty where `seq` is no commit.

        So equal marks mean equal histories up to that commit.
        """
        ...

    def seq_at(self, at: float) -> int:
        """Number of the last commit at or before a time (seconds since 1970), 0 for none."""
        ...

    def commit(self, changes: ChangeSet, signature: Signature) -> Commit:
        """Do all of `changes` in one transaction and log them.

        Raises Conflict, and changes nothing, when a record is no longer as its `before` says.
        """
        ...

    def commit_planned(self, plan: Callable[[], ChangeSet], signature: Signature) -> Commit | None:
        """Plan while nobody else can commit, and do it; None when there is nothing to do.

        What `plan` reads of this store is as the commit will find it. It may be called again.
        """
        ...

    def commits_of(self, run: str) -> list[int]:
        """The numbers of all commits of a run, ascending."""
        ...

    def claims_identified(self, digests: Iterable[int]) -> list[Claim]:
        """The claims about CIs that are found under one of these digests."""
        ...

    def common(self, digests: Iterable[int], more_than: int) -> dict[int, int]:
        """How many claims are found under each digest, for those with more than so many."""
        ...

    def contested(self, subjects: Iterable[int]) -> dict[int, list[str]]:
        """For those of the CIs about which more than one claim has a word: of which sources."""
        ...

    def claims_at(self, ends: Iterable[int]) -> list[Claim]:
        """The claims on relations that have one of these digests at an end."""
        ...

    def items(self, keys: Iterable[str]) -> dict[str, ConfigurationItem]:
        """The CIs that have these keys, by key."""
        ...

    def items_by_number(self, numbers: Iterable[int]) -> dict[int, ConfigurationItem]:
        """The CIs that have these numbers."""
        ...

    def find_items(self, query: ItemQuery) -> list[ConfigurationItem]:
        """One page of CIs."""
        ...

    def candidates(self, references: Iterable[str]) -> dict[str, Matches]:
        """For each reference that may mean any CI: which ones, by kind of match."""
        ...

    def relations(self, identities: Iterable[RelationIdentity]) -> dict[RelationIdentity, Relation]:
        """The relations that have these identities."""
        ...

    def relations_by_number(self, numbers: Iterable[int]) -> dict[int, Relation]:
        """The relations that have these numbers."""
        ...

    def find_relations(self, query: RelationQuery) -> list[Relation]:
        """One page of relations."""
        ...

    def claims(self, kind: Kind, source: str, keys: Iterable[str]) -> dict[str, Claim]:
        """What the source says under these keys, by key."""
        ...

    def claims_about(self, kind: Kind, subjects: Iterable[int]) -> dict[int, list[Claim]]:
        """All claims on these CIs or relations, by number."""
        ...

    def claims_of(self, kind: Kind, source: str, withdrawn: bool = False) -> Iterator[Claim]:
        """All current claims of a source, by key; with `withdrawn` those that it withdrew, too."""
        ...

    def document(self, kind: str, name: str) -> Document | None:
        """One document."""
        ...

    def documents(self, kind: str) -> list[Document]:
        """All documents of a kind, by name."""
        ...

    def log(self, after: int, limit: int = 1000) -> list[Commit]:
        """Commits with their entries, from `after` + 1 on, at most `limit`."""
        ...

    def receipt(self, actor: str, key: str) -> tuple[Receipt, Commit] | None:
        """The commit that answered the actor's request with this idempotency key."""
        ...

    def topology(self) -> Topology:
        """Everything the snapshot is built from."""
        ...


Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot as it is saved: JSON-ready data, and arrays."""

    header: dict[str, Any]
    arrays: Arrays


class SnapshotArchive(Protocol):
    """Saved snapshots, each of the graph as of one commit. Failures are logged, not raised."""

    def seqs(self) -> list[int]:
        """The commits of which there is a snapshot, ascending."""
        ...

    def load(self, seq: int) -> Saved | None:
        """The snapshot of a commit; None where there is no sound one."""
        ...

    def save(self, seq: int, saved: Saved) -> None:
        """Keep the snapshot of a commit; older ones may have to go for it."""
        ...

    def discard(self, seq: int, why: str) -> None:
        """Remove a snapshot that cannot be used."""
        ...
