"""The Neo4j store: the CMDB as a natural graph in a Neo4j server or cluster."""

from collections.abc import Callable, Iterable, Iterator
from time import sleep

import orjson
from neo4j import Transaction

from cmdb.errors import StoreUnavailable
from cmdb.history.log import Commit
from cmdb.identity.changes import ChangeSet, Document
from cmdb.identity.claims import Claim, Kind
from cmdb.impact.topology import Topology
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.services.ports import ItemQuery, Matches, Receipt, RelationQuery, Signature
from cmdb.stores.neo4j import forms, reading, reading_claims
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.forms import ITEM, Labels
from cmdb.stores.neo4j.migrations import RelationIndexes, migrate
from cmdb.stores.neo4j.tickets import Neo4jTickets
from cmdb.stores.neo4j.topology import LOCKED_SEQ, topology
from cmdb.stores.neo4j.writing import Writer

RETRY_SECONDS = 10.0
APPLY_SECONDS = 10.0


class Neo4jStore:
    """GraphStore on a Neo4j database, usable by many threads, processes and hosts at once.

    `labels` gives the names of a CI type and its parents, for the labels of its nodes. Every commit
    is one transaction; commits are serial, because each first locks the counter node.
    """

    def __init__(
        self,
        uri: str,
        user: str,
        password: str,
        database: str,
        *,
        labels: Labels,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._labels = labels
        self._connection = Connection(uri, user, password, database, retry_seconds)
        try:
            migrate(self._connection)
        except BaseException:
            self._connection.close()
            raise
        self._indexes = RelationIndexes(self._connection)
        self.tickets = Neo4jTickets(self._connection)

    @property
    def address(self) -> str:
        """Where the database is, and as whom it is used."""
        return self._connection.address

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    def seq(self) -> int:
        """Number of the last commit."""
        return int(self._connection.rows("MATCH (n:Counter {name: 'cmdb'}) RETURN n.seq")[0][0])

    def settled_seq(self) -> int:
        """Number of the last commit, after waiting for the one that is being applied."""
        return int(self._connection.undone(LOCKED_SEQ)[0][0])

    def mark(self, seq: int) -> str:
        """What no other commit has."""
        found = self._connection.rows("MATCH (m:Commit {seq: $seq}) RETURN m.token", seq=seq)
        return str(found[0][0]) if found else ""

    def seq_at(self, at: float) -> int:
        """Number of the last commit at or before a time."""
        found = self._connection.rows(
            "MATCH (m:Commit) WHERE m.seq > 0 AND m.at <= $at"
            " RETURN m.seq ORDER BY m.seq DESC LIMIT 1",
            at=at,
        )
        return found[0][0] if found else 0

    def commit(self, changes: ChangeSet, signature: Signature) -> Commit:
        """Do all of `changes` in one transaction and log them."""

        def work(transaction: Transaction, token: str, unknown: dict[int, Commit]) -> Commit:
            return self._write(
                Writer(transaction, self._labels), changes, signature, token, unknown
            )

        self._prepare(changes)
        return self._connection.commit(work)

    def commit_planned(self, plan: Callable[[], ChangeSet], signature: Signature) -> Commit | None:
        """Plan while the counter is locked, without which nobody commits, and do it.

        Other sessions read what was committed before, so a plan may use this store as always.
        """

        def work(transaction: Transaction, token: str, unknown: dict[int, Commit]) -> Commit:
            writer = Writer(transaction, self._labels)
            writer.lock(token)
            done = writer.committed(token) if unknown else None
            if done is not None:
                return unknown[done]
            changes = plan()
            if not changes:
                raise NothingToDo
            missing = self._indexes.missing(_relation_types(changes))
            if missing:
                raise IndexesMissing(changes)
            return self._write(writer, changes, signature, token, unknown)

        while True:
            try:
                return self._connection.commit(work)
            except NothingToDo:
                return None
            except IndexesMissing as lack:  # an index cannot be made within the transaction
                self._prepare(lack.changes)

    def _prepare(self, changes: ChangeSet) -> None:
        self._indexes.prepare(_relation_types(changes))

    def _write(
        self,
        writer: Writer,
        changes: ChangeSet,
        signature: Signature,
        token: str,
        unknown: dict[int, Commit],
    ) -> Commit:
        writer.begin(changes, token)
        done = writer.committed(token) if unknown else None
        if done is not None:
            return unknown[done]
        writer.apply(changes)
        return writer.finish(signature, token)

    def items(self, keys: Iterable[str]) -> dict[str, ConfigurationItem]:
        """The CIs that have these keys."""
        found = self._connection.collected(
            "MATCH (c:CI) WHERE c.key IN $keys", ITEM, keys=list(set(keys))
        )
        return {one.key: one for one in map(forms.item, found)}

    def items_by_number(self, numbers: Iterable[int]) -> dict[int, ConfigurationItem]:
        """The CIs that have these numbers."""
        found = self._connection.collected(
            "MATCH (c:CI) WHERE c.number IN $numbers", ITEM, numbers=list(set(numbers))
        )
        return {one.number: one for one in map(forms.item, found)}

    def find_items(self, query: ItemQuery) -> list[ConfigurationItem]:
        """One page of CIs."""
        return reading.find_items(self._connection, query)

    def candidates(self, references: Iterable[str]) -> dict[str, Matches]:
        """For each reference that may mean any CI: which ones, by kind of match."""
        return reading.candidates(self._connection, list(set(references)))

    def relations(self, identities: Iterable[RelationIdentity]) -> dict[RelationIdentity, Relation]:
        """The relations that have these identities."""
        found = reading.relations(self._connection, set(identities))
        return {one.identity: one for one in found}

    def relations_by_number(self, numbers: Iterable[int]) -> dict[int, Relation]:
        """The relations that have these numbers."""
        types = self._indexes.types()
        found = reading.relations_by_number(self._connection, types, sorted(set(numbers)))
        return {one.number: one for one in found}

    def find_relations(self, query: RelationQuery) -> list[Relation]:
        """One page of relations."""
        return reading.find_relations(self._connection, self._indexes.types(), query)

    def claims(self, kind: Kind, source: str, keys: Iterable[str]) -> dict[str, Claim]:
        """What the source says under these keys."""
        return reading_claims.claims(self._connection, kind, source, keys)

    def claims_about(self, kind: Kind, subjects: Iterable[int]) -> dict[int, list[Claim]]:
        """All claims on these CIs or relations."""
        return reading_claims.claims_about(self._connection, kind, subjects)

    def claims_identified(self, digests: Iterable[int]) -> list[Claim]:
        """The claims about CIs that are found under one of these digests."""
        return reading_claims.claims_identified(self._connection, digests)

    def common(self, digests: Iterable[int], more_than: int) -> dict[int, int]:
        """How many claims are found under each digest, for those with more than so many."""
        return reading_claims.common(self._connection, digests, more_than)

    def contested(self, subjects: Iterable[int]) -> dict[int, list[str]]:
        """For those of the CIs about which more than one claim has a word: of which sources."""
        return reading_claims.contested(self._connection, subjects)

    def claims_at(self, ends: Iterable[int]) -> list[Claim]:
        """The claims on relations that have one of these digests at an end."""
        return reading_claims.claims_at(self._connection, ends)

    def claims_of(self, kind: Kind, source: str, withdrawn: bool = False) -> Iterator[Claim]:
        """All current claims of a source, by key; with `withdrawn` those that it withdrew, too."""
        claims = reading_claims.claims_of(self._connection, kind, source)
        return (one for one in claims if withdrawn or not one.withdrawn)

    def document(self, kind: str, name: str) -> Document | None:
        """One document."""
        found = self._connection.rows(
            "MATCH (d:StoredDocument {kind: $kind, name: $name}) RETURN d.body",
            kind=kind,
            name=name,
        )
        return Document(kind, name, orjson.loads(found[0][0])) if found else None

    def documents(self, kind: str) -> list[Document]:
        """All documents of a kind, by name."""
        found = self._connection.rows(
            "MATCH (d:StoredDocument {kind: $kind}) WHERE d.name IS NOT NULL RETURN d.name, d.body",
            kind=kind,
        )
        return [Document(kind, name, orjson.loads(body)) for name, body in sorted(found)]

    def commits_of(self, run: str) -> list[int]:
        """The numbers of all commits of a run."""
        found = self._connection.rows(
            "MATCH (m:Commit {run: $run}) RETURN m.seq ORDER BY m.seq", run=run
        )
        return [seq for (seq,) in found]

    def log(self, after: int, limit: int = 1000) -> list[Commit]:
        """Commits with their entries, from `after` + 1 on."""
        for _ in range(int(APPLY_SECONDS / 0.02)):
            commits = reading.log(self._connection, after, limit)
            if commits is not None:
                return commits
            sleep(0.02)
        detail = f"the log after commit {after} is incomplete"
        raise StoreUnavailable(address=self.address, detail=detail)

    def receipt(self, actor: str, key: str) -> tuple[Receipt, Commit] | None:
        """The commit that answered the actor's request with this idempotency key."""
        found = self._connection.rows(
            "MATCH (m:Commit {actor: $actor, receipt_key: $key}) RETURN m.seq, m.receipt_digest",
            actor=actor,
            key=key,
        )
        if not found:
            return None
        return Receipt(key, found[0][1]), self.log(found[0][0] - 1, 1)[0]

    def topology(self) -> Topology:
        """Everything the snapshot is built from."""
        return topology(self._connection, self._indexes.types())


class NothingToDo(Exception):
    """A plan came to nothing: the transaction ends without a commit."""


class IndexesMissing(Exception):
    """A plan has relations of types for which indexes must be made first."""

    def __init__(self, changes: ChangeSet) -> None:
        super().__init__()
        self.changes = changes


def _relation_types(changes: ChangeSet) -> set[str]:
    return {c.after.type for c in changes.relations if c.after is not None}
