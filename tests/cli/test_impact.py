"""`cmdb impact`, one question and many."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cmdb, Write, ci, command, relation


def test_json_is_as_documented(cmdb: Cmdb, estate: Path) -> None:
    answer = cmdb("impact", "db-1", "--format", "json").json
    assert list(answer) == ["seq", "as_of", "failures", "impacted", "summary", "confidence"]
    assert answer["as_of"] is None
    assert answer["failures"] == [{"key": "db-1", "state": "down"}]
    rows = {row["key"]: row for row in answer["impacted"]}
    confirmed = rows["app-1"].pop("confirmed")
    assert confirmed["source"] == "estate"
    assert datetime.fromisoformat(confirmed["at"]) <= datetime.now(UTC)
    assert rows["app-1"] == {
        "key": "app-1",
        "type": "application",
        "name": "app-1",
        "state": "down",
        "distance": 1,
        "causes": [
            {
                "rule": "dependency",
                "relation": "depends_on",
                "from": [{"key": "db-1", "state": "down"}],
            }
        ],
        "path": ["db-1", "app-1"],
    }
    assert {key: row["state"] for key, row in rows.items()} == {
        "app-1": "down",
        "svc-1": "degraded",
        "a=b@c": "at_risk",
    }
    assert answer["summary"] == {
        "down": 1,
        "degraded": 1,
        "at_risk": 1,
        "services": {"down": 0, "degraded": 1, "at_risk": 0},
    }


def test_table(cmdb: Cmdb, estate: Path) -> None:
    done = cmdb("impact", "orders db", "sw-2=degraded", "sw-2")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "db-1 (down), sw-2 (down): 4 impacted"
    assert lines[1].split() == ["state", "distance", "key", "name", "type", "cause", "path"]
    text = done.out
    assert "depends_on db-1 (down)" in text
    assert "group data: 1 of 2 not ok: db-1" in text
    assert "hangs on sw-1 since sw-2 is down" in text
    assert "db-1 → app-1 → svc-1" in text
    assert "total: X down 1, ! degraded 1, ~ at_risk 2   services: X down 0" in text
    assert lines[-1] == "as of commit 2; rests on unconfirmed ground: 0 of 4"


def test_causes_in_words(cmdb: Cmdb, estate: Path) -> None:
    assert "group data: 2 of 2 down: db-1, db-2" in cmdb("impact", "db-1", "db-2").out
    text = cmdb("impact", "db-1=degraded", "db-2").out
    assert "group data: 2 of 2 degraded or worse: db-1, db-2" in text
    assert "cut off by sw-1, sw-2" in cmdb("impact", "sw-1", "sw-2").out
    assert "cut off by sw-1, sw-4" in cmdb("impact", "sw-1", "sw-4").out
    assert cmdb("impact", "svc-1").out.startswith("svc-1 (down): nothing else is impacted\n")


def test_keys_with_equal_signs(cmdb: Cmdb, estate: Path) -> None:
    for given, state in (
        ("a=b@c", "down"),
        ("a=b@c=at_risk", "at_risk"),
        ("estate:a=b@c", "down"),
    ):
        answer = cmdb("impact", given, "--format", "json").json
        assert answer["failures"] == [{"key": "a=b@c", "state": state}]
    done = cmdb("impact", "a=b@c=ok")
    assert done.code == 2


def test_the_first_fifty_rows(cmdb: Cmdb, file: Write) -> None:
    cis = [ci("db", "database"), *(ci(f"app-{i}", "application") for i in range(60))]
    relations = [relation(f"app-{i}", "depends_on", "db") for i in range(60)]
    cmdb("import", file({"cis": cis, "relations": relations}))
    short = cmdb("impact", "db").out
    assert short.count("X down  ") == 50
    assert "10 more rows; --all shows them" in short
    assert cmdb("impact", "db", "--all").out.count("X down  ") == 60


def test_names_cannot_steer_the_terminal(cmdb: Cmdb, estate: Path) -> None:
    done = cmdb("impact", "x\x1b[31m\ny")
    assert done.code == 2
    assert done.errors == [
        "error: failures[0]: no configuration item has the key, alias or name 'x\\x1b[31m y'"
    ]


def test_as_of(cmdb: Cmdb, estate: Path, file: Write) -> None:
    more = {"cis": [ci("new", "application")], "relations": [relation("new", "runs_on", "db-1")]}
    more["relations"] = [relation("new", "depends_on", "db-1")]
    assert cmdb("import", file(more, "more.json")).code == 0
    count = {
        as_of: cmdb("impact", "db-1", "--as-of", as_of, "--format", "json").json
        for as_of in ("2", "2999-01-01")
    }
    assert [len(one["impacted"]) for one in count.values()] == [3, 4]
    assert count["2"]["as_of"] == 2
    assert count["2"]["seq"] == 2
    assert count["2999-01-01"]["as_of"] == "2999-01-01"
    for wrong in ("yesterday", "0", "99", "1999-01-01"):
        done = cmdb("impact", "db-1", "--as-of", wrong)
        assert done.code == 2
        assert done.err.startswith("error: as_of: ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nosuch"], "no configuration item has the key, alias or name 'nosuch'"),
        (["old-1"], "'old-1' has status retired and is outside the impact graph"),
        ([], "name at least one configuration item"),
        (["db-1", "--batch", "x"], "--batch: it takes no keys"),
        (["--batch", "nosuch.jsonl"], "there is no such file"),
        (["db-1", "--format", "jsn"], "--format"),
    ],
)
def test_wrong_questions(cmdb: Cmdb, estate: Path, arguments: list[str], words: str) -> None:
    done = cmdb("impact", *arguments)
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    assert done.err.startswith("error: ")
    assert words in done.err


def test_every_wrong_key_has_its_line(cmdb: Cmdb, estate: Path) -> None:
    done = cmdb("impact", "no-1", "db-1", "no-2")
    assert done.code == 2
    assert [line.split(":")[1] for line in done.errors] == [" failures[0]", " failures[2]"]


BATCH = [
    '{"failures": [{"key": "db-1"}]}',
    "",
    '{"failures": [{"key": "db-1"',
    '{"failures": [{"key": "nosuch"}, {"key": "no"}]}',
    '{"failures": [{"key": "sw-1", "state": "degraded"}], "as_of": 2}',
    '{"failures": [{"key": "sw-1", "state": "dwn"}]}',
    '{"failures": []}',
    '{"failure": []}',
    '{"as_of": null}',
    '{"failures": 5}',
    '{"failures": [5]}',
    '{"failures": [{"state": "down"}]}',
    '{"failures": [{"key": 5}]}',
    '{"failures": [{"key": "db-1"}], "as_of": true}',
    "[]",
    '{"failures": [{"key": "db-1"}], "as_of": "2999-01-01T00:00:00Z"}',
]
CODES = [
    *(None, "InvalidInput", "InvalidInput", "Rejected", None, "UnknownName", "InvalidInput"),
    *("UnknownField", "MissingField", "WrongValue", "WrongValue", "MissingField", "WrongValue"),
    *("WrongValue", "WrongValue", None),
]


def _codes(out: str) -> list[Any]:
    answers = [json.loads(line) for line in out.splitlines()]
    return [one["error"]["code"] if "error" in one else None for one in answers]


def test_batch(cmdb: Cmdb, estate: Path, file: Write) -> None:
    path = file("\n".join(BATCH) + "\n", "batch.jsonl")
    done = cmdb("impact", "--batch", path)
    assert (done.code, done.err) == (1, "")
    assert _codes(done.out) == CODES
    answers = [json.loads(line) for line in done.out.splitlines()]
    single = cmdb("impact", "db-1", "--format", "json").json
    assert answers[0] == single
    assert [one["error"]["line"] for one in answers if "error" in one] == [
        number for number, code in enumerate(CODES, 1) if code
    ]
    assert answers[4]["as_of"] == 2
    assert [one["reference"] for one in answers[3]["error"]["errors"]] == ["nosuch", "no"]


def test_good_batch(cmdb: Cmdb, estate: Path, file: Write) -> None:
    requests = [{"failures": [{"key": "db-1"}], "as_of": at} for at in (*range(1, 3), "2999-01-01")]
    text = "".join(f"{json.dumps(one)}\n" for one in requests[1:] * 10)
    done = cmdb("impact", "--batch", file(text, "b.jsonl"), "--format", "json")
    assert done.code == 0
    assert len(done.out.splitlines()) == 20


def test_many_times_in_one_batch(cmdb: Cmdb, estate: Path, file: Write) -> None:
    requests = [
        json.dumps({"failures": [{"key": "db-1"}], "as_of": f"29{n:02}-01-01"}) for n in range(12)
    ]
    done = cmdb("impact", "--batch", file("\n".join(requests), "b.jsonl"))
    assert done.code == 0


def test_batch_streams(estate: Path) -> None:
    """Each answer comes before the next request is written."""
    with subprocess.Popen(
        command("impact", "--batch", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for key in ("db-1", "nosuch", "sw-1"):
            running.stdin.write(json.dumps({"failures": [{"key": key}]}) + "\n")
            running.stdin.flush()
            assert ("error" in json.loads(running.stdout.readline())) == (key == "nosuch")
        running.stdin.close()
        assert running.wait(timeout=30) == 1
