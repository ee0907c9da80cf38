"""Criticality over HTTP."""

import csv
import io

import pytest

from api.http.models.criticality import Cuts, Ranking
from cmdb.services import criticality
from cmdb.services.ingest import ingest
from discovery.agents.estate import parse
from tests.api.conftest import ADMIN

PAIR = {
    "cis": [
        {"key": "svc", "type": "business_service", "redundancy": {"web": {"need": 1}}},
        {"key": "w1", "type": "application", "attributes": {"site": "a"}},
        {"key": "w2", "type": "application", "attributes": {"site": "b"}},
        {"key": "db", "type": "database", "attributes": {"site": "a"}},
        {"key": "=sum", "type": "server", "attributes": {"site": "a"}},
    ],
    "relations": [
        {"from": "svc", "type": "depends_on", "to": "w1", "group": "web"},
        {"from": "svc", "type": "depends_on", "to": "w2", "group": "web"},
        {"from": "w1", "type": "depends_on", "to": "db"},
        {"from": "svc", "type": "uses", "to": "db"},
        {"from": "db", "type": "runs_on", "to": "=sum"},
    ],
}


@pytest.fixture
def pair(env):
    assert ingest(ADMIN, env, parse(PAIR), source="estate", reason="test").errors == []
    return PAIR


def test_the_ranking(env, editor, estate):
    got = editor.get("/criticality").json()
    Ranking.model_validate(got)
    assert (got["seq"], got["as_of"], got["hidden"]) == (env.store.seq(), None, 0)
    counts = [(r["key"], *r["services"].values(), *r["cis"].values()) for r in got["items"]]
    assert counts == [
        ("sw-1", 0, 1, 3, 1),
        ("db-1", 0, 1, 2, 1),
        ("app-1", 0, 1, 0, 1),
    ]
    assert got["items"][0]["hits"] == [
        {
            "key": "pay",
            "name": "pay",
            "state": "degraded",
            "path": ["sw-1", "db-1", "app-1", "pay"],
        }
    ]


def test_pages_of_the_ranking(editor, estate):
    whole = editor.get("/criticality").json()
    rows, cursor = [], None
    for number in range(3):
        query = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        got = editor.get("/criticality", params=query).json()
        rows += got["items"]
        assert got["count"] == 3
        cursor = got["next"]
        editor.post("/cis", {"key": f"n{number}", "type": "application"})
        relation = {"from": f"n{number}", "type": "depends_on", "to": "app-1"}
        assert editor.post("/relations", relation).status_code == 201
    assert cursor is None
    assert rows == whole["items"]
    assert editor.get("/criticality").json()["items"] != rows
    past = editor.get("/criticality", params={"as_of": str(whole["seq"])}).json()
    assert past == {**whole, "as_of": str(whole["seq"])}
    for query in ({"cursor": "x"}, {"limit": 0}, {"as_of": "never"}, {"as_of": "99"}):
        assert editor.get("/criticality", params=query).status_code == 422


def test_the_ranking_is_kept_for_its_commit(env, editor, estate):
    first = criticality.rank(ADMIN, env)
    assert criticality.rank(ADMIN, env).toll is first.toll
    editor.delete("/cis/app-2")
    assert criticality.rank(ADMIN, env).toll is not first.toll
    assert criticality.rank(ADMIN, env, as_of=first.snapshot.seq).toll is first.toll


def test_the_scope_hides_and_counts(api, estate):
    got = api("viewer", sites=["a"]).get("/criticality").json()
    assert [row["key"] for row in got["items"]] == ["sw-1", "app-1"]
    assert (got["count"], got["hidden"]) == (2, 1)
    assert got["items"][0]["hits"][0]["path"] == ["sw-1", {"hidden": True}, "app-1", "pay"]
    other = api("viewer", sites=["b"]).get("/criticality").json()
    (row,) = other["items"]
    assert (row["key"], row["services"], row["hits"]) == ("db-1", {"down": 0, "degraded": 1}, [])
    asked = {"service": "pay"}
    assert api("viewer", sites=["b"]).post("/criticality", asked).status_code == 422


def test_csv(editor, pair):
    got = editor.get("/criticality", headers={"Accept": "text/csv"})
    assert got.headers["Content-Type"].startswith("text/csv")
    assert "Accept" in [v.strip() for v in got.headers["Vary"].split(",")]
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["key", "type", "name", "services_down"]
    assert [row[0] for row in rows[1:]] == ["'=sum", "db"]


def keys(cut):
    return [one.get("key", "hidden") for one in cut["cis"]]


def test_what_takes_a_service_down(editor, pair):
    got = editor.post("/criticality", {"service": "svc", "size": 3}).json()
    Cuts.model_validate(got)
    assert got["service"]["state"] == "ok"
    assert [keys(one) for one in got["cut_sets"]] == [
        ["=sum", "w2"],
        ["db", "w2"],
        ["w1", "w2"],
    ]
    assert (got["left"], got["complete"], got["found"]) == ([], True, 3)
    why = got["cut_sets"][1]
    assert why["path"][-1] == "svc"
    assert {one["key"] for one in why["causes"][0]["from"]} == {"w1", "w2"}
    single = editor.post("/criticality", {"service": "svc", "size": 1}).json()
    assert single["cut_sets"] == []


def test_what_is_left(editor, pair):
    asked = {"service": "svc", "failed": [{"key": "w2"}], "limit": 1}
    got = editor.post("/criticality", asked).json()
    assert got["service"]["state"] == "at_risk"
    assert got["failed"] == [{"key": "w2", "state": "down"}]
    assert [one["key"] for one in got["left"]] == ["=sum", "db", "w1"]
    assert (len(got["cut_sets"]), got["found"]) == (1, 3)
    mild = {"service": "svc", "failed": [{"key": "w2", "state": "degraded"}]}
    assert editor.post("/criticality", mild).json()["left"] == []
    gone = {"service": "svc", "failed": [{"key": "w1"}, {"key": "w2"}]}
    got = editor.post("/criticality", gone).json()
    assert (got["service"]["state"], got["left"], got["cut_sets"]) == ("down", [], [])


def test_hidden_members(api, env, editor, pair):
    editor.patch("/cis/svc", {"attributes": {"site": "a"}})
    got = api("viewer", sites=["a"]).post("/criticality", {"service": "svc"}).json()
    Cuts.model_validate(got)
    assert [keys(one) for one in got["cut_sets"]] == [
        ["=sum", "hidden"],
        ["db", "hidden"],
        ["w1", "hidden"],
    ]
    assert "w2" not in str(got)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "MissingField"),
        ({"service": "nosuch"}, "UnknownReference"),
        ({"service": "svc", "failed": [{"key": "x"}, {"key": "y"}]}, "Rejected"),
        ({"service": "svc", "failed": [{"key": "db", "state": "dwn"}]}, "UnknownName"),
        ({"service": "svc", "size": 4}, "WrongValue"),
        ({"service": "svc", "seconds": 0}, "WrongValue"),
        ({"service": "svc", "seconds": 1e9}, "WrongValue"),
        ({"service": "svc", "as_of": 99}, "NoSuchMoment"),
    ],
)
def test_refusals(editor, pair, form, code):
    got = editor.post("/criticality", form)
    assert (got.status_code, got.json()["code"]) == (422, code)


def test_outside_the_graph(editor, pair):
    editor.patch("/cis/w2", {"status": "retired"})
    for form in ({"service": "w2"}, {"service": "svc", "failed": [{"key": "w2"}]}):
        assert editor.post("/criticality", form).json()["code"] == "OutsideGraph"
