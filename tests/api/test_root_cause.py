"""Root causes over HTTP."""

import pytest

from api.http.models.root_cause import RootCauseAnswer

QUESTION = {"symptoms": [{"key": "app-1", "state": "down", "since": "2027-01-15T07:00:00Z"}]}


def test_the_answer(env, editor, estate):
    got = editor.post("/root-cause", {**QUESTION, "healthy": [], "limit": 2})
    assert got.status_code == 200
    found = RootCauseAnswer.model_validate(got.json())
    assert found.seq == env.store.seq()
    assert len(found.candidates) == 2
    whole = sum(one.score for one in found.candidates) + found.rest + found.outside
    assert whole == pytest.approx(1.0)
    for one in found.candidates:
        assert sum(factor.weight for factor in one.factors) == pytest.approx(one.weight)
        assert one.paths["app-1"][0] == one.key


def test_what_was_looked_at_goes_back_in(editor, estate):
    before = editor.post("/root-cause", QUESTION).json()
    look = before["next"][0]["key"]
    after = editor.post("/root-cause", {**QUESTION, "healthy": [look]}).json()
    assert look not in {one["key"] for one in after["next"]}
    scores = [
        {one["key"]: one["score"] for one in found["candidates"]} for found in (before, after)
    ]
    assert scores[1][look] < scores[0][look]


def score(found, key):
    return next((one["score"] for one in found["candidates"] if one["key"] == key), 0.0)


def test_errors(editor, api, estate):
    assert editor.post("/root-cause", {}).status_code == 422
    assert editor.post("/root-cause", {"symptoms": []}).status_code == 422
    assert editor.post("/root-cause", {**QUESTION, "limit": 0}).status_code == 422
    wrong = {
        "symptoms": [{"key": "nosuch"}, {"key": "app-1", "since": "soon"}],
        "healthy": ["app-1"],
    }
    got = editor.post("/root-cause", wrong)
    assert got.status_code == 422
    assert [one["code"] for one in got.json()["errors"]] == [
        "UnknownReference",
        "WrongValue",
        "InvalidInput",
    ]
    chinese = api("viewer", "zh").post("/root-cause", {**QUESTION, "healthy": ["app-1"]})
    assert "它同时也在症状之中" in chinese.json()["detail"]
    assert api("collector").post("/root-cause", QUESTION).status_code == 403
