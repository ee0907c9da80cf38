"""Idempotency keys: a repeated request does nothing and gets the same answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest

FORM = {"key": "x", "type": "server", "attributes": {"vendor": "H3C"}}
KEY = {"Idempotency-Key": "7f9c"}


def same(first, again):
    assert again.status_code == first.status_code
    assert again.content == first.content
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert again.headers.get("Location") == first.headers.get("Location")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"


def test_replays(env, editor, estate):
    relation = {"from": "pay", "type": "uses", "to": "db-1"}
    for number, (method, path, body) in enumerate(
        (
            ("POST", "/cis", FORM),
            ("PATCH", "/cis/x", {"name": "one"}),
            ("PATCH", "/cis/x", {"name": "one"}),  # another key, and nothing changes
            ("POST", "/relations", relation),
            ("PATCH", "/relations/4", {"strength": "hard"}),
            ("DELETE", "/relations/4", None),
            ("DELETE", "/cis/x", None),
        )
    ):
        headers = {"Idempotency-Key": f"k{number}"}
        first = editor(method, path, json=body, headers=headers)
        assert first.status_code < 300, first.text
        seq = env.store.seq()
        same(first, editor(method, path, json=body, headers=headers))
        assert env.store.seq() == seq


def test_a_replay_shows_what_was_then(editor):
    first = editor.post("/cis", FORM, headers=KEY)
    editor.patch("/cis/x", {"name": "later"})
    again = editor.post("/cis", FORM, headers=KEY)
    assert again.status_code == 201
    assert again.json()["name"] == "x"
    assert again.json()["version"] == first.json()["version"]
    editor.delete("/cis/x")
    assert editor.post("/cis", FORM, headers=KEY).json()["name"] == "x"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/cis", {**FORM, "name": "other"}),
        ("PATCH", "/cis/x", FORM),
        ("DELETE", "/cis/x", None),
    ],
)
def test_the_key_belongs_to_one_request(editor, method, path, body):
    editor.post("/cis", FORM, headers=KEY)
    body = (
        None if body is None else {k: v for k, v in body.items() if method == "POST" or k != "key"}
    )
    got = editor(method, path, json=body, headers=KEY)
    assert (got.status_code, got.json()["code"]) == (422, "IdempotencyMismatch")


def test_the_key_belongs_to_one_token(api):
    first, second = api("editor"), api("editor")
    assert first.post("/cis", FORM, headers=KEY).status_code == 201
    assert second.post("/cis", FORM, headers=KEY).json()["code"] == "AlreadyExists"


def test_a_failed_request_may_be_mended_and_repeated(editor):
    assert editor.post("/cis", {**FORM, "type": "robot"}, headers=KEY).status_code == 422
    assert editor.post("/cis", FORM, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_bad_keys(editor, key):
    assert editor.post("/cis", FORM, headers={"Idempotency-Key": key}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/cis", FORM),
        ("PATCH", "/cis/sw-1", {"name": "new"}),
        ("DELETE", "/cis/sw-1", None),
    ],
)
def test_the_same_request_many_times_at_once(env, editor, estate, method, path, body):
    editor.get("/cis")
    seq = env.store.seq()
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(editor, method, path, json=body, headers=KEY) for _ in range(8)]
        answers = [job.result() for job in jobs]
    assert {a.status_code for a in answers} == {{"POST": 201, "PATCH": 200, "DELETE": 204}[method]}
    assert len({a.content for a in answers}) == 1
    assert sum("Idempotency-Replayed" not in a.headers for a in answers) == 1
    assert env.store.seq() == seq + 1
