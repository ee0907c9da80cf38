"""Reviews, decisions, dry runs and explanations over HTTP."""

import pytest

from api.http.models.common import Page
from api.http.models.decisions import DecisionRow, Review, ReviewRow
from tests.api.sending import (
    SERIAL,
    UUID,
    attribute,
    content,
    decide,
    item,
    keys,
    relation,
    why,
)


@pytest.fixture
def disputed(say, editor):
    """Two sources that give one serial number to machines with different UUIDs."""
    say(
        "left",
        item("a", **SERIAL, uuid=f"{UUID}1", asset_tag="A1", site="x"),
        item("app", "application", site="x"),
        item("pay", "business_service", site="x"),
        relation("app", "runs_on", "a"),
        relation("pay", "depends_on", "app"),
    )
    say(
        "right",
        item("b", **SERIAL, uuid=f"{UUID}2", asset_tag="B2", site="y"),
        item("power", site="y"),
        relation("b", "depends_on", "power"),
    )
    (review,) = editor.get("/reviews").json()["items"]
    return review


def test_a_review_with_its_evidence(editor, disputed):
    ReviewRow.model_validate(disputed)
    got = editor.get(f"/reviews/{disputed['id']}")
    review = Review.model_validate(got.json())
    assert (review.rule, review.value, review.reasons) == ("serial", "sn12345 dell", ["uuid"])
    assert review.choices is None
    left, right = review.evidence
    assert (left.claim, left.ci, right.claim, right.ci) == ("left:a", "a", "right:b", "b")
    assert left.says["attributes.asset_tag"] == "A1"
    assert left.equal == ["attributes.serial_number", "attributes.vendor"]
    assert right.unlike == ["attributes.uuid"]
    headers = {"If-None-Match": got.headers["ETag"]}
    assert editor.get(f"/reviews/{disputed['id']}", headers=headers).status_code == 304
    missing = editor.get("/reviews/nosuch")
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFound")


def test_each_choice_says_what_then_happens(editor, disputed):
    before = content(editor)
    got = editor.get(f"/reviews/{disputed['id']}?choices=true").json()
    merge, apart, ignore = Review.model_validate(got).choices
    assert (merge.kind, apart.kind, ignore.kind) == ("merge", "split", "ignore")
    assert content(editor) == before
    done = {(one.action, one.key): one.detail for one in merge.steps}
    assert done["merge", "b"] == {"into": "a"}
    assert ("resolve", disputed["id"]) in done
    effects = [(one.key, one.service, one.before, one.after) for one in merge.effects]
    assert effects == [("power", "pay", "ok", "down")]
    assert [one.action for one in apart.steps] == ["resolve"]
    assert [one.action for one in ignore.steps] == ["resolve"]
    decide(editor, kind="merge", cis=["a", "b"])
    changed = done["change", "a"]
    assert changed["attributes.asset_tag"] == ["A1", attribute(editor, "a", "asset_tag")]
    hit = editor.post("/impact", {"failures": [{"key": "power"}]}).json()["impacted"]
    assert [row["key"] for row in hit] == ["a", "app", "pay"]
    assert editor.get("/reviews").json()["items"] == []


def test_a_merge_is_undone(editor, disputed):
    before = content(editor)
    made = editor.post("/decisions", {"kind": "merge", "cis": ["b", "right:b", "a"], "reason": "x"})
    assert made.status_code == 201
    path = f"/decisions/{made.json()['id']}"
    assert made.headers["Location"].endswith(path)
    assert "b" not in keys(editor)
    got = editor.get(path)
    assert got.json() == made.json() == {**got.json(), "kind": "merge", "reason": "x"}
    etag = {"If-None-Match": got.headers["ETag"]}
    assert editor.get(path, headers=etag).status_code == 304
    wrong = editor.delete(path, headers={"If-Match": '"other"'})
    assert (wrong.status_code, wrong.json()["code"]) == (412, "PreconditionFailed")
    assert editor.delete(path, headers={"If-Match": got.headers["ETag"]}).status_code == 204
    assert content(editor) == before
    assert [one["id"] for one in editor.get("/reviews").json()["items"]] == [disputed["id"]]
    assert editor.get(path).status_code == editor.delete(path).status_code == 404


def test_a_split_holds_and_is_undone(editor, say):
    say("left", item("a", **SERIAL))
    say("right", item("b", **SERIAL, hostname="h"))
    before = content(editor)
    assert keys(editor) == ["a"]
    made = decide(editor, kind="split", cis=["a"], claims=["right:b"])
    assert keys(editor) == ["a", "b"]
    assert attribute(editor, "a", "hostname") is None
    say("left", item("a", **SERIAL, asset_tag="A1"))
    assert keys(editor) == ["a", "b"]
    say("left", item("a", **SERIAL, asset_tag=None))
    assert editor.get("/reviews").json()["items"] == []
    assert editor.delete(f"/decisions/{made}").status_code == 204
    assert content(editor) == before


def test_what_people_keep_apart_is_asked_no_more(editor, say, disputed):
    before = content(editor)
    made = decide(editor, kind="split", cis=["a"], claims=["right:b"])
    assert editor.get("/reviews").json()["items"] == []
    say("right", item("b", **SERIAL, asset_tag="B2", site="y"))
    assert editor.get("/reviews").json()["items"] == []
    assert "b" in keys(editor)
    say("right", item("b", **SERIAL, uuid=f"{UUID}2", asset_tag="B2", site="y"))
    say("third", item("d", **SERIAL, uuid=f"{UUID}3"))
    (review,) = editor.get("/reviews").json()["items"]
    assert review["claims"] == ["left:a", "right:b", "third:d"]
    decide(editor, kind="ignore", claims=["third:d"])
    assert editor.delete(f"/decisions/{made}").status_code == 204
    (review,) = editor.get("/reviews").json()["items"]
    assert (review["id"], review["claims"]) == (disputed["id"], disputed["claims"])
    assert content(editor) == before


def test_a_choice_takes_the_place_of_what_says_otherwise(editor, say, disputed):
    decide(editor, kind="split", cis=["a"], claims=["right:b"])
    say("third", item("d", **SERIAL, uuid=f"{UUID}3"))
    (review,) = editor.get("/reviews").json()["items"]
    merge = editor.get(f"/reviews/{review['id']}?choices=true").json()["choices"][0]
    assert {one["key"] for one in merge["steps"] if one["action"] == "merge"} == {"b", "d"}
    decide(editor, kind="merge", cis=["a", "b", "d"])
    assert [one["kind"] for one in editor.get("/decisions").json()["items"]] == ["merge"]
    assert not {"b", "d"} & set(keys(editor))


def test_a_pin_holds_and_is_undone(editor, say):
    say("left", item("a", **SERIAL))
    say("right", item("b", serial_number="XY98765", vendor="HP", hostname="h"))
    before = content(editor)
    made = decide(editor, kind="pin", claims=["right:b"], cis=["a"])
    assert keys(editor) == ["a"]
    assert why(editor, "a", "attributes.hostname") == ("h", "right:b", "only")
    assert editor.delete(f"/decisions/{made}").status_code == 204
    assert content(editor) == before


def test_a_cloned_engine_id_is_ignored_for_good(editor, say):
    def seen(number):
        macs = [f"00:1a:2b:00:00:0{number}"]
        return item(f"10.0.0.{number}", snmp_engine_id="80001f8880e4b1d5", mac_addresses=macs)

    say("snmp", seen(1), seen(2))
    (review,) = editor.get("/reviews").json()["items"]
    assert (review["rule"], review["proposal"]) == ("engine_id", "ignore")
    made = decide(editor, kind="ignore", review=review["id"], reason="cloned")
    shown = editor.get(f"/decisions/{made}").json()
    assert (shown["rule"], shown["value"]) == ("engine_id", review["value"])
    say("snmp", seen(3))
    assert editor.get("/reviews").json()["items"] == []
    assert keys(editor) == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]


def test_repeated_decisions(editor, disputed):
    form, once = {"kind": "merge", "cis": ["a", "b"]}, {"Idempotency-Key": "once"}
    first = editor.post("/decisions", form, headers=once)
    again = editor.post("/decisions", form, headers=once)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(editor.get("/decisions").json()["items"]) == 1
    other = editor.post("/decisions", {**form, "reason": "x"}, headers=once)
    assert other.json()["code"] == "IdempotencyMismatch"
    path = f"/decisions/{first.json()['id']}"
    for _ in range(2):
        assert editor.delete(path, headers={"Idempotency-Key": "gone"}).status_code == 204


@pytest.mark.parametrize(
    ("form", "places"),
    [
        ({"kind": "merge", "cis": ["a"]}, ["cis"]),
        ({"kind": "merge", "cis": ["a", "b"], "claims": ["left:a"]}, ["claims"]),
        ({"kind": "split", "cis": ["a", "b"], "review": "x"}, ["cis", "claims", "review"]),
        ({"kind": "pin"}, ["cis", "claims"]),
        ({"kind": "ignore", "cis": ["a"]}, ["cis"]),
        ({"kind": "ignore"}, ["ignore"]),
        ({"kind": "merge", "cis": ["a", "nosuch"]}, ["decision"]),
        ({"kind": "join"}, ["body"]),
    ],
)
def test_what_is_no_decision(api, editor, disputed, form, places):
    got = editor.post("/decisions", form)
    assert got.status_code == 422
    errors = got.json().get("errors") or [got.json()]
    assert [one["fields"]["place"] for one in errors] == places
    assert editor.get("/decisions").json()["items"] == []
    chinese = api(language="zh").post("/decisions", {"kind": "merge", "cis": ["a"]}).json()
    assert "请至少给出两个" in chinese["detail"]


def test_pages(editor, say):
    for number in range(5):
        serial = {"serial_number": f"SN1234{number}", "vendor": "Dell"}
        say("left", item(f"a{number}", **serial, uuid=f"{UUID}1"[:-1] + f"{number}"))
        say("right", item(f"b{number}", **serial, uuid=f"{UUID}1"[:-2] + f"a{number}"))
    every = [one["id"] for one in editor.get("/reviews").json()["items"]]
    assert len(every) == 5
    for number in every[:3]:
        decide(editor, kind="ignore", review=number)
    for path, model, count in (("/reviews", ReviewRow, 2), ("/decisions", DecisionRow, 3)):
        found, cursor = [], None
        while True:
            query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
            page = Page[model].model_validate(editor.get(path, params=query).json())
            found += [one.id for one in page.items]
            cursor = page.next
            if cursor is None:
                break
        assert found == [one["id"] for one in editor.get(path).json()["items"]]
        assert len(found) == len(set(found)) == count
        assert editor.get(f"{path}?cursor=x").status_code == 422


def test_a_dry_run_shows_what_then_happens(editor, say, disputed):
    news = (
        item("c", "server", **SERIAL, uuid=f"{UUID}1", hostname="h"),
        item("cooling"),
        relation("c", "depends_on", "cooling"),
    )
    before = content(editor)
    plan = say("third", *news, dry_run=True)
    assert content(editor) == before
    steps = {(one["action"], one["key"]): one for one in plan["steps"]}
    assert steps["change", "a"]["detail"] == {"attributes.hostname": [None, "h"]}
    assert steps["change", "a"]["source"] == "third"
    assert {("create", "cooling"), ("create", "a depends_on cooling")} <= set(steps)
    assert plan["effects"]["effects"] == [
        {"key": "cooling", "service": "pay", "before": "ok", "after": "down"}
    ]
    real = say("third", *news)
    assert (real["items"], real["relations"]) == (plan["items"], plan["relations"])
    assert (real["steps"], real["effects"]) == (None, None)
    assert attribute(editor, "a", "hostname") == "h"
    hit = editor.post("/impact", {"failures": [{"key": "cooling"}]}).json()["impacted"]
    assert {row["key"]: row["state"] for row in hit}["pay"] == "down"


def test_a_key_with_a_slash_is_explained(editor, say):
    say("left", item("rack/1", "server"))
    got = editor.get("/cis/rack/1/explanation")
    assert [one["field"] for one in got.json()["fields"]] == ["type"]
    etag = {"If-None-Match": got.headers["ETag"]}
    assert editor.get("/cis/rack/1/explanation", headers=etag).status_code == 304
    assert editor.get("/cis/nosuch/explanation").status_code == 404


def test_who_may_what(api, editor, disputed):
    viewer = api("viewer")
    for path in ("/reviews", "/decisions", "/sources", "/precedences", "/cis/a/explanation"):
        assert viewer.get(path).status_code == 200
    for got in (
        viewer.post("/decisions", {"kind": "merge", "cis": ["a", "b"]}),
        viewer.delete("/decisions/x"),
        viewer.delete("/runs/x"),
        viewer.post("/settle"),
        editor.put("/sources/x", {}),
        editor.put("/precedences/server/name", {"sources": ["left"]}),
    ):
        assert (got.status_code, got.json()["code"]) == (403, "Forbidden")
