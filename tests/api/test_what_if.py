"""What-if questions, scenarios and pictures over HTTP."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from api.http.models.impact import ImpactAnswer, ScenariosAnswer
from api.http.negotiation import preferred
from tests.api.conftest import ESTATE

ASK = {"failures": [{"key": "sw-1"}]}
SECOND = {
    "cis": [{"key": "db-2", "type": "database", "attributes": {"site": "a"}}],
    "relations": [{"from": "app-1", "type": "depends_on", "to": "db-2"}],
    "remove": {
        "cis": ["app-2"],
        "relations": [{"from": "app-1", "type": "depends_on", "to": "orders db"}],
    },
}


def states(answer):
    return {row["key"]: row["state"] for row in answer["impacted"]}


def test_assume(env, editor, estate):
    before = editor.post("/impact", ASK).json()
    got = editor.post("/impact", {**ASK, "assume": SECOND})
    ImpactAnswer.model_validate(got.json())
    assert states(got.json()) == {"db-1": "down"}
    assert got.json()["seq"] == before["seq"]
    assert got.json()["assumed"] == {
        "added": ["db-2"],
        "changed": [],
        "removed": ["app-2"],
        "relations": {"added": 1, "changed": 0, "removed": 1},
    }
    other = editor.post("/impact", {"failures": [{"key": "db-2"}], "assume": SECOND}).json()
    assert states(other) == {"app-1": "down", "pay": "degraded"}
    assert other["confidence"]["unconfirmed"] == 0  # whoever assumes it takes it for granted
    assert editor.post("/impact", ASK).json() == before
    gone = editor.post("/impact", {"failures": [{"key": "app-2"}], "assume": SECOND})
    assert gone.json()["code"] == "UnknownReference"
    assert env.store.seq() == before["seq"]


def test_assume_of_the_past(editor, estate):
    first = editor.post("/impact", ASK).json()
    editor.delete("/cis/app-1")
    retired = {"cis": [{"key": "db-1", "type": "database", "status": "retired"}]}
    changed = editor.post("/impact", {**ASK, "as_of": first["seq"], "assume": retired}).json()
    assert (changed["impacted"], changed["assumed"]["changed"]) == ([], ["db-1"])
    less = {"remove": {"relations": [{"from": "app-1", "type": "depends_on", "to": "db-1"}]}}
    got = editor.post("/impact", {**ASK, "as_of": first["seq"], "assume": less}).json()
    assert states(got) == {"db-1": "down", "app-2": "down"}


def test_pages_of_what_if(editor, estate):
    asked = {**ASK, "assume": {"cis": [{"key": "new", "type": "application"}]}}
    page = editor.post("/impact?limit=1", asked).json()
    query = {"cursor": page["next"]}
    assert len(editor.post("/impact", asked, params=query).json()["impacted"]) == 3
    assert editor.post("/impact", ASK, params=query).status_code == 422


def test_every_error_at_once(api, editor, estate):
    wrong = {
        "cis": [{"key": "n", "type": "databse"}, {"type": "server"}],
        "relations": [{"from": "app-1", "type": "depends_on", "to": "nosuch"}],
        "remove": {"relations": [{"from": "pay", "type": "uses", "to": "app-2"}]},
    }
    got = editor.post("/impact", {**ASK, "assume": wrong})
    assert got.status_code == 422
    found = {one["fields"]["place"].split(" ")[0]: one["code"] for one in got.json()["errors"]}
    assert found == {
        "assume.cis[0]": "UnknownName",
        "assume.cis[1]": "MissingField",
        "assume.relations[0]": "UnknownReference",
        "assume.remove.relations[0]": "UnknownRelation",
    }
    text = api(language="zh").post("/impact", {**ASK, "assume": wrong}).text
    assert "没有关系 'pay uses app-2'" in text
    limited = api("viewer", sites=["a"])
    got = limited.post("/impact", {**ASK, "assume": {"remove": {"cis": ["db-1"]}}})
    assert got.json()["code"] == "UnknownReference"


def test_scenarios(api, editor, estate):
    asked = {
        "scenarios": [
            {"name": "today", **ASK},
            {"name": "rewired", **ASK, "assume": SECOND},
            {"failures": [{"key": "pay"}]},
            {"name": "gone", **ASK, "assume": {"remove": {"cis": ["pay"]}}},
        ]
    }
    got = editor.post("/impact/scenarios", asked).json()
    ScenariosAnswer.model_validate(got)
    names = [one["name"] for one in got["scenarios"]]
    assert names == ["today", "rewired", "3", "gone"]
    assert [len(one["services"]) for one in got["scenarios"]] == [1, 0, 0, 0]
    assert got["scenarios"][0]["services"] == [{"key": "pay", "name": "pay", "state": "degraded"}]
    assert [one["summary"]["down"] for one in got["scenarios"]] == [3, 1, 0, 3]
    assert got["comparison"] == [
        {
            "key": "pay",
            "type": "business_service",
            "name": "pay",
            "states": ["degraded", "ok", "down", None],
        }
    ]
    same = editor.post("/impact/scenarios", {"scenarios": asked["scenarios"][:1]}).json()
    assert same["comparison"] == []
    hidden = api("viewer", sites=["b"]).post(
        "/impact/scenarios", {"scenarios": [{"failures": [{"key": "db-1"}]}]}
    )
    assert hidden.json()["scenarios"][0]["services"] == []
    assert hidden.json()["scenarios"][0]["confidence"]["hidden"] == 2


def test_scenarios_then_and_now(editor, estate):
    seq = editor.post("/impact", ASK).json()["seq"]
    editor.delete("/cis/app-1")
    asked = {"scenarios": [{"name": "then", **ASK, "as_of": seq}, {"name": "now", **ASK}]}
    got = editor.post("/impact/scenarios", asked).json()
    assert [one["seq"] for one in got["scenarios"]] == [seq, seq + 1]
    assert [row["states"] for row in got["comparison"]] == [["degraded", "ok"]]


def test_wrong_scenarios(editor, estate):
    two = [
        {"name": "a", "failures": [{"key": "x"}, {"key": "y"}]},
        {"name": "a", **ASK, "assume": {"remove": {"cis": ["z"]}}},
    ]
    got = editor.post("/impact/scenarios", {"scenarios": two}).json()
    assert [one["fields"]["place"] for one in got["errors"]] == [
        "scenarios[0].failures[0]",
        "scenarios[0].failures[1]",
        "scenarios[1]",
        "scenarios[1].assume.remove.cis[0]",
    ]
    for form in ({}, {"scenarios": []}, {"scenarios": [ASK] * 21}, {"scenarios": [{"a": 1}]}):
        assert editor.post("/impact/scenarios", form).status_code == 422


def drawn(client, accept, ask=ASK):
    got = client.post("/impact", ask, headers={"Accept": accept})
    assert got.status_code == 200
    assert got.headers["Content-Type"].partition(";")[0] == accept
    assert "Accept" in [v.strip() for v in got.headers["Vary"].split(",")]
    return got


def test_pictures(api, editor, estate):
    svg = drawn(editor, "image/svg+xml")
    assert ET.fromstring(svg.text).tag == "{http://www.w3.org/2000/svg}svg"
    assert "订单系统" in svg.text
    assert "sandbox" in svg.headers["Content-Security-Policy"]
    graph = drawn(editor, "application/vnd.json-graph+json").json()["graph"]
    assert set(graph["nodes"]) == {"sw-1", "db-1", "app-1", "app-2", "pay"}
    assert graph["nodes"]["db-1"]["metadata"]["site"] == "b"
    assert graph["nodes"]["sw-1"]["metadata"]["failed"] is True
    assert ET.fromstring(drawn(editor, "application/graphml+xml").content) is not None
    assert "sw-1 的影响" in drawn(api(language="zh"), "text/html").text


def test_the_page_runs_nothing_but_its_own(editor, estate):
    page = drawn(editor, "text/html")
    (inside,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page.text)
    policy = page.headers["Content-Security-Policy"]
    assert policy == inside.replace("&#x27;", "'") + "; frame-ancestors 'none'"
    assert "unsafe" not in policy
    assert len(re.findall("sha256-", policy)) == 2


def test_pictures_hide_what_is_hidden(api, estate):
    limited = api("viewer", sites=["a"])
    for accept in ("image/svg+xml", "text/html", "application/vnd.json-graph+json"):
        text = drawn(limited, accept).text
        assert "db-1" not in text
        assert "orders db" not in text
        assert "app-2" not in text


def test_pictures_of_groups(env, editor, estate):
    editor.post("/cis", {"key": "app-3", "type": "application", "redundancy": {"g": {"need": 1}}})
    editor.post("/cis", {"key": "db-9", "type": "database"})
    for to in ("db-1", "db-9"):
        form = {"from": "app-3", "type": "depends_on", "to": to, "group": "g"}
        assert editor.post("/relations", form).status_code == 201
    graph = drawn(editor, "application/vnd.json-graph+json").json()["graph"]
    (edge,) = (e for e in graph["edges"] if e["metadata"]["rule"] == "redundancy")
    assert edge["target"] == "app-3"
    assert (edge["metadata"]["n"], edge["metadata"]["need"]) == (2, 1)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/html", "text/html"),
        ("text/html;q=0.5, application/json;q=0.9", "application/json"),
        ("image/*", "image/svg+xml"),
        ("application/*;q=0.1, text/html;q=0.2", "text/html"),
        ("text/html;q=0, */*", "application/json"),
        ("TEXT/HTML", "text/html"),
        ("nonsense", "application/json"),
    ],
)
def test_negotiation(accept, chosen):
    assert preferred(accept, ("application/json", "text/html", "image/svg+xml")) == chosen


def test_the_estate_is_as_it_was(editor, estate):
    for path in ("/impact", "/impact/scenarios"):
        asked = {**ASK, "assume": SECOND}
        editor.post(path, asked if path == "/impact" else {"scenarios": [asked]})
    keys = [one["key"] for one in editor.get("/cis").json()["items"]]
    assert keys == sorted(ci["key"] for ci in ESTATE["cis"])
    assert json.dumps(editor.get("/relations").json()).count('"number"') == 4
