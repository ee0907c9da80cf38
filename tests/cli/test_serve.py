"""`cmdb serve`: the real server, in a process of its own, over real HTTP."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
import pytest

from api.cli.commands import serve
from cmdb.bootstrap import open_environment
from tests.cli.conftest import Cmdb, command

SECONDS = 60.0
QUESTION = {"failures": [{"key": "db-1"}]}


class Server:
    """A running server; whoever waits for it in vain sees it killed, not a test that hangs."""

    def __init__(self, *arguments: str, begin: Sequence[str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*(begin or command()), "serve", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.guard = threading.Timer(SECONDS, self.process.kill)
        self.guard.start()
        self.token: str | None = None
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"token.*: (cmdb_\S+)", line):
                self.token = found[1]
            if found := re.search(r"serving (http://\S+)", line):
                self.url = found[1]
                break
        else:
            raise AssertionError("the server said nothing of its URL")

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def ask(self, token: str | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self.url}/api/v1/impact"
        return httpx.post(url, json=QUESTION, headers=headers, timeout=SECONDS)

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code and what else it wrote."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        self.guard.cancel()
        return self.process.returncode, out, err


@contextlib.contextmanager
def serving(*arguments: str, begin: Sequence[str] | None = None) -> Iterator[Server]:
    server = Server(*arguments, begin=begin)
    try:
        yield server
    finally:
        server.guard.cancel()
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_from_the_first_start_to_the_end(estate: Path, workers: str, cmdb: Cmdb) -> None:
    expected = cmdb("impact", "db-1", "--format", "json").json
    with serving("--workers", workers) as server:
        assert server.token is not None
        answer = server.ask(server.token)
        assert answer.status_code == 200
        assert answer.json()["impacted"] == expected["impacted"]
        assert server.ask(None).status_code == 401
        assert server.ask(f"{server.token}x").status_code == 401
        assert httpx.get(f"{server.url}/healthz", timeout=SECONDS).status_code == 200
        arguments = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        assert "api.cli" in arguments
        assert server.token not in arguments
        token = server.token
        assert server.stop() == (0, "", "")
    with serving() as again:
        assert again.token is None
        assert again.ask(token).status_code == 200
        code, out, err = again.stop(signal.SIGINT)
        assert (code, out, err) == (130, "", "")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_right_after_the_url_is_told(estate: Path, workers: str) -> None:
    with serving("--workers", workers) as server:
        assert server.stop() == (0, "", "")


SIGNAL_WHILE_IT_STARTS = """
import signal
import api.http.app as app
from api.cli import main

create_app = app.create_app

def create_and_be_stopped(env):
    made = create_app(env)
    signal.raise_signal(signal.SIGTERM)
    return made

app.create_app = create_and_be_stopped
main()
"""


def test_a_signal_while_the_application_is_made(estate: Path) -> None:
    with serving(begin=[sys.executable, "-c", SIGNAL_WHILE_IT_STARTS]) as server:
        out, err = server.process.communicate(timeout=SECONDS)
        assert (server.process.returncode, out, err) == (0, "", "")


def test_the_address_stays_out_of_the_arguments(
    estate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers get the store's address, which may hold a password, by their environment."""
    with serving("--workers", "2") as server:
        assert server.ask(server.token).status_code == 200
        children = _below(server.process.pid)
        assert children
        for child in children:
            words = Path(f"/proc/{child}/cmdline").read_bytes()
            assert os.environ["CMDB_STORE"].encode() not in words
        assert server.stop()[0] == 0


def _below(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True)
    return [int(word) for word in listed.stdout.split()]


def test_port_in_use(cmdb: Cmdb, store: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cmdb("serve", "--port", str(port))
    assert done == (
        2,
        "",
        f"error: 127.0.0.1:{port}: the port is in use; choose another with --port\n",
    )
    assert not store.exists()


def test_host_that_is_not_ours(cmdb: Cmdb) -> None:
    for host in ("192.0.2.1", "no.such.host.invalid"):
        done = cmdb("serve", "--host", host, "--port", "0")
        assert done.code == 2
        assert done.err.startswith(f"error: {host}:0: cannot listen: ")
        assert len(done.errors) == 1


def test_factory_of_the_workers(estate: Path) -> None:
    app = serve.app()
    app.state.env.store.close()


def test_first_token_only_once() -> None:
    env = open_environment()
    assert serve.first_token(env) is not None
    assert serve.first_token(env) is None
    env.store.close()


def test_connections_send_at_once() -> None:
    """Nagle's algorithm and delayed acknowledgements together would cost 40 ms a request."""
    with (
        serve._listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_url_of_ipv6() -> None:
    assert serve._url("::1", 8000) == "http://[::1]:8000"
