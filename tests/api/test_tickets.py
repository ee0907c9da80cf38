"""Tickets over HTTP: the walks through the processes, the refusals, files, and who sees what."""

import pytest

from cmdb.services.tokens import create_token
from cmdb.services.users import create_user
from tests.api.conftest import ADMIN, Api

PEOPLE = {
    "bob": ("requester", (), "mia"),
    "ann": ("service_desk", ("desk",), ""),
    "fay": ("fulfiller", ("network",), "mia"),
    "cho": ("change_manager", ("changes",), ""),
    "cab": ("cab_member", (), ""),
    "pam": ("problem_manager", ("problems",), ""),
    "mia": ("viewer", (), ""),
}


@pytest.fixture
def people(env, client, estate):
    """A client for each of some users."""
    made = {}
    for name, (role, teams, manager) in sorted(PEOPLE.items(), key=lambda one: one[1][2] != ""):
        values = {"name": name, "roles": [role], "teams": teams, "manager": manager}
        create_user(ADMIN, env, {**values, "email": f"{name}@example.org"})
        made[name] = Api(client, create_token(ADMIN, env, user=name, name=name))
    return made


def done(got, status=200):
    assert got.status_code == status, got.text
    return got.json()


def refused(got, status, *words):
    assert got.status_code == status, got.text
    for word in words:
        assert word in got.text
    return got.json()


def step(who, number, name, **fields):
    return who.post(f"/tickets/{number}/steps/{name}", {"fields": fields})


def test_an_incident_from_its_opening_to_its_end(people):
    bob, ann, fay = people["bob"], people["ann"], people["fay"]
    form = {"title": "orders are slow", "fields": {"urgency": 2}, "items": [{"key": "orders db"}]}
    ticket = done(bob.post("/incidents", form), 201)
    number = ticket["number"]
    assert (ticket["kind"], ticket["state"]) == ("incident", "recorded")
    assert ticket["items"] == [{"key": "db-1", "role": "affected"}]
    assert ticket["fields"]["requester"] == "bob"
    assert ticket["fields"]["impact"] == 2  # as the blast radius proposes
    refused(step(bob, number, "classify", category="database"), 403)
    refused(step(ann, number, "resolve", solution="x"), 422, "cannot be done", "'classify'")
    refused(step(ann, number, "classify"), 422, "category")
    refused(step(ann, number, "classify", category="databse"), 422, "one of")
    ticket = done(step(ann, number, "classify", category="database"))
    assert ticket["fields"]["priority"] == 2
    refused(step(ann, number, "dispatch", team="netwrok"), 422, "'network'")
    done(step(ann, number, "dispatch", team="network"))
    done(step(fay, number, "accept", assignee="fay"))
    note = {"text": "<script>alert(1)</script>", "public": False}
    done(fay.post(f"/tickets/{number}/notes", note))
    done(fay.post(f"/tickets/{number}/notes", {"text": "we are at it"}))
    done(step(fay, number, "wait_for_user", waiting_for="a screenshot"))
    ticket = done(step(bob, number, "resume"))
    assert ticket["clocks"]["respond"]["state"] == "stopped"
    done(step(fay, number, "resolve", solution="an index was missing"))
    ticket = done(step(bob, number, "reopen", reason="still slow"))
    assert ticket["clocks"]["resolve"]["state"] == "running"
    done(step(fay, number, "accept"))
    done(step(fay, number, "resolve", solution="two indexes were missing"))
    refused(bob.post(f"/tickets/{number}/rating", {"rating": 9}), 422)
    ticket = done(step(bob, number, "confirm"))
    assert not ticket["open"]
    assert done(bob.post(f"/tickets/{number}/rating", {"rating": 5}))["fields"]["rating"] == 5
    refused(step(bob, number, "reopen", reason="x"), 422)
    rows = done(fay.get(f"/tickets/{number}/timeline"))["items"]
    states = [one["changes"]["state"][1] for one in rows if "state" in one.get("changes", {})]
    assert states[0] == "recorded"
    assert states[-1] == "closed"
    texts = [one["text"] for one in rows if one["kind"] == "note"]
    assert texts == ["<script>alert(1)</script>", "we are at it"]
    seen = done(bob.get(f"/tickets/{number}/timeline"))["items"]
    assert [one["text"] for one in seen if one["kind"] == "note"] == ["we are at it"]
