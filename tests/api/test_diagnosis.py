"""The root cause of tickets: what lies along the way, and how often it was right."""

from tests.api.desk import done, refused, step

DAY = 86_400.0


def incident(who, title, *keys, role="affected"):
    items = [{"key": key, "role": role} for key in keys]
    form = {"title": title, "fields": {"urgency": 2}, "items": items}
    return done(who.post("/incidents", form), 201)["number"]


def ended(who, number, cause):
    """Work on an incident until its end, and confirm its cause."""
    done(step(who, number, "classify", category="database"))
    done(step(who, number, "dispatch", team="network"))
    done(step(who, number, "accept", assignee="ann"))
    ticket = done(who.get(f"/tickets/{number}"))
    items = [*ticket["items"], {"key": cause, "role": "cause"}]
    done(who.patch(f"/tickets/{number}", {"items": items}))
    done(step(who, number, "resolve", solution="it was " + cause))
    done(step(who, number, "confirm"))


def test_an_incident_is_diagnosed_with_what_lies_along_the_way(people, clock):
    ann, cho, bob = people["ann"], people["cho"], people["bob"]
    fields = {"category": "emergency"}
    change = {"title": "new index", "fields": fields, "items": [{"key": "db-1"}]}
    changed = done(cho.post("/changes", change), 201)["number"]
    done(step(cho, changed, "approve_emergency", reason="slow", back_out_plan="drop it"))
    old = incident(ann, "orders db full", "db-1")
    ended(ann, old, "db-1")
    clock.now += DAY
    number = incident(bob, "shop is down", "app-1", "app-2")
    refused(bob.get(f"/tickets/{number}/root-cause"), 403)
    found = done(ann.get(f"/tickets/{number}/root-cause"))
    best = found["candidates"][0]
    assert (best["key"], sorted(best["explains"])) == ("db-1", ["app-1", "app-2"])
    assert {"change", "failure"} <= {one["kind"] for one in best["evidence"]}
    assert {changed, old} <= {one["ref"] for one in best["evidence"]}
    total = sum(one["score"] for one in found["candidates"]) + found["rest"] + found["outside"]
    assert abs(total - 1) < 1e-9
    along = found["along"][0]
    assert (along["key"], [one["number"] for one in along["past"]]) == ("db-1", [old])
    assert [one["number"] for one in along["changes"]] == [changed]
    assert [one["key"] for one in along["services"]] == ["pay"]
    well = done(ann.get(f"/tickets/{number}/root-cause", params={"healthy": "sw-1"}))
    assert well["candidates"][0]["score"] >= best["score"]
    refused(ann.get(f"/tickets/{number}/root-cause", params={"healthy": "app-1"}), 422)
    empty = incident(bob, "something")
    refused(ann.get(f"/tickets/{empty}/root-cause"), 422, "no affected CI")


def test_accuracy_is_told_of_confirmed_causes(people, clock):
    ann, bob = people["ann"], people["bob"]
    refused(bob.get("/reports/root-cause-accuracy"), 403)
    assert done(ann.get("/reports/root-cause-accuracy"))["whole"]["count"] == 0
    for cause, *keys in (("db-1", "app-1", "app-2"), ("sw-1", "db-1"), ("app-1", "app-1")):
        ended(ann, incident(ann, "down", *keys), cause)
        clock.now += DAY
    report = done(ann.get("/reports/root-cause-accuracy"))
    assert report["whole"]["count"] == 3
    assert report["whole"]["top"]["3"] == 1.0
    assert sum(one["count"] for one in report["months"]) == 3


def test_what_failed_here_is_likelier_to_fail_again(people, clock):
    ann = people["ann"]
    number = incident(ann, "down", "app-1", "app-2", "db-1")
    before = done(ann.get(f"/tickets/{number}/root-cause"))["candidates"]
    for _ in range(3):
        ended(ann, incident(ann, "switch", "db-1"), "sw-1")
    after = done(ann.get(f"/tickets/{number}/root-cause"))["candidates"]
    score = lambda found: next(one["score"] for one in found if one["key"] == "sw-1")  # noqa: E731
    assert score(after) > score(before)
