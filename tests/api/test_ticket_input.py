"""Bad input about tickets over HTTP: refused with the remedy, and nothing is half done."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from cmdb.services.ticket_configuration import put_setting
from tests.api.conftest import ADMIN
from tests.api.desk import done, refused, step

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
SCRIPT = "<script>alert(document.cookie)</script><img src=x onerror=alert(1)>"


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "hello")
    return made.getvalue()


def opened(who, path="incidents", **form):
    fields = {"urgency": 2, **form.pop("fields", {})}
    return done(who.post(f"/{path}", {"title": "orders are slow", "fields": fields, **form}), 201)


def attach(who, number, name, media_type, data):
    return who(
        "POST",
        f"/tickets/{number}/attachments",
        params={"name": name},
        content=data,
        headers={"Content-Type": media_type},
    )


@pytest.fixture
def unchanged(env):
    """Says whether nothing was written since."""
    return lambda seq: env.store.seq() == seq


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"title": ""}, ["title"]),
        ({}, ["'title' is missing"]),
        ({"title": "x" * 513}, ["title"]),
        ({"title": "a\nb"}, ["title"]),
        ({"fields": {"title": "a\u0000b"}}, ["control characters"]),
        ({"title": "x", "fields": {"description": "x" * 65_537}}, ["65536"]),
        ({"title": "x", "fields": {"colour": "red", "impact": 4}}, ["'colour'", "1, 2 or 3"]),
        ({"title": "x", "fields": {"urgency": True}}, ["true", "1, 2 or 3"]),
        ({"title": "x", "fields": {"team": "nobodies"}}, ["unknown team 'nobodies'"]),
        ({"title": "x", "fields": {"assignee": "zoe"}}, ["unknown user 'zoe'"]),
        ({"title": "x", "fields": {"converted_to": "INC-99"}}, ["INC-99"]),
        ({"title": "x", "items": [{"key": "nothing"}, {"key": ""}]}, ["items"]),
        ({"title": "x", "items": [{"key": "no"}, {"key": "nope"}]}, ["items[0]", "items[1]"]),
        ({"title": "x", "items": [{"key": "db-1", "role": "owner"}]}, ["unknown role 'owner'"]),
        ({"title": "x", "items": [{"key": "db-1"}] * 10_000}, ["items", "1000"]),
        ({"title": "x", "links": [{"number": "INC-99"}]}, ["INC-99"]),
        ({"title": "x", "links": [{"number": "INC-1"}] * 201}, ["links", "200"]),
        ({"title": "x", "answers": {"a": 1}}, ["catalogue"]),
        ({"title": "x", "foreign": {"glpi": "7" * 1000}}, ["foreign"]),
        ({"title": "x", "state": "closed"}, ["state"]),
        ({"title": "x", "fields": {"line": 10**400}}, ["body"]),
        ({"title": "x", "fields": {"description": {"a": [1]}}}, ["'description'", "an object"]),
    ],
)
def test_what_cannot_be_opened(people, env, unchanged, form, told):
    seq = env.store.seq()
    got = people["ann"].post("/incidents", form)
    assert got.status_code in (400, 422), got.text
    for word in told:
        assert word in got.text
    assert unchanged(seq)
    assert done(people["ann"].get("/incidents"))["items"] == []


def test_many_wrong_fields_are_told_within_bounds(people, env):
    fields = {f"field{n}": "x" for n in range(10_000)}
    got = people["ann"].post("/incidents", {"title": "x", "fields": fields})
    refused(got, 422, "fields", "200")
    assert len(got.content) < 10_000
    assert done(people["ann"].get("/incidents"))["items"] == []


def test_steps_that_are_not_offered(people, env, unchanged):
    ann, bob = people["ann"], people["bob"]
    number = opened(bob)["number"]
    seq = env.store.seq()
    refused(step(ann, number, "resolve", solution="x"), 422, "'classify'", "cannot be done")
    refused(step(ann, number, "resolv"), 422, "nearest known name: 'resolve'")
    refused(step(ann, number, "x" * 64), 422, "unknown step")
    refused(step(bob, number, "classify", category="network"), 403)
    refused(step(bob, number, "cancel", reason="x", priority=1), 422, "leave it out")
    refused(step(people["mia"], number, "cancel", reason="x"), 404)
    refused(step(ann, number, "classify", category="network", solution="x" * 70_000), 422)
    refused(step(ann, "INC-99", "classify"), 404, "INC-99")
    refused(ann.post(f"/tickets/{number}/votes", {"decision": "approved"}), 403, number)
    refused(ann.post(f"/tickets/{number}/rating", {"rating": 5}), 404)
    refused(bob.post(f"/tickets/{number}/rating", {"rating": 5}), 422, "not over")
    refused(ann.post(f"/tickets/{number}/notes", {"text": "  "}), 422, "text")
    refused(ann.post(f"/tickets/{number}/tasks", {"title": " "}), 422, "title")
    refused(ann.patch(f"/tickets/{number}/tasks/1", {"state": "done"}), 404)
    refused(ann.patch(f"/tickets/{number}", {"title": None, "fields": {"title": ""}}), 422, "title")
    assert unchanged(seq)


def test_standard_changes_without_a_template_and_windows_turned_round(people, env):
    cho = people["cho"]
    number = opened(cho, "changes", fields={"category": "standard"}, items=[{"key": "db-1"}])[
        "number"
    ]
    plans = ("benefit", "risk", "implementation_plan", "test_plan", "back_out_plan")
    done(step(cho, number, "assess", **dict.fromkeys(plans, "x")))
    refused(step(cho, number, "take_approved", template="x"), 422, "change template 'x'")
    refused(cho.patch(f"/tickets/{number}", {"fields": {"template": "x"}}), 422, "template 'x'")
    values = {**dict.fromkeys(("title", *plans), "x"), "valid_until": "2030-01-01"}
    put_setting(ADMIN, env, "change_template", "x", {**values, "ci_types": ["switch"]})
    refused(step(cho, number, "take_approved", template="x"), 422, "is not for 'db-1'")
    put_setting(ADMIN, env, "change_template", "x", {**values, "ci_types": ["database"]})
    done(step(cho, number, "take_approved", template="x"))
    window = {"starts": "2027-01-02T00:00:00Z", "ends": "2027-01-01T00:00:00Z", "assignee": "cho"}
    refused(step(cho, number, "schedule", **window), 422, "closes before it opens")
    assert done(cho.get(f"/tickets/{number}"))["state"] == "approved"
    assert done(cho.get("/maintenance"))["items"] == []


def test_circles_of_parents(people):
    ann = people["ann"]
    top = opened(ann)["number"]
    middle = opened(ann, links=[{"number": top, "role": "parent"}])["number"]
    low = opened(ann, links=[{"number": middle, "role": "parent"}])["number"]
    for other in (top, middle, low):
        rows = [{"number": other, "role": "parent"}]
        refused(ann.patch(f"/tickets/{top}", {"links": rows}), 422, other, "above itself")
    assert done(ann.get(f"/tickets/{top}"))["links"] == []


def test_tickets_that_one_may_not_see(people):
    bob, ann = people["bob"], people["ann"]
    theirs, mine = opened(ann)["number"], opened(bob)["number"]
    refused(bob.get(f"/tickets/{theirs}"), 404)
    refused(bob.get(f"/incidents/{theirs}/../{theirs}"), 404)
    refused(bob.get(f"/tickets/{theirs}/timeline"), 404)
    refused(attach(bob, theirs, "a.txt", "text/plain", b"x"), 404)
    rows = [{"number": theirs}]
    refused(bob.post("/incidents", {"title": "x", "links": rows}), 422, theirs, "links[0]")
    refused(bob.patch(f"/tickets/{mine}", {"links": rows}), 403)
    done(ann.patch(f"/tickets/{mine}", {"links": rows}))
    assert theirs not in bob.get(f"/tickets/{mine}").text
    assert theirs not in bob.get(f"/tickets/{mine}/timeline").text
    found = done(bob.get("/tickets", params={"requester": "ann"}))["items"]
    assert found == []


@pytest.mark.parametrize(
    ("name", "media_type", "data", "told"),
    [
        ("photo.exe", "image/png", PNG, "image/png"),
        ("photo.png", "image/png", b"MZ" + bytes(100), "x-msdownload"),
        ("photo.png", "image/png", zipped(), "application/zip"),
        ("photo.png", "image/png", b"<svg onload=alert(1)>", "text/plain"),
        ("page.html", "text/plain", b"<script>alert(1)</script>", "text/plain"),
        ("page.txt", "text/html", b"<script>alert(1)</script>", "media type"),
        ("page.txt\u202e", "image/svg+xml", b"<svg/>", "media type"),
        ("run.sh", "text/plain", b"#!/bin/sh", "run.sh"),
        ("a.zip", "application/zip", PNG, "image/png"),
        ("a.docm", "application/zip", PNG, "image/png"),
        ("a.txt", "text/plain", b"a\x00b", "something else"),
        ("a.txt", "text/plain", b"\xff\xfe\x00", "something else"),
        ("a.txt", "", b"hello", "media type"),
        ("a.txt", "text", b"hello", "media type"),
        ("empty.txt", "text/plain", b"", "empty"),
        ("empty.png", "image/png", b"", "empty"),
    ],
)
def test_disguised_files(people, env, unchanged, name, media_type, data, told):
    number = opened(people["bob"])["number"]
    seq = env.store.seq()
    refused(attach(people["bob"], number, name, media_type, data), 422, told)
    assert unchanged(seq)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Windows\\a.txt", "a.txt"),
        ("..", "file"),
        ("a\u202etxt.exe.txt", "atxt.exe.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie_ x=1.txt"),
        ('"><script>.txt', "___script_.txt"),
        ("报告 \u2028“x”.txt", "报告 “x”.txt"),
        ("x" * 400 + ".txt", "x" * 200),
    ],
)
def test_names_of_files(people, name, kept):
    bob = people["bob"]
    number = opened(bob)["number"]
    ticket = done(attach(bob, number, name, 'Text/Plain; charset="utf-8"', b"<b>hello</b>"), 201)
    (file,) = ticket["attachments"]
    assert (file["name"], file["media_type"], file["size"]) == (kept, "text/plain", 12)
    got = bob.get(f"/tickets/{number}/attachments/{file['id']}")
    assert got.content == b"<b>hello</b>"
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert not set(got.headers["Content-Disposition"][29:]) & set("\"'<>\r\n \\")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "default-src 'none'" in got.headers["Content-Security-Policy"]


def test_files_that_are_two_things_are_given_out_as_neither(people):
    bob = people["bob"]
    number = opened(bob)["number"]
    both = PNG + b"<script>alert(1)</script>" + zipped()
    done(attach(bob, number, "both.png", "image/png", both), 201)
    got = bob.get(f"/tickets/{number}/attachments/1")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    pcap = b"\xd4\xc3\xb2\xa1" + bytes(20)
    done(attach(bob, number, "a.pcap", "application/vnd.tcpdump.pcap", pcap), 201)


def test_files_that_are_too_large_or_too_many(people, env, unchanged):
    bob = people["bob"]
    number = opened(bob)["number"]
    seq = env.store.seq()
    refused(attach(bob, number, "a.txt", "text/plain", b"x" * (10 * 2**20 + 1)), 413, "10")
    assert unchanged(seq)
    for n in range(20):
        done(attach(bob, number, f"{n}.txt", "text/plain", b"x"), 201)
    refused(attach(bob, number, "a.txt", "text/plain", b"x"), 422, "at most 20")
    refused(people["fay"].get(f"/tickets/{number}/attachments/99"), 404)


def test_scripts_are_answered_as_data(people):
    ann = people["ann"]
    fields = {"description": SCRIPT, "workaround": SCRIPT, "waiting_for": SCRIPT}
    form = {"title": SCRIPT, "fields": fields, "foreign": {"glpi": SCRIPT}}
    number = done(ann.post("/incidents", form), 201)["number"]
    done(ann.post(f"/tickets/{number}/notes", {"text": SCRIPT}))
    done(ann.post(f"/tickets/{number}/tasks", {"title": SCRIPT}))
    for path in ("", "/timeline"):
        got = ann.get(f"/tickets/{number}{path}")
        assert got.headers["Content-Type"] == "application/json"
        assert SCRIPT in str(got.json())
    got = ann.get("/tickets/search", params={"text": "alert"})
    assert [one["number"] for one in got.json()["items"]] == [number]
    assert done(ann.get("/tickets/search", params={"text": '" OR 1 NEAR( * ^'}))["items"] == []


def test_versions_that_are_out_of_date(people, env, unchanged):
    ann, bob = people["ann"], people["bob"]
    ticket = opened(bob)
    number, stale = ticket["number"], {"If-Match": f'"{ticket["version"]}"'}
    done(attach(bob, number, "a.txt", "text/plain", b"x"), 201)
    done(ann.post(f"/tickets/{number}/tasks", {"title": "x"}))
    seq = env.store.seq()
    for got in (
        ann.patch(f"/tickets/{number}", {"title": "y"}, headers=stale),
        ann.post(
            f"/tickets/{number}/steps/classify",
            {"fields": {"category": "network", "impact": 1}},
            headers=stale,
        ),
        ann.patch(f"/tickets/{number}/tasks/1", {"state": "done"}, headers=stale),
        bob.delete(f"/tickets/{number}/attachments/1", headers=stale),
    ):
        refused(got, 412, number)
    assert unchanged(seq)
    fresh = {"If-Match": bob.get(f"/tickets/{number}").headers["ETag"]}
    assert bob.delete(f"/tickets/{number}/attachments/1", headers=fresh).status_code == 204


def test_repeated_requests(people, env):
    ann, bob = people["ann"], people["bob"]
    key, form = {"Idempotency-Key": "k1"}, {"title": "x"}
    first = done(ann.post("/incidents", form, headers=key), 201)
    again = ann.post("/incidents", form, headers=key)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.json()["number"] == first["number"]
    other = done(bob.post("/incidents", form, headers=key), 201)
    assert other["number"] != first["number"]
    refused(ann.post("/incidents", {"title": "y"}, headers=key), 422, "k1")
    with ThreadPoolExecutor(4) as pool:
        same = {"Idempotency-Key": "k2"}
        jobs = [pool.submit(ann.post, "/incidents", form, headers=same) for _ in range(8)]
        numbers = {done(job.result(), 201)["number"] for job in jobs}
    assert len(numbers) == 1
    note = {"text": "hello"}
    for _ in range(3):
        done(ann.post(f"/tickets/{first['number']}/notes", note, headers={"Idempotency-Key": "n"}))
    rows = done(ann.get(f"/tickets/{first['number']}/timeline"))["items"]
    assert len([one for one in rows if one["kind"] == "note"]) == 1


def test_what_is_asked_wrongly(people):
    ann = people["ann"]
    for params in (
        {"sort": "colour"},
        {"limit": 0},
        {"limit": 100_000},
        {"cursor": "zzz"},
        {"opened_from": "yesterday"},
        {"role": "affected"},
    ):
        refused(ann.get("/tickets", params=params), 422)
    assert (
        done(ann.get("/tickets", params={"state": "nothing", "category": "'; --"}))["items"] == []
    )
    refused(ann.get("/tickets", params={"item": "nothing"}), 404, "nothing")
    refused(ann.get("/tickets/search"), 422, "text")
    refused(ann.get("/tickets/forecast", params={"until": "soon"}), 422)
