"""Root causes on the command line."""

import json
from pathlib import Path

import pytest

from api.chinese_root_cause import COMMAND
from api.cli import words
from api.cli.commands.root_cause import complaint
from cmdb.root_cause.diagnosis import FACTORS
from cmdb.services.root_cause import Complaint
from tests.cli.conftest import Cmdb, Write

TIME = "2027-01-15T07:00:00Z"


def test_suffixes_count_only_when_they_are_known() -> None:
    assert complaint("web-1") == Complaint("web-1")
    assert complaint("web-1=down") == Complaint("web-1", "down")
    assert complaint(f"web-1@{TIME}") == Complaint("web-1", None, TIME)
    assert complaint(f"web-1=at_risk@{TIME}") == Complaint("web-1", "at_risk", TIME)
    assert complaint("a=b@c") == Complaint("a=b@c")
    assert complaint("app@home=down") == Complaint("app@home", "down")
    assert complaint(f"x=1@{TIME}") == Complaint("x=1", None, TIME)
    assert complaint("=down") == Complaint("=down")
    assert complaint(f"@{TIME}") == Complaint(f"@{TIME}")


def test_table_and_json(cmdb: Cmdb, estate: Path) -> None:
    done = cmdb("root-cause", "--symptom", "app-1=down", "--symptom", "svc-1", "--healthy", "a=b@c")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split()[:5] == ["key", "name", "type", "state", "probability"]
    assert "look next at" in done.out
    assert "outside the model" in lines[-1]
    found = cmdb(
        "root-cause", "--symptom", "app-1=down", "--symptom", "svc-1", "--format", "json",
        "--limit", "1",
    ).json  # fmt: skip
    assert len(found["candidates"]) == 1
    assert found["candidates"][0]["paths"].keys() <= {"app-1", "svc-1"}


def test_chinese(cmdb: Cmdb, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_LANG", "zh")
    words.language.cache_clear()
    out = cmdb("root-cause", "--symptom", "app-1=down").out
    assert "概率" in out
    assert "下一步请查看" in out
    assert {"failed as" if name == "state" else name for name in FACTORS} <= COMMAND.keys()


def test_batch(cmdb: Cmdb, estate: Path, file: Write) -> None:
    lines = [
        {"symptoms": [{"key": "app-1", "state": "down"}], "limit": 1},
        {"symptoms": [{"key": "nosuch"}]},
        {"symptoms": []},
        {"symptoms": "app-1"},
        {"symptoms": [{"state": "down"}]},
        {"symptoms": [{"key": 7}]},
        {"symptoms": [], "healthy": [1]},
        {"symptoms": [], "limit": True},
        {"healthy": []},
        {"symptom": []},
    ]
    path = file("\n".join(json.dumps(one) for one in lines) + "\nno json\n", "batch.ndjson")
    done = cmdb("root-cause", "--batch", path)
    assert done.code == 1
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert len(answers) == len(lines) + 1
    alone = cmdb("root-cause", "--symptom", "app-1=down", "--format", "json", "--limit", "1").json
    assert {**answers[0], "candidates": []} == {**alone, "candidates": []}
    codes = [one["error"]["code"] for one in answers[1:]]
    assert codes == [
        "UnknownReference",
        "InvalidInput",
        "WrongValue",
        "MissingField",
        "WrongValue",
        "WrongValue",
        "WrongValue",
        "MissingField",
        "UnknownField",
        "InvalidInput",
    ]
    assert [one["error"]["line"] for one in answers[1:]] == list(range(2, len(lines) + 2))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((), "error: --symptom: name at least one --symptom, or give --batch FILE"),
        (
            ("--batch", "x", "--symptom", "app-1"),
            "error: --batch: it takes no other option, and gives JSON",
        ),
        (
            ("--symptom", "nosuch"),
            "error: symptoms[0]: no configuration item has the key, alias or name 'nosuch'",
        ),
    ],
)
def test_wrong_use(cmdb: Cmdb, estate: Path, arguments: tuple[str, ...], error: str) -> None:
    done = cmdb("root-cause", *arguments)
    assert (done.code, done.out, done.errors) == (2, "", [error])
