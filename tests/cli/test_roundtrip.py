"""Exports that come back into the store they were written from."""

import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cmdb, Write, ci, relation
from tests.cli.identity import cis, held, keys

SOURCE = ("--source", "glpi")


def claims(store: Path) -> list[tuple[Any, ...]]:
    """What all sources say."""
    with sqlite3.connect(store) as connection:
        return connection.execute("SELECT * FROM claim ORDER BY source, key").fetchall()


@pytest.fixture
def known(cmdb: Cmdb, file: Write) -> None:
    """Two CIs and a relation, known by a machine."""
    rows = [ci("s1", attributes={"os_version": "1"}), ci("app", "application")]
    path = file({"cis": rows, "relations": [relation("app", "runs_on", "s1")]}, "first.json")
    assert cmdb("import", path, *SOURCE).code == 0


@pytest.fixture
def later(known: None, cmdb: Cmdb, file: Write) -> Path:
    """The next word of that machine."""
    return file({"cis": [ci("s1", attributes={"os_version": "2"})]}, "later.json")


def said(report: Any) -> dict[str, dict[str, int]]:
    return {name: {k: v for k, v in report[name].items() if v} for name in ("items", "relations")}


def test_an_estate_export_that_comes_back_is_no_word_of_its_own(
    cmdb: Cmdb, later: Path, store: Path, tmp_path: Path
) -> None:
    before, path = claims(store), tmp_path / "es.json"
    assert cmdb("export", path).code == 0
    report = cmdb("import", path, "--output", "json").json
    assert report["errors"] == report["warnings"] == []
    assert said(report) == {"items": {"unchanged": 2}, "relations": {"unchanged": 1}}
    assert claims(store) == before
    assert cmdb("import", later, *SOURCE).code == 0
    assert held(cmdb, "s1")["os_version"] == "2"


def test_of_an_edited_estate_export_only_the_edit_is_said(
    cmdb: Cmdb, later: Path, store: Path, file: Write
) -> None:
    estate = json.loads(cmdb("export").out)
    estate["cis"][1]["attributes"]["asset_tag"] = "A1"
    report = cmdb("import", file(estate, "es.json"), "--output", "json").json
    assert said(report)["items"] == {"changed": 1, "unchanged": 1}
    assert cmdb("import", later, *SOURCE).code == 0
    assert held(cmdb, "s1") == {"os_version": "2", "asset_tag": "A1"}
    estate = json.loads(cmdb("export").out)
    estate["cis"][1]["attributes"]["asset_tag"] = "A2"
    again = file(estate, "es.json")
    for _ in range(2):
        assert cmdb("import", again).code == 0
        assert held(cmdb, "s1")["asset_tag"] == "A2"
    assert keys(cmdb) == ["app", "s1"]


def test_an_estate_export_of_a_table_is_about_the_same_things(
    cmdb: Cmdb, store: Path, tmp_path: Path
) -> None:
    table = tmp_path / "a.csv"
    table.write_text("key,type,os_version,from,to\ns1,server,1,,\ns2,server,,,\n,uses,,s1,s2\n")
    assert cmdb("import", table).code == 0
    before, path = claims(store), tmp_path / "es.json"
    assert cmdb("export", path).code == 0
    assert cmdb("import", path).code == 0
    assert claims(store) == before


def test_a_source_that_repeats_its_export_confirms_what_it_said(
    cmdb: Cmdb, file: Write, store: Path, tmp_path: Path
) -> None:
    rows = {"cis": [ci("a", attributes={"model": "x"}), ci("b")]}
    assert cmdb("import", file(rows | {"relations": [relation("a", "uses", "b")]})).code == 0
    path = tmp_path / "es.json"
    assert cmdb("export", path).code == 0

    def confirmed() -> list[tuple[Any, ...]]:
        with sqlite3.connect(store) as connection:
            return connection.execute("SELECT confirmed_at FROM claim ORDER BY key").fetchall()

    before = confirmed()
    report = cmdb("import", path, "--output", "json").json
    assert said(report) == {"items": {"unchanged": 2}, "relations": {"unchanged": 1}}
    assert all(new > old for old, new in zip(before[1:], confirmed()[1:], strict=True))


def test_what_was_removed_since_the_export_is_told(cmdb: Cmdb, file: Write, tmp_path: Path) -> None:
    rows = {"cis": [ci("s1"), ci("s2")], "relations": []}
    assert cmdb("import", file(rows, "first.json"), *SOURCE).code == 0
    linked = file({"cis": [], "relations": [relation("s1", "uses", "s2")]}, "second.json")
    second = cmdb("import", linked, *SOURCE, "--output", "json").json["run"]
    third = cmdb("import", file({"cis": [ci("s3")]}, "third.json"), *SOURCE, "--output", "json")
    path = tmp_path / "e.csv"
    assert cmdb("export", "--format", "csv", path).code == 0
    for run in (second, third.json["run"]):
        assert cmdb("run", "undo", run).code == 0
    done = cmdb("import", path, "--output", "json")
    assert (done.code, said(done.json)["items"]) == (1, {"unchanged": 2})
    assert [one["code"] for one in done.json["errors"]] == ["RemovedSince"] * 2
    assert "'s3' was removed since" in done.err
    assert "'s1 uses s2' was removed since" in done.err
    with path.open(encoding="utf-8-sig", newline="") as table:
        fields, *others = csv.reader(table)
    with path.open("w", encoding="utf-8", newline="") as table:
        kept = [fields.index(name) for name in fields if name != "exported"]
        csv.writer(table).writerows([row[n] for n in kept] for row in (fields, *others))
    assert cmdb("import", path).code == 0
    assert len(json.loads(cmdb("export").out)["relations"]) == 1
    assert "s3" in keys(cmdb)


def test_what_was_merged_since_the_export_is_not_missed(
    cmdb: Cmdb, file: Write, tmp_path: Path
) -> None:
    rows = {"cis": [ci("a"), ci("b"), ci("c")], "relations": [relation("b", "uses", "c")]}
    assert cmdb("import", file(rows, "first.json"), *SOURCE).code == 0
    path = tmp_path / "e.csv"
    assert cmdb("export", "--format", "csv", path).code == 0
    assert cmdb("decide", "merge", "a", "b").code == 0
    before = cis(cmdb)
    report = cmdb("import", path, "--output", "json").json
    assert report["errors"] == []
    assert said(report) == {"items": {"unchanged": 3}, "relations": {"unchanged": 1}}
    assert cis(cmdb) == before


def test_a_value_taken_back_that_others_still_say_is_told(
    cmdb: Cmdb, known: None, tmp_path: Path
) -> None:
    path = tmp_path / "e.csv"
    for may, values in ((False, {"os_version": "1"}), (True, {})):
        assert cmdb("source", "set", "csv", "--may-erase" if may else "--may-not-erase").code == 0
        assert cmdb("export", "--format", "csv", path).code == 0
        path.write_text(path.read_text("utf-8").replace(",1,", ",(none),"), "utf-8")
        for arguments in (["--dry-run"], []):
            done = cmdb("import", path, *arguments)
            assert done.code == 0
            assert ("'os_version' is still '1', as other sources say" in done.err) is not may
        assert held(cmdb, "s1") == values
