"""What is hidden from an actor with a limited scope stays hidden in all that is about identity."""

import pytest

from tests.api.sending import SERIAL, UUID, decide, item, relation

HIDDEN = ("hid", "H-TAG", "right")
"""What would give the hidden CI away: its key, a value of it, and who knows it."""


@pytest.fixture
def limited(api):
    """An editor who sees site x only."""
    return api("editor", sites=["x"])


@pytest.fixture
def two_sites(say, editor):
    """A review between a CI of site x and one of site y; gives its id."""
    say("left", item("a", **SERIAL, uuid=f"{UUID}1", site="x"), item("c", site="x"))
    say("right", item("hid", **SERIAL, uuid=f"{UUID}2", asset_tag="H-TAG", site="y"))
    (review,) = editor.get("/reviews").json()["items"]
    return review["id"]


def check_secret(got):
    assert not [word for word in HIDDEN if word in got.text.replace(str(got.request.url.path), "")]


def same_as_unknown(got, unknown, name, other="nosuch"):
    """That an answer tells no more of a hidden thing than of one that is not there."""
    assert (got.status_code, got.json()["code"]) == (unknown.status_code, unknown.json()["code"])
    assert got.status_code in (404, 422)
    assert got.text.replace(name, other) == unknown.text


def test_reviews(limited, two_sites):
    got = limited.get("/reviews")
    check_secret(got)
    assert got.json()["items"] == []
    same_as_unknown(limited.get(f"/reviews/{two_sites}"), limited.get("/reviews/nosuch"), two_sites)
    same_as_unknown(
        limited.get(f"/reviews/{two_sites}?choices=true"),
        limited.get("/reviews/nosuch?choices=true"),
        two_sites,
    )


def test_reviews_of_what_may_be_seen(limited, say):
    say("left", item("a", **SERIAL, uuid=f"{UUID}1", site="x"))
    say(
        "right",
        item("b", **SERIAL, uuid=f"{UUID}2", site="x"),
        item("hid", site="y"),
        item("hid-service", "business_service", site="y"),
        relation("b", "depends_on", "hid"),
        relation("hid-service", "depends_on", "b"),
    )
    (review,) = limited.get("/reviews").json()["items"]
    assert review["claims"] == ["left:a", "right:b"]
    got = limited.get(f"/reviews/{review['id']}?choices=true")
    assert [one["ci"] for one in got.json()["evidence"]] == ["a", "b"]
    assert got.json()["choices"]
    assert "hid" not in got.text


def test_decisions(limited, editor, two_sites):
    made = decide(editor, kind="merge", cis=["c", "hid"], reason="H-TAG")
    got = limited.get("/decisions")
    check_secret(got)
    assert got.json()["items"] == []
    same_as_unknown(limited.get(f"/decisions/{made}"), limited.get("/decisions/nosuch"), made)
    same_as_unknown(limited.delete(f"/decisions/{made}"), limited.delete("/decisions/nosuch"), made)
    assert editor.get(f"/decisions/{made}").status_code == 200


@pytest.mark.parametrize(
    ("form", "name", "other"),
    [
        ({"kind": "merge", "cis": ["a", "hid"]}, "hid", "nosuch"),
        ({"kind": "merge", "cis": ["a", "right:hid"]}, "right:hid", "nosuch"),
        ({"kind": "split", "cis": ["hid"], "claims": ["right:hid"]}, "hid", "nosuch"),
        ({"kind": "pin", "claims": ["left:a"], "cis": ["hid"]}, "hid", "nosuch"),
        ({"kind": "pin", "claims": ["right:hid"], "cis": ["a"]}, "right:hid", "left:nosuch"),
        ({"kind": "ignore", "claims": ["right:hid"]}, "right:hid", "left:nosuch"),
    ],
)
def test_decisions_on_what_is_hidden(limited, editor, two_sites, form, name, other):
    before = editor.get("/cis").text
    unknown = {
        key: [one.replace(name, other) for one in value] if isinstance(value, list) else value
        for key, value in form.items()
    }
    got = limited.post("/decisions", form)
    same_as_unknown(got, limited.post("/decisions", unknown), name, other)
    assert editor.get("/decisions").json()["items"] == []
    assert editor.get("/cis").text == before


def test_a_review_of_what_is_hidden_is_not_ignored(limited, editor, two_sites):
    got = limited.post("/decisions", {"kind": "ignore", "review": two_sites})
    unknown = limited.post("/decisions", {"kind": "ignore", "review": "nosuch"})
    same_as_unknown(got, unknown, two_sites)
    assert [one["id"] for one in editor.get("/reviews").json()["items"]] == [two_sites]


def test_explanations(limited, two_sites):
    unknown = limited.get("/cis/nosuch/explanation")
    for name in ("hid", "right:hid"):
        same_as_unknown(limited.get(f"/cis/{name}/explanation"), unknown, name)
    got = limited.get("/cis/a/explanation")
    assert got.status_code == 200
    check_secret(got)


def test_runs(limited, say):
    say("right", item("hid", site="y"), run="r1")
    same_as_unknown(limited.get("/runs/r1"), limited.get("/runs/nosuch"), "r1")
    same_as_unknown(limited.delete("/runs/r1"), limited.delete("/runs/nosuch"), "r1")
