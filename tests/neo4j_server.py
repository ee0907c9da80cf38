"""A real Neo4j server for the tests: one of your own, or one that a whole test session shares.

**One of your own** - for tests that stop, kill and restart it:

    with Neo4jServer() as server:          # fresh and empty, about 10 s
        store = open_store(server.address, password=server.password)
        server.kill()                      # SIGKILL: what a power cut leaves behind
        server.start()                     # same port, same password, same data

**The shared one** - for everything else. The process that runs the session (with pytest-xdist: the
controller) owns it, and starts it when the first test asks. The community edition has a single
database, so the server is lent to one test at a time, whatever worker that test runs in; the others
wait. In conftest.py:

    from tests import neo4j_server

    def pytest_configure(config):
        if not hasattr(config, "workerinput"):      # not in the workers of pytest-xdist
            neo4j_server.share()

    def pytest_unconfigure(config):
        if not hasattr(config, "workerinput"):
            neo4j_server.unshare()

    def pytest_collection_modifyitems(items):       # keeps workers from waiting for each other
        neo4j_server.keep_on_one_worker(items, fixture="neo4j")

    @pytest.fixture                                 # "function" or "module" scope, never "session"
    def neo4j():
        with neo4j_server.lend() as access:         # .uri .user .password .address
            yield access                            # after clearing the database

`keep_on_one_worker` needs `pytest -n 2 --dist loadgroup`; without that all is correct, but slower.
The jars come from the folder that CMDB_TEST_NEO4J_LIB names, or from .neo4j/lib.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Listener
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_LIB = ROOT / ".neo4j" / "lib"
SCRIPTS = ROOT / "scripts"
LIB_VARIABLE = "CMDB_TEST_NEO4J_LIB"
BROKER_VARIABLE = "CMDB_TEST_NEO4J_BROKER"
START_SECONDS = 120.0
STOP_SECONDS = 60.0
LEASE_SECONDS = 900.0


class Neo4jServerError(RuntimeError):
    """The server cannot be started, or did not do what was asked."""


@dataclass(frozen=True)
class Neo4jAccess:
    """What a client needs to talk to a running server."""

    uri: str
    user: str
    password: str
    address: str


class Neo4jServer:
    """A Neo4j server of the tests in a temporary folder, on a free port of 127.0.0.1.

    The server runs below a small keeper process (scripts/keep.py), which ends it when asked to,
    and also when this process ends in any way. Nothing else is ever signalled.
    """

    user = "neo4j"

    def __init__(self) -> None:
        self.password = secrets.token_hex(16)
        self._password_is_set = False
        self._refusal = "the port is closed"
        self._lib = _jars()
        self._java = _java()
        self._keeper: subprocess.Popen[str] | None = None
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = int(probe.getsockname()[1])  # free now, and kept for every start
        self._home = Path(tempfile.mkdtemp(prefix="cmdb-neo4j-"))
        self._log = self._home / "console.log"
        bolt = f"127.0.0.1:{self._port}"
        self.uri = f"bolt://{bolt}"
        self.address = f"bolt://{self.user}@{bolt}/neo4j"
        settings = (SCRIPTS / "neo4j" / "neo4j.conf").read_text()
        settings += f"server.bolt.listen_address={bolt}\nserver.bolt.advertised_address={bolt}\n"
        (self._home / "conf").mkdir()
        (self._home / "conf" / "neo4j.conf").write_text(settings)
        atexit.register(self.close)

    @property
    def running(self) -> bool:
        """Whether the server's process is there."""
        return self._keeper is not None and self._keeper.poll() is None

    def start(self) -> None:
        """Start the server on the data it has, and return when it answers queries."""
        if self.running:
            return
        if not self._home.is_dir():
            raise Neo4jServerError("this Neo4j server was closed; make a new one")
        options = f"@{SCRIPTS / 'neo4j' / 'jvm.options'}"
        main = ("-cp", f"{self._lib}/*", "org.neo4j.server.CommunityEntryPoint")
        home = (f"--home-dir={self._home}", f"--config-dir={self._home / 'conf'}")
        with self._log.open("ab") as log:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", str(SCRIPTS / "keep.py"), self._java, options, *main, *home],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        try:
            self._await_answer()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Shut the server down in order (about 10 s); its data stay for the next `start`."""
        self._end("stop")

    def kill(self) -> None:
        """Kill the server (SIGKILL); its data stay, as they were, for the next `start`."""
        self._end("kill")

    def close(self) -> None:
        """Kill the server and remove its data."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _end(self, order: str) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            with suppress(OSError):  # the server, and with it the keeper, may be gone already
                keeper.communicate(order + "\n", timeout=STOP_SECONDS)

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if not self.running:
                raise Neo4jServerError(f"Neo4j ended while starting:\n{self._tail()}")
            if time.monotonic() > deadline:
                why = f"no answer in {START_SECONDS:.0f} s ({self._refusal})"
                raise Neo4jServerError(f"{why}:\n{self._tail()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
        except OSError:
            return False
        from neo4j import GraphDatabase
        from neo4j.exceptions import DriverError, Neo4jError

        try:
            if not self._password_is_set:
                with GraphDatabase.driver(self.uri, auth=(self.user, "neo4j")) as first:
                    change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $p"
                    first.execute_query(change, p=self.password, database_="system")
                self._password_is_set = True
            with GraphDatabase.driver(self.uri, auth=(self.user, self.password)) as driver:
                driver.execute_query("RETURN 1", database_="neo4j")
        except (DriverError, Neo4jError) as error:  # the port opens before all else is ready
            self._refusal = f"{type(error).__name__}: {error}"
            return False
        return True

    def _tail(self) -> str:
        logs = (self._log, self._home / "logs" / "neo4j.log")
        texts = [log.read_text(errors="replace") for log in logs if log.exists()]
        return "\n".join("".join(texts).splitlines()[-20:])


def _jars() -> Path:
    lib = Path(os.environ.get(LIB_VARIABLE) or DEFAULT_LIB)
    if not any(lib.glob("neo4j-*.jar")):
        hint = f"`make test` installs it, or set {LIB_VARIABLE} to its jars"
        raise Neo4jServerError(f"no Neo4j in {lib}: {hint}")
    return lib


def _java() -> str:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    if java is None:
        raise Neo4jServerError("no java found: `make test` installs it, or names what is missing")
    return java


class _Broker(threading.Thread):
    """Starts the shared server at the first request, and lends it to one client at a time."""

    def __init__(self) -> None:
        super().__init__(name="neo4j-broker", daemon=True)
        self._listener = Listener(family="AF_UNIX", backlog=64)
        self._server: Neo4jServer | None = None
        self._failure: str | None = None
        self.address = str(self._listener.address)

    def run(self) -> None:
        """Serve one client after the other until the listener is closed."""
        while True:
            try:
                client = self._listener.accept()
            except OSError:
                return
            with client, suppress(EOFError, OSError):
                client.send_bytes(json.dumps(self._answer()).encode())
                client.recv_bytes()  # nothing is ever sent: this returns when the client is gone

    def _answer(self) -> dict[str, str]:
        try:
            if self._failure is None and self._server is None:
                self._server = Neo4jServer()
                self._server.start()
            if self._server is None or not self._server.running:
                return {"error": self._failure or "the shared Neo4j ended in mid-session"}
        except Exception as error:  # whatever it was, the test that asked must see it
            self._failure = f"{type(error).__name__}: {error}"
            return {"error": self._failure}
        return {name: getattr(self._server, name) for name in Neo4jAccess.__annotations__}

    def close(self) -> None:
        """Stop lending and end the server."""
        self._listener.close()
        if self._server is not None:
            self._server.close()


_broker: _Broker | None = None


def share() -> None:
    """Make a server available to this process and to those it starts. It starts on demand."""
    global _broker
    if _broker is None:
        _broker = _Broker()
        _broker.start()
        os.environ[BROKER_VARIABLE] = _broker.address


def unshare() -> None:
    """End the shared server, if it was ever started."""
    global _broker
    broker, _broker = _broker, None
    if broker is not None:
        os.environ.pop(BROKER_VARIABLE, None)
        broker.close()


@contextmanager
def lend() -> Iterator[Neo4jAccess]:
    """Have the shared server for yourself for a while; wait for it if another test has it."""
    if BROKER_VARIABLE not in os.environ:
        raise Neo4jServerError("no shared Neo4j: conftest.py has to call neo4j_server.share()")
    with Client(os.environ[BROKER_VARIABLE], family="AF_UNIX") as client:
        if not client.poll(LEASE_SECONDS):
            raise Neo4jServerError(f"another test has had Neo4j for {LEASE_SECONDS:.0f} s")
        answer: dict[str, str] = json.loads(client.recv_bytes())
        if "error" in answer:
            raise Neo4jServerError(answer["error"])
        yield Neo4jAccess(**answer)


def keep_on_one_worker(items: Iterable[object], fixture: str) -> None:
    """Mark the tests that use `fixture`, so that pytest-xdist runs them all in one worker."""
    import pytest

    for item in items:
        if isinstance(item, pytest.Item) and fixture in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("neo4j"))
