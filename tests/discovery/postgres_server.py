"""A PostgreSQL server of our own, for the queue."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.discovery.lab_services import UNPRIVILEGED, postgres_program

READY_SECONDS = 60.0


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of an empty database, on a free port of the loopback."""
    drop = UNPRIVILEGED if os.getuid() == 0 else ()
    folder.chmod(0o777)
    for parent in folder.parents:
        if parent.stat().st_uid == os.getuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    data, port = folder / "data", _free_port()
    made = [*drop, postgres_program("initdb"), "-D", str(data), "-U", "cmdb", "-A", "trust"]
    subprocess.run([*made, "--no-sync", "-E", "UTF8"], check=True, capture_output=True, cwd="/")
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*drop, postgres_program("postgres"), "-D", str(data), *options],
            stdout=log,
            stderr=log,
            cwd="/",
        )
    address = f"postgresql://cmdb@127.0.0.1:{port}/postgres"
    try:
        _await(address, server)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(address: str, server: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + READY_SECONDS
    while True:
        try:
            psycopg.connect(address, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
