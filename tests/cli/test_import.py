"""`cmdb import`: good rows go in, bad ones are reported, nothing else happens."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import ESTATE, ROOT, Cmdb, Write, ci, relation
from tests.shared_data import shared_data


def test_report_for_people(cmdb: Cmdb, file: Write) -> None:
    done = cmdb("import", file(ESTATE))
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines()]
    assert rows[0] == [
        "created",
        "changed",
        "merged",
        "retired",
        "unchanged",
        "withdrawn",
        "conflicts",
    ]
    assert rows[1] == ["configuration", "items", "10", *["0"] * 6]
    assert rows[2] == ["relations", "8", *["0"] * 6]
    assert "source estate, commit 2" in done.out


def test_second_import_changes_nothing(cmdb: Cmdb, estate: Path) -> None:
    before = cmdb("export").out
    report = cmdb("import", estate, "--output", "json").json
    assert {k: v for k, v in report["items"].items() if v} == {"unchanged": 10}
    assert {k: v for k, v in report["relations"].items() if v} == {"unchanged": 8}
    assert cmdb("export").out == before


def test_export_and_import_give_the_same(cmdb: Cmdb, estate: Path, tmp_path: Path) -> None:
    first = tmp_path / "first.json"
    other = f"sqlite:///{tmp_path}/other.db"
    done = cmdb("export", first)
    assert (done.code, done.out) == (0, "")
    assert cmdb("--store", other, "import", first).code == 0
    assert cmdb("export", "--store", other).out == first.read_text()
    assert {one["key"] for one in json.loads(first.read_text())["cis"]} == {
        one["key"] for one in ESTATE["cis"]
    }


def test_dry_run_says_and_does_nothing(cmdb: Cmdb, estate: Path, file: Write) -> None:
    before = cmdb("export").out
    changed = file({"cis": [ci("new-1"), ci("db-1", "database", name="other")], "relations": []})
    arguments = ("import", changed, "--dry-run", "--complete", "--output", "json")
    planned = cmdb(*arguments).json
    assert planned["dry_run"]
    counted = {name: count for name, count in planned["items"].items() if count}
    assert counted == {"created": 1, "changed": 1, "retired": 8, "withdrawn": 9}
    assert planned["relations"]["withdrawn"] == 8
    assert cmdb("export").out == before
    assert "nothing was changed" in cmdb("import", changed, "--dry-run").out
    real = cmdb("import", changed, "--complete", "--output", "json").json
    assert (real["items"], real["relations"]) == (planned["items"], planned["relations"])


def test_dry_run_on_an_empty_store(cmdb: Cmdb, file: Write) -> None:
    report = cmdb("import", file(ESTATE), "--dry-run", "--output", "json").json
    assert report["items"]["created"] == 10
    assert report["relations"]["created"] == 8
    assert json.loads(cmdb("export").out) == {"cis": [], "relations": []}


def test_complete_withdraws_what_is_missing(cmdb: Cmdb, estate: Path, file: Write) -> None:
    rest = {"cis": ESTATE["cis"][:9], "relations": ESTATE["relations"][:7]}
    report = cmdb("import", file(rest), "--complete", "--output", "json").json
    assert report["items"]["withdrawn"] == 1
    assert report["relations"]["withdrawn"] == 1
    assert len(json.loads(cmdb("export").out)["relations"]) == 7


def test_complete_with_bad_rows_withdraws_nothing(cmdb: Cmdb, estate: Path, file: Write) -> None:
    done = cmdb("import", file({"cis": [ci("x", "servr")], "relations": []}), "--complete")
    assert done.code == 1
    assert any(line.startswith("warning: nothing was withdrawn") for line in done.errors)
    assert len(json.loads(cmdb("export").out)["cis"]) == 10


def test_bad_rows_are_reported_and_good_ones_go_in(cmdb: Cmdb, file: Write) -> None:
    bad = {
        "cis": [ci("a"), ci("b", "application"), ci("c", "servr"), ci("a"), {"type": "server"}],
        "relations": [
            relation("b", "depends_on", "a"),
            relation("b", "depends_onn", "a"),
            relation("b", "runs_on", "nowhere"),
            relation("a", "runs_on", "nowhere"),
        ],
    }
    path = file(bad)
    done = cmdb("import", path)
    assert done.code == 1
    assert "configuration items        2" in done.out
    assert len(done.errors) == 6
    assert all(line.startswith("error: ") for line in done.errors)
    for line, words in zip(
        done.errors,
        (
            "unknown CI type 'servr'; nearest known name: 'server'",
            "cis[3]: the key 'a' was already given at cis[0]",
            "cis[4]: required field 'key' is missing",
            "unknown relation type 'depends_onn'; nearest known name: 'depends_on'",
            "relations[2] 'b' → 'nowhere': no configuration item",
            "relations[3] 'a' → 'nowhere': no configuration item",
        ),
        strict=True,
    ):
        assert words in line
    assert [one["key"] for one in json.loads(cmdb("export").out)["cis"]] == ["a", "b"]
    report = cmdb("import", path, "--output", "json")
    assert report.code == 1
    assert [one["code"] for one in report.json["errors"]][:2] == ["UnknownName", "DuplicateKey"]
    assert report.json["errors"][0]["name"] == "servr"


def test_many_errors_are_cut_for_people_only(cmdb: Cmdb, file: Write) -> None:
    path = file({"cis": [ci(f"k{i}", "servr") for i in range(150)], "relations": []})
    done = cmdb("import", path)
    assert len(done.errors) == 101
    assert done.errors[-1] == "… and 50 more"
    whole = cmdb("import", path, "--output", "json")
    assert len(whole.errors) == len(whole.json["errors"]) == 150


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"cis": [{"key": "a", "type": "ser', "the file ends in the middle"),
        ('{"cis": []}'.encode("utf-16"), "UTF-16; save it as UTF-8"),
        (b'{"cis": [{"key": "\xe9", "type": "server"}]}', "is not UTF-8"),
        (b"", "the file is empty"),
        (b"[1]", "an estate must be an object"),
        (b'{"cis": 5}', "must be a list"),
    ],
)
def test_unreadable_files_change_nothing(
    cmdb: Cmdb, file: Write, content: bytes, words: str
) -> None:
    good, bad = file(ESTATE, "good.json"), file(content, "bad.json")
    for paths in ((bad,), (good, bad)):
        done = cmdb("import", *paths)
        assert (done.code, done.out) == (2, "")
        assert len(done.errors) == 1
        assert words in done.err
        assert "bad.json" in done.err
    assert json.loads(cmdb("export").out)["cis"] == []


def test_several_files_are_one_run(cmdb: Cmdb, file: Write) -> None:
    first = file({"relations": [relation("x", "depends_on", "y")]}, "first.json")
    text = "cis:\n- {key: x, type: application}\n- {key: y, type: database}\n- {key: z, type: bad}"
    second = file(text, "second.yaml")
    done = cmdb("import", first, second, "--output", "json")
    assert done.code == 1
    assert done.json["relations"]["created"] == 1
    assert done.json["errors"][0]["place"].startswith(f"{second}: cis[2]")


def test_duplicates_across_files_name_both(cmdb: Cmdb, file: Write) -> None:
    paths = [file({"cis": [ci("a")]}, f"{n}.json") for n in "pq"]
    done = cmdb("import", *paths)
    assert done.code == 1
    assert str(paths[0]) in done.errors[0]
    assert str(paths[1]) in done.errors[0]


def test_the_same_file_twice_is_refused(cmdb: Cmdb, estate: Path) -> None:
    done = cmdb("import", estate, estate.parent / "." / estate.name)
    assert done.code == 2
    assert "the same file" in done.err


def test_netbox_is_recognised(cmdb: Cmdb, file: Write, estate: Path) -> None:
    dump = file([{"model": "dcim.region", "pk": 1, "fields": {"name": "N", "slug": "n"}}], "n.json")
    report = cmdb("import", dump, "--output", "json").json
    assert report["source"] == "netbox"
    assert cmdb("import", "--format", "netbox", dump, "--source", "dcim").code == 0
    wrong = cmdb("import", "--format", "estate", dump)
    assert wrong.code == 2
    mixed = cmdb("import", estate, dump)
    assert mixed.code == 2
    assert "of format netbox" in mixed.err


def test_source_defaults_and_is_checked(cmdb: Cmdb, file: Write) -> None:
    path = file(ESTATE)
    assert cmdb("import", path, "--source", "hand made", "--output", "json").json["source"] == (
        "hand made"
    )
    assert cmdb("import", path, "--source", " ").code == 2


def test_unknown_format(cmdb: Cmdb, file: Write) -> None:
    done = cmdb("import", "--format", "netbx", file(ESTATE))
    assert done.code == 2
    assert done.err == "error: --format: unknown format 'netbx'; nearest known name: 'netbox'\n"


def test_stdin(process: Cmdb) -> None:
    done = process("import", "-", stdin=json.dumps(ESTATE))
    assert (done.code, done.err) == (0, "")
    assert json.loads(process("export", "-").out)["cis"]


def test_the_bank(process: Cmdb, tmp_path: Path) -> None:
    import subprocess
    import sys

    script = ROOT / "examples" / "bank.py"
    path = tmp_path / "bank.json"
    subprocess.run([sys.executable, script, path], check=True)
    assert process("import", path).code == 0
    demo = subprocess.run([sys.executable, script, "--demo"], check=True, capture_output=True)
    keys = [line.split("\t")[0] for line in demo.stdout.decode().splitlines()]
    for key in keys:
        done = process("impact", key)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"{key} (down): ")
    answer = process("impact", keys[1], "--format", "json").json
    assert answer["summary"]["services"]["down"] >= 5
    checked = process("check")
    assert checked.code == 1
    assert "orphan" in checked.out


def test_inventories_of_one_machine_are_taken_one_after_the_other(
    cmdb: Cmdb,
) -> None:
    whole = shared_data("glpi-inventory/computer_2.json")
    partial = shared_data("glpi-inventory/computer_2_partial_dbs.json")
    report = cmdb("import", whole, partial, "--output", "json").json
    assert (report["errors"], report["frozen"]) == ([], False)
    assert report["items"]["unchanged"] > 0  # what both say
    together = cmdb("export").out
    assert '"database"' in together
    assert cmdb("run", "undo", report["run"]).code == 0
    assert json.loads(cmdb("export").out)["cis"] == []
    assert [cmdb("import", path).code for path in (whole, partial)] == [0, 0]
    assert cmdb("export").out == together


def test_a_dry_run_of_several_messages_tells_what_then_happens(cmdb: Cmdb) -> None:
    names = ("computer_1.json", "computer_1_partial_softs.json")
    paths = [shared_data(f"glpi-inventory/{name}") for name in names]
    arguments = ["import", *paths, "--output", "json"]
    for _ in range(2):  # on an empty store, and on one that knows it all
        planned, real = cmdb(*arguments, "--dry-run").json, cmdb(*arguments).json
        for name in ("items", "relations", "errors", "warnings", "waiting"):
            assert planned[name] == real[name]
    assert real["items"]["created"] == real["relations"]["created"] == 0


def test_a_dry_run_knows_what_the_file_itself_names(cmdb: Cmdb, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(
        "key,type,name,aliases,from,to\n"
        "db1,database,Orders DB,netbox:77,,\n"
        "app,application,,,,\n"
        "web,application,,,,\n"
        ",depends_on,,,app,netbox:77\n"
        ",depends_on,,,web,Orders DB\n"
    )
    planned = cmdb("import", path, "--dry-run", "--output", "json").json
    assert (planned["errors"], planned["relations"]["created"]) == ([], 2)
    real = cmdb("import", path, "--output", "json").json
    assert (planned["items"], planned["relations"]) == (real["items"], real["relations"])


def test_keys_that_look_alike_are_reported(cmdb: Cmdb, file: Write) -> None:
    done = cmdb("import", file({"cis": [ci("app-1"), ci("\u0430pp-1")], "relations": []}))
    assert done.code == 0
    assert "'app-1' ('app-1'), '\u0430pp-1' ('\\u0430pp-1') look alike" in done.err
