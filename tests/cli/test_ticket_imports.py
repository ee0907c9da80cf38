"""`cmdb ticket import`: tables of older systems."""

from pathlib import Path

import pytest

from cmdb.bootstrap import open_environment
from cmdb.services.ticketing.clockwork import tick_tickets
from tests.cli.conftest import Cmdb, Write

TABLE = """number,title,description,state,opened,resolved,closed,\
priority,team,assignee,requester,ci,category,solution,comments
1001,Orders slow,since 9,Closed,2021-03-01 09:00,2021-03-02 10:00,2021-03-05 10:00,\
P1,Old team,old.name,bob,db-1,database,an index,tried twice
1002,Printer,,Resolved,2021-03-01,2021-03-02,,低,network,fay,bob,gone-7,hardware,,
1003,Still open,,In progress,2022-01-01T08:00:00+08:00,,,2,network,fay,bob,orders db;app-1,network,,
1004,Bad,,Nowhere,yesterday,,,P9,,,,,,,
,No number,,Closed,2021-01-01,,,1,,,,,,,
"""


@pytest.fixture(autouse=True)
def people(cmdb: Cmdb) -> None:
    for name, role in (("bob", "requester"), ("fay", "fulfiller")):
        made = ("--role", role, "--team", "network", "--email", f"{name}@example.org")
        assert cmdb("user", "create", name, *made).code == 0


def shown(cmdb: Cmdb, number: str) -> dict:
    return cmdb("ticket", "show", number, "--format", "json").json


def test_good_rows_go_in_and_bad_ones_are_told(cmdb: Cmdb, estate: Path, file: Write) -> None:
    path = file(TABLE, "otrs.csv")
    dry = cmdb("ticket", "import", path, "--dry-run", "--format", "json")
    assert (dry.code, dry.json["created"], len(dry.json["errors"])) == (1, 3, 4)
    assert cmdb("ticket", "list").out.count("\n") == 1
    done = cmdb("ticket", "import", path)
    assert done.code == 1
    assert done.out.split()[-4:] == ["3", "0", "0", "4"]
    assert len(done.errors) == 5
    assert "error: row 6: required field 'id' is missing" in done.err
    assert "'gone-7'" in done.errors[-1]
    old = shown(cmdb, "INC-1")
    assert (old["state"], old["opened"][:16]) == ("closed", "2021-03-01T09:00")
    assert (old["entered"][:16], old["clocks"]) == ("2021-03-05T10:00", {})
    assert old["foreign"] == {"otrs": "1001"}
    assert (old["fields"]["team"], old["fields"]["assignee"]) == ("Old team", "old.name")
    assert old["items"] == [{"key": "db-1", "role": "affected"}]
    assert shown(cmdb, "INC-2")["state"] == "closed"  # time alone has closed it since
    still = shown(cmdb, "INC-3")
    assert (still["state"], [one["key"] for one in still["items"]]) == (
        "in_progress",
        ["db-1", "app-1"],
    )
    assert {one["state"] for one in still["clocks"].values()} == {"stopped"}
    assert not any(one["breached"] for one in still["clocks"].values())
    told = cmdb("ticket", "timeline", "INC-2").out
    assert "CI in otrs: gone-7" in told
    assert "tried twice" in cmdb("ticket", "timeline", "INC-1").out


def test_nobody_is_told_and_no_clock_warns(cmdb: Cmdb, estate: Path, file: Write) -> None:
    cmdb("ticket", "import", file(TABLE, "otrs.csv"))
    assert cmdb("ticket", "edit", "INC-3", "--field", "priority=1").code == 0
    env = open_environment()
    tick_tickets(env)
    assert env.store.documents("outbox") == []
    env.close()
    assert cmdb("ticket", "forecast", "--until", "2100-01-01").out.count("\n") == 1


def test_the_same_number_is_the_same_ticket(cmdb: Cmdb, estate: Path, file: Write) -> None:
    cmdb("ticket", "import", file(TABLE, "otrs.csv"))
    again = cmdb("ticket", "import", file(TABLE, "otrs.csv"), "--format", "json").json
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 3)
    changed = TABLE.replace("Printer,", "Printer jam,").replace("In progress", "Closed")
    done = cmdb("ticket", "import", file(changed, "otrs.csv"), "--format", "json").json
    assert (done["created"], done["changed"], done["unchanged"]) == (0, 2, 1)
    assert shown(cmdb, "INC-2")["title"] == "Printer jam"
    assert shown(cmdb, "INC-3")["state"] == "closed"
    other = cmdb("ticket", "import", file(TABLE, "glpi.csv"), "--format", "json").json
    assert other["created"] == 3


def test_what_was_changed_here_since_stays(cmdb: Cmdb, estate: Path, file: Write) -> None:
    def again(table: str, *more: str) -> dict:
        done = cmdb("ticket", "import", file(table, "otrs.csv"), "--format", "json", *more)
        return done.json

    again(TABLE)
    edits = ("--field", "title=Open, as we found", "--field", "description=", "--item", "db-1")
    assert cmdb("ticket", "edit", "INC-3", *edits).code == 0
    assert cmdb("ticket", "step", "INC-3", "resolve", "--field", "solution=x").code == 0
    done = again(TABLE)
    assert (done["changed"], done["unchanged"], done["kept"]) == (0, 3, 1)
    (told,) = [one["message"] for one in done["warnings"] if one["code"] == "KeptHere"]
    assert told.startswith("row 4: 'title', 'state', 'items' of INC-3 stay as they are here")
    later = TABLE.replace("Still open", "Still closed").replace("2,network,fay,bob", "1,network,,")
    done = again(later)  # what nobody has changed here follows
    assert (done["changed"], done["kept"]) == (1, 1)
    ticket = shown(cmdb, "INC-3")
    assert (ticket["title"], ticket["state"]) == ("Open, as we found", "resolved")
    assert (ticket["fields"]["priority"], ticket["fields"]["assignee"]) == (1, "fay")
    assert [one["key"] for one in ticket["items"]] == ["db-1"]
    assert again(later)["kept"] == 1  # and stays each time
    assert again(later, "--overwrite", "--dry-run")["changed"] == 1
    assert shown(cmdb, "INC-3")["title"] == "Open, as we found"
    done = again(later, "--overwrite")
    assert (done["changed"], done["kept"]) == (1, 0)
    ticket = shown(cmdb, "INC-3")
    assert (ticket["title"], ticket["state"]) == ("Still closed", "in_progress")
    assert [one["key"] for one in ticket["items"]] == ["db-1", "app-1"]
    assert again(TABLE)["kept"] == 0  # now it stands as it was said
    assert shown(cmdb, "INC-3")["title"] == "Still open"


def test_a_mapping_of_other_words(cmdb: Cmdb, file: Write) -> None:
    table = "Ref;Betreff;Status;Prio;Art\nT1;Drucker;offen;hoch;Problem\n"
    mapping = """
fields: {Ref: id, Betreff: title, Prio: priority, Art: kind}
states: {offen: in_analysis}
priorities: {hoch: 1}
kinds: {Problem: problem}
"""
    path = file(mapping, "mapping.yaml")
    done = cmdb("ticket", "import", file(table, "alt.csv"), "--system", "alt", "--mapping", path)
    assert (done.code, done.err) == (0, "")
    assert shown(cmdb, "PRB-1")["state"] == "in_analysis"
    wrong = file("states: {offen: nowhere}\nfields: {a: titel}", "wrong.yaml")
    done = cmdb("ticket", "import", file(table, "alt.csv"), "--mapping", wrong)
    assert (done.code, len(done.errors)) == (2, 2)


def test_many_rows_are_bounded_commits(cmdb: Cmdb, file: Write) -> None:
    rows = "".join(f"{n},title {n},Closed\n" for n in range(450))
    done = cmdb("ticket", "import", file(f"number,title,state\n{rows}", "old.csv"))
    assert (done.code, done.out.split()[-4:]) == (0, ["450", "0", "0", "0"])
    env = open_environment()
    commits = [one for one in env.store.log(0) if one.reason == "took over tickets of old"]
    env.close()
    assert len(commits) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"",
        "编号,标题\n1,门".encode("gb18030")[:-1],
        b"number,number\n1,2\n",
        b"number\n",
    ],
)
def test_what_is_no_table(cmdb: Cmdb, file: Write, content: bytes) -> None:
    done = cmdb("ticket", "import", file(content, "x.csv"))
    assert done.code == (0 if content == b"number\n" else 2)
    assert len(done.errors) == (0 if done.code == 0 else 1)


def test_a_table_of_excel_on_a_chinese_windows(cmdb: Cmdb, file: Write) -> None:
    path = file("编号,标题\r\n1,门坏了\r\n".encode("gbk"), "x.csv")
    done = cmdb("ticket", "import", path)
    assert (done.code, done.err) == (0, f"{path}: read as GB18030\n")
    assert shown(cmdb, "INC-1")["title"] == "门坏了"
    done = cmdb("ticket", "import", path, "--format", "json")
    assert (done.json["encoding"], done.err) == ("GB18030", "")
    path = file("key,type,name\r\na,server,机房\r\n".encode("gbk"), "cis.csv")
    assert cmdb("import", path).err == f"{path}: read as GB18030\n"
    assert cmdb("import", path, "--output", "json").json["encodings"] == {str(path): "GB18030"}


def test_a_table_that_breaks_off(cmdb: Cmdb, file: Write) -> None:
    done = cmdb("ticket", "import", file('number,title\n1,good\n2,"open', "x.csv"))
    assert (done.code, done.out.split()[-4:]) == (1, ["1", "0", "0", "1"])
    assert "is a quote left open?" in done.err
