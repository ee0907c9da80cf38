"""Connections to the embedded file: one for writing, one for each reading thread."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cmdb.errors import StoreUnavailable
from cmdb.stores.sqlite.migrations import migrate

BUSY_SECONDS = 60.0


class Connections:
    """Opens the file (mode 0600, migrated) and hands out connections.

    Writing goes through one connection under a lock: SQLite has one writer, and the same
    connection checkpoints, which avoids the bug of concurrent checkpoints before SQLite 3.51.3.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = f"sqlite:///{path}"
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: list[sqlite3.Connection] = []
        self._closed = False
        with self.errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=True)
            self._writer = self._open()
            migrate(self._writer)

    def _open(self) -> sqlite3.Connection:
        if self._closed:
            raise sqlite3.ProgrammingError("the store was closed")
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("PRAGMA wal_autocheckpoint=20000")
        connection.create_function("lower_unicode", 1, str.lower, deterministic=True)
        connection.execute("PRAGMA cache_size=-65536")
        self._all.append(connection)
        return connection

    def reader(self) -> sqlite3.Connection:
        """This thread's reading connection."""
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open()
        return self._local.connection  # type: ignore[no-any-return]

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what SQLite and the file system say into StoreUnavailable."""
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise
            raise StoreUnavailable(address=self.address, detail=str(error)) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is committed at the end, or rolled back on any error."""
        with self._lock, self.errors():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every connection."""
        self._closed = True
        for connection in self._all:
            connection.close()
        self._all.clear()
