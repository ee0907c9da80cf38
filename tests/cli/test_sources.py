"""Sources, precedences, runs and what time changes, on the command line."""

from typing import Any

from tests.cli.conftest import Cmdb, Load, Write, ci
from tests.cli.identity import SERIAL, cis, held, keys, server, why


def test_a_source_withdrawn_and_reinstated(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL, asset_tag="A1"))
    load("right", server("b", **SERIAL, asset_tag="B2"), server("only-right"))
    before = cmdb("export").out
    assert held(cmdb, "a")["asset_tag"] == "B2"
    done = cmdb("source", "withdraw", "right")
    assert (done.code, done.out, done.err) == (0, "", "source right is withdrawn\n")
    assert keys(cmdb) == ["a"]
    assert why(cmdb, "a", "attributes.asset_tag") == ("A1", "left:a", "only")
    (row,) = (line for line in cmdb("source", "list").out.splitlines() if line.startswith("right"))
    assert "withdrawn" in row
    assert cmdb("source", "reinstate", "right").code == 0
    assert cmdb("export").out == before


def test_precedence_changes_a_value_and_says_why(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL, asset_tag="A1"))
    load("right", server("b", **SERIAL, asset_tag="B2"))
    assert why(cmdb, "a", "attributes.asset_tag") == ("B2", "right:b", "later")
    done = cmdb("source", "prefer", "computer", "asset_tag", "left", "right")
    assert done.err == "for computer.asset_tag: left > right\n"
    assert held(cmdb, "a")["asset_tag"] == "A1"
    assert why(cmdb, "a", "attributes.asset_tag") == ("A1", "left:a", "precedence")
    text = cmdb("explain", "b").out
    assert "precedence" in text
    listed = cmdb("source", "list", "--format", "json").json["precedences"]
    assert listed == [{"type": "computer", "attribute": "asset_tag", "sources": ["left", "right"]}]
    assert "left > right" in cmdb("source", "list").out
    assert cmdb("source", "prefer", "computer", "asset_tag").code == 0
    assert held(cmdb, "a")["asset_tag"] == "B2"
    assert cmdb("source", "set", "left", "--rank", "500").code == 0
    assert why(cmdb, "a", "attributes.asset_tag") == ("A1", "left:a", "rank")


def test_a_source_is_changed_field_by_field(cmdb: Cmdb) -> None:
    def declared(name: str) -> dict[str, Any]:
        known = cmdb("source", "list", "--format", "json").json["sources"]
        return next(one for one in known if one["name"] == name)

    assert cmdb("source", "set", "scan", "--sightings", "--freshness", "30d").code == 0
    assert cmdb("source", "set", "scan", "--rank", "60", "--fades", "90d", "--may-erase").code == 0
    assert declared("scan") == {
        "name": "scan",
        "description": "",
        "rank": 60,
        "records": False,
        "freshness": 30 * 86400,
        "fades": 90 * 86400,
        "may_erase": True,
        "withdrawn": False,
    }
    row = next(x for x in cmdb("source", "list").out.splitlines() if x.startswith("scan"))
    assert "sightings  30 days" in row
    assert cmdb("source", "set", "scan", "--freshness", "none", "--may-not-erase").code == 0
    assert (declared("scan")["freshness"], declared("scan")["may_erase"]) == (None, False)


def test_no_source_has_a_colon_in_its_name(cmdb: Cmdb, file: Write) -> None:
    for arguments in (
        ("import", file({"cis": [ci("a")]}), "--source", "a:b"),
        ("source", "set", "a:b", "--rank", "1"),
    ):
        done = cmdb(*arguments)
        assert (done.code, "without a colon" in done.err) == (2, True)


def test_a_run_is_undone(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL, asset_tag="A1"))
    before = cmdb("export").out
    run = load("right", server("b", **SERIAL, asset_tag="B2"), server("new"))["run"]
    shown = cmdb("run", "show", run, "--format", "json").json
    assert (shown["id"], shown["reason"]) == (run, "import of right.json")
    assert shown["commits"]
    assert "import of right.json" in cmdb("run", "show", run).out
    done = cmdb("run", "undo", run, "--format", "json")
    assert done.err == f"run {run} is undone\n"
    steps = {(one["action"], one["key"]) for one in done.json["steps"]}
    assert steps == {("change", "a"), ("remove", "new")}
    assert cmdb("export").out == before
    assert "nothing changes" in cmdb("run", "undo", run).out


def test_too_much_that_vanishes_freezes(cmdb: Cmdb, load: Load, file: Write) -> None:
    load("left", *(ci(f"k{i:02}") for i in range(20)))
    rest = file({"cis": [ci("k00")]}, "left.json")
    options = ("--source", "left", "--complete", "--output", "json")
    frozen = cmdb("import", rest, *options)
    assert (frozen.json["frozen"], frozen.code) == (True, 1)
    assert frozen.err.startswith("warning: nothing was withdrawn: 19 of 20")
    assert {one["status"] for one in cis(cmdb)} == {"live"}
    believed = cmdb("import", rest, *options, "--vanish").json
    assert not believed["frozen"]
    assert believed["items"]["withdrawn"] == 19
    assert sorted({one["status"] for one in cis(cmdb)}) == ["live", "retired"]


def test_settle(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL))
    load("right", server("b", **SERIAL))
    assert cmdb("settle").out == "0 changed\n"


def test_what_cannot_be_withdrawn(cmdb: Cmdb) -> None:
    done = cmdb("source", "withdraw", "nobody")
    assert (done.code, done.err) == (2, "error: no source 'nobody'\n")
    done = cmdb("source", "withdraw", "manual")
    assert done.code == 2
    assert "release values instead" in done.err
