"""The connection to a Neo4j server: sessions, retries, and errors as the services know them."""

import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    GraphDatabase,
    ManagedTransaction,
    Session,
    Transaction,
)
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    DriverError,
    IncompleteCommit,
    Neo4jError,
    ServiceUnavailable,
)

from cmdb.errors import Conflict, InvalidInput, StoreUnavailable
from cmdb.history.log import Commit

Result = TypeVar("Result")
Rows = list[list[Any]]
Work = Callable[[Transaction, str, dict[int, Commit]], Commit]

TOO_LONG = "a key, name or site is too long for Neo4j (name and key together: 8,000 bytes)"
CONNECT_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0


class Connection:
    """A pool of connections to one database of one server or cluster; safe for many threads.

    All sessions share their bookmarks, so that a read after a write sees it on any member of a
    cluster. What fails transiently is tried again for `retry_seconds`.
    """

    def __init__(
        self, uri: str, user: str, password: str, database: str, retry_seconds: float
    ) -> None:
        parts = urlsplit(uri)
        self._host = parts.netloc.rpartition("@")[2]
        self._user, self._database = user, database
        self._retry_seconds = retry_seconds
        self.address = f"{parts.scheme}://{user}@{self._host}/{database}"
        self._bookmarks = GraphDatabase.bookmark_manager()
        with self.errors():
            self._driver = GraphDatabase.driver(
                f"{parts.scheme}://{self._host}",
                auth=(user, password),
                user_agent="graph-cmdb",
                connection_timeout=CONNECT_SECONDS,
                max_transaction_retry_time=retry_seconds,
                notifications_min_severity="OFF",
                telemetry_disabled=True,
            )
            try:
                self._driver.verify_connectivity()
            except BaseException:
                self._driver.close()
                raise

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()

    def _session(self, access: str) -> Session:
        return self._driver.session(
            database=self._database,
            default_access_mode=access,
            bookmark_manager=self._bookmarks,
            fetch_size=5000,
        )

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what the driver says into the errors of the port."""
        try:
            yield
        except ConstraintError as error:
            raise Conflict(kind="record", name="one of a commit") from error
        except (Neo4jError, DriverError) as error:
            if "too large to index" in str(error):
                raise InvalidInput(place="store", detail=TOO_LONG) from error
            raise StoreUnavailable(address=self.address, detail=self._detail(error)) from error

    def _detail(self, error: Exception) -> str:
        code = getattr(error, "code", None) or ""
        if code.endswith("AuthenticationRateLimit"):
            return f"too many wrong passwords for user '{self._user}'; wait a few seconds"
        if isinstance(error, AuthError):
            return f"the password of user '{self._user}' is wrong, or there is no such user"
        if code.endswith("DatabaseNotFound"):
            return f"there is no database '{self._database}'"
        text = getattr(error, "message", None) or str(error)
        first = str(text).strip().partition("\n")[0]
        if isinstance(error, IncompleteCommit):
            return "the connection broke during a commit; read again to see whether it was done"
        if isinstance(error, ServiceUnavailable):
            return f"no answer from {self._host} ({first})"
        return first or type(error).__name__

    def rows(self, statement: str, **parameters: Any) -> Rows:
        """Read: all rows that a statement gives; begins and ends with it, which saves ways."""
        return self._persistently(
            lambda session: rows(session, statement, **parameters), READ_ACCESS
        )

    def collected(self, match: str, form: str, **parameters: Any) -> list[Any]:
        """Read: `form` of each match, in one long row: read faster than many short ones."""
        return self.rows(f"{match} RETURN collect({form})", **parameters)[0][0]  # type: ignore[no-any-return]

    def read(self, work: Callable[[ManagedTransaction], Result]) -> Result:
        """Do reading work in one transaction; it may be done more than once."""
        return self._persistently(lambda session: session.execute_read(work))

    def write(self, statement: str, **parameters: Any) -> Rows:
        """Run one statement that may be repeated without harm, in a transaction of its own."""
        return self._persistently(
            lambda session: session.execute_write(lambda one: rows(one, statement, **parameters))
        )

    def declare(self, statement: str) -> None:
        """Change the schema, by a statement that does nothing where that was done.

        Other processes may do the same at the same time, and then it is not always seen in time.
        """

        def attempt(session: Session) -> None:
            try:
                rows(session, statement)
            except ClientError as error:
                if ".Schema." not in (error.code or ""):
                    raise
                rows(session, statement)

        self._persistently(attempt)

    def undone(self, statement: str, **parameters: Any) -> Rows:
        """Run a statement and undo what it wrote: to take a lock and read what it guards."""

        def work(transaction: ManagedTransaction) -> None:
            raise _Undo(rows(transaction, statement, **parameters))

        try:
            self._persistently(lambda session: session.execute_write(work))
        except _Undo as undo:
            return undo.rows
        raise AssertionError("unreachable: the work always raises")

    def commit(self, work: Work) -> Commit:
        """Do writing work in one transaction, at most once.

        `work` gets the transaction, a token to store in it, and the commits of earlier tries whose
        outcome is unknown, by their number: when it finds the token it returns the one that holds.
        """
        token = secrets.token_hex(16)
        unknown: dict[int, Commit] = {}
        return self._persistently(lambda session: _try(session, work, token, unknown))

    def _persistently(
        self, attempt: Callable[[Session], Result], access: str = WRITE_ACCESS
    ) -> Result:
        """Try again what failed for a passing reason, also when a transaction's end was lost."""
        deadline = time.monotonic() + self._retry_seconds
        pause = FIRST_PAUSE
        with self.errors():
            while True:
                try:
                    with self._session(access) as session:
                        return attempt(session)
                except (Neo4jError, DriverError) as error:
                    again = error.is_retryable() or isinstance(error, IncompleteCommit)
                    if not again or time.monotonic() + pause > deadline:
                        raise
                time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - not a secret
                pause = min(2 * pause, LONGEST_PAUSE)


def _try(session: Session, work: Work, token: str, unknown: dict[int, Commit]) -> Commit:
    with session.begin_transaction() as transaction:
        made = work(transaction, token, unknown)
        if unknown.get(made.seq) is made:
            transaction.rollback()
        else:
            unknown[made.seq] = made
            transaction.commit()
        return made


class _Undo(Exception):
    """Ends a transaction without committing it."""

    def __init__(self, found: Rows) -> None:
        super().__init__()
        self.rows = found


def rows(
    place: Session | Transaction | ManagedTransaction, statement: str, **parameters: Any
) -> Rows:
    """All rows that a statement gives."""
    return [list(record) for record in place.run(statement, parameters)]
