"""Relations over HTTP."""

import pytest

from api.http.models.common import Page
from api.http.models.relations import RelationRow
from cmdb.services.ingest import ingest
from discovery.agents.estate import parse
from tests.api.conftest import ADMIN

NEW = {"from": "app-1", "type": "uses", "to": "sw-1"}


def ends(got):
    assert got.status_code == 200, got.text
    Page[RelationRow].model_validate(got.json())
    return [(row["from"], row["to"]) for row in got.json()["items"]]


def test_create_show_change_remove(editor, estate):
    got = editor.post("/relations", {**NEW, "attributes": {"port": 5432}, "id": "main"})
    assert got.status_code == 201
    made = got.json()
    RelationRow.model_validate(made)
    assert made == {
        **NEW,
        "number": made["number"],
        "strength": None,
        "group": None,
        "id": "main",
        "attributes": {"port": 5432},
        "version": made["version"],
    }
    path = f"/relations/{made['number']}"
    assert got.headers["Location"] == f"/api/v1{path}"
    assert got.headers["ETag"] == f'"{made["version"]}"'
    assert editor.get(path).json() == made

    got = editor.patch(path, {"strength": "hard", "attributes": {"vlan": 7}})
    assert got.json()["strength"] == "hard"
    assert got.json()["attributes"] == {"port": 5432, "vlan": 7}
    got = editor.patch(path, {"strength": None, "attributes": {"port": None}})
    assert got.json()["strength"] is None
    assert got.json()["attributes"] == {"vlan": 7}
    assert editor.patch(path, {}).json() == got.json()
    assert editor.delete(path).status_code == 204
    assert editor.get(path).status_code == 404
    assert editor.patch(path, {}).status_code == 404
    assert editor.delete(path).status_code == 404


def test_ends_by_any_reference(editor, estate):
    got = editor.post("/relations", {"from": "订单系统", "type": "uses", "to": "estate:sw-1"})
    assert (got.json()["from"], got.json()["to"]) == ("app-1", "sw-1")
    assert ends(editor.get("/relations", params={"from": "订单系统", "type": "uses"})) == [
        ("app-1", "sw-1")
    ]


def test_what_a_source_says_stays_below_what_was_said_by_hand(env, editor, estate):
    (row,) = editor.get("/relations?key=pay").json()["items"]
    path = f"/relations/{row['number']}"
    document = {**estate, "relations": [{**estate["relations"][3], "attributes": {"x": 1}}]}
    ingest(ADMIN, env, parse(document), source="estate", reason="test")
    assert editor.patch(path, {"attributes": {"x": 2, "y": 3}}).json()["attributes"] == {
        "x": 2,
        "y": 3,
    }
    assert editor.patch(path, {"attributes": {"x": None}}).json()["attributes"] == {"x": 1, "y": 3}


def test_refusals(editor, estate):
    for form, code, status in (
        ({**NEW, "type": "use"}, "UnknownName", 422),
        ({**NEW, "to": "nothing"}, "UnknownReference", 422),
        ({**NEW, "type": "runs_on", "to": "pay"}, "NotJoinable", 422),
        ({**NEW, "strength": "weak"}, "WrongValue", 422),
        ({**NEW, "form": "x"}, "UnknownField", 422),
        ({"type": "uses", "to": "sw-1"}, "MissingField", 422),
        (estate["relations"][0], "AlreadyExists", 409),
    ):
        got = editor.post("/relations", form)
        assert (got.status_code, got.json()["code"]) == (status, code), form
    got = editor.post("/relations", {**NEW, "from": "nothing", "to": "sw-1"})
    assert got.json()["fields"] == {"place": "relation.from", "reference": "nothing"}
    got = editor.post("/relations", {**NEW, "form": "x"})
    assert got.json()["fields"]["nearest"] == "from"
    deep = {"x": {}}
    for _ in range(40):
        deep = {"x": deep}
    got = editor.post("/relations", {**NEW, "attributes": deep})
    assert got.status_code == 422
    assert "32 levels" in got.json()["detail"]


@pytest.mark.parametrize("number", ["999", "-1", "x", "1.5", "9" * 40])
def test_unknown_numbers(editor, estate, number):
    assert editor.get(f"/relations/{number}").status_code == 404


def test_versions(editor, estate):
    got = editor.get("/relations/0")
    etag = got.headers["ETag"]
    assert editor.get("/relations/0", headers={"If-None-Match": etag}).status_code == 304
    got = editor.patch("/relations/0", {"strength": "soft"}, headers={"If-Match": etag})
    assert got.status_code == 200
    for stale in (etag, '"x"'):
        got = editor.patch("/relations/0", {"strength": "hard"}, headers={"If-Match": stale})
        assert got.status_code == 412
        assert editor.delete("/relations/0", headers={"If-Match": stale}).status_code == 412
    assert editor.get("/relations/0").json()["strength"] == "soft"


def test_filters_and_pages(editor, estate):
    whole = [(r["from"], r["to"]) for r in estate["relations"]]
    assert ends(editor.get("/relations")) == whole
    assert ends(editor.get("/relations?to=db-1")) == [("app-1", "db-1"), ("app-2", "db-1")]
    assert ends(editor.get("/relations?key=db-1")) == whole[:3]
    assert ends(editor.get("/relations?from=pay&type=uses")) == [("pay", "app-1")]
    assert ends(editor.get("/relations?from=pay&type=depends_on")) == []
    found, path = [], "/relations?limit=1"
    for _ in range(9):
        got = editor.get(path)
        found += ends(got)
        if got.json()["next"] is None:
            break
        path = f"/relations?limit=1&cursor={got.json()['next']}"
        editor.post("/relations", {**NEW, "id": f"{len(found)}"})
    assert found[:4] == whole
    for wrong in ("from=nothing", "type=use", "fro=pay", "limit=0", "cursor=x"):
        assert editor.get(f"/relations?{wrong}").status_code == 422
