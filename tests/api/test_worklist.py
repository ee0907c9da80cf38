"""What waits for somebody, over HTTP: approvals and tasks, of a person and the person's teams."""

import pytest

from cmdb.services.ticket_configuration import put_setting
from tests.api.conftest import ADMIN
from tests.api.desk import done, refused, step


@pytest.fixture
def laptop(env):
    values = {"label": "Laptop", "label_zh": "电脑", "approval": "manager", "team": "network"}
    put_setting(ADMIN, env, "catalogue_item", "laptop", {**values, "tasks": [{"title": "order"}]})


def waits(who, **asked):
    return done(who.get("/tickets/waiting", params=asked))["items"]


def brief(rows):
    names = ("number", "what", "asked", "task", "person", "team")
    return [tuple(row[name] for name in names) for row in rows]


def test_an_approval_and_what_follows_from_it(people, laptop):
    bob, mia, fay, ann = (people[name] for name in ("bob", "mia", "fay", "ann"))
    assert waits(mia) == waits(fay) == []
    ticket = done(bob.post("/requests", {"fields": {"item": "laptop"}}), 201)
    (row,) = waits(mia)  # she may not read tickets, but is asked
    assert brief([row]) == [(ticket["number"], "approval", "manager", None, "mia", None)]
    assert (row["title"], row["kind"], row["state"]) == ("Laptop", "request", "in_approval")
    assert row["since"] == done(mia.get(f"/tickets/{ticket['number']}"))["entered"]
    assert row["due"] == ticket["clocks"]["respond"]["due"]
    assert waits(bob) == waits(ann) == waits(fay) == []
    done(mia.post(f"/tickets/{ticket['number']}/votes", {"decision": "approved"}))
    assert waits(mia) == []
    assert brief(waits(fay)) == [(ticket["number"], "task", "order", 1, None, "network")]
    assert waits(fay, teams=False) == []
    done(fay.patch(f"/tickets/{ticket['number']}/tasks/1", {"state": "done"}))
    assert waits(fay) == []
    done(fay.patch(f"/tickets/{ticket['number']}/tasks/1", {"state": "open"}))
    assert len(waits(fay)) == 1
    done(step(fay, ticket["number"], "wait", waiting_for="the shop"))
    assert len(waits(fay)) == 1


def test_who_rejects_is_not_asked_again_and_a_full_panel_asks_nobody(people, env):
    group = {"users": ["cab", "cho", "pam"], "rule": "at_least", "count": 2, "kinds": ["change"]}
    put_setting(ADMIN, env, "approval_group", "cab", group)
    cho, cab, pam = (people[name] for name in ("cho", "cab", "pam"))
    form = {"title": "firmware", "fields": {"category": "normal"}, "items": [{"key": "sw-1"}]}
    number = done(cho.post("/changes", form), 201)["number"]
    plans = ("benefit", "risk", "implementation_plan", "test_plan", "back_out_plan")
    done(step(cho, number, "assess", **dict.fromkeys(plans, "x")))
    assert waits(cab) == []
    done(step(cho, number, "request_approval"))
    assert [len(waits(who)) for who in (cab, cho, pam)] == [1, 1, 1]
    done(cab.post(f"/tickets/{number}/votes", {"decision": "rejected", "comment": "no"}))
    assert [len(waits(who)) for who in (cab, cho, pam)] == [0, 1, 1]
    done(cho.post(f"/tickets/{number}/votes", {"decision": "approved"}))
    done(cab.post(f"/tickets/{number}/votes", {"decision": "approved"}))
    assert [waits(who) for who in (cab, cho, pam)] == [[], [], []]


def test_tasks_behind_a_gate_wait_for_nobody_and_pages_go_on(people):
    cho, fay, pam = (people[name] for name in ("cho", "fay", "pam"))
    form = {"title": "x", "fields": {"category": "normal", "team": "network"}}
    numbers = [done(cho.post("/changes", form), 201)["number"] for _ in range(3)]
    for number in numbers:
        path = f"/tickets/{number}/tasks"
        done(cho.post(path, {"title": "go?", "gate": True, "assignee": "pam"}))
        done(cho.post(path, {"title": "switch over"}))
    assert waits(fay) == []
    assert [one["task"] for one in waits(pam)] == [1, 1, 1]
    for number in numbers:
        done(pam.patch(f"/tickets/{number}/tasks/1", {"state": "done"}))
    seen, cursor = [], {}
    while cursor is not None:
        got = done(fay.get("/tickets/waiting", params={"limit": 1, **cursor}))
        seen += [one["number"] for one in got["items"]]
        cursor = None if got["next"] is None else {"cursor": got["next"]}
    assert seen == numbers
    refused(fay.get("/tickets/waiting", params={"cursor": "x"}), 422, "cursor")
