"""`cmdb ticket system`."""

import re
import shlex
from pathlib import Path

import pytest

from cmdb.sealing import new_key
from tests.cli.conftest import ROOT, Cmdb, Write

MAPPING = """
mapping:
  fields: {sys_id: id, short_description: title, cmdb_ci: item}
  states: {In Progress: in_progress}
"""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())


def test_the_life_of_a_system(cmdb: Cmdb, file: Write, tmp_path: Path) -> None:
    path = file(MAPPING, "snow.yaml")
    done = cmdb("ticket", "system", "put", "snow", path)
    assert done.code == 0
    assert done.out.startswith("whsec_")
    assert done.err.endswith("external system snow is declared\n")
    secret = file(done.out, "secret")
    done = cmdb("ticket", "system", "put", "snow", path, "--secret-file", secret)
    assert (done.code, done.out) == (0, "")
    assert cmdb("ticket", "system", "show", "snow").json["mapping"]["kind"] == "incident"
    assert cmdb("ticket", "system", "list", "--format", "json").json["systems"][0]["name"] == "snow"
    assert "snow" in cmdb("ticket", "system", "list").out
    assert cmdb("ticket", "system", "unmatched", "snow", "--tie").err == "0 found\n"
    listed = cmdb("ticket", "system", "unmatched", "snow", "--format", "json")
    assert listed.json == {"unmatched": []}
    assert cmdb("ticket", "system", "remove", "snow").code == 0
    assert cmdb("ticket", "system", "show", "snow").code == 2


def test_an_import_reads_by_the_mapping_that_is_declared(cmdb: Cmdb, file: Write) -> None:
    assert cmdb("ticket", "system", "put", "snow", file(MAPPING, "snow.yaml")).code == 0
    table = file("sys_id,short_description,state\n1,slow,In Progress\n", "snow.csv")
    assert cmdb("ticket", "import", table).code == 0
    assert cmdb("ticket", "show", "INC-1", "--format", "json").json["state"] == "in_progress"


@pytest.mark.parametrize(
    "content", ["[1]", "mapping: {states: {a: nowhere}}", "target: nobody", "odd: 1"]
)
def test_what_is_wrong_is_one_line(cmdb: Cmdb, file: Write, content: str) -> None:
    done = cmdb("ticket", "system", "put", "snow", file(content, "snow.yaml"))
    assert (done.code, done.out, len(done.errors)) == (2, "", 1), done.err


def test_the_examples_of_the_docs(cmdb: Cmdb, file: Write) -> None:
    text = (ROOT / "docs" / "tickets.md").read_text(encoding="utf-8")
    mapping, system = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert cmdb("ticket", "system", "put", "snow", file(system, "system.yaml")).code == 0
    table = file("Ref;Betreff;Prio;Art;Status\nT1;Drucker;hoch;Stoerung;offen\n", "alt.csv")
    done = cmdb("ticket", "import", table, "--mapping", file(mapping, "mapping.yaml"))
    assert (done.code, done.err) == (0, "")
    lines = re.findall(
        r"^cmdb ticket (open .*|list .*|search .*?|forecast .*?)(?: +#|$)", text, re.M
    )
    assert len(lines) == 4
    cis = [{"key": "db-1", "type": "database"}, {"key": "app-2", "type": "application"}]
    assert cmdb("import", file({"cis": cis})).code == 0
    for line in lines:
        done = cmdb("ticket", *shlex.split(line, comments=True))
        assert done.code == 0, (line, done.err)
