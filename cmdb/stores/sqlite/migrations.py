"""Versioned migrations of the embedded store; `PRAGMA user_version` says which have run."""

import sqlite3
from collections.abc import Iterator

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO counter VALUES ('seq', 0), ('ci', 0), ('relation', 0);
    CREATE TABLE ci (
        number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, type TEXT NOT NULL,
        name TEXT NOT NULL, status TEXT NOT NULL, network_root INTEGER NOT NULL,
        redundancy TEXT NOT NULL, attributes TEXT NOT NULL, seq INTEGER NOT NULL);
    CREATE INDEX ci_type ON ci (type, key);
    CREATE INDEX ci_name ON ci (name);
    CREATE INDEX ci_site ON ci (json_extract(attributes, '$.site'));
    CREATE TABLE relation (
        number INTEGER PRIMARY KEY, from_number INTEGER NOT NULL REFERENCES ci (number),
        type TEXT NOT NULL, to_number INTEGER NOT NULL REFERENCES ci (number),
        grp TEXT NOT NULL, label TEXT NOT NULL, strength TEXT, attributes TEXT NOT NULL,
        seq INTEGER NOT NULL, UNIQUE (from_number, to_number, type, grp, label));
    CREATE INDEX relation_to ON relation (to_number);
    CREATE TABLE claim (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL,
        key TEXT NOT NULL, subject INTEGER NOT NULL,
        observed_at REAL NOT NULL, confirmed_at REAL NOT NULL, run TEXT NOT NULL, body TEXT,
        withdrawn INTEGER NOT NULL, UNIQUE (key, source, kind));
    CREATE INDEX claim_subject ON claim (subject, kind);
    CREATE TABLE document (
        kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (kind, name)) WITHOUT ROWID;
    CREATE TABLE commit_log (
        seq INTEGER PRIMARY KEY, at REAL NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
        run TEXT NOT NULL, receipt_key TEXT, receipt_digest TEXT);
    CREATE UNIQUE INDEX commit_receipt ON commit_log (actor, receipt_key)
        WHERE receipt_key IS NOT NULL;
    CREATE TABLE log_entry (
        seq INTEGER NOT NULL REFERENCES commit_log (seq), position INTEGER NOT NULL,
        kind TEXT NOT NULL, subject TEXT NOT NULL, before TEXT, after TEXT,
        PRIMARY KEY (seq, position)) WITHOUT ROWID;
    CREATE INDEX log_entry_subject ON log_entry (subject, kind) WHERE kind <> 'claim';
    """,
    """
    ALTER TABLE commit_log ADD COLUMN token TEXT;
    UPDATE commit_log SET token = lower(hex(randomblob(16)));
    """,
    """
    ALTER TABLE claim ADD COLUMN founded TEXT;
    ALTER TABLE claim ADD COLUMN origin INTEGER;
    ALTER TABLE claim ADD COLUMN from_end INTEGER;
    ALTER TABLE claim ADD COLUMN to_end INTEGER;
    CREATE INDEX claim_from ON claim (from_end) WHERE from_end IS NOT NULL;
    CREATE INDEX claim_to ON claim (to_end) WHERE to_end IS NOT NULL;
    CREATE TABLE identifier (
        digest INTEGER NOT NULL, source TEXT NOT NULL, key TEXT NOT NULL,
        PRIMARY KEY (digest, source, key)) WITHOUT ROWID;
    CREATE INDEX commit_run ON commit_log (run) WHERE run <> '';
    """,
    """
    CREATE TABLE ticket (
        id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
        state TEXT NOT NULL, title TEXT NOT NULL, open INTEGER NOT NULL, opened REAL NOT NULL,
        changed REAL NOT NULL, priority INTEGER NOT NULL, team TEXT NOT NULL,
        assignee TEXT NOT NULL, requester TEXT NOT NULL, due REAL NOT NULL, breach REAL NOT NULL,
        body TEXT NOT NULL, words TEXT NOT NULL, seq INTEGER NOT NULL);
    CREATE INDEX ticket_opened ON ticket (opened, number);
    CREATE INDEX ticket_changed ON ticket (changed, number);
    CREATE INDEX ticket_priority ON ticket (priority, number);
    CREATE INDEX ticket_kind ON ticket (kind, open, opened, number);
    CREATE INDEX ticket_assignee ON ticket (assignee, opened, number) WHERE assignee <> '';
    CREATE INDEX ticket_team ON ticket (team, opened, number) WHERE team <> '';
    CREATE INDEX ticket_requester ON ticket (requester, opened, number) WHERE requester <> '';
    CREATE INDEX ticket_state ON ticket (state, opened, number);
    CREATE INDEX ticket_due ON ticket (due, number);
    CREATE INDEX ticket_breach ON ticket (breach, number);
    CREATE TABLE ticket_item (
        ticket TEXT NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL, key TEXT NOT NULL,
        PRIMARY KEY (ticket, position)) WITHOUT ROWID;
    CREATE INDEX ticket_item_key ON ticket_item (key, ticket);
    CREATE INDEX ticket_item_cause ON ticket_item (role, ticket);
    CREATE TABLE ticket_link (
        ticket TEXT NOT NULL, position INTEGER NOT NULL, role TEXT NOT NULL, other TEXT NOT NULL,
        PRIMARY KEY (ticket, position)) WITHOUT ROWID;
    CREATE INDEX ticket_link_other ON ticket_link (other, ticket);
    CREATE TABLE content (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
    CREATE VIRTUAL TABLE ticket_words USING fts5(words, content='ticket', content_rowid='id');
    CREATE TRIGGER ticket_insert AFTER INSERT ON ticket BEGIN
        INSERT INTO ticket_words (rowid, words) VALUES (new.id, new.words); END;
    CREATE TRIGGER ticket_delete AFTER DELETE ON ticket BEGIN
        INSERT INTO ticket_words (ticket_words, rowid, words)
            VALUES ('delete', old.id, old.words); END;
    CREATE TRIGGER ticket_update AFTER UPDATE OF words ON ticket WHEN old.words <> new.words BEGIN
        INSERT INTO ticket_words (ticket_words, rowid, words)
            VALUES ('delete', old.id, old.words);
        INSERT INTO ticket_words (rowid, words) VALUES (new.id, new.words); END;
    """,
    """
    CREATE INDEX ticket_category
        ON ticket (json_extract(body, '$.fields.category'), opened, number);
    """,
    """
    DROP INDEX ticket_opened;
    DROP INDEX ticket_changed;
    DROP INDEX ticket_priority;
    DROP INDEX ticket_due;
    DROP INDEX ticket_breach;
    CREATE INDEX ticket_opened ON ticket (opened, number, kind);
    CREATE INDEX ticket_changed ON ticket (changed, number, kind);
    CREATE INDEX ticket_priority ON ticket (priority, number, kind);
    CREATE INDEX ticket_due ON ticket (due, number, kind);
    CREATE INDEX ticket_breach ON ticket (breach, number, kind);
    """,
    """
    ALTER TABLE ticket ADD COLUMN worklists TEXT NOT NULL DEFAULT '[]';
    CREATE TABLE ticket_worklist (
        worklist TEXT NOT NULL, ticket TEXT NOT NULL,
        PRIMARY KEY (worklist, ticket)) WITHOUT ROWID;
    CREATE INDEX ticket_worklist_ticket ON ticket_worklist (ticket);
    """,
    """
    ALTER TABLE ticket ADD COLUMN comment_words TEXT NOT NULL DEFAULT '';
    ALTER TABLE ticket ADD COLUMN note_words TEXT NOT NULL DEFAULT '';
    DROP TRIGGER ticket_insert;
    DROP TRIGGER ticket_delete;
    DROP TRIGGER ticket_update;
    DROP TABLE ticket_words;
    CREATE VIRTUAL TABLE ticket_words USING fts5(
        words, comment_words, note_words, content='ticket', content_rowid='id');
    INSERT INTO ticket_words (ticket_words) VALUES ('rebuild');
    CREATE TRIGGER ticket_insert AFTER INSERT ON ticket BEGIN
        INSERT INTO ticket_words (rowid, words, comment_words, note_words)
            VALUES (new.id, new.words, new.comment_words, new.note_words); END;
    CREATE TRIGGER ticket_delete AFTER DELETE ON ticket BEGIN
        INSERT INTO ticket_words (ticket_words, rowid, words, comment_words, note_words)
            VALUES ('delete', old.id, old.words, old.comment_words, old.note_words); END;
    CREATE TRIGGER ticket_update AFTER UPDATE OF words, comment_words, note_words ON ticket
        WHEN (old.words, old.comment_words, old.note_words)
            <> (new.words, new.comment_words, new.note_words) BEGIN
        INSERT INTO ticket_words (ticket_words, rowid, words, comment_words, note_words)
            VALUES ('delete', old.id, old.words, old.comment_words, old.note_words);
        INSERT INTO ticket_words (rowid, words, comment_words, note_words)
            VALUES (new.id, new.words, new.comment_words, new.note_words); END;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Run the migrations that this file has not seen; each in one transaction."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.DatabaseError("the file was written by a newer version of this program")
    for number in range(version, len(MIGRATIONS)):
        connection.execute("BEGIN IMMEDIATE")
        (now,) = connection.execute("PRAGMA user_version").fetchone()
        if now == number:
            for statement in _statements(MIGRATIONS[number]):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; those of a trigger's body are part of it."""
    statement = ""
    for part in script.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
