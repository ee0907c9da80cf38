"""`cmdb user`, and tokens that act as one."""

import pytest

from cmdb.bootstrap import open_environment
from cmdb.services.tokens import authenticate
from tests.cli.conftest import Cmdb


def test_users(cmdb: Cmdb) -> None:
    done = cmdb("user", "create", "wang", "--role", "change_manager", "--role", "cab_member")
    assert done == (0, "", "user wang is created\n")
    arguments = ("--display", "Li Na", "--email", "li@example.org", "--language", "zh")
    more = ("--team", "network", "--site", "hq", "--manager", "wang")
    assert cmdb("user", "create", "li", "--role", "fulfiller", *arguments, *more).code == 0
    shown = cmdb("user", "show", "li").json
    assert shown == {
        "name": "li",
        "display": "Li Na",
        "email": "li@example.org",
        "language": "zh",
        "roles": ["fulfiller"],
        "teams": ["network"],
        "sites": ["hq"],
        "manager": "wang",
        "active": True,
    }
    listed = cmdb("user", "list", "--format", "json").json["users"]
    assert [one["name"] for one in listed] == ["li", "wang"]
    assert "cab_member, change_manager" in cmdb("user", "list").out
    token = cmdb("token", "create", "--user", "li").out.strip()
    assert cmdb("user", "edit", "li", "--site", "", "--manager", "", "--team", "voice").code == 0
    shown = cmdb("user", "show", "li").json
    assert (shown["sites"], shown["manager"], shown["teams"]) == ([], "", ["voice"])
    env = open_environment()
    assert authenticate(env, token).user == "li"
    env.close()
    assert "li" in cmdb("token", "list").out
    assert cmdb("user", "deactivate", "li").code == 0
    assert cmdb("user", "show", "li").json["active"] is False
    assert cmdb("user", "edit", "li", "--active").code == 0
    assert cmdb("user", "show", "li").json["active"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ["user"],
        ["user", "create", "x"],
        ["user", "create", "x", "--role", "boss"],
        ["user", "create", "x y", "--role", "viewer"],
        ["user", "show", "nobody"],
        ["user", "edit", "nobody", "--role", "viewer"],
        ["user", "deactivate", "nobody"],
        ["token", "create", "--user", "nobody"],
        ["token", "create", "--user", "nobody", "--role", "viewer"],
    ],
)
def test_wrong_usage_is_one_line(cmdb: Cmdb, arguments: list[str]) -> None:
    done = cmdb(*arguments)
    assert (done.code, done.out, len(done.errors)) == (2, "", 1)
