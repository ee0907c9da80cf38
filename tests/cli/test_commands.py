"""The other commands, and what all of them share: exit codes, streams, languages, secrets."""

import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.cli import output, session
from api.cli.application import run
from api.cli.commands import export
from tests.cli.conftest import Cmdb, Write, ci, command


def test_version(process: Cmdb) -> None:
    done = process("version")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("graph-cmdb ")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nosuch"],
        ["impact", "--nosuch"],
        ["token"],
        ["token", "create"],
        ["token", "create", "--role", "king"],
        ["token", "create", "--role", "viewer", "--expires", "soon"],
        ["token", "create", "--role", "viewer", "--type", "servr"],
        ["token", "create", "--role", "editor", "--source", "scanner"],
        ["token", "create", "--role", "collector", "--source", "manual"],
        ["token", "revoke", "nosuch"],
        ["types", "servr"],
        ["types", "server", "--relations"],
        ["export", "--type", "servr"],
        ["export", "--format", "pdf"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "0"],
        ["import"],
        ["check", "--store", "nosuch://x"],
        ["check", "--store", "sqlite:////dev/null/x.db"],
    ],
)
def test_wrong_usage_is_one_line(cmdb: Cmdb, arguments: list[str]) -> None:
    done = cmdb(*arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    assert done.err.startswith("error: ")


def test_help_lists_every_command(cmdb: Cmdb) -> None:
    done = cmdb("--help")
    assert done.code == 0
    for name in ("serve", "import", "export", "impact", "check", "types", "token", "version"):
        assert f" {name} " in done.out
        assert cmdb(name, "--help").code == 0


def test_store_before_or_after_the_command(cmdb: Cmdb, tmp_path: Path, file: Write) -> None:
    address = f"sqlite:///{tmp_path}/x.db"
    path = file({"cis": [ci("a")]})
    assert cmdb("import", path, "--store", address).code == 0
    for arguments in (("--store", address, "export"), ("export", "--store", address)):
        assert [one["key"] for one in cmdb(*arguments).json["cis"]] == ["a"]
    assert cmdb("export").json["cis"] == []


def test_chinese(process: Cmdb, estate: Path, file: Write) -> None:
    done = process("impact", "db-1", CMDB_LANG="zh")
    assert done.out.startswith("db-1 (中断)：3 项受影响\n")
    assert "冗余组 data：2 个成员中 1 个不正常：db-1" in done.out
    done = process("impact", "nosuch", LC_ALL="zh_CN.UTF-8", CMDB_LANG="")
    assert done.err == "错误：failures[0]：没有键、别名或名称为 'nosuch' 的配置项\n"
    assert "服务器" in process("types", CMDB_LANG="zh").out
    assert "已吊销" not in process("check", CMDB_LANG="zh").err
    for arguments, text in (
        (["import", "/no/such"], "/no/such：没有这个文件；请检查路径"),
        (["import"], "缺少参数 'PATH...'。"),
        (["impact", "x", "--nosuch"], "没有选项 --nosuch"),
        (["import", "x", "--format", "nosuch"], "--format：未知的格式 'nosuch'"),
    ):
        done = process(*arguments, CMDB_LANG="zh")
        assert (done.code, text in done.err) == (2, True)
    assert "人工录入的内容" in process("source", "list", CMDB_LANG="zh").out
    lonely = file({"cis": [ci("lonely")]}, "lonely.json")
    assert process("import", lonely).code == 0
    assert "与其他配置项没有任何关系" in process("check", CMDB_LANG="zh").out


# --- unexpected ends -------------------------------------------------------------------------


def test_unexpected_errors(cmdb: Cmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise ZeroDivisionError("s3cret")

    monkeypatch.setattr(session, "environment", fail)
    done = cmdb("check")
    assert done.code == 2
    assert done.err == (
        "error: unexpected ZeroDivisionError; please report it (CMDB_DEBUG=1 shows where)\n"
    )
    monkeypatch.setenv("CMDB_DEBUG", "1")
    assert "Traceback" in cmdb("check").err


def test_interrupt(cmdb: Cmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "environment", stop)
    done = cmdb("check")
    assert (done.code, done.out, done.err) == (130, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_reader_goes_away(unbuffered: str) -> None:
    with subprocess.Popen(
        command("types", "--format", "json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=30) == output.CLOSED


def test_the_disk_is_full() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command("types"), stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: the answer cannot be written: No space left on device\n"


def test_arguments_that_are_not_text() -> None:
    done = subprocess.run([*command("impact"), b"\xff\xfe"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "is not UTF-8 text" in done.stderr
    assert done.stderr.count("\n") == 1


def test_passwords_are_not_shown(process: Cmdb) -> None:
    for address in ("neo4j://u:s3cret@localhost:1/db", "neo4j://u:s3cret@[::1", "x://u:s3cret@h"):
        done = process("check", CMDB_STORE=address)
        assert done.code == 2
        assert "s3cret" not in done.out + done.err
        assert len(done.errors) == 1


# --- export ----------------------------------------------------------------------------------


def test_export_one_type(cmdb: Cmdb, estate: Path) -> None:
    exported = cmdb("export", "--type", "network_device").json
    assert [one["key"] for one in exported["cis"]] == ["sw-1", "sw-2", "sw-3", "sw-4"]
    assert len(exported["relations"]) == 4


def test_export_is_all_or_nothing(
    cmdb: Cmdb, estate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    path.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    assert cmdb("export", link).code == 0
    assert link.is_symlink()
    assert json.loads(path.read_text())["cis"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.write_text("old")

    def fail(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export.os, "fsync", fail)
    done = cmdb("export", path)
    assert done.code == 2
    assert done.err == f"error: {path}: cannot be written: No space left on device\n"
    assert path.read_text() == "old"
    assert {one.name for one in tmp_path.iterdir() if one.is_file()} == {
        "out.json",
        "link.json",
        "estate.json",
    }


def test_export_elsewhere(cmdb: Cmdb, estate: Path, tmp_path: Path) -> None:
    assert cmdb("export", tmp_path / "no" / "x.json").code == 2
    assert cmdb("export", "/dev/null").code == 0


# --- token -----------------------------------------------------------------------------------


def test_tokens(cmdb: Cmdb, store: Path) -> None:
    done = cmdb("token", "create", "--role", "viewer", "--expires", "90d", "--site", "s1")
    assert done.code == 0
    token = done.out.strip()
    assert token.startswith("cmdb_")
    assert "not shown again" in done.err
    number = token.split("_")[1]
    cmdb("token", "create", "--role", "editor", "--name", "ci robot", "--expires", "999999w")
    listed = cmdb("token", "list")
    assert token.split("_", 2)[2] not in listed.out
    assert "ci robot" in listed.out
    known = {one["number"]: one for one in cmdb("token", "list", "--format", "json").json["tokens"]}
    assert known[number]["sites"] == ["s1"]
    assert "hash" not in known[number]
    assert known[number]["source"] is None
    cmdb("token", "create", "--role", "collector", "--source", "office")
    rows = cmdb("token", "list", "--format", "json").json["tokens"]
    (collector,) = [one for one in rows if one["role"] == "collector"]
    assert collector["source"] == "office"
    assert "office" in cmdb("token", "list").out
    cmdb("token", "revoke", collector["number"])
    assert cmdb("token", "revoke", number) == (0, "", f"token {number} is revoked\n")
    assert len(cmdb("token", "list", "--format", "json").json["tokens"]) == 1
    assert token.encode() not in store.read_bytes()


def test_the_log_names_who_did_it(estate: Path) -> None:
    from cmdb.bootstrap import open_environment

    env = open_environment()
    commits = env.store.log(0)
    env.store.close()
    assert {one.actor for one in commits} == {session.actor().name}
    assert session.actor().name.endswith(" (command line)")
    assert commits[0].reason == "import of estate.json"


def test_user_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert session.user() == f"uid {os.getuid()}"


def test_progress_is_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with output.progress() as report:
        report("relations", 1, 2)
    assert run(["version"]) == 0
