"""Every error has the form of RFC 9457, in two languages."""

import logging

import pytest

from api.http import problems
from api.http.routing import MAX_BODY
from cmdb import errors
from tests.api.test_messages import EXAMPLES, every_error_class

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nothing", 404, "NoSuchPath"),
        ("/cis/nothing", 404, "UnknownReference"),
        ("/cis/", 404, "UnknownReference"),
        ("/types/nothing", 404, "UnknownName"),
        ("/relations/nothing", 404, "NoSuchPath"),
        ("/relations/7", 404, "NotFound"),
        ("/types?x=1", 200, None),
    ],
)
def test_paths(editor, path, status, code):
    got = editor.get(path)
    assert got.status_code == status
    assert got.json().get("code") == code


def test_wrong_method(editor):
    got = editor.put("/cis/x", {})
    assert (got.status_code, got.json()["code"]) == (405, "MethodNotAllowed")
    assert got.headers["Allow"] == "GET, PATCH, DELETE"
    assert editor.get("/impact").headers["Allow"] == "POST"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/jsonx"])
def test_only_json(editor, kind):
    got = editor("POST", "/cis", content=b"{}", headers={"Content-Type": kind})
    assert (got.status_code, got.json()["code"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"\xff",
        b'{"key": NaN}',
        b'{"key": "\\ud800"}',
        b"[" * 5000,
        b'{"key": "x",}',
        b"'",
    ],
)
def test_malformed_json(editor, text):
    got = editor("POST", "/cis", content=text, headers=JSON)
    assert (got.status_code, got.json()["code"]) == (400, "UnreadableInput")


@pytest.mark.parametrize("text", [b"", b"null", b"7", b"[]", b'"x"'])
def test_json_that_is_no_object(editor, text):
    assert editor("POST", "/cis", content=text, headers=JSON).status_code == 422


def test_bodies_that_are_too_large(editor):
    big = b'{"key": "' + b"x" * MAX_BODY + b'"}'
    got = editor("POST", "/cis", content=big, headers=JSON)
    assert (got.status_code, got.json()["code"]) == (413, "BodyTooLarge")

    def stream():
        for _ in range(20):
            yield b" " * (1024 * 1024)

    got = editor("POST", "/cis", content=stream(), headers=JSON)
    assert got.status_code == 413


def test_faults_of_ours(env, editor, caplog, monkeypatch):
    def broken(*_):
        raise RuntimeError("password is hunter2")

    monkeypatch.setattr(env.store, "find_items", broken)
    with caplog.at_level(logging.ERROR, "cmdb.http"):
        got = editor.get("/cis?vendor=x")
    assert (got.status_code, got.json()["code"]) == (500, "InternalError")
    assert "hunter2" not in got.text
    assert got.json()["fields"]["reference"] in caplog.text
    assert "hunter2" in caplog.text


def test_in_chinese(api, estate):
    editor = api("editor", language="zh-CN,zh;q=0.9,en;q=0.8")
    got = editor.get("/cis/nothing")
    assert got.headers["Content-Language"] == "zh-CN"
    assert got.json()["title"] == "没有这个配置项"
    assert got.json()["detail"] == "配置项：没有键、别名或名称为 'nothing' 的配置项"
    got = editor.post("/cis", {"key": "x", "type": "server", "attributes": {"vendr": "x"}})
    assert got.json()["detail"] == (
        "body 'x'：未知的server 属性 'vendr'；最接近的已知名称：'vendor'"
    )
    got = editor.post("/cis", {"nmae": 1})
    assert got.json()["detail"].startswith("3 个错误：正文：缺少字段") or (
        "缺少必填字段 'key'" in got.json()["detail"]
    )
    assert all("：" in e["detail"] for e in got.json()["errors"])


def test_every_error_has_a_status_and_a_problem():
    for kind in every_error_class():
        error = EXAMPLES[kind.__name__]
        for language in ("en", "zh"):
            got = problems.problem(error, language, "/x")
            assert got.status_code == problems.status_of(error).value
            assert got.media_type == "application/problem+json"
    table = {
        "InvalidInput": 422,
        "UnknownName": 422,
        "UnknownReference": 422,
        "UnreadableInput": 400,
        "NotFound": 404,
        "AlreadyExists": 409,
        "Conflict": 409,
        "PreconditionFailed": 412,
        "IdempotencyMismatch": 422,
        "Unauthenticated": 401,
        "Forbidden": 403,
        "StoreUnavailable": 503,
        "Rejected": 422,
        "OutsideGraph": 422,
    }
    assert {n: problems.status_of(EXAMPLES[n]).value for n in table} == table
    in_path = errors.UnknownReference(place="configuration item", reference="x")
    assert problems.status_of(in_path) == 404
