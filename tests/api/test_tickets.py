"""Tickets over HTTP: the walks through the processes, the refusals, files, and who sees what."""

from datetime import UTC, datetime

import pytest

from cmdb.services.ticket_configuration import put_setting
from cmdb.services.ticketing.recurrence import propose_problems
from tests.api.conftest import ADMIN
from tests.api.desk import done, refused, step


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


@pytest.fixture
def configured(env):
    """A CAB of two, something to order, and a standard change."""
    cab = {"users": ["cab", "cho"], "rule": "all", "kinds": ["change"], "categories": ["normal"]}
    put_setting(ADMIN, env, "approval_group", "cab", cab)
    laptop = {
        "label": "Laptop",
        "label_zh": "笔记本电脑",
        "approval": "manager",
        "team": "network",
        "form": [
            {"name": "size", "type": "choice", "label": "S", "label_zh": "S", "choices": "SL"}
        ],
        "required": ["size"],
        "tasks": [{"title": "order it"}, {"title": "set it up"}],
    }
    laptop["form"][0]["choices"] = ["small", "large"]
    put_setting(ADMIN, env, "catalogue_item", "laptop", laptop)
    plans = dict.fromkeys(("benefit", "risk", "implementation_plan", "test_plan"), "as always")
    reboot = {"title": "Reboot", "ci_types": ["device"], "back_out_plan": "none", **plans}
    put_setting(ADMIN, env, "change_template", "reboot", {**reboot, "tasks": [{"title": "do it"}]})


PLANS = {
    "benefit": "faster",
    "risk": "low",
    "implementation_plan": "step by step",
    "test_plan": "look",
    "back_out_plan": "back",
}


def at(clock, hours):
    return datetime.fromtimestamp(clock.now + hours * 3600, UTC).isoformat()


def test_a_normal_change_before_the_cab(people, configured, clock, admin):
    cho, fay, cab, bob, ann = (people[n] for n in ("cho", "fay", "cab", "bob", "ann"))
    form = {"title": "new firmware", "fields": {"category": "normal"}, "items": [{"key": "sw-1"}]}
    refused(bob.post("/changes", form), 403)
    refused(cho.post("/changes", {**form, "fields": {}}), 422, "category")
    number = done(cho.post("/changes", form), 201)["number"]
    refused(step(cho, number, "assess", benefit="x"), 422, "back_out_plan", "test_plan", "risk")
    ticket = done(step(cho, number, "assess", **PLANS))
    assert ticket["assessment"]["summary"]["services"] == {"down": 0, "degraded": 1, "at_risk": 0}
    refused(step(cho, number, "take_approved", template="reboot"), 422, "approved beforehand")
    ticket = done(step(cho, number, "request_approval"))
    assert ticket["approvals"]["missing"] == 2
    refused(step(cho, number, "approve"), 422, "not all")
    refused(ann.post(f"/tickets/{number}/votes", {"decision": "approved"}), 403, "cab")
    refused(cab.post(f"/tickets/{number}/votes", {"decision": "rejected"}), 422, "comment")
    rejection = {"decision": "rejected", "comment": "not on a Friday"}
    done(cab.post(f"/tickets/{number}/votes", rejection))
    done(cho.post(f"/tickets/{number}/votes", {"decision": "approved"}))
    refused(step(cho, number, "approve"), 422, "has rejected it")
    ticket = done(cab.post(f"/tickets/{number}/votes", {"decision": "approved"}))
    assert ticket["state"] == "approved"  # with the last vote it goes on by itself
    window = {"starts": at(clock, 1), "ends": at(clock, 3), "assignee": "fay"}
    refused(step(fay, number, "schedule", **window), 403)
    refused(step(cho, number, "schedule", **{**window, "starts": "soon"}), 422, "ISO 8601")
    done(step(cho, number, "schedule", **window))
    (planned,) = done(cho.get("/maintenance"))["items"]
    assert (planned["key"], planned["starts"]) == ("sw-1", window["starts"])
    refused(step(fay, number, "implement"), 422, "go")
    refused(step(fay, number, "implement", go=True), 422, "window is not open")
    clock.now += 2 * 3600
    done(step(fay, number, "implement", go=True))
    done(fay.post(f"/tickets/{number}/tasks", {"title": "upload"}))
    done(fay.post(f"/tickets/{number}/tasks", {"title": "go or no-go?", "gate": True}))
    done(fay.post(f"/tickets/{number}/tasks", {"title": "switch over"}))
    refused(step(fay, number, "complete", result="fine"), 422, "still open")
    refused(fay.patch(f"/tickets/{number}/tasks/3", {"state": "done"}), 422, "go or no-go?")
    for task in (1, 2, 3):
        done(fay.patch(f"/tickets/{number}/tasks/{task}", {"state": "done"}))
    done(step(fay, number, "complete", result="fine", product_version="9.1"))
    done(step(cho, number, "review"))
    refused(step(cho, number, "close"), 422, "review")
    assert not done(step(cho, number, "close", review="as planned"))["open"]
    assert done(admin.get("/cis/sw-1"))["attributes"]["software_version"] == "9.1"


def test_a_standard_and_an_emergency_change(people, configured, env):
    cho, fay, cab = people["cho"], people["fay"], people["cab"]
    group = {"users": ["cab"], "rule": "any", "kinds": ["change"], "categories": ["emergency"]}
    put_setting(ADMIN, env, "approval_group", "ecab", group)
    form = {"fields": {"template": "reboot"}, "items": [{"key": "db-1"}]}
    refused(fay.post("/changes", form), 422, "not for 'db-1'")
    ticket = done(fay.post("/changes", {**form, "items": [{"key": "sw-1"}]}), 201)
    assert (ticket["title"], ticket["fields"]["category"]) == ("Reboot", "standard")
    assert [one["title"] for one in ticket["tasks"]] == ["do it"]
    number = ticket["number"]
    done(step(fay, number, "assess"))
    assert done(step(fay, number, "take_approved"))["state"] == "approved"
    form = {"title": "patch now", "fields": {"category": "emergency"}, "items": [{"key": "sw-1"}]}
    number = done(fay.post("/changes", form), 201)["number"]
    refused(step(fay, number, "approve_emergency", reason="x", back_out_plan="y"), 403)
    done(step(cho, number, "approve_emergency", reason="attack", back_out_plan="old image"))
    voted = done(cab.post(f"/tickets/{number}/votes", {"decision": "approved"}))
    assert (voted["state"], voted["approvals"]["missing"]) == ("implementing", 0)  # afterwards
    done(step(fay, number, "roll_back", result="worse"))
    done(step(cho, number, "review"))
    refused(step(cho, number, "close", review="learned"), 422, "benefit")
    done(step(cho, number, "close", review="learned", **PLANS))


def test_a_problem_from_its_incidents_to_its_verification(people, configured, clock, env):
    pam, ann, fay, cho = (people[n] for n in ("pam", "ann", "fay", "cho"))
    incidents = []
    for n in range(3):
        form = {"title": f"db hangs {n}", "fields": {"urgency": 2}, "items": [{"key": "db-1"}]}
        incidents.append(done(ann.post("/incidents", form), 201)["number"])
        clock.now += 3600
    assert propose_problems(env) == 1
    assert propose_problems(env) == 0
    (problem,) = done(pam.get("/problems"))["items"]
    number = problem["number"]
    assert sorted(one["number"] for one in problem["links"]) == incidents
    assert problem["items"] == [{"key": "db-1", "role": "affected"}]
    refused(step(ann, number, "analyse", assignee="pam"), 403)
    done(step(pam, number, "analyse", assignee="pam"))
    refused(step(pam, number, "find_cause", root_cause="a leak"), 422, "why_1", "workaround")
    cause = {"why_1": "memory", "root_cause": "a leak", "workaround": "restart nightly"}
    assert done(step(pam, number, "find_cause", **cause))["fields"]["known_error"] is True
    (article,) = done(pam.get("/knowledge"))["items"]
    assert article["links"] == [{"number": number, "role": "documents"}]
    found = done(ann.get(f"/tickets/{incidents[0]}/related"))
    assert [one["number"] for one in found["known_errors"]] == [number]
    change = done(
        pam.post(
            f"/tickets/{number}/conversion", {"kind": "change", "fields": {"category": "emergency"}}
        ),
        201,
    )
    done(step(pam, number, "change", resolving_change=change["number"]))
    done(step(cho, change["number"], "approve_emergency", reason="leak", back_out_plan="x"))
    done(step(fay, change["number"], "complete", result="patched"))
    done(step(cho, change["number"], "review"))
    done(step(cho, change["number"], "close", review="good", **PLANS))
    assert done(pam.get(f"/tickets/{number}"))["state"] == "in_verification"  # by itself
    refused(step(pam, number, "close", verification="quiet"), 422, "two weeks")
    clock.now += 15 * 86400
    assert not done(step(pam, number, "close", verification="quiet"))["open"]


def test_a_release_bundles_changes(people, configured, clock, admin):
    cho, fay, bob = people["cho"], people["fay"], people["bob"]
    refused(bob.post("/releases", {"title": "OA"}), 403)
    form = {"title": "OA V3.2", "items": [{"key": "app-1"}]}
    number = done(cho.post("/releases", form), 201)["number"]
    part = {"title": "part", "fields": {"category": "emergency"}, "items": [{"key": "app-1"}]}
    part["links"] = [{"number": number, "role": "part_of"}]
    change = done(cho.post("/changes", part), 201)["number"]
    refused(step(fay, number, "build"), 422, "manifest", "product_version")
    done(step(fay, number, "build", manifest="app-1", product_version="V3.2"))
    done(step(fay, number, "submit"))
    accepted = {
        "acceptance": "ok",
        "rollout": "canary",
        "rollout_plan": "5 %",
        "back_out_plan": "x",
    }
    refused(step(fay, number, "accept", **accepted), 403)
    refused(step(cho, number, "accept", **{**accepted, "rollout": "big bang"}), 422, "blue_green")
    done(step(cho, number, "accept", **accepted))
    refused(step(fay, number, "roll_out"), 422, "not all its changes")
    done(step(cho, change, "approve_emergency", reason="r", back_out_plan="b"))
    done(step(fay, number, "roll_out"))
    done(step(fay, number, "complete", result="done", baseline="OA V3.2"))
    assert done(admin.get("/cis/app-1"))["attributes"]["version"] == "V3.2"
    (baseline,) = done(admin.get("/baselines"))["items"]
    assert (baseline["name"], baseline["ticket"]) == ("OA V3.2", number)
    failures = [{"key": "sw-1"}]
    got = done(admin.post("/impact", {"failures": failures, "as_of": "OA V3.2"}))
    assert got["seq"] == baseline["seq"]


def test_a_request_from_the_catalogue(people, configured, env):
    bob, mia, fay, ann = people["bob"], people["mia"], people["fay"], people["ann"]
    (item,) = [
        one for one in done(bob.get("/tickets/catalogue"))["items"] if one["item"] == "laptop"
    ]
    assert item["form"][0]["choices"] == ["small", "large"]
    order = {"fields": {"item": "laptop"}}
    refused(bob.post("/requests", {"fields": {"item": "lapdog"}}), 422, "laptop")
    refused(bob.post("/requests", {**order, "answers": {"size": "huge"}}), 422, "small, large")
    refused(bob.post("/requests", order), 422, "size")
    ticket = done(bob.post("/requests", {**order, "answers": {"size": "large"}}), 201)
    number = ticket["number"]
    assert ticket["state"] == "in_approval"  # as the catalogue says
    assert ticket["approvals"]["panels"] == [{"name": "manager", "people": ["mia"], "needed": 1}]
    refused(bob.post(f"/tickets/{number}/votes", {"decision": "approved"}), 403)
    refused(step(ann, number, "approve"), 422, "not all")
    ticket = done(mia.post(f"/tickets/{number}/votes", {"decision": "approved"}))
    assert ticket["state"] == "in_fulfilment"
    assert [one["title"] for one in ticket["tasks"]] == ["order it", "set it up"]
    refused(step(fay, number, "complete", result="here"), 422, "tasks of it are still open")
    for task in (1, 2):
        done(fay.patch(f"/tickets/{number}/tasks/{task}", {"state": "done"}))
    done(step(fay, number, "complete", result="here"))
    refused(step(fay, number, "confirm"), 403)
    done(step(bob, number, "confirm"))
    rated = done(bob.post(f"/tickets/{number}/rating", {"rating": 4, "comment": "快"}))
    assert rated["fields"]["rating_comment"] == "快"
