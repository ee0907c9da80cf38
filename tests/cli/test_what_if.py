"""What-if, maintenance, scenarios and pictures on the command line."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from api.cli import words
from api.cli.criticality_view import cuts_view
from tests.cli.conftest import Cmdb, Write, ci, relation

SECOND = {
    "cis": [ci("db-3", "database")],
    "relations": [relation("app-1", "depends_on", "db-3")],
    "remove": {"relations": [relation("app-1", "depends_on", "orders db")]},
}
YAML = """
cis:
  - {key: db-3, type: database}
remove:
  cis: [app-1]
"""


def states(answer: dict[str, Any]) -> dict[str, str]:
    return {row["key"]: row["state"] for row in answer["impacted"]}


def test_assume(cmdb: Cmdb, estate: Path, file: Write) -> None:
    path = file(SECOND, "assume.json")
    before = cmdb("impact", "db-1", "--format", "json").json
    got = cmdb("impact", "db-1", "--assume", path, "--format", "json").json
    assert states(got) == {"a=b@c": "at_risk"}
    assert got["assumed"]["relations"] == {"added": 1, "changed": 0, "removed": 1}
    assert states(cmdb("impact", "db-3", "--assume", path, "--format", "json").json) == {
        "app-1": "down",
        "svc-1": "degraded",
    }
    table = cmdb("impact", "db-3", "--assume", path).out
    assert table.startswith("assumed: added db-3; relations added 1; relations removed 1\n")
    yaml = cmdb("impact", "db-1", "--assume", file(YAML, "a.yaml"), "--format", "json").json
    assert states(yaml) == {"a=b@c": "at_risk"}
    past = cmdb("impact", "db-1", "--assume", path, "--as-of", "2", "--format", "json").json
    assert (past["as_of"], states(past)) == (2, states(got))
    assert cmdb("impact", "db-1", "--format", "json").json == before


def test_every_error_of_an_assumption(cmdb: Cmdb, estate: Path, file: Write) -> None:
    wrong = {"cis": [ci("x", "sever")], "remove": {"cis": ["nosuch"]}, "add": []}
    done = cmdb("impact", "db-1", "--assume", file(wrong, "assume.json"))
    assert (done.code, done.out) == (2, "")
    assert done.errors == [
        "error: assume: unknown field 'add'",
        "error: assume.cis[0] 'x': unknown CI type 'sever'; nearest known name: 'server'",
        "error: assume.remove.cis[0]: no configuration item has the key, alias or name 'nosuch'",
    ]


def test_maintenance(cmdb: Cmdb, estate: Path) -> None:
    night = ("--starts", "2026-12-01T22:00Z", "--ends", "2026-12-02T02:00Z")
    number = cmdb("maintenance", "add", "orders db", *night, "--reason", "disks").out.strip()
    (window,) = cmdb("maintenance", "list", "--format", "json").json["windows"]
    assert (window["id"], window["key"], window["state"]) == (number, "db-1", "down")
    assert number in cmdb("maintenance", "list", "--key", "db-1").out
    assert number not in cmdb("maintenance", "list", "--at", "2026-12-03").out
    got = cmdb("impact", "--at", "2026-12-01T23:00:00", "--format", "json").json
    assert got["maintenance"] == [window]
    assert states(got) == {"app-1": "down", "svc-1": "degraded", "a=b@c": "at_risk"}
    table = cmdb("impact", "--at", "2026-12-01T23:00:00").out
    assert table.startswith("in maintenance at 2026-12-01T23:00:00: db-1 (disks)\n")
    calm = cmdb("impact", "--at", "2026-12-05").out
    assert "nothing has failed: nothing else is impacted" in calm
    done = cmdb("maintenance", "remove", number)
    assert (done.code, done.err) == (0, f"window {number} is removed\n")
    assert cmdb("maintenance", "remove", number).code == 2
    assert cmdb("maintenance", "add", "db-1", *night, "--state", "dwn").code == 2


def test_batch_lines(cmdb: Cmdb, estate: Path, file: Write) -> None:
    night = ("--starts", "2026-12-01T22:00Z", "--ends", "2026-12-02T02:00Z")
    cmdb("maintenance", "add", "db-1", *night)
    lines = [
        {"failures": [{"key": "db-3"}], "assume": SECOND},
        {"at": "2026-12-01T23:00:00Z"},
        {"failures": [{"key": "db-3"}]},
        {"failures": [{"key": "db-1"}], "assume": {"cis": [ci("x", "y")], "remove": 5}},
        {"failures": [{"key": "db-1"}], "at": 5},
        {"at": "soon"},
    ]
    text = "".join(f"{json.dumps(one)}\n" for one in lines)
    done = cmdb("impact", "--batch", file(text, "b.jsonl"))
    assert done.code == 1
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert states(answers[0]) == {"app-1": "down", "svc-1": "degraded"}
    assert len(answers[1]["maintenance"]) == 1
    codes = [one["error"]["code"] for one in answers[2:]]
    assert codes == ["UnknownReference", "Rejected", "WrongValue", "WrongValue"]


def test_scenarios(cmdb: Cmdb, estate: Path, file: Write) -> None:
    failures = [{"key": "db-1"}]
    asked = {"scenarios": [{"name": "today", "failures": failures}]}
    asked["scenarios"] += [{"failures": failures, "assume": SECOND}]
    path = file(asked, "scenarios.json")
    got = cmdb("impact", "--scenarios", path, "--format", "json").json
    assert [one["name"] for one in got["scenarios"]] == ["today", "2"]
    assert [row["states"] for row in got["comparison"]] == [["degraded", "ok"]]
    lines = cmdb("impact", "--scenarios", path).out.splitlines()
    assert lines[0].split() == ["service", "name", "today", "2"]
    assert lines[1].split() == ["total", "X", "down", "1", "0"]
    assert any(line.split() == ["svc-1", "svc-1", "!", "degraded", "ok"] for line in lines)
    alike = cmdb("impact", "--scenarios", file({"scenarios": asked["scenarios"][:1]}, "s.json"))
    assert "all services are in the same state" in alike.out


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ([], "s.json: it"),
        ({"scenario": []}, "s.json: unknown field"),
        ({"scenarios": {}}, "s.json: scenarios"),
        ({"scenarios": []}, "scenarios: give 1 to 20"),
        ({"scenarios": [5]}, "scenarios[0]: it"),
        ({"scenarios": [{"failures": [{"kye": "x"}]}]}, "scenarios[0].failures[0]: unknown"),
        ({"scenarios": [{"name": 5, "failures": []}]}, "scenarios[0]: name"),
        ({"scenarios": [{"failures": [{"key": "no"}]}]}, "scenarios[0].failures[0]: no"),
    ],
)
def test_wrong_scenarios(cmdb: Cmdb, estate: Path, file: Write, content: Any, place: str) -> None:
    done = cmdb("impact", "--scenarios", file(content, "s.json"))
    assert (done.code, done.out) == (2, "")
    assert place in done.err


def test_pictures(cmdb: Cmdb, estate: Path, tmp_path: Path) -> None:
    graph = cmdb("impact", "db-1", "--format", "json-graph").json["graph"]
    assert set(graph["nodes"]) == {"db-1", "app-1", "svc-1", "a=b@c"}
    for form in ("svg", "graphml"):
        assert ET.fromstring(cmdb("impact", "db-1", "--format", form).out) is not None
    target = tmp_path / "o.html"
    done = cmdb("impact", "db-1", "--format", "html", "--output", target)
    assert (done.code, done.out, done.err) == (0, "", f"written to {target}\n")
    assert target.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_pictures_speak_chinese(cmdb: Cmdb, estate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_LANG", "zh")
    words.language.cache_clear()
    assert "db-1" in cmdb("impact", "db-1", "--format", "svg").out
    assert "的影响" in cmdb("impact", "db-1", "--format", "svg").out
    assert "2026-12-05 处于维护：无" in cmdb("impact", "db-1", "--at", "2026-12-05").out


def test_confirmed(cmdb: Cmdb, estate: Path) -> None:
    lines = cmdb("impact", "db-1", "--confirmed").out.splitlines()
    assert lines[1].split()[-1] == "confirmed"
    assert lines[2].endswith(" estate")
    assert lines[-1].endswith("rests on unconfirmed ground: 0 of 3")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--batch", "x", "--at", "2026-12-01"], "--batch"),
        (["--scenarios", "x", "db-1"], "--scenarios"),
        (["--scenarios", "x", "--format", "svg"], "--scenarios"),
        (["db-1", "--output", "x"], "--output"),
        (["--assume", "x"], "KEY"),
    ],
)
def test_options_that_do_not_go_together(cmdb: Cmdb, arguments: list[str], text: str) -> None:
    done = cmdb("impact", *arguments)
    assert done.code == 2
    assert done.err.startswith(f"error: {text}: ")


def test_criticality(cmdb: Cmdb, estate: Path) -> None:
    got = cmdb("criticality", "--format", "json").json
    assert [row["key"] for row in got["items"]] == ["db-1", "app-1"]
    lines = cmdb("criticality", "--limit", "1").out.splitlines()
    assert lines[0].split()[0] == "key"
    assert lines[-1].startswith(f"1 of {got['count']} that take others with them; as of commit 2")
    table = list(csv.reader(io.StringIO(cmdb("criticality", "--format", "csv").out[1:])))
    assert [row[0] for row in table[1:]] == [row["key"] for row in got["items"]]


def test_cut_sets(cmdb: Cmdb, estate: Path) -> None:
    got = cmdb("criticality", "--service", "a=b@c", "--format", "json").json
    assert [[one["key"] for one in cut["cis"]] for cut in got["cut_sets"]] == [["db-1", "db-2"]]
    text = cmdb("criticality", "--service", "a=b@c").out
    assert "no single failure takes it down" in text
    assert "db-1 + db-2" in text
    assert "these are all" in text
    left = cmdb("criticality", "--service", "a=b@c", "--failed", "db-1").out
    assert "failed already: db-1 (down)" in left
    assert "each of these alone takes it down: db-2" in left
    table = cmdb("criticality", "--service", "a=b@c", "--format", "csv").out[1:]
    assert list(csv.reader(io.StringIO(table)))[1] == ["2", "db-1 + db-2", "db-1 → a=b@c"]
    down = cmdb("criticality", "--service", "a=b@c", "--failed", "db-1", "--failed", "db-2").out
    assert down.startswith("a=b@c: down\n")
    assert "no single failure" not in down
    assert cmdb("criticality", "--failed", "db-1").code == 2
    assert cmdb("criticality", "--service", "nosuch").code == 2


@pytest.mark.parametrize(("examined", "said"), [(0, False), (1, True)])
def test_out_of_time(examined: int, said: bool) -> None:
    """A search that was cut short claims no more than it has examined."""
    found = {
        "seq": 7,
        "service": {"key": "svc", "type": "application", "name": "svc", "state": "ok"},
        "failed": [],
        "cut_sets": [],
        "found": 0,
        "left": [],
        "complete": False,
        "examined": examined,
        "total": 9,
    }
    text = "\n".join(str(part) for part in cuts_view(found))
    assert ("no single failure takes it down" in text) is said
    assert f"time was over after {examined} of 9 branches; there may be more" in text
