"""Who may fill, do and find what with tickets over HTTP, and that all errors come at once."""

import pytest

from tests.api.desk import done, refused, step
from tests.api.test_ticket_input import opened


@pytest.fixture
def unchanged(env):
    """Says whether nothing was written since."""
    return lambda seq: env.store.seq() == seq


def test_requesters_fill_what_the_form_offers(people, env, unchanged):
    bob, ann = people["bob"], people["ann"]
    (form,) = (f for f in done(bob.get("/tickets/forms"))["items"] if f["kind"] == "incident")
    names = [one["name"] for one in (*form["common"], *form["fields"])]
    assert names == ["title", "description", "urgency", "category"]
    (form,) = (f for f in done(ann.get("/tickets/forms"))["items"] if f["kind"] == "incident")
    assert {"priority", "requester", "team"} < {one["name"] for one in form["common"]}
    seq = env.store.seq()
    fields = {"priority": 1, "team": "network", "requester": "ann", "major": True, "urgency": 1}
    barred = {**fields, "assignee": "fay", "impact": 1}
    got = bob.post("/incidents", {"title": "x", "fields": barred, "foreign": {"glpi": "7"}})
    refused(got, 422, "'priority'", "'team'", "'requester'", "'major'", "'assignee'", "'impact'")
    refused(got, 422, "'foreign'", "'urgency', 'category'")
    assert unchanged(seq)
    mine = {"requester": "bob", "urgency": 1, "category": "network", "priority": None, "team": ""}
    assert opened(bob, fields=mine)["fields"]["requester"] == "bob"
    assert opened(ann, fields={**fields, "requester": "bob"})["fields"]["requester"] == "bob"


def test_everything_wrong_of_a_request_is_told_at_once(people, env, unchanged):
    ann, cho = people["ann"], people["cho"]
    number, change = opened(ann)["number"], opened(cho, "changes", fields={"category": "normal"})
    seq = env.store.seq()
    form = {
        "fields": {"impact": 7, "team": "netwrok", "colour": "red"},
        "items": [{"key": "no"}, {"key": "db-1", "role": "owner"}, {"key": "no"}],
        "links": [{"number": "INC-99"}],
    }
    told = ["1, 2 or 3", "'network'", "'colour'", "items[0]", "items[1]", "items[2]", "INC-99"]
    got = ann.post("/incidents", form)
    refused(got, 422, "'title' is missing", *told)
    assert len(got.json()["errors"]) == 8
    got = ann.patch(f"/tickets/{number}", form)
    refused(got, 422, *told)
    assert len(got.json()["errors"]) == 7
    fields = {"template": "x", "starts": "soon", "assignee": "zoe"}
    changed = {"fields": fields, "items": [{"key": "no"}]}
    for got in (
        cho.post("/changes", {"title": "x", **changed}),
        cho.patch(f"/tickets/{change['number']}", changed),
    ):
        refused(got, 422, "change template 'x'", "ISO 8601", "unknown user 'zoe'", "items[0]")
        assert len(got.json()["errors"]) == 4
    got = step(ann, number, "classify", team="netwrok", impact=7)
    refused(got, 422, "'network'", "1, 2 or 3", "'category' is missing")
    order = {"fields": {"item": "lapdog", "team": "netwrok"}, "items": [{"key": "no"}]}
    refused(ann.post("/requests", order), 422, "'lapdog'", "'network'", "items[0]")
    assert unchanged(seq)


def test_tasks_follow_the_rules_of_the_ticket(people):
    ann, fay, cho, cab = (people[name] for name in ("ann", "fay", "cho", "cab"))
    number = opened(cho, "changes", fields={"category": "normal"})["number"]
    path = f"/tickets/{number}/tasks"
    refused(ann.post(path, {"title": "x"}), 403, "fulfiller")
    wrong = {"title": " ", "team": "netwrok", "assignee": "zoe"}
    refused(cho.post(path, wrong), 422, "'title' is missing", "'network'", "unknown user 'zoe'")
    done(cho.post(path, {"title": "back it up", "assignee": "cab"}))
    done(cho.post(path, {"title": "switch over", "team": "network"}))
    refused(ann.patch(f"{path}/1", {"state": "done"}), 403, "fulfiller")
    refused(cab.patch(f"{path}/2", {"state": "done"}), 403, "fulfiller")
    done(cab.patch(f"{path}/1", {"state": "done", "result": "3 GB"}))  # it was given to her
    done(fay.patch(f"{path}/2", {"state": "done"}))
    refused(cho.patch(f"{path}/2", {"state": "done", "result": "a\u0000b"}), 422, "'result'")


def test_a_requester_finds_nothing_by_work_notes(people):
    bob, ann, fay = people["bob"], people["ann"], people["fay"]
    number = opened(bob)["number"]
    done(fay.post(f"/tickets/{number}/notes", {"text": "the Heisenbug again", "public": False}))
    done(ann.post(f"/tickets/{number}/notes", {"text": "请重启打印机"}))

    def found(who, text):
        rows = done(who.get("/tickets/search", params={"text": text}))["items"]
        return [one["number"] for one in rows]

    assert found(bob, "打印机") == found(fay, "打印机 slow") == found(ann, "heisenbug") == [number]
    assert found(bob, "heisenbug") == found(bob, "slow heisenbug") == []
    assert found(people["mia"], "打印机") == []
