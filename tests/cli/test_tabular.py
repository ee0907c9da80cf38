"""CSV, Excel and GraphML through the command: round trips, edits, templates, marked copies."""

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from openpyxl import load_workbook

from tests.cli.conftest import ESTATE, Cmdb, Write, ci, relation
from tests.tables import workbook

FORMS = ["csv", "xlsx"]


def claims(store: Path) -> list[Any]:
    """Who says what, without times."""
    with sqlite3.connect(store) as connection:
        return sorted(connection.execute("SELECT kind, source, key, body FROM claim"), key=str)


def exported(cmdb: Cmdb, path: Path) -> Path:
    done = cmdb("export", path, "--format", path.suffix[1:])
    assert (done.code, done.out, done.err) == (0, "", f"written to {path}\n")
    return path


def edit(path: Path, key: str, column: str, value: Any, by: str = "key") -> None:
    """What a person does to one cell of an export."""
    if path.suffix == ".csv":
        header, *rows = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")))
        (row,) = (one for one in rows if one[header.index(by)] == key)
        row[header.index(column)] = value
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return
    book = load_workbook(path)
    for sheet in book.worksheets:
        header = [cell.value for cell in sheet[1]]
        if by not in header:
            continue
        for row in sheet.iter_rows(min_row=2):
            if row[header.index(by)].value == key:
                row[header.index(column)].value = value
    book.save(path)


def changed(report: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        kind: {name: count for name, count in report[kind].items() if count}
        for kind in ("items", "relations")
    }


@pytest.mark.parametrize("form", FORMS)
def test_an_export_that_comes_back_changes_nothing(
    cmdb: Cmdb, estate: Path, store: Path, tmp_path: Path, form: str
) -> None:
    before, said = cmdb("export").out, claims(store)
    path = exported(cmdb, tmp_path / f"x.{form}")
    for _ in range(2):
        report = cmdb("import", path, "--output", "json").json
        assert report["source"] == form
        assert report["errors"] == report["warnings"] == []
        assert changed(report) == {"items": {"unchanged": 10}, "relations": {"unchanged": 8}}
    assert cmdb("export").out == before
    assert claims(store) == said


@pytest.mark.parametrize("form", FORMS)
def test_an_export_into_an_empty_store_gives_the_same(
    cmdb: Cmdb, file: Write, tmp_path: Path, form: str
) -> None:
    hostile = {
        "serial_number": "=cmd|'/c calc'!A0",
        "model": "'=1",
        "vendor": ' 厂商\n"a";b,\t',
        "tags": ["a;b", "", "(none)", "=1", "-"],
        "asset_tag": "(none)",
        "part_number": "00012345678901234567",
        "memory": 2**62 + 1,
        "weight": 0.1,
        "purchase_date": "1899-12-31",
        "encrypted": False,
        "description": "_x0041_",
    }
    estate = {
        "cis": [
            *ESTATE["cis"],
            ci(
                "=1+1",
                attributes=hostile,
                redundancy={"a=b": {"need": "50%"}},
                aliases=[{"source": "netbox", "key": "dcim.device:7"}],
            ),
        ],
        "relations": [
            *ESTATE["relations"],
            {"from": "=1+1", "type": "uses", "to": "db-1", "id": "@x", "attributes": {"n": "1"}},
        ],
    }
    assert cmdb("import", file(estate)).code == 0
    before = cmdb("export").out
    path = exported(cmdb, tmp_path / f"x.{form}")
    other = f"sqlite:///{tmp_path}/other.db"
    done = cmdb("--store", other, "import", path)
    assert (done.code, done.err) == (0, "")
    assert cmdb("export", "--store", other).out == before


@pytest.mark.parametrize("form", FORMS)
def test_only_the_edited_cell_is_said(
    cmdb: Cmdb, estate: Path, store: Path, tmp_path: Path, form: str
) -> None:
    said = claims(store)
    path = exported(cmdb, tmp_path / f"x.{form}")
    edit(path, "db-1", "version", "16")
    report = cmdb("import", path, "--output", "json").json
    assert changed(report) == {
        "items": {"changed": 1, "unchanged": 9},
        "relations": {"unchanged": 8},
    }
    (fresh,) = (one for one in claims(store) if one not in said)
    assert fresh[:3] == ("ci", form, "db-1")
    assert json.loads(fresh[3]) == {
        "type": "database",
        "attributes": {"version": "16"},
        "aliases": [["estate", "db-1"]],
    }
    items = {one["key"]: one for one in json.loads(cmdb("export").out)["cis"]}
    assert items["db-1"]["attributes"] == {"version": "16"}
    assert items["db-1"]["aliases"] == []


@pytest.mark.parametrize(
    ("key", "column", "value", "field"),
    [
        ("sw-1", "network_root", "false", {"network_root": False}),
        ("sw-2", "network_root", "true", {"network_root": True}),
        ("sw-1", "name", "core", {"name": "core"}),
        ("sw-1", "status", "retired", {"status": "retired"}),
        ("sw-1", "redundancy", "x=2", {"redundancy": {"x": {"need": 2}}}),
        ("sw-1", "aliases", "netbox:7", {"aliases": [{"source": "netbox", "key": "7"}]}),
    ],
)
def test_every_field_can_be_edited(
    cmdb: Cmdb, estate: Path, tmp_path: Path, key: str, column: str, value: str, field: Any
) -> None:
    path = exported(cmdb, tmp_path / "x.csv")
    before = {one["key"]: one for one in json.loads(cmdb("export").out)["cis"]}
    edit(path, key, column, value)
    assert cmdb("import", path).code == 0
    after = {one["key"]: one for one in json.loads(cmdb("export").out)["cis"]}
    assert after == before | {key: before[key] | field}


def test_a_value_taken_back_falls_to_the_other_sources(
    cmdb: Cmdb, estate: Path, tmp_path: Path
) -> None:
    for value, version in (("16", "16"), ("(none)", "15")):
        path = exported(cmdb, tmp_path / "x.csv")
        edit(path, "db-1", "version", value)
        assert cmdb("import", path).code == 0
        items = {one["key"]: one for one in json.loads(cmdb("export").out)["cis"]}
        assert items["db-1"]["attributes"] == {"version": version}


def test_an_edit_of_what_changed_meanwhile_is_refused(
    cmdb: Cmdb, estate: Path, file: Write, tmp_path: Path
) -> None:
    path = exported(cmdb, tmp_path / "x.csv")
    newer = {"cis": [ci("db-1", "database", attributes={"version": "15.2"})], "relations": []}
    assert cmdb("import", file(newer)).code == 0
    edit(path, "db-1", "version", "16")
    done = cmdb("import", path)
    assert done.code == 1
    assert "'db-1' was changed since this file was exported" in done.err
    assert "15.2" in cmdb("export").out


def test_an_edit_of_a_relation_that_changed_meanwhile_is_refused(
    cmdb: Cmdb, estate: Path, file: Write, tmp_path: Path
) -> None:
    path = exported(cmdb, tmp_path / "x.csv")
    newer = {"cis": [], "relations": [relation("svc-1", "depends_on", "app-1", strength="hard")]}
    assert cmdb("import", file(newer)).code == 0
    before = cmdb("export").out
    edit(path, "svc-1", "strength", "", by="from")
    done = cmdb("import", path)
    assert done.code == 1
    assert "'svc-1 depends_on app-1' was changed since this file was exported" in done.err
    assert cmdb("export").out == before


@pytest.mark.parametrize("form", FORMS)
def test_types_can_be_exported_alone(cmdb: Cmdb, estate: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"x.{form}"
    assert cmdb("export", "--type", "network_device", "--format", form, path).code == 0
    other = f"sqlite:///{tmp_path}/other.db"
    assert cmdb("--store", other, "import", path).code == 0
    found = json.loads(cmdb("export", "--store", other).out)
    assert {one["type"] for one in found["cis"]} == {"switch"}
    assert len(found["relations"]) == 4


def test_graphml_has_the_whole_graph(cmdb: Cmdb, estate: Path) -> None:
    done = cmdb("export", "--format", "graphml")
    graph = nx.parse_graphml(done.out)
    assert set(graph.nodes) == {one["key"] for one in ESTATE["cis"]}
    assert graph.number_of_edges() == len(ESTATE["relations"])
    assert graph.nodes["db-1"]["label"] == "orders db"


@pytest.mark.parametrize("form", FORMS)
def test_a_template_is_filled_in_and_imported(cmdb: Cmdb, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"servers.{form}"
    assert cmdb("template", "server", "database", path).code == 0
    if form == "csv":
        header = path.read_bytes().decode("utf-8-sig").strip()
        names = header.split(",")
        rows = [
            {"key": "s", "type": "server", "model": "m"},
            {"from": "d", "type": "uses", "to": "s"},
        ]
        rows += [{"key": "d", "type": "database"}]
        with path.open("a", newline="") as file:
            csv.DictWriter(file, names).writerows(rows)
    else:
        book = load_workbook(path)
        for title, values in {
            "server": {"key": "s", "model": "m"},
            "database": {"key": "d"},
            "relations": {"from": "d", "type": "uses", "to": "s"},
        }.items():
            header = [cell.value for cell in book[title][1]]
            book[title].append([values.get(name) for name in header])
        book.save(path)
    report = cmdb("import", path, "--output", "json").json
    assert report["errors"] == []
    assert (report["items"]["created"], report["relations"]["created"]) == (2, 1)


def test_templates_are_for_known_types_and_files(cmdb: Cmdb, tmp_path: Path) -> None:
    done = cmdb("template", "servr", tmp_path / "x.xlsx")
    assert (done.code, "nearest known name: 'server'" in done.err) == (2, True)
    assert cmdb("template", tmp_path / "x.xlsx").code == 2
    assert cmdb("template", "server", "--format", "csv").out.startswith("\ufeffkey,type,name")


BAD = [
    ["key", "type", "name", "status", "memory", "from", "to", "model"],
    ["a", "server", "A", "", "", "", "", "m"],
    ["b", "servr", "", "", "", "", "", ""],
    ["c", "server", "", "alive", "much", "", "", ""],
    ["", "uses", "", "", "", "a", "nowhere", ""],
    ["d", "server", "x\u202ey", "", "", "", "", "=m"],
    ["a", "server", "", "", "", "", "", ""],
    ["", "runs_on", "", "", "", "gone", "a", ""],
]
AT = {
    "B3": ["未知的配置项类型 'servr'"],
    "D4": ["未知的生命周期状态 'alive'"],
    "E4": ["memory"],
    "G5": ["没有键、别名或名称为 'nowhere' 的配置项"],
    "C6": ["不可见字符（U+202E RIGHT-TO-LEFT OVERRIDE）"],
    "A7": ["已在"],
    "F8": ["'gone'"],
}
"""What is wrong with the cells of `BAD`."""


def test_a_copy_of_a_workbook_says_what_is_wrong_in_place(
    cmdb: Cmdb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.cli import words

    monkeypatch.setenv("CMDB_LANG", "zh")
    words.language.cache_clear()
    rows = [[cell.lstrip("=") or None for cell in row] for row in BAD]
    path = workbook(tmp_path / "bad.xlsx", cis=rows)
    copy = tmp_path / "copy.xlsx"
    done = cmdb("import", path, "--annotated", copy, "--dry-run")
    assert done.code == 1
    sheet = load_workbook(copy)["cis"]
    told = {
        cell.coordinate: cell.comment.text
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }
    assert told.keys() == AT.keys()
    for place, texts in AT.items():
        assert all(text in told[place] for text in texts)
        assert sheet[place].fill.fgColor.rgb.endswith("FFC7CE")
    assert sheet["E4"].value == "much"
    assert [cell.value for cell in sheet[2]][:3] == ["a", "server", "A"]


def test_a_copy_of_a_csv_says_what_is_wrong_in_its_last_column(cmdb: Cmdb, tmp_path: Path) -> None:
    path, copy = tmp_path / "bad.csv", tmp_path / "copy.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(BAD)
    done = cmdb("import", path, "--annotated", copy)
    assert done.code == 1
    rows = list(csv.reader(io.StringIO(copy.read_bytes().decode("utf-8-sig")), delimiter=";"))
    assert [row[:-1] for row in rows] == BAD
    errors = [row[-1] for row in rows]
    assert errors[0] == "errors"
    assert [bool(text) for text in errors[1:]] == [False, True, True, True, True, True, True]
    assert "unknown CI type 'servr'" in errors[2]
    assert errors[3].count("\n") == 1
    assert not any(text.startswith(("=", "+", "-", "@")) for text in errors)
    rows[2][1] = "server"
    with copy.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows[:3])
    again = cmdb("import", copy, "--annotated", tmp_path / "again.csv")
    assert again.code == 0
    assert not (tmp_path / "again.csv").exists()


def test_what_cannot_be_copied_is_refused_before_anything_happens(
    cmdb: Cmdb, estate: Path, tmp_path: Path
) -> None:
    path = exported(cmdb, tmp_path / "x.csv")
    for arguments in (
        (estate, "--annotated", tmp_path / "c.csv"),
        (path, "--annotated", tmp_path / "c.xlsx"),
        (path, "--annotated", path),
        (path, path.with_name("y.csv"), "--annotated", tmp_path / "c.csv"),
    ):
        before = cmdb("export").out
        assert cmdb("import", *arguments).code == 2
        assert cmdb("export").out == before


@pytest.mark.parametrize("form", FORMS)
def test_only_the_edited_relation_is_said(
    cmdb: Cmdb, estate: Path, store: Path, tmp_path: Path, form: str
) -> None:
    said = claims(store)
    path = exported(cmdb, tmp_path / f"x.{form}")
    edit(path, "svc-1", "strength", "hard", by="from")
    report = cmdb("import", path, "--output", "json").json
    assert report["errors"] == []
    assert changed(report) == {
        "items": {"unchanged": 10},
        "relations": {"changed": 1, "unchanged": 7},
    }
    assert len([one for one in claims(store) if one not in said]) == 1
    relations = json.loads(cmdb("export").out)["relations"]
    assert {one["strength"] for one in relations if one["from"] == "svc-1"} == {"hard"}


def test_a_row_added_to_an_export_may_name_what_stands_there(
    cmdb: Cmdb, estate: Path, tmp_path: Path
) -> None:
    path = exported(cmdb, tmp_path / "x.csv")
    header = path.read_bytes().decode("utf-8-sig").splitlines()[0].split(",")
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header).writerows(
            [
                {"key": "new", "type": "server"},
                {"from": "db-1", "type": "runs_on", "to": "new"},
                {"from": "app-1", "type": "uses", "to": "db-2"},
            ]
        )
    report = cmdb("import", path, "--output", "json").json
    assert report["errors"] == []
    assert changed(report) == {
        "items": {"created": 1, "unchanged": 10},
        "relations": {"created": 2, "unchanged": 8},
    }


def test_complete_keeps_what_the_export_said(cmdb: Cmdb, estate: Path, tmp_path: Path) -> None:
    path = exported(cmdb, tmp_path / "x.csv")
    edit(path, "db-1", "version", "16")
    edit(path, "svc-1", "strength", "hard", by="from")
    assert cmdb("import", path).code == 0
    before = cmdb("export").out
    path = exported(cmdb, tmp_path / "x.csv")
    assert cmdb("import", path, "--complete").code == 0
    assert cmdb("export").out == before


def test_an_edited_row_keeps_the_code_of_its_ci(cmdb: Cmdb, file: Write, tmp_path: Path) -> None:
    machine = {"name": "machine", "description": "A machine.", "parent": "server"}
    types = {"ci_types": [machine | {"code": {"pattern": "{site}-{number:03}"}}]}
    assert cmdb("types", "--add", file(types, "types.json")).code == 0
    coded = ci("m-1", "machine", attributes={"site": "sh", "asset_tag": "sh-001"})
    assert cmdb("import", file({"cis": [coded], "relations": []})).code == 0
    path = exported(cmdb, tmp_path / "x.csv")
    edit(path, "m-1", "status", "retired")
    assert changed(cmdb("import", path, "--output", "json").json)["items"] == {"retired": 1}
