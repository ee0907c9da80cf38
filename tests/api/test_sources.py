"""Sources, precedences, runs and what time changes, over HTTP."""

from api.http.models.provenance import RunRow
from api.http.models.sources import PrecedenceRow, Settled, SourceRow
from tests.api.sending import SERIAL, attribute, content, item, keys, relation, why

DAY = 86400


def test_a_source_withdrawn_and_reinstated(editor, admin, say):
    say("left", item("a", **SERIAL, asset_tag="A1"))
    say("right", item("b", **SERIAL, asset_tag="B2"), item("only-right"))
    before = content(editor)
    assert admin.get("/sources/right").status_code == 404
    got = admin.put("/sources/right", {"withdrawn": True})
    assert SourceRow.model_validate(got.json()).withdrawn
    assert keys(editor) == ["a"]
    assert why(editor, "a", "attributes.asset_tag") == ("A1", "left:a", "only")
    shown = admin.get("/sources/right")
    assert shown.json() == got.json()
    assert shown.headers["ETag"] == got.headers["ETag"]
    late = admin.put("/sources/right", {"rank": 1}, headers={"If-Match": '"other"'})
    assert late.status_code == 412
    form = {k: v for k, v in shown.json().items() if k != "name"} | {"withdrawn": False}
    headers = {"If-Match": shown.headers["ETag"], "Idempotency-Key": "back"}
    for _ in range(2):
        got = admin.put("/sources/right", form, headers=headers)
        assert (got.status_code, got.json()["withdrawn"]) == (200, False)
    assert got.headers["Idempotency-Replayed"] == "true"
    assert content(editor) == before
    for name in ("%20", "a:b"):
        assert admin.put(f"/sources/{name}", {}).json()["code"] == "WrongValue"
    names = [one["name"] for one in admin.get("/sources").json()["items"]]
    assert names == sorted(names)
    assert {"manual", "right"} <= set(names)


def test_precedence_changes_a_value_and_says_why(editor, admin, say):
    say("left", item("a", **SERIAL, asset_tag="A1"))
    say("right", item("b", **SERIAL, asset_tag="B2"))
    assert why(editor, "a", "attributes.asset_tag") == ("B2", "right:b", "later")
    path = "/precedences/computer/asset_tag"
    got = admin.put(path, {"sources": ["left"]}, headers={"Idempotency-Key": "1"})
    assert PrecedenceRow.model_validate(got.json()).sources == ["left"]
    assert why(editor, "a", "attributes.asset_tag") == ("A1", "left:a", "precedence")
    assert admin.get("/precedences").json()["items"] == [got.json()]
    assert admin.put(path, {"sources": []}, headers={"If-Match": '"other"'}).status_code == 412
    etag = {"If-Match": got.headers["ETag"]}
    assert admin.put(path, {"sources": []}, headers=etag).json()["sources"] == []
    assert admin.get("/precedences").json()["items"] == []
    assert attribute(editor, "a", "asset_tag") == "B2"
    for path, code in (("nosuch/name", "UnknownName"), ("server/nosuch", "UnknownName")):
        got = admin.put(f"/precedences/{path}", {"sources": ["left"]})
        assert (got.status_code, got.json()["code"]) == (422, code)
    assert admin.put("/precedences/device/*", {"sources": ["left", "left"]}).status_code == 422


def test_a_silent_source_yields_when_settled(editor, admin, say, clock):
    admin.put("/sources/better", {"rank": 500, "freshness": DAY, "fades": 2 * DAY})
    better = (item("a", **SERIAL, asset_tag="A1"), item("c"), relation("a", "depends_on", "c"))
    say("better", *better)
    say("right", item("b", **SERIAL, asset_tag="B2"))
    assert why(editor, "a", "attributes.asset_tag") == ("A1", "better:a", "rank")
    clock.now += DAY + 1
    once = {"Idempotency-Key": "now"}
    got = editor.post("/settle", headers=once)
    assert Settled.model_validate(got.json()).changed == 1
    assert why(editor, "a", "attributes.asset_tag") == ("B2", "right:b", "fresher")
    again = editor.post("/settle", headers=once)
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (got.json(), "true")
    clock.now += DAY
    assert content(editor)[1] == [("a", "depends_on", "c")]
    assert editor.post("/settle").json() == {"changed": 1}
    assert content(editor)[1] == []
    say("better", *better)
    assert attribute(editor, "a", "asset_tag") == "A1"
    assert content(editor)[1] == [("a", "depends_on", "c")]


def test_a_run_is_undone(editor, say):
    say("left", item("a", **SERIAL, asset_tag="A1"))
    before = content(editor)
    say("right", item("b", **SERIAL, asset_tag="B2"), run="r/1")
    say("right", item("new"), run="r/1")
    got = editor.get("/runs/r/1")
    run = RunRow.model_validate(got.json())
    assert (run.id, run.reason, len(run.commits)) == ("r/1", "observations of right", 2)
    assert run.actor.startswith("someone (token ")
    assert attribute(editor, "a", "asset_tag") == "B2"
    assert editor.delete("/runs/r/1", headers={"If-Match": '"other"'}).status_code == 412
    headers = {"If-Match": got.headers["ETag"], "Idempotency-Key": "undo"}
    for _ in range(2):
        assert editor.delete("/runs/r/1", headers=headers).status_code == 204
    assert content(editor) == before
    assert editor.get("/runs/nosuch").status_code == 404
    assert editor.delete("/runs/nosuch").status_code == 404
