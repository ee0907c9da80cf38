"""Versioned migrations of a Neo4j database; `(:Migration {version})` nodes say which have run.

Every statement may be run again, and by several processes at once, without harm.
"""

import threading
from collections.abc import Iterable

from cmdb.errors import StoreUnavailable
from cmdb.stores.neo4j.connection import Connection
from cmdb.stores.neo4j.forms import relationship

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE CONSTRAINT migration_version IF NOT EXISTS"
        " FOR (m:Migration) REQUIRE m.version IS UNIQUE",
        "CREATE CONSTRAINT counter_name IF NOT EXISTS FOR (n:Counter) REQUIRE n.name IS UNIQUE",
        "CREATE CONSTRAINT ci_key IF NOT EXISTS FOR (c:CI) REQUIRE c.key IS UNIQUE",
        "CREATE CONSTRAINT ci_number IF NOT EXISTS FOR (c:CI) REQUIRE c.number IS UNIQUE",
        "CREATE INDEX ci_name IF NOT EXISTS FOR (c:CI) ON (c.name, c.key)",
        "CREATE INDEX ci_type IF NOT EXISTS FOR (c:CI) ON (c.type, c.key)",
        "CREATE INDEX ci_status IF NOT EXISTS FOR (c:CI) ON (c.status, c.key)",
        "CREATE INDEX ci_site IF NOT EXISTS FOR (c:CI) ON (c.site)",
        "CREATE CONSTRAINT claim_key IF NOT EXISTS"
        " FOR (x:Claim) REQUIRE (x.key, x.source) IS UNIQUE",
        "CREATE INDEX claim_subject IF NOT EXISTS FOR (x:Claim) ON (x.subject)",
        "CREATE CONSTRAINT relation_claim_key IF NOT EXISTS"
        " FOR (x:RelationClaim) REQUIRE (x.key, x.source) IS UNIQUE",
        "CREATE INDEX relation_claim_subject IF NOT EXISTS FOR (x:RelationClaim) ON (x.subject)",
        "CREATE CONSTRAINT document_name IF NOT EXISTS"
        " FOR (d:StoredDocument) REQUIRE (d.kind, d.name) IS UNIQUE",
        "CREATE CONSTRAINT commit_seq IF NOT EXISTS FOR (m:Commit) REQUIRE m.seq IS UNIQUE",
        "CREATE CONSTRAINT commit_token IF NOT EXISTS FOR (m:Commit) REQUIRE m.token IS UNIQUE",
        "CREATE CONSTRAINT commit_receipt IF NOT EXISTS"
        " FOR (m:Commit) REQUIRE (m.actor, m.receipt_key) IS UNIQUE",
        "CREATE INDEX log_entry_seq IF NOT EXISTS FOR (e:LogEntry) ON (e.seq)",
        "CREATE INDEX log_entry_subject IF NOT EXISTS FOR (e:LogEntry) ON (e.subject)",
        "MERGE (n:Counter {name: 'cmdb'}) ON CREATE SET n.seq = 0, n.ci = 0, n.relation = 0",
    ),
    (
        "CREATE CONSTRAINT identifier_digest IF NOT EXISTS"
        " FOR (i:Identifier) REQUIRE i.digest IS UNIQUE",
        "CREATE INDEX relation_claim_from IF NOT EXISTS FOR (x:RelationClaim) ON (x.from_end)",
        "CREATE INDEX relation_claim_to IF NOT EXISTS FOR (x:RelationClaim) ON (x.to_end)",
        "CREATE INDEX commit_run IF NOT EXISTS FOR (m:Commit) ON (m.run)",
    ),
    (
        "CREATE CONSTRAINT ticket_number IF NOT EXISTS FOR (t:Ticket) REQUIRE t.number IS UNIQUE",
        *(
            f"CREATE INDEX ticket_{name} IF NOT EXISTS FOR (t:Ticket) ON (t.{name}, t.number)"
            for name in ("opened", "changed", "priority", "due", "breach")
        ),
        *(
            f"CREATE INDEX ticket_{name} IF NOT EXISTS FOR (t:Ticket) ON (t.{name}, t.opened)"
            for name in ("kind", "state", "team", "assignee", "requester")
        ),
        "CREATE FULLTEXT INDEX ticket_words IF NOT EXISTS FOR (t:Ticket) ON EACH [t.words]"
        " OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}",
        "CREATE CONSTRAINT former_ci_key IF NOT EXISTS FOR (f:FormerCI) REQUIRE f.key IS UNIQUE",
        "CREATE CONSTRAINT attached_content IF NOT EXISTS"
        " FOR (a:AttachedContent) REQUIRE a.digest IS UNIQUE",
    ),
    ("CREATE INDEX ticket_category IF NOT EXISTS FOR (t:Ticket) ON (t.category, t.opened)",),
    ("CREATE CONSTRAINT worklist_name IF NOT EXISTS FOR (w:Worklist) REQUIRE w.name IS UNIQUE",),
    (
        "CREATE FULLTEXT INDEX ticket_texts IF NOT EXISTS"
        " FOR (t:Ticket) ON EACH [t.words, t.comment_words, t.note_words]"
        " OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}",
        "DROP INDEX ticket_words IF EXISTS",
    ),
)
RELATION_INDEX = "relation_number_"


def migrate(connection: Connection) -> None:
    """Run the migrations that this database has not seen."""
    version = connection.rows("MATCH (m:Migration) RETURN coalesce(max(m.version), 0)")[0][0]
    if version > len(MIGRATIONS):
        detail = "the database was written by a newer version of this program"
        raise StoreUnavailable(address=connection.address, detail=detail)
    for number in range(version, len(MIGRATIONS)):
        for statement in MIGRATIONS[number]:
            connection.declare(statement)
        connection.write("CALL db.awaitIndexes(3600)")
        connection.write("MERGE (:Migration {version: $version})", version=number + 1)


class RelationIndexes:
    """An index on `number` for each relationship type that relations of the CMDB have."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def types(self) -> list[str]:
        """The relation types that any process has written, sorted."""
        found = self._connection.rows(
            "SHOW INDEXES YIELD name, labelsOrTypes WHERE name STARTS WITH $prefix"
            " RETURN toLower(labelsOrTypes[0]) AS type ORDER BY type",
            prefix=RELATION_INDEX,
        )
        return [row[0] for row in found]

    def missing(self, types: Iterable[str]) -> set[str]:
        """Those of these relation types that may lack an index."""
        return set(types) - self._known

    def prepare(self, types: Iterable[str]) -> None:
        """Create the indexes that these relation types lack."""
        missing = self.missing(types)
        if not missing:
            return
        with self._lock:
            for one in sorted(missing - set(self.types())):
                self._connection.declare(
                    f"CREATE INDEX `{RELATION_INDEX}{one}` IF NOT EXISTS"
                    f" FOR ()-[r:{relationship(one)}]-() ON (r.number)"
                )
            self._connection.write("CALL db.awaitIndexes(3600)")
            self._known |= missing
