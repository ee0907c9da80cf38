"""`cmdb ticket`: an incident, a change and a request from their opening to their end."""

import re
from pathlib import Path

import pytest

from api.cli import words
from tests.cli.conftest import Cmdb

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture(autouse=True)
def people(cmdb: Cmdb) -> None:
    for name, role, team in (
        ("bob", "requester", "sales"),
        ("fay", "fulfiller", "network"),
        ("cab", "cab_member", "board"),
    ):
        done = cmdb("user", "create", name, "--role", role, "--team", team)
        assert done.code == 0, done.err


def opened(cmdb: Cmdb, *arguments: str) -> str:
    done = cmdb("ticket", "open", *arguments)
    assert done.code == 0, done.err
    return done.out.strip()


def test_an_incident_from_its_opening_to_its_end(cmdb: Cmdb, estate: Path) -> None:
    fields = ("--field", "urgency=1", "--field", "impact=2", "--field", "description=since 9")
    told = cmdb("ticket", "open", "incident", "--title", "x", *fields, "--as", "bob").err
    assert "'impact' is not for you to fill" in told
    number = opened(
        cmdb,
        *("incident", "--title", "orders are slow", *fields, "--item", "orders db=cause"),
        *("--item", "a=b@c", "--field", "requester=bob"),
    )
    assert number == "INC-1"
    view = cmdb("ticket", "show", number, "--format", "json").json
    assert (view["state"], view["fields"]["requester"]) == ("recorded", "bob")
    assert (view["fields"]["impact"], view["title"]) == (2, "orders are slow")
    assert view["items"] == [{"key": "db-1", "role": "cause"}, {"key": "a=b@c", "role": "affected"}]
    refused = cmdb(
        "ticket", "step", number, "classify", "--field", "category=database", "--as", "bob"
    )
    assert (refused.code, refused.out) == (2, "")
    assert "service_desk" in refused.err
    assert cmdb("ticket", "step", number, "classify").errors == [
        "error: INC-1: required field 'category' is missing"
    ]
    done = cmdb("ticket", "step", number, "classify", "--field", "category=database")
    assert done == (0, "", "INC-1: Classified\n")
    edited = ("--field", "description=", "--field", "major=true", "--item", "db-2")
    view = cmdb("ticket", "edit", number, *edited, "--format", "json").json
    assert "description" not in view["fields"]
    assert (view["fields"]["major"], view["items"][0]["key"]) == (True, "db-2")
    assert cmdb("ticket", "step", number, "dispatch", "--field", "team=network").code == 0
    shown = cmdb("ticket", "show", number, "--as", "fay").out
    assert re.search(r"^accept +Accept +assignee$", shown, re.MULTILINE)
    assert (
        cmdb("ticket", "step", number, "accept", "--field", "assignee=fay", "--as", "fay").code == 0
    )
    assert cmdb("ticket", "note", number, "a look at it", "--private", "--as", "fay").code == 0
    assert cmdb("ticket", "note", number, "we are at it", "--as", "fay").code == 0
    done = cmdb("ticket", "step", number, "resolve", "--field", "solution=an index", "--as", "fay")
    assert done.err == "INC-1: Resolved\n"
    assert cmdb("ticket", "step", number, "confirm", "--as", "bob").code == 0
    assert cmdb("ticket", "rate", number, "5", "--comment", "quick", "--as", "bob").code == 0
    rows = cmdb("ticket", "timeline", number, "--format", "json").json["timeline"]
    assert [one["text"] for one in rows if one["kind"] == "note"] == [
        "a look at it",
        "we are at it",
    ]
    rows = cmdb("ticket", "timeline", number, "--format", "json", "--as", "bob").json["timeline"]
    assert [one["text"] for one in rows if one["kind"] == "note"] == ["we are at it"]
    assert "(work note) a look at it" in cmdb("ticket", "timeline", number).out


def test_a_list_says_what_http_says(cmdb: Cmdb, estate: Path) -> None:
    opened(cmdb, "incident", "--title", "the printer is slow", "--item", "db-1")
    opened(cmdb, "problem", "--title", "printers are slow", "--link", "INC-1=caused_by")
    opened(cmdb, "incident", "--title", "门禁坏了", "--as", "bob")

    def numbers(*arguments: str) -> list[str]:
        done = cmdb("ticket", *arguments, "--format", "json")
        return [one["number"] for one in done.json["tickets"]]

    assert numbers("list") == ["INC-2", "PRB-1", "INC-1"]
    assert numbers("list", "--sort", "number", "--kind", "incident") == ["INC-1", "INC-2"]
    assert numbers("list", "--item", "orders db", "--role", "affected") == ["INC-1"]
    assert numbers("list", "--linked", "INC-1") == ["PRB-1"]
    assert numbers("list", "--requester", "bob", "--open") == ["INC-2"]
    assert numbers("list", "--ended") == []
    assert numbers("list", "--as", "bob") == ["INC-2"]
    assert set(numbers("search", "slow printers")) == {"INC-1", "PRB-1"}
    assert numbers("search", "门禁") == ["INC-2"]
    assert numbers("forecast", "--until", "2100-01-01") == ["INC-1", "INC-2"]
    assert "the printer is slow" in cmdb("ticket", "list", "--limit", "3").out
    assert cmdb("ticket", "list", "--limit", "1").err == "there are more; give a greater --limit\n"
    assert cmdb("ticket", "list", "--role", "cause").code == 2
    assert cmdb("ticket", "list", "--opened-from", "yesterday").code == 2


def test_what_its_cis_take_with_them(cmdb: Cmdb, estate: Path) -> None:
    number = opened(cmdb, "incident", "--title", "x", "--item", "db-1", "--item", "sw-2=impacted")
    answer = cmdb("ticket", "impact", number, "--format", "json").json
    assert {one["key"] for one in answer["impact"]["impacted"]} >= {"app-1"}
    assert answer["added"] == ["sw-2"]
    shown = cmdb("ticket", "impact", number).out
    assert "app-1" in shown
    assert "added by hand: sw-2" in shown
    bare = opened(cmdb, "incident", "--title", "y")
    assert cmdb("ticket", "impact", bare).err == "it names no CI of the graph that could fail\n"


def test_everything_wrong_is_told_at_once(cmdb: Cmdb, estate: Path) -> None:
    wrong = ("--field", "impact=7", "--field", "team=no", "--item", "nope", "--link", "INC-9")
    told = cmdb("ticket", "open", "incident", *wrong).err
    for word in ("'title' is missing", "1, 2 or 3", "unknown team 'no'", "'nope'", "INC-9"):
        assert word in told
    number = opened(cmdb, "incident", "--title", "x")
    told = cmdb("ticket", "edit", number, *wrong).err
    for word in ("1, 2 or 3", "unknown team 'no'", "'nope'", "INC-9"):
        assert word in told


def test_what_waits_for_somebody(cmdb: Cmdb) -> None:
    number = opened(cmdb, "incident", "--title", "slow", "--field", "team=network")
    assert cmdb("ticket", "task", "add", number, "look at it").code == 0
    assert cmdb("ticket", "task", "add", number, "mend it", "--assignee", "fay").code == 0
    rows = cmdb("ticket", "waiting", "--as", "fay", "--format", "json").json["waiting"]
    told = [(one["asked"], one["person"], one["team"]) for one in rows]
    assert told == [("look at it", None, "network"), ("mend it", "fay", None)]
    shown = cmdb("ticket", "waiting", "--as", "fay", "--own").out
    assert "2 mend it" in shown
    assert "look at it" not in shown
    assert "name the user" in cmdb("ticket", "waiting").err


def test_files_and_tasks(cmdb: Cmdb, tmp_path: Path) -> None:
    number = opened(cmdb, "change", "--title", "new disks", "--field", "category=normal")
    for title in ("backup", "swap"):
        assert cmdb("ticket", "task", "add", number, title, "--gate").code == 0
    assert cmdb("ticket", "task", "finish", number, "2").code == 2
    done = cmdb("ticket", "task", "finish", number, "1", "--result", "3 GB", "--format", "json")
    assert [one["state"] for one in done.json["tasks"]] == ["done", "open"]
    path = tmp_path / "rack.png"
    path.write_bytes(PNG)
    assert cmdb("ticket", "attach", number, path).code == 0
    assert cmdb("ticket", "attach", number, path, "--type", "application/pdf").code == 2
    assert cmdb("ticket", "get", number, "1", tmp_path / "again.png").code == 0
    assert (tmp_path / "again.png").read_bytes() == PNG
    assert cmdb("ticket", "get", number, "7").code == 2
    shown = cmdb("ticket", "show", number).out
    assert "rack.png" in shown
    assert "backup" in shown


def test_an_approval(cmdb: Cmdb, estate: Path) -> None:
    plans = ("benefit", "risk", "implementation_plan", "test_plan", "back_out_plan")
    fields = [part for name in plans for part in ("--field", f"{name}=x")]
    number = opened(
        cmdb,
        *(
            "change",
            "--title",
            "new disks",
            "--item",
            "db-1",
            "--field",
            "category=normal",
            *fields,
        ),
    )
    assert cmdb("ticket", "step", number, "assess").code == 0
    done = cmdb("ticket", "step", number, "request_approval", "--format", "json")
    assert done.json["approvals"]["missing"] == 1
    assert cmdb("ticket", "vote", number, "maybe").code == 2
    assert cmdb("ticket", "vote", number, "approved").code == 2
    done = cmdb("ticket", "vote", number, "approved", "--comment", "go on", "--as", "cab")
    assert done == (0, "", f"{number}: Approved\n")
    assert "go on" in cmdb("ticket", "show", number).out


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "INC-9"],
        ["open", "incidnet", "--title", "x"],
        ["open", "incident"],
        ["open", "incident", "--title", "x", "--field", "urgency"],
        ["open", "incident", "--title", "x", "--field", "urgency=high"],
        ["open", "incident", "--title", "x", "--item", "nothing"],
        ["open", "incident", "--title", "x", "--as", "nobody"],
        ["step", "INC-9", "resolve"],
        ["attach", "INC-9", "/no/such"],
    ],
)
def test_wrong_usage_is_one_line(cmdb: Cmdb, arguments: list[str]) -> None:
    done = cmdb("ticket", *arguments)
    assert (done.code, done.out, len(done.errors)) == (2, "", 1), done.err


def test_who_has_left_acts_no_more(cmdb: Cmdb) -> None:
    assert cmdb("user", "deactivate", "fay").code == 0
    assert "not active" in cmdb("ticket", "list", "--as", "fay").err


def test_in_chinese(cmdb: Cmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_LANG", "zh")
    words.language.cache_clear()
    number = opened(cmdb, "incident", "--title", "门禁坏了")
    assert "已登记" in cmdb("ticket", "show", number).out
    heading = cmdb("ticket", "list").out.splitlines()[0].split()
    assert heading == ["编号", "工单种类", "状态", "优先级", "说明", "团队", "处理人", "开单时间"]
