"""What helps the desk: correlation, knowledge, emergency plans, inspections, warnings, mail."""

from cmdb.services.ticket_configuration import put_setting
from cmdb.services.ticketing.clockwork import tick_tickets
from cmdb.services.ticketing.inspections import open_inspections
from tests.api.conftest import ADMIN
from tests.api.desk import done, mails, refused, step

DAY = 86_400.0


def incident(who, title, *keys, **fields):
    form = {"title": title, "fields": {"urgency": 2, **fields}, "items": [{"key": k} for k in keys]}
    return done(who.post("/incidents", form), 201)["number"]


def correlations(who):
    return [
        (one["rule"], one["parent"]["number"], [c["number"] for c in one["children"]])
        for one in done(who.get("/tickets/correlations"))["items"]
    ]


def test_incidents_in_one_blast_radius_are_proposed_as_one(people, clock, env):
    ann, bob = people["ann"], people["bob"]
    first = incident(bob, "shop is slow", "app-1")
    second = incident(ann, "db is down", "db-1")
    third = incident(ann, "nobody can pay", "pay")
    clock.now += 7200
    late = incident(ann, "shop is slow again", "app-2")
    assert correlations(ann) == [("same_blast_radius", second, [first, third])]
    assert all(late not in one[2] for one in correlations(ann))
    refused(bob.post(f"/tickets/{second}/children", {"children": [first]}), 403)
    refused(ann.post(f"/tickets/{second}/children", {"children": ["INC-77"]}), 404)
    refused(ann.post(f"/tickets/{second}/children", {"children": [second]}), 422, "above itself")
    done(ann.post(f"/tickets/{second}/children", {"children": [first, third]}))
    refused(ann.post(f"/tickets/{first}/children", {"children": [second]}), 422, "above itself")
    assert all(first not in one[2] for one in correlations(ann))
    children = done(ann.get("/tickets", params={"linked": second}))["items"]
    assert {one["number"] for one in children} == {first, third}
    done(step(ann, second, "classify", category="database"))
    done(step(ann, second, "dispatch", team="network"))
    done(step(ann, second, "accept", assignee="fay"))
    done(step(ann, second, "resolve", solution="disk replaced"))
    assert ("children_informed", "bob@example.org") in mails(env)
    rows = done(bob.get(f"/tickets/{first}/timeline"))["items"]
    assert any("disk replaced" in one["text"] for one in rows if one["kind"] == "note")


def test_incidents_on_the_same_ci_are_proposed_as_one(people):
    ann = people["ann"]
    first, second = incident(ann, "a", "db-1"), incident(ann, "b", "db-1")
    third = incident(ann, "c", "app-2")  # is hit by the same
    assert [one[1:] for one in correlations(ann)] == [(first, [second, third])]


def test_a_ci_knows_which_tickets_hit_it(people):
    ann, cho, bob = people["ann"], people["cho"], people["bob"]
    first = incident(ann, "db is down", "db-1")
    own = incident(ann, "shop is slow", "app-1")
    other = incident(ann, "cannot print", "app-2")
    change = {"title": "x", "fields": {"category": "normal"}, "items": [{"key": "sw-1"}]}
    number = done(cho.post("/changes", change), 201)["number"]

    def hitting(key):
        found = done(ann.get("/tickets/hitting", params={"item": key}))["items"]
        return sorted(one["number"] for one in found)

    assert hitting("app-1") == sorted([first, number])
    assert hitting("pay") == sorted([first, own, number])
    assert hitting("sw-1") == []
    items = [{"key": "db-1"}, {"key": "app-1", "role": "not_impacted"}]
    done(ann.patch(f"/tickets/{first}", {"items": items}))
    assert hitting("app-1") == [number]
    items = [{"key": "app-2"}, {"key": "app-1", "role": "impacted"}]
    done(ann.patch(f"/tickets/{other}", {"items": items}))
    assert hitting("app-1") == sorted([number, other])
    refused(ann.get("/tickets/hitting", params={"item": "nothing"}), 404)
    refused(bob.get("/tickets/hitting", params={"item": "app-1"}), 403)


def article(who, title, body, **fields):
    form = {"title": title, "fields": {"body": body, "summary": title, "language": "zh", **fields}}
    return done(who.post("/knowledge", form), 201)["number"]


def search(who, text, **more):
    params = {"text": text, "kind": "article", "every": False, **more}
    return [one["number"] for one in done(who.get("/tickets/search", params=params))["items"]]


def test_articles_are_found_by_those_they_are_for(people, clock, env):
    ann, bob, pam = people["ann"], people["bob"], people["pam"]
    due = "2027-01-20T00:00:00+00:00"
    faq = article(ann, "打印机无法打印", "检查网络连接，重启打印服务", audience="end_user")
    staff = article(ann, "Printers that stop printing", "Clear the spooler.", audience="staff")
    assert search(bob, "打印机") == []
    refused(bob.get(f"/tickets/{faq}"), 404)
    refused(bob.post("/knowledge", {"title": "x"}), 403)
    for number in (faq, staff):
        done(step(ann, number, "submit"))
        refused(step(ann, number, "publish"), 422, "review_due")
        done(step(pam, number, "publish", review_due=due))
    assert search(bob, "打印机") == [faq]
    assert search(bob, "spooler") == []
    assert search(ann, "printer stopped") == [staff]
    assert search(ann, "打印服务怎么重启") == [faq]
    assert done(bob.get(f"/tickets/{faq}"))["fields"]["body"].startswith("检查网络")
    ticket = incident(bob, "printer stops printing", "app-1")
    found = done(ann.get(f"/tickets/{ticket}/related"))
    assert [one["number"] for one in found["articles"]] == [staff]
    assert done(bob.get(f"/tickets/{ticket}/related"))["articles"] == []
    clock.now += 10 * DAY
    tick_tickets(env)
    assert done(ann.get(f"/tickets/{faq}"))["state"] == "under_review"
    assert ("article_review_due", "ann@example.org") in mails(env)
    assert search(bob, "打印机") == [faq]
    done(step(pam, faq, "confirm", review_due="2028-01-20T00:00:00+00:00"))
    versions = done(ann.get(f"/tickets/{faq}/timeline"))["items"]
    assert [one["reason"] for one in versions][-1] == f"{faq}: confirm"


def test_what_was_done_last_time_and_emergency_plans_are_shown(people):
    ann, pam = people["ann"], people["pam"]
    old = incident(ann, "db-1 is full", "db-1")
    done(step(ann, old, "classify", category="database"))
    done(step(ann, old, "dispatch", team="network"))
    done(step(ann, old, "accept", assignee="ann"))
    done(step(ann, old, "resolve", solution="purged the logs"))
    done(step(ann, old, "confirm"))
    plan = {"title": "payment by hand", "items": [{"key": "pay"}]}
    number = done(pam.post("/emergency-plans", plan), 201)["number"]
    assert done(pam.get(f"/tickets/{number}"))["items"] == [{"key": "pay", "role": "covered"}]
    fields = {"steps": "use paper", "contacts": "li", "review_due": "2030-01-01T00:00:00+00:00"}
    new = incident(ann, "nothing works", "sw-1", "db-1")
    assert done(ann.get(f"/tickets/{new}/related"))["plans"] == []
    done(step(pam, number, "publish", **fields))
    found = done(ann.get(f"/tickets/{new}/related"))
    assert [one["number"] for one in found["plans"]] == [number]  # pay is hit, not named
    assert [one["number"] for one in found["past"]] == [old]
    assert found["past"][0]["fields"]["solution"] == "purged the logs"


def test_inspections_come_when_due_and_findings_become_incidents(people, clock, env):
    fay, ann, bob = people["fay"], people["ann"], people["bob"]
    warm = {"name": "temperature", "type": "number", "label": "T", "label_zh": "温度"}
    hot = {"subject": "temperature", "operator": "at least", "value": 30, "words": "it is hot"}
    plan = {
        "title": "Server room",
        "every_days": 7,
        "ci_types": ["network_device"],
        "team": "network",
        "form": [warm],
        "required": ["temperature"],
        "findings": [hot],
        "opens": {"category": "facility", "impact": 2, "urgency": 2},
    }
    put_setting(ADMIN, env, "inspection_plan", "room", plan)
    assert open_inspections(env) == 0
    clock.now += 20 * DAY
    assert open_inspections(env) == 1
    assert open_inspections(env) == 0
    (due,) = done(fay.get("/inspections"))["items"]
    assert due["items"] == [{"key": "sw-1", "role": "inspected"}]
    assert mails(env, "inspection_due") == [("inspection_due", "fay@example.org")]
    number = due["number"]
    done(step(fay, number, "start", assignee="fay"))
    refused(step(fay, number, "complete"), 422, "not filled in")
    answers = f"/tickets/{number}/answers"
    refused(fay.post(answers, {"answers": {}}), 422, "temperature")
    refused(fay.post(answers, {"answers": {"temperature": "warm"}}), 422, "a number")
    refused(bob.post(answers, {"answers": {"temperature": 20}}), 403)
    ended = done(fay.post(answers, {"answers": {"temperature": 31}}))
    assert (ended["state"], ended["fields"]["finding"]) == ("finding", "it is hot")
    (made,) = done(ann.get("/incidents"))["items"]
    assert made["links"] == [{"number": number, "role": "caused_by"}]
    assert (made["items"][0]["key"], made["fields"]["priority"]) == ("sw-1", 2)
    clock.now += 7 * DAY
    assert open_inspections(env) == 1
    second = done(fay.get("/inspections", params={"open": True}))["items"][0]["number"]
    done(step(fay, second, "start", assignee="fay"))
    assert (
        done(fay.post(f"/tickets/{second}/answers", {"answers": {"temperature": 9}}))["state"]
        == "done"
    )
    assert len(done(ann.get("/incidents"))["items"]) == 1


def test_service_levels_warn_once_and_go_up_when_missed(people, clock, env):
    ann, fay = people["ann"], people["fay"]
    number = incident(ann, "all is down", "sw-1", impact=1, urgency=1)
    done(step(ann, number, "classify", category="network"))
    done(step(ann, number, "dispatch", team="network"))
    env_now = clock.now
    due = done(ann.get(f"/tickets/{number}"))["clocks"]
    assert (due["respond"]["target"], due["resolve"]["target"]) == (1800.0, 14400.0)
    late = done(ann.get("/tickets/forecast", params={"until": "2099-01-01T00:00:00+00:00"}))
    assert [one["number"] for one in late["items"]] == [number]
    clock.now = env_now + 1000  # half of it: as nobody is assigned, the team is told
    assert tick_tickets(env) == 1
    assert tick_tickets(env) == 0
    assert ("sla_warning", "fay@example.org") in mails(env)
    before = len(mails(env))
    clock.now = env_now + 1801
    tick_tickets(env)
    assert mails(env, "sla_breached")
    assert len(mails(env)) > before
    told = len(mails(env))
    tick_tickets(env)
    assert len(mails(env)) == told
    done(step(fay, number, "accept", assignee="fay"))
    done(step(fay, number, "wait_for_vendor", waiting_for="spare part"))
    clock.now += 30 * DAY
    tick_tickets(env)
    assert not done(ann.get(f"/tickets/{number}"))["clocks"]["resolve"]["breached"]
    done(step(fay, number, "resume"))
    done(ann.patch(f"/tickets/{number}", {"fields": {"urgency": 3}}))
    aimed = done(ann.get(f"/tickets/{number}"))
    assert aimed["fields"]["priority"] == 2
    assert aimed["clocks"]["resolve"]["calendar"] == "business"
    done(ann.patch(f"/tickets/{number}", {"fields": {"major": True}}))
    assert mails(env, "major_incident")
