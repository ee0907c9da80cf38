"""`cmdb code`: the next codes, the rule, and what is wrong with the codes in use."""

import pytest

from tests.cli.conftest import Cmdb, Write, ci

ROOM = "D{building:02}{floor}{room:02}-{number:03}"
PLACE = ("--set", "building=1", "--set", "floor=02", "--set", "room=10")


@pytest.fixture
def rule(cmdb: Cmdb, file: Write) -> None:
    """A type with the code rule of the example."""
    attributes = [
        {"name": "building", "kind": "integer", "description": "Building."},
        {"name": "floor", "kind": "string", "description": "Floor."},
        {"name": "room", "kind": "string", "description": "Room."},
    ]
    machine = {"name": "machine", "description": "A machine.", "parent": "server"}
    machine |= {"attributes": attributes, "code": {"pattern": ROOM}}
    assert cmdb("types", "--add", file({"ci_types": [machine]}, "types.json")).code == 0


@pytest.mark.usefixtures("rule")
def test_give_and_show(cmdb: Cmdb) -> None:
    assert cmdb("code", "give", "machine", *PLACE) == (0, "D010210-001\n", "")
    given = cmdb("code", "give", "machine", *PLACE, "--count", "2", "--reason", "order 7")
    assert given.out == "D010210-002\nD010210-003\n"
    shown = cmdb("code", "show", "machine").out
    assert ROOM in shown
    assert "D010210-{number}  3" in shown
    assert cmdb("code", "show", "machine", "--format", "json").json == {
        "pattern": ROOM,
        "attribute": "asset_tag",
        "per": ["building", "floor", "room"],
        "declared_by": "machine",
        "counters": [{"name": "D010210-{number}", "last": 3}],
    }
    assert f"asset_tag {ROOM}" in cmdb("types", "machine").out


@pytest.mark.usefixtures("rule")
def test_wrong_use(cmdb: Cmdb) -> None:
    done = cmdb("code", "give", "machine", "--set", "building=x", "--set", "flor=2")
    assert (done.code, done.out) == (2, "")
    assert "4 errors" in done.errors[0] or len(done.errors) == 4
    assert "NAME=VALUE" in cmdb("code", "give", "machine", "--set", "building").err
    assert "no code rule" in cmdb("code", "give", "server").err
    assert "nearest" in cmdb("code", "show", "machin").err


@pytest.mark.usefixtures("rule")
def test_check(cmdb: Cmdb, file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cmdb("code", "check") == (0, "nothing found\n", "")
    cmdb("import", file({"cis": [ci("m1", attributes={"asset_tag": "x-1"})]}))
    assert cmdb("code", "check").code == 0
    types = {"ci_types": [{"name": "server", "description": "A server.", "parent": "computer"}]}
    types["ci_types"][0] |= {"code": {"pattern": "{site}-{number:03}"}}  # type: ignore[dict-item]
    assert cmdb("types", "--add", file(types, "types.json")).code == 0
    found = cmdb("code", "check", "server")
    assert found.code == 1
    assert found.out == (
        "m1: attribute 'asset_tag' is 'x-1', but must be as '{site}-{number:03}' says,"
        " such as 'A-001'\n"
    )
    data = cmdb("code", "check", "--format", "json")
    assert (data.code, data.json["errors"][0]["code"]) == (1, "PatternMismatch")
    assert cmdb("code", "check", "rack").code == 0
