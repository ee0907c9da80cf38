"""`cmdb ticket config`."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Cmdb


def written(tmp_path: Path, text: str, name: str = "setting.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_settings(cmdb: Cmdb, tmp_path: Path) -> None:
    listed = cmdb("ticket", "config", "list")
    assert listed.code == 0
    assert "p1_respond" in listed.out
    path = written(
        tmp_path,
        "- {name: night, hours: {sat: ['22:00-24:00']}}\n"
        "- {name: business, zone: Asia/Shanghai, hours: {mon: ['08:30-12:00', '13:00-17:30']}}\n",
    )
    done = cmdb("ticket", "config", "put", "calendar", path)
    assert done == (0, "", "calendar night is set\ncalendar business is set\n")
    rows = cmdb("ticket", "config", "list", "calendar", "--format", "json").json["settings"]
    assert {one["name"]: one["own"] for one in rows} == {
        "always": False,
        "business": True,
        "china": False,
        "night": True,
    }
    shown = cmdb("ticket", "config", "show", "calendar", "business")
    assert shown.json["zone"] == "Asia/Shanghai"
    again = written(tmp_path, shown.out, "again.json")
    assert cmdb("ticket", "config", "put", "calendar", again).code == 0
    done = cmdb("ticket", "config", "remove", "calendar", "business")
    assert done.err == "calendar business is the default again\n"
    done = cmdb("ticket", "config", "remove", "calendar", "night")
    assert done.err == "calendar night is removed\n"


def test_where_there_is_one_it_needs_no_name(cmdb: Cmdb, tmp_path: Path) -> None:
    path = written(tmp_path, "rows: [[1, 1, 2], [1, 2, 3], [2, 3, 3]]\n")
    assert cmdb("ticket", "config", "put", "priority_matrix", path).code == 0
    assert cmdb("ticket", "config", "show", "priority_matrix").json["rows"][0] == [1, 1, 2]
    assert cmdb("ticket", "config", "remove", "priority_matrix").code == 0
    assert cmdb("ticket", "config", "show", "priority_matrix").json["rows"][0] == [1, 2, 2]


def test_a_process_of_one_s_own(cmdb: Cmdb, tmp_path: Path) -> None:
    process = cmdb("ticket", "config", "show", "process", "incident").json
    process["version"] = 2
    path = written(tmp_path, json.dumps(process))
    assert cmdb("ticket", "config", "put", "process", path).err == "process incident is set\n"
    assert cmdb("ticket", "config", "show", "process", "incident").json["version"] == 2
    assert cmdb("ticket", "config", "put", "process", path).code == 0
    process["version"] = 2
    process["steps"] = []
    done = cmdb("ticket", "config", "put", "process", written(tmp_path, json.dumps(process)))
    assert done.code == 2
    assert len(done.errors) > 3


def test_schemas(cmdb: Cmdb) -> None:
    schema = cmdb("ticket", "config", "schema", "service_level").json
    assert schema["properties"]["within"]["description"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "calender"],
        ["show", "calendar"],
        ["show", "calendar", "nothing"],
        ["show", "calender", "x"],
        ["schema", "calender"],
        ["put", "calendar", "/no/such"],
        ["remove", "calendar"],
        ["remove", "calendar", "always"],
        ["remove", "process", "incident"],
    ],
)
def test_wrong_usage_is_one_line(cmdb: Cmdb, arguments: list[str]) -> None:
    done = cmdb("ticket", "config", *arguments)
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)


@pytest.mark.parametrize("text", ["[1]", "{}", "{name: 7}"])
def test_files_that_hold_no_settings(cmdb: Cmdb, tmp_path: Path, text: str) -> None:
    done = cmdb("ticket", "config", "put", "calendar", written(tmp_path, text))
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)


def test_the_examples_of_the_docs(cmdb: Cmdb, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "tickets-configuration.md").read_text(encoding="utf-8")
    examples = re.findall(
        r"```yaml\n(# cmdb ticket config put (\w+) FILE\n.*?)```", text, re.DOTALL
    )
    assert len(examples) == 3
    for content, kind in examples:
        done = cmdb("ticket", "config", "put", kind, written(tmp_path, content))
        assert done.code == 0, done.err
