"""`cmdb check` and `cmdb types`: what is in the model, and what is wrong in it."""

from typing import Any

import pytest

from tests.cli.conftest import Cmdb, Write, ci, relation


def test_check(cmdb: Cmdb, file: Write) -> None:
    good = {
        "cis": [ci("a", "application"), ci("b")],
        "relations": [relation("a", "runs_on", "b")],
    }
    cmdb("import", file(good))
    assert cmdb("check") == (0, "nothing found\n", "")
    assert cmdb("check", "--format", "json").json == {"findings": []}
    cmdb("import", file({"cis": [ci("c"), ci("d", name="C")]}))
    done = cmdb("check")
    assert (done.code, done.err) == (1, "")
    assert "orphan     c    server" in done.out
    assert "4 found: orphan 2, duplicate 2" in done.out
    found = cmdb("check", "--format", "json")
    assert found.code == 1
    assert found.json["findings"][0] == {
        "check": "orphan",
        "key": "c",
        "type": "server",
        "detail": "has no relation to any other CI",
    }


def test_types(cmdb: Cmdb) -> None:
    tree = cmdb("types").out
    assert "server  Server" in tree
    one = cmdb("types", "server").out
    assert "computer < device < ci" in one
    assert "MiB" in one
    assert "mission_critical, high, medium, low" in one
    assert "depends_on" in cmdb("types", "--relations").out
    assert "is depended on by" in cmdb("types", "depends_on").out
    assert "percent" in cmdb("types", "ups").out or "VA" in cmdb("types", "ups").out
    data = cmdb("types", "server", "--format", "json").json
    assert {"name", "declared_by"} <= data["inherited"][0].keys()
    assert cmdb("types", "depends_on", "--format", "json").json["impact"] == "to→from"
    assert list(cmdb("types", "--relations", "--format", "json").json) == ["relation_types"]


def test_types_can_be_added(cmdb: Cmdb, file: Write) -> None:
    text = """
ci_types:
- {name: small_robot, description: A small one., parent: robot}
- name: robot
  description: It moves.
  parent: device
  attributes: [{name: arms, kind: integer, description: Number of arms., minimum: 0}]
relation_types:
- {name: steers, description: It steers it., impact: from→to, joins: [[[application], [robot]]]}
"""
    path = file(text, "robots.yaml")
    done = cmdb("types", "--add", path)
    assert done == (0, "", "added 3 declarations\n")
    assert cmdb("types", "--add", path).err == "added 0 declarations\n"
    assert "arms" in cmdb("types", "small_robot").out
    good = {
        "cis": [ci("r", "small_robot", attributes={"arms": 2}), ci("a", "application")],
        "relations": [relation("a", "steers", "r")],
    }
    assert cmdb("import", file(good)).code == 0
    assert cmdb("impact", "a", "--format", "json").json["summary"]["down"] == 1


def test_all_types_can_be_read_back(cmdb: Cmdb, file: Write) -> None:
    everything = cmdb("types", "--format", "json").json
    everything["ci_types"] = [one for one in everything["ci_types"] if one["parent"]]
    done = cmdb("types", "--add", file(everything), "--format", "json")
    assert done.code == 0
    assert {one["name"] for one in done.json["ci_types"]} > {"server"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "it must be an object with the lists"),
        ({"ci_type": []}, "unknown field 'ci_type'; nearest known name: 'ci_types'"),
        ({"ci_types": {"a": 1}}, "'ci_types' must be a list"),
        ({"ci_types": [{"name": "x", "description": "x"}]}, "a parent type is required"),
        ({"ci_types": [{"name": "x", "description": "x", "parent": "nosuch"}]}, "nosuch"),
        ({"ci_types": [{"name": "x", "description": "x", "attributes": 5}]}, "no declaration"),
        ({"relation_types": [{"name": "x", "description": "x", "joins": [5]}]}, "no declaration"),
        ({"relation_types": [5]}, "must be an object"),
    ],
)
def test_bad_declarations_add_nothing(cmdb: Cmdb, file: Write, content: Any, words: str) -> None:
    if isinstance(content, dict) and isinstance(content.get("ci_types"), list):
        good = {"name": "good_one", "description": "x", "parent": "device"}
        content = {**content, "ci_types": [good, *content["ci_types"]]}
    done = cmdb("types", "--add", file(content))
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    assert words in done.err
    assert "good_one" not in cmdb("types").out
