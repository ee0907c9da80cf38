"""The command in this process, for speed and coverage, and as users start it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.cli import words
from api.cli.application import run

ROOT = Path(__file__).resolve().parents[2]


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


Cmdb = Callable[..., Result]


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty store, named by CMDB_STORE; English."""
    path = tmp_path / "store" / "cmdb.db"
    for name in ("CMDB_DEBUG", "CMDB_STORE_PASSWORD", "CMDB_STORE_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CMDB_STORE", f"sqlite:///{path}")
    monkeypatch.setenv("CMDB_LANG", "en")
    words.language.cache_clear()
    yield path
    words.language.cache_clear()


@pytest.fixture
def cmdb(capfd: pytest.CaptureFixture[str]) -> Cmdb:
    """Run a command line here."""

    def call(*arguments: str | Path) -> Result:
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        return Result(code, *capfd.readouterr())

    return call


@pytest.fixture
def process() -> Cmdb:
    """Run a command line as users do, in a process of its own."""

    def call(*arguments: str | Path, stdin: str = "", **environment: str) -> Result:
        done = subprocess.run(
            command(*arguments),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={**os.environ, **environment},
            timeout=120,
            cwd=ROOT,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return call


def command(*arguments: str | Path) -> list[str]:
    """The words that start the command."""
    return [sys.executable, "-m", "api.cli", *map(str, arguments)]


Write = Callable[..., Path]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    """Write a file: text or bytes as they are, anything else as JSON."""

    def write(content: Any, name: str = "estate.json") -> Path:
        path = tmp_path / name
        if not isinstance(content, str | bytes):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def ci(key: str, type_name: str = "server", **more: Any) -> dict[str, Any]:
    return {"key": key, "type": type_name, **more}


def relation(from_key: str, type_name: str, to_key: str, **more: Any) -> dict[str, Any]:
    return {"from": from_key, "type": type_name, "to": to_key, **more}


ESTATE = {
    "cis": [
        ci("sw-1", "switch", network_root=True),
        ci("sw-2", "switch"),
        ci("sw-3", "switch"),
        ci("sw-4", "switch", network_root=True),
        ci("db-1", "database", name="orders db", attributes={"version": "15"}),
        ci("db-2", "database"),
        ci("a=b@c", "application", redundancy={"data": {"need": 1}}),
        ci("app-1", "application"),
        ci("svc-1", "business_service"),
        ci("old-1", status="retired"),
    ],
    "relations": [
        relation("sw-1", "connects_to", "sw-2"),
        relation("sw-2", "connects_to", "sw-3"),
        relation("sw-1", "connects_to", "sw-3"),
        relation("sw-4", "connects_to", "sw-2"),
        relation("a=b@c", "depends_on", "db-1", group="data"),
        relation("a=b@c", "depends_on", "db-2", group="data"),
        relation("app-1", "depends_on", "db-1"),
        relation("svc-1", "depends_on", "app-1", strength="soft"),
    ],
}


@pytest.fixture
def estate(cmdb: Cmdb, file: Write) -> Path:
    """The small estate, imported."""
    path = file(ESTATE)
    assert cmdb("import", path).code == 0
    return path


Load = Callable[..., Any]


@pytest.fixture
def load(cmdb: Cmdb, file: Write) -> Load:
    """Import what a source says, and give the report."""

    def load(source: str, *cis: dict[str, Any], relations: Any = (), options: Any = ()) -> Any:
        path = file({"cis": list(cis), "relations": list(relations)}, f"{source}.json")
        done = cmdb("import", path, "--source", source, "--output", "json", *options)
        assert (done.code, done.err) == (0, "")
        return done.json

    return load
