"""Maintenance windows over HTTP."""

import pytest

from api.http.models.common import Page
from api.http.models.impact import ImpactAnswer
from api.http.models.maintenance import VersionedWindow

WINDOW = {
    "key": "orders db",
    "starts": "2026-12-01T22:00:00Z",
    "ends": "2026-12-02T02:00:00Z",
    "reason": "disks",
}


def test_the_life_of_a_window(editor, estate):
    made = editor.post("/maintenance", WINDOW)
    assert made.status_code == 201
    window = VersionedWindow.model_validate(made.json())
    assert (window.key, window.state, window.reason) == ("db-1", "down", "disks")
    assert made.headers["Location"].endswith(f"/maintenance/{window.id}")
    path = f"/maintenance/{window.id}"
    got = editor.get(path)
    assert got.json() == made.json()
    etag = got.headers["ETag"]
    assert editor.get(path, headers={"If-None-Match": etag}).status_code == 304
    changed = editor.patch(path, {"state": "degraded"}, headers={"If-Match": etag})
    assert changed.json()["state"] == "degraded"
    late = editor.patch(path, {"state": "down"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "PreconditionFailed")
    assert editor.delete(path, headers={"If-Match": etag}).status_code == 412
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404


def test_repeated_requests(editor, estate):
    key = {"Idempotency-Key": "once"}
    first = editor.post("/maintenance", WINDOW, headers=key)
    again = editor.post("/maintenance", WINDOW, headers=key)
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(editor.get("/maintenance").json()["items"]) == 1
    other = editor.post("/maintenance", {**WINDOW, "state": "degraded"}, headers=key)
    assert other.json()["code"] == "IdempotencyMismatch"
    path = f"/maintenance/{first.json()['id']}"
    for _ in range(2):
        got = editor.patch(path, {"reason": "x"}, headers={"Idempotency-Key": "twice"})
        assert got.json()["reason"] == "x"
        assert got.status_code == 200
    for _ in range(2):
        assert editor.delete(path, headers={"Idempotency-Key": "gone"}).status_code == 204


def test_pages_and_filters(editor, estate):
    for hour in range(5):
        starts = f"2026-12-01T1{hour}:00:00Z"
        key = "db-1" if hour % 2 else "sw-1"
        editor.post("/maintenance", {**WINDOW, "key": key, "starts": starts})
    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = Page[VersionedWindow].model_validate(editor.get("/maintenance", params=query).json())
        found += [one.starts.hour for one in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == [10, 11, 12, 13, 14]
    assert len(editor.get("/maintenance?key=db-1").json()["items"]) == 2
    assert len(editor.get("/maintenance?at=2026-12-01T12:30:00Z").json()["items"]) == 3
    for query in ("at=soon", "key=nosuch", "cursor=x", "limit=0"):
        assert editor.get(f"/maintenance?{query}").status_code == 422


@pytest.mark.parametrize(
    ("form", "codes"),
    [
        ({}, ["MissingField"] * 3),
        ({**WINDOW, "end": 1}, ["UnknownField"]),
        ({**WINDOW, "starts": "x", "state": "dwn"}, ["WrongValue", "UnknownName"]),
        ({**WINDOW, "ends": WINDOW["starts"]}, ["InvalidInput"]),
    ],
)
def test_refusals(api, editor, estate, form, codes):
    got = editor.post("/maintenance", form)
    assert got.status_code == 422
    errors = got.json().get("errors") or [got.json()]
    assert [one["code"] for one in errors] == codes
    assert "必须" in api(language="zh").post("/maintenance", {**WINDOW, "starts": "x"}).text
    viewer = api("viewer")
    assert viewer.post("/maintenance", WINDOW).status_code == 403
    assert viewer.get("/maintenance").json()["items"] == []


def test_what_is_hit_tonight(editor, api, estate):
    window = editor.post("/maintenance", WINDOW).json()
    got = editor.post("/impact", {"at": "2026-12-01T23:00:00Z"}).json()
    ImpactAnswer.model_validate(got)
    del window["version"]
    assert got["maintenance"] == [window]
    assert got["failures"] == [{"key": "db-1", "state": "down"}]
    assert [row["key"] for row in got["impacted"]] == ["app-1", "app-2", "pay"]
    without = {"cis": ["app-1"]}
    asked = {"at": "2026-12-01T23:00:00Z", "assume": {"remove": without}}
    assert [row["key"] for row in editor.post("/impact", asked).json()["impacted"]] == ["app-2"]
    limited = api("viewer", sites=["a"]).post("/impact", {"at": "2026-12-01T23:00:00Z"}).json()
    assert limited["maintenance"] == [{"hidden": True}]
    assert limited["failures"] == []
    assert [row["key"] for row in limited["impacted"]] == ["app-1", "pay"]
    wrong = editor.post("/impact", {"at": "tonight"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "WrongValue")


def test_pages_of_an_answer_hold_the_same_windows(editor, estate):
    editor.post("/maintenance", WINDOW)
    asked = {"at": "2026-12-01T23:00:00Z"}
    page = editor.post("/impact?limit=1", asked).json()
    assert editor.post("/impact", asked, params={"cursor": page["next"]}).status_code == 200
    editor.post("/maintenance", {**WINDOW, "key": "sw-1"})
    got = editor.post("/impact", asked, params={"cursor": page["next"]})
    assert (got.status_code, got.json()["fields"]["place"]) == (422, "cursor")
