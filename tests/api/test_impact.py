"""The impact question over HTTP."""

import json
from datetime import UTC, datetime

import pytest

from api.http.models.impact import ImpactAnswer
from cmdb.services.impact import Failure, blast_radius
from cmdb.services.ingest import ingest
from discovery.agents.estate import parse
from tests.api.conftest import ADMIN

ASK = {"failures": [{"key": "sw-1", "state": "down"}], "as_of": None}


@pytest.fixture
def wide(env):
    """A switch with 250 applications on it."""
    cis = [{"key": "sw", "type": "switch"}]
    cis += [{"key": f"a{n:03}", "type": "application"} for n in range(250)]
    relations = [
        {"from": f"a{n:03}", "type": "depends_on" if n % 2 else "uses", "to": "sw"}
        for n in range(250)
    ]
    document = {"cis": cis, "relations": relations}
    ingest(ADMIN, env, parse(document), source="estate", reason="test")
    return {"failures": [{"key": "sw"}]}


def test_answer(env, editor, estate):
    got = editor.post("/impact", ASK)
    assert got.status_code == 200
    answer = got.json()
    ImpactAnswer.model_validate(answer)
    assert answer == {
        "seq": env.store.seq(),
        "as_of": None,
        "failures": [{"key": "sw-1", "state": "down"}],
        "impacted": [
            {
                "key": "db-1",
                "type": "database",
                "name": "orders db",
                "state": "down",
                "distance": 1,
                "causes": [
                    {
                        "rule": "dependency",
                        "relation": "depends_on",
                        "from": [{"key": "sw-1", "state": "down"}],
                    }
                ],
                "path": ["sw-1", "db-1"],
                "confirmed": answer["impacted"][0]["confirmed"],
            },
            *answer["impacted"][1:],
        ],
        "summary": {
            "down": 3,
            "degraded": 1,
            "at_risk": 0,
            "services": {"down": 0, "degraded": 1, "at_risk": 0},
        },
        "confidence": {"hidden": 0, "unconfirmed": 0, "connectivity_not_evaluated": 0},
        "next": None,
    }
    rows = [(r["key"], r["state"], r["distance"]) for r in answer["impacted"]]
    assert rows == [
        ("db-1", "down", 1),
        ("app-1", "down", 2),
        ("app-2", "down", 2),
        ("pay", "degraded", 3),
    ]
    assert answer["impacted"][3]["path"] == ["sw-1", "db-1", "app-1", "pay"]


def test_by_any_reference_and_state(editor, estate):
    for key in ("orders db", "estate:db-1", "db-1"):
        got = editor.post("/impact", {"failures": [{"key": key, "state": "degraded"}]}).json()
        assert got["failures"] == [{"key": "db-1", "state": "degraded"}]
        assert got["summary"]["degraded"] == 2


def test_few_and_many_are_ordered_alike(editor, wide, monkeypatch):
    rows = editor.post("/impact?limit=1000", wide).json()["impacted"]
    for least in (-1, 1000):
        monkeypatch.setattr("cmdb.impact.blast_radius.FEW", least)
        assert editor.post("/impact?limit=1000", wide).json()["impacted"] == rows
        page = editor.post("/impact?limit=7", wide).json()
        assert page["impacted"] == rows[:7]
        more = editor.post(f"/impact?limit=200&cursor={page['next']}", wide).json()
        assert more["impacted"] == rows[7:207]


def test_the_worse_of_two_states(editor, estate):
    twice = [{"key": "db-1", "state": "degraded"}, {"key": "orders db", "state": "down"}]
    got = editor.post("/impact", {"failures": twice}).json()
    assert got["failures"] == [{"key": "db-1", "state": "down"}]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"failures": []}, "InvalidInput"),
        ({}, "MissingField"),
        ({"failures": {}}, "WrongValue"),
        ({"failures": [{"key": "nothing"}]}, "UnknownReference"),
        ({"failures": [{"key": "sw-1", "state": "dwn"}]}, "UnknownName"),
        ({"failures": [{"key": "sw-1", "state": "ok"}]}, "UnknownName"),
        ({"failures": [{"key": "sw-1", "stat": "down"}]}, "UnknownField"),
        ({"failures": ["sw-1"]}, "WrongValue"),
        ({"failures": [{"key": "x"}, {"key": "y"}]}, "Rejected"),
        ({**ASK, "as_of": 99}, "NoSuchMoment"),
        ({**ASK, "as_of": 0}, "NoSuchMoment"),
        ({**ASK, "as_of": True}, "WrongValue"),
        ({**ASK, "as_of": 1.5}, "WrongValue"),
        ({**ASK, "as_of": "yesterday"}, "NoSuchMoment"),
        ({**ASK, "as_of": "9" * 64}, "NoSuchMoment"),
        ({**ASK, "as_of": "9" * 5000}, "WrongValue"),
        ({**ASK, "as_of": "0001-01-01T00:00:00+23:00"}, "NoSuchMoment"),
        ({**ASK, "as_of": "1999-01-01"}, "NoSuchMoment"),
    ],
)
def test_refusals(editor, estate, form, code):
    got = editor.post("/impact", form)
    assert (got.status_code, got.json()["code"]) == (422, code)


def test_outside_the_graph(editor, estate):
    editor.patch("/cis/sw-1", {"status": "retired"})
    got = editor.post("/impact", ASK)
    assert (got.status_code, got.json()["code"]) == (422, "OutsideGraph")
    assert got.json()["fields"]["status"] == "retired"


def test_as_of(editor, clock, estate):
    before = editor.post("/impact", ASK).json()
    moment = datetime.fromtimestamp(clock.now, UTC).isoformat()
    clock.now += 60
    editor.delete("/cis/app-2")
    assert editor.post("/impact", ASK).json()["summary"]["down"] == 2
    for as_of in (before["seq"], str(before["seq"]), moment, moment.removesuffix("+00:00")):
        got = editor.post("/impact", {**ASK, "as_of": as_of}).json()
        ImpactAnswer.model_validate(got)
        assert got == {**before, "as_of": as_of}


@pytest.mark.parametrize("limit", [1, 7, 100, 249, 250, 251])
def test_pages_are_the_whole(env, editor, wide, limit):
    whole = blast_radius(ADMIN, env, [Failure("sw")]).answer()
    rows, cursor = [], None
    for _ in range(300):
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        got = editor.post("/impact", wide, params=query).json()
        rows += got["impacted"]
        assert len(got["impacted"]) <= limit
        assert got["summary"] == whole["summary"]
        assert got["confidence"] == whole["confidence"]
        assert got["seq"] == whole["seq"]
        cursor = got["next"]
        if cursor is None:
            break
    assert rows == whole["impacted"]


def test_pages_fit_together_under_writes(env, editor, wide):
    whole = blast_radius(ADMIN, env, [Failure("sw")]).answer()["impacted"]
    rows, cursor = [], None
    for number in range(300):
        query = {"limit": 50} | ({"cursor": cursor} if cursor else {})
        got = editor.post("/impact", wide, params=query).json()
        rows += got["impacted"]
        cursor = got["next"]
        if cursor is None:
            break
        editor.delete(f"/cis/a{number:03}")
        editor.post("/cis", {"key": f"b{number}", "type": "application"})
        editor.post("/relations", {"from": f"b{number}", "type": "depends_on", "to": "sw"})
    assert rows == whole
    assert editor.post("/impact", wide).json()["seq"] > got["seq"]


def test_a_cursor_belongs_to_its_question(editor, wide):
    cursor = editor.post("/impact?limit=10", wide).json()["next"]
    other = {"failures": [{"key": "sw", "state": "degraded"}]}
    for form, query in ((other, cursor), (wide, "x"), (wide, cursor[:-4])):
        got = editor.post("/impact", form, params={"cursor": query})
        assert got.status_code == 422
        assert got.json()["fields"]["place"] == "cursor"
    assert editor.post("/impact?limit=10001", wide).status_code == 422
    assert editor.post("/impact?limt=10", wide).json()["fields"]["nearest"] == "limit"


def test_lines(env, editor, wide):
    whole = blast_radius(ADMIN, env, [Failure("sw")]).answer()
    got = editor.post("/impact", wide, headers={"Accept": "application/x-ndjson"})
    assert got.headers["Content-Type"].startswith("application/x-ndjson")
    assert "Accept" in [v.strip() for v in got.headers["Vary"].split(",")]
    head, *rows, tail = (json.loads(line) for line in got.text.splitlines())
    assert {**head, "impacted": rows, **tail} == whole
    wrong = editor.post("/impact", {"failures": []}, headers={"Accept": "application/x-ndjson"})
    assert wrong.status_code == 422
