"""`cmdb discover`: agents, jobs, runs and credentials."""

import json
from pathlib import Path

import pytest

from api.cli import words
from cmdb.errors import CMDBError
from cmdb.sealing import new_key
from discovery import readers
from discovery.credentials import KINDS
from tests.cli.conftest import Cmdb, Write
from tests.discovery.scripted import ScriptedAgent

NETS = ["10.0.0.0/30", "10.0.0.8/30"]
JOB = {"name": "lab", "agent": "scripted", "networks": NETS, "site": "lab"}
MARK = "s3cret-mark"


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> ScriptedAgent:
    made = ScriptedAgent({NETS[0]: ["10.0.0.1", "10.0.0.2"], NETS[1]: ["10.0.0.9"]})
    known = readers.agent
    monkeypatch.setattr(readers, "agent", lambda name: made if name == "scripted" else known(name))
    return made


@pytest.fixture
def job(cmdb: Cmdb, file: Write, agent: ScriptedAgent) -> None:
    done = cmdb("discover", "job", "set", file(JOB, "job.json"))
    assert done == (0, "", "job lab is set\n")


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_LANG", "zh")
    words.language.cache_clear()


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(new_key())
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY_FILE", str(path))


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_agents(cmdb: Cmdb) -> None:
    found = cmdb("discover", "agents", "--format", "json").json["agents"]
    assert [one["name"] for one in found] == readers.scanning()
    (one,) = (one for one in found if one["name"] == "connections")
    assert one["credentials"] == ["ssh_key", "ssh_password"]
    table = cmdb("discover", "agents").out
    assert rows(table)[0] == ["agent", "title", "targets", "profiles"]
    assert all(any(row[0] == one["name"] for row in rows(table)) for one in found)


def test_jobs_are_set_and_shown_and_set_again(cmdb: Cmdb, file: Write, job: None) -> None:
    shown = cmdb("discover", "job", "show", "lab")
    assert shown.json == {**JOB}
    assert cmdb("discover", "job", "set", file(shown.out.encode(), "again.json")).code == 0
    assert cmdb("discover", "job", "show", "lab").out == shown.out
    listed = cmdb("discover", "job", "list", "--format", "json").json
    assert listed == {"jobs": [shown.json]}
    two = (
        "- {name: nightly, agent: scripted, networks: [10.1.0.0/24],"
        " schedule: {cron: '0 2 * * *', zone: Asia/Shanghai},"
        " windows: [{start: 22:00, end: 06:00}]}\n"
        "- {name: hourly, agent: scripted, networks: [10.2.0.0/24], schedule: {every: 3600}}\n"
    )
    done = cmdb("discover", "job", "set", file(two, "jobs.yaml"))
    assert done.err == "job nightly is set\njob hourly is set\n"
    assert rows(cmdb("discover", "job", "list").out) == [
        ["name", "agent", "site", "targets", "schedule", "paused"],
        ["hourly", "scripted", "10.2.0.0/24", "every", "3600", "s"],
        ["lab", "scripted", "lab", "10.0.0.0/30,", "10.0.0.8/30"],
        ["nightly", "scripted", "10.1.0.0/24", "0", "2", "*", "*", "*"],
    ]


def test_a_wrong_job_is_told_whole_and_not_set(cmdb: Cmdb, file: Write) -> None:
    wrong = {"agent": "scripted", "networks": ["x", "10.0.0.1/8"], "rate": 0, "nets": []}
    done = cmdb("discover", "job", "set", file(wrong))
    assert (done.code, done.out) == (2, "")
    assert done.errors == [
        "error: job: 'networks.0' is 'x', but must be an address or network such as 10.0.0.0/24",
        "error: job: 'networks.1' is '10.0.0.1/8', but must be an address or network such as"
        " 10.0.0.0/24",
        "error: job: 'rate' is 0, but must be greater than or equal to 1",
        "error: job: required field 'name' is missing",
        "error: job: unknown field 'nets'; nearest known name: 'networks'",
    ]
    for content, said in ((["x"], "a job must be an object"), ("[", "line 2, column 1")):
        done = cmdb("discover", "job", "set", file(content, "jobs.yaml"))
        assert done.code == 2
        assert said in done.err
    assert cmdb("discover", "job", "list", "--format", "json").json == {"jobs": []}


def test_a_plan_touches_nothing(cmdb: Cmdb, job: None, agent: ScriptedAgent) -> None:
    done = cmdb("discover", "job", "plan", "lab")
    expected = [["shard", "profile", "targets"], *([one, one] for one in NETS)]
    assert rows(done.out) == expected
    assert agent.ran == []


def test_a_job_is_paused_resumed_and_removed(cmdb: Cmdb, job: None) -> None:
    assert cmdb("discover", "job", "pause", "lab").err == "job lab is paused\n"
    assert cmdb("discover", "job", "show", "lab").json["paused"] is True
    assert rows(cmdb("discover", "job", "list").out)[1][-1] == "yes"
    assert cmdb("discover", "job", "resume", "lab").err == "job lab goes on\n"
    assert "paused" not in cmdb("discover", "job", "show", "lab").json
    assert cmdb("discover", "job", "remove", "lab").err == "job lab is removed\n"
    for words_ in (("show",), ("plan",), ("pause",), ("resume",), ("remove",)):
        done = cmdb("discover", "job", *words_, "lab")
        assert (done.code, done.err) == (2, "error: no discovery job 'lab'\n")
    assert cmdb("discover", "run", "lab").err == "error: no discovery job 'lab'\n"


def test_a_run_is_shown_and_undone(cmdb: Cmdb, job: None) -> None:
    done = cmdb("discover", "run", "lab")
    assert done.code == 0
    run = done.err.removeprefix("run ").removesuffix(" has started\n")
    assert rows(done.out) == [
        ["shard", "state", "new", "changed", "unchanged", "conflicts", "errors", "packets"],
        [NETS[0], "done", "2", "0", "0", "0", "0", "1"],
        [NETS[1], "done", "1", "0", "0", "0", "0", "0"],
        ["run", f"{run}:", "done;", "missing:", "0"],
    ]
    assert cmdb("discover", "show", run).out == done.out
    shown = cmdb("discover", "show", run, "--format", "json").json
    assert (shown["state"], shown["coverage"], shown["packets"]) == ("done", 1.0, 1)
    assert [one["commands"] for one in shown["shards"]] == [[f"look at {one}"] for one in NETS]
    again = cmdb("discover", "run", "lab", "--format", "json")
    assert again.json["items"] == {"unchanged": 3}
    listed = cmdb("discover", "runs").out
    assert [row[:2] for row in rows(listed)[1:]] == [[again.json["id"], "done"], [run, "done"]]
    of_job = cmdb("discover", "runs", "--job", "nosuch", "--format", "json").json
    assert of_job == {"runs": []}
    for one in (again.json["id"], run):
        assert cmdb("run", "undo", one).code == 0
    assert json.loads(cmdb("export").out)["cis"] == []


def test_a_failed_shard_is_told(cmdb: Cmdb, file: Write, agent: ScriptedAgent) -> None:
    def fail(shard: object, context: object) -> None:
        raise CMDBError(detail="no answer\n\x1b[31m")

    agent.before = fail
    cmdb("discover", "job", "set", file({**JOB, "networks": NETS[:1], "retries": 0}))
    done = cmdb("discover", "run", "lab")
    assert done.code == 1
    assert rows(done.out)[1][:2] == [NETS[0], "failed"]
    assert done.out.splitlines()[-1] == f"{NETS[0]}: CMDBError: no answer \\x1b[31m"


def test_a_detached_run_waits_for_workers_and_can_be_cancelled(
    cmdb: Cmdb, job: None, agent: ScriptedAgent
) -> None:
    done = cmdb("discover", "run", "lab", "--detached")
    assert (done.code, done.out, agent.ran) == (0, "", [])
    run = done.err.split()[1]
    assert rows(cmdb("discover", "runs").out)[1][:2] == [run, "running"]
    busy = cmdb("discover", "run", "lab")
    assert busy.code == 2
    assert busy.err == (
        f"error: run {run} of job lab scans {NETS[0]} now; wait for it, or cancel it\n"
    )
    assert cmdb("discover", "cancel", run).err == f"run {run} is cancelled\n"
    assert cmdb("discover", "show", run, "--format", "json").json["cancelled"] is True
    for command in ("cancel", "show"):
        done = cmdb("discover", command, "nosuch")
        assert (done.code, done.err) == (2, "error: no discovery run 'nosuch'\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_credential_from_a_pipe(cmdb: Cmdb, process: Cmdb, key: None, kind: str) -> None:
    values = {name: MARK for names in KINDS[kind] for name in names}
    text = json.dumps(values)
    done = process("discover", "credential", "set", "one", "--kind", kind, stdin=text)
    assert done == (0, "", "credential one is set\n")
    listed = cmdb("discover", "credential", "list", "--format", "json").json["credentials"]
    assert [(one["name"], one["kind"]) for one in listed] == [("one", kind)]
    assert rows(cmdb("discover", "credential", "list").out) == [["name", "kind"], ["one", kind]]
    assert cmdb("discover", "credential", "remove", "one").err == "credential one is removed\n"
    assert cmdb("discover", "credential", "remove", "one").code == 2


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("token", MARK),
        ("token", f'["{MARK}"]'),
        ("token", f'{{"token": ["{MARK}"]}}'),
        ("token", f'{{"tokne": "{MARK}"}}'),
        ("tokn", f'{{"token": "{MARK}"}}'),
        ("basic", f'{{"password": "{MARK}"}}'),
    ],
)
def test_a_wrong_credential_is_not_shown(process: Cmdb, key: None, kind: str, text: str) -> None:
    done = process("discover", "credential", "set", "one", "--kind", kind, stdin=text)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: credential: ")
    assert MARK not in done.err


def test_keys(cmdb: Cmdb, process: Cmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY_FILE", raising=False)
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY", raising=False)
    arguments = ("discover", "credential", "set", "one", "--kind", "token")
    done = process(*arguments, stdin=f'{{"token": "{MARK}"}}')
    assert done.code == 2
    assert "'cmdb discover key' makes one" in done.err
    first, second = (cmdb("discover", "key").out for _ in range(2))
    assert first != second
    done = process(*arguments, stdin=f'{{"token": "{MARK}"}}', CMDB_CREDENTIALS_KEY=first)
    assert done.code == 0


def test_in_chinese(cmdb: Cmdb, file: Write, agent: ScriptedAgent, chinese: None) -> None:
    assert cmdb("discover", "job", "set", file(JOB)).err == "作业 lab 已设置\n"
    assert rows(cmdb("discover", "job", "list").out)[0][1:3] == ["代理", "站点"]
    assert rows(cmdb("discover", "job", "plan", "lab").out)[0] == ["分片", "方案", "目标"]
    done = cmdb("discover", "run", "lab")
    run = done.err.split()[1]
    assert done.err == f"运行 {run} 已开始\n"
    assert rows(done.out)[0] == [
        "分片",
        "状态",
        "新增",
        "变更",
        "未变",
        "冲突",
        "错误",
        "报文数",
    ]
    assert done.out.splitlines()[-1] == f"运行 {run}：完成; 缺失: 0"
    wrong = cmdb("discover", "job", "set", file({**JOB, "networks": ["x"]}))
    assert (
        wrong.err == "错误：作业：'networks.0' 的值是 'x'，但必须是地址或网络，例如 10.0.0.0/24\n"
    )
    assert "已取消" in cmdb("discover", "cancel", run).err
    assert cmdb("discover", "job", "remove", "nosuch").err.endswith("没有发现作业 'nosuch'\n")
