"""Reviews, decisions and dry runs on the command line."""

from typing import Any

import pytest

from api.cli import words
from tests.cli.conftest import Cmdb, Load, Write, ci, relation
from tests.cli.identity import SERIAL, UUID, cis, held, keys, reviews, server, why


@pytest.fixture
def disputed(cmdb: Cmdb, load: Load) -> dict[str, Any]:
    """Two sources that give one serial number to machines with different UUIDs."""
    load(
        "left",
        server("a", **SERIAL, uuid=f"{UUID}1", asset_tag="A1"),
        ci("app", "application"),
        ci("pay", "business_service"),
        relations=[relation("app", "runs_on", "a"), relation("pay", "depends_on", "app")],
    )
    load(
        "right",
        server("b", **SERIAL, uuid=f"{UUID}2", asset_tag="B2"),
        server("rack-switch"),
        relations=[relation("b", "depends_on", "rack-switch")],
    )
    (review,) = reviews(cmdb)
    return review


def test_a_review_shows_its_evidence_side_by_side(cmdb: Cmdb, disputed: dict[str, Any]) -> None:
    assert disputed["claims"] == ["left:a", "right:b"]
    assert (disputed["rule"], disputed["reasons"]) == ("serial", ["uuid"])
    assert disputed["proposal"] == "keep apart"
    listed = cmdb("review", "list").out.splitlines()[1]
    assert listed.startswith(disputed["id"])
    assert "serial sn12345 dell" in listed
    done = cmdb("review", "show", disputed["id"])
    rows = [line.split() for line in done.out.splitlines()]
    assert ["field", "left:a", "right:b"] in rows
    assert ["configuration", "item", "a", "b"] in rows
    assert ["=", "attributes.serial_number", "SN12345", "SN12345"] in rows
    assert ["≠", "attributes.uuid", f"{UUID}1", f"{UUID}2"] in rows
    assert ["attributes.asset_tag", "A1", "B2"] in rows
    shown = cmdb("review", "show", disputed["id"], "--format", "json").json
    assert [one["ci"] for one in shown["evidence"]] == ["a", "b"]
    assert shown["evidence"][0]["says"]["attributes.asset_tag"] == "A1"
    assert shown["evidence"][1]["unlike"] == ["attributes.uuid"]


def test_each_choice_says_what_then_happens(cmdb: Cmdb, disputed: dict[str, Any]) -> None:
    shown = cmdb("review", "show", disputed["id"], "--format", "json").json
    choices = {one["kind"]: one for one in shown["choices"]}
    merge = {(one["action"], one["key"]): one for one in choices["merge"]["steps"]}
    assert merge["merge", "b"]["detail"] == {"into": "a"}
    assert merge["resolve", disputed["id"]]["kind"] == "review"
    tag = merge["change", "a"]["detail"]["attributes.asset_tag"]
    assert choices["merge"]["effects"] == [
        {"key": "rack-switch", "service": "pay", "before": "ok", "after": "down"}
    ]
    table = cmdb("review", "show", disputed["id"]).out.splitlines()
    assert ["rack-switch", "pay", "ok", "down"] in [line.split() for line in table]
    assert [one["action"] for one in choices["ignore"]["steps"]] == ["resolve"]
    assert (choices["ignore"]["effects"], choices["ignore"]["complete"]) == ([], True)
    assert cmdb("decide", "merge", "a", "b").code == 0
    assert keys(cmdb) == ["a", "app", "pay", "rack-switch"]
    assert tag == ["A1", cis(cmdb)[0]["attributes"]["asset_tag"]]
    hit = cmdb("impact", "rack-switch", "--format", "json").json["impacted"]
    assert [row["key"] for row in hit] == ["a", "app", "pay"]
    assert reviews(cmdb) == []


def test_merge_and_undo(cmdb: Cmdb, disputed: dict[str, Any], load: Load) -> None:
    before = cmdb("export").out
    number = cmdb("decide", "merge", "b", "a", "--reason", "the board\nwas replaced").out.strip()
    (decision,) = cmdb("decide", "list", "--format", "json").json["decisions"]
    assert decision == {
        "id": number,
        "kind": "merge",
        "claims": ["left:a", "right:b"],
        "others": [],
        "rule": None,
        "value": None,
        "reason": "the board was replaced",
    }
    assert "the board was replaced" in cmdb("decide", "list").out
    load("right", server("b", **SERIAL, uuid=f"{UUID}2", asset_tag="B3"), server("rack-switch"))
    assert "b" not in keys(cmdb)
    load("right", server("b", **SERIAL, uuid=f"{UUID}2", asset_tag="B2"), server("rack-switch"))
    done = cmdb("decide", "undo", number)
    assert (done.code, done.out, done.err) == (0, "", f"decision {number} is undone\n")
    assert cmdb("export").out == before
    assert [one["id"] for one in reviews(cmdb)] == [disputed["id"]]
    assert cmdb("decide", "list", "--format", "json").json["decisions"] == []
    assert cmdb("decide", "undo", number).err == f"error: no decision '{number}'\n"


def test_split_and_undo(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL, asset_tag="A1"))
    load("right", server("b", **SERIAL, hostname="h"))
    before = cmdb("export").out
    assert keys(cmdb) == ["a"]
    assert held(cmdb, "a")["hostname"] == "h"
    number = cmdb("decide", "split", "a", "right:b").out.strip()
    assert keys(cmdb) == ["a", "b"]
    assert "hostname" not in held(cmdb, "a")
    load("right", server("b", **SERIAL, hostname="h2"))
    assert keys(cmdb) == ["a", "b"]
    load("right", server("b", **SERIAL, hostname="h"))
    assert cmdb("decide", "undo", number).code == 0
    assert cmdb("export").out == before


def test_pin_and_undo(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL))
    load("right", server("b", serial_number="XY98765", vendor="HP", hostname="h"))
    before = cmdb("export").out
    assert keys(cmdb) == ["a", "b"]
    number = cmdb("decide", "pin", "right:b", "a").out.strip()
    assert keys(cmdb) == ["a"]
    assert held(cmdb, "a")["hostname"] == "h"
    assert why(cmdb, "a", "attributes.hostname") == ("h", "right:b", "only")
    assert cmdb("decide", "undo", number).code == 0
    assert cmdb("export").out == before


def test_a_cloned_engine_id_is_ignored_for_good(cmdb: Cmdb, load: Load) -> None:
    engine = "80001f8880e4b1d5f2a3c6"

    def seen(key: str, mac: str) -> dict[str, Any]:
        return server(key, snmp_engine_id=engine, mac_addresses=[f"00:1a:2b:00:00:{mac}"])

    load("snmp", seen("10.0.0.1", "01"), seen("10.0.0.2", "02"))
    (review,) = reviews(cmdb)
    assert (review["rule"], review["proposal"]) == ("engine_id", "ignore")
    before = cmdb("export").out
    done = cmdb("decide", "ignore", "--review", review["id"], "--reason", "cloned image")
    (decision,) = cmdb("decide", "list", "--format", "json").json["decisions"]
    assert (decision["id"], decision["rule"]) == (done.out.strip(), "engine_id")
    assert decision["value"] == review["value"]
    assert reviews(cmdb) == []
    assert cmdb("export").out == before
    load("snmp", seen("10.0.0.3", "03"))
    assert reviews(cmdb) == []
    assert keys(cmdb) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_ignored_claims_do_not_count(cmdb: Cmdb, load: Load) -> None:
    load("left", server("a", **SERIAL))
    load("right", server("b", **SERIAL, hostname="wrong"))
    number = cmdb("decide", "ignore", "right:b").out.strip()
    assert "hostname" not in held(cmdb, "a")
    assert cmdb("decide", "undo", number).code == 0
    assert held(cmdb, "a")["hostname"] == "wrong"


def test_a_dry_run_shows_what_then_happens(cmdb: Cmdb, load: Load) -> None:
    load(
        "left",
        server("a", **SERIAL, asset_tag="A1"),
        server("z", serial_number="ZZ11111", vendor="HP", uuid=f"{UUID}7"),
        ci("app", "application"),
        ci("pay", "business_service"),
        relations=[relation("app", "runs_on", "a"), relation("pay", "depends_on", "app")],
    )
    news = (
        server("b", **SERIAL, asset_tag="B2", hostname="h"),
        server("y", serial_number="ZZ11111", vendor="HP", uuid=f"{UUID}8"),
        server("power"),
    )
    said = [relation("b", "depends_on", "power")]
    before = cmdb("export").out
    plan = load("right", *news, relations=said, options=["--dry-run"])
    assert cmdb("export").out == before
    steps = {(one["action"], one["key"]): one for one in plan["steps"]}
    changed = steps["change", "a"]
    assert (changed["type"], changed["rule"], changed["source"]) == ("server", "serial", "right")
    assert changed["detail"] == {
        "attributes.asset_tag": ["A1", "B2"],
        "attributes.hostname": [None, "h"],
    }
    assert {("create", "y"), ("create", "power"), ("create", "a depends_on power")} <= set(steps)
    (conflict,) = (one for one in plan["steps"] if one["action"] == "conflict")
    assert plan["effects"] == {
        "effects": [{"key": "power", "service": "pay", "before": "ok", "after": "down"}],
        "complete": True,
    }
    real = load("right", *news, relations=said)
    assert (real["items"], real["relations"]) == (plan["items"], plan["relations"])
    assert real["steps"] is None
    after = {one["key"]: one for one in cis(cmdb)}
    assert set(after) == {"a", "app", "pay", "power", "y", "z"}
    assert after["a"]["attributes"] == {**SERIAL, "asset_tag": "B2", "hostname": "h"}
    assert [one["id"] for one in reviews(cmdb)] == [conflict["key"]]
    hit = cmdb("impact", "power", "--format", "json").json["impacted"]
    assert {row["key"]: row["state"] for row in hit}["pay"] == "down"


def test_the_plan_for_people_is_cut(cmdb: Cmdb, file: Write) -> None:
    path = file({"cis": [ci(f"k{i}") for i in range(150)]})
    done = cmdb("import", path, "--dry-run")
    assert "… and 50 more" in done.out
    assert done.out.count("create ") == 100
    assert "no business service is affected otherwise than before" in done.out
    assert len(cmdb("import", path, "--dry-run", "--output", "json").json["steps"]) == 150


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("review show nosuch", "error: no review 'nosuch'"),
        ("decide undo nosuch", "error: no decision 'nosuch'"),
        ("decide merge a", "error: merge: name at least two configuration items"),
        ("decide merge a nosuch", "no configuration item has the key, alias or name 'nosuch'"),
        ("decide split a nosuch:b", "error: no claim 'nosuch:b'"),
        ("decide split a left:a", "name some of the claims of 'a', and not all of them"),
        ("decide pin nosuch:b a", "error: no claim 'nosuch:b'"),
        ("decide pin left:a a", "error: pin: the claim is what this CI came in with"),
        ("decide ignore", "error: ignore: name a review or claims"),
        ("decide ignore nosuch:b", "error: no claim 'nosuch:b'"),
        ("run show nosuch", "error: no run 'nosuch'"),
        ("run undo nosuch", "error: no run 'nosuch'"),
        ("explain nosuch", "no configuration item has the key, alias or name 'nosuch'"),
        ("source set left --freshness 30", "error: --freshness: it is '30', but must be a span"),
        ("source set left --rank -1", "rank is -1, but must be a whole number, at least 0"),
        ("source prefer servr vendor left", "unknown CI type 'servr'"),
        ("source prefer server vendr left", "unknown attribute 'vendr'"),
    ],
)
def test_what_is_wrong_is_one_line(cmdb: Cmdb, load: Load, arguments: str, text: str) -> None:
    load("left", server("a", **SERIAL))
    before = cmdb("export").out
    done = cmdb(*arguments.split())
    assert (done.code, done.out) == (2, "")
    assert len(done.errors) == 1
    assert text in done.err
    assert cmdb("export").out == before


def test_in_chinese(cmdb: Cmdb, disputed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_LANG", "zh")
    words.language.cache_clear()
    text = cmdb("review", "show", disputed["id"]).out
    for word in (
        "相同，但存在：uuid",
        "建议：保持分开",
        "最近声明",
        "合并",
        "忽略",
        "业务服务",
        "中断",
    ):
        assert word in text
    assert "没有待审项 'nosuch'" in cmdb("review", "show", "nosuch").err
    assert (
        "优先"
        in cmdb("source", "prefer", "computer", "name", "left").out + cmdb("source", "list").out
    )
