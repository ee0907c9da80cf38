"""Asking a service: within the scope, at one origin, with limits, and nothing secret told."""

import ipaddress
from typing import Any

import pytest

from cmdb.errors import CMDBError, Rejected
from discovery import web
from discovery.agent import Secret
from tests.discovery.asking import Asked, token
from tests.discovery.recorded_server import Server

EMPTY = {"data": {"activeTargets": []}}


def answering(status: int, body: Any = EMPTY) -> Server:
    return Server(lambda path, query, headers: (status, body))


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1@10.0.0.9/",
        "http://127.0.0.1/?token=x",
        "http://127.0.0.1/#x",
        "http://127.0.0.1\\@10.0.0.9/",
        "http://127.0.0.1 /",
        "http://127.0.0.1\r\nX: y/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http:///path",
        "//127.0.0.1/",
        "--config=/etc/x",
        "http://10.0.0.9/",
        "http://[2001:db8::1]/",
        "http://127.0.0.1:9100/",
    ],
)
def test_an_address_that_may_not_be_asked_leaves_no_trace(address):
    with pytest.raises(Rejected):
        Asked("prometheus", address)


def test_what_is_denied_is_not_asked_though_the_task_names_it():
    denied = {"allow": (), "deny": (ipaddress.ip_network("127.0.0.0/8"),)}
    with answering(200) as server:
        with pytest.raises(Rejected):
            Asked("prometheus", server.url, scope=denied)
        with pytest.raises(CMDBError, match="outside the scope"):
            Asked("prometheus", server.url.replace("127.0.0.1", "localhost"), scope=denied)
        assert server.asked == []
        assert Asked("prometheus", server.url, scope={"allow": ()}).reading.errors == []
        named = server.url.replace("127.0.0.1", "localhost")
        both = (*denied["deny"], ipaddress.ip_network("::1"))
        assert Asked("prometheus", named, scope={"allow": both}).reading.errors == []


def test_a_redirect_is_not_followed():
    with answering(302) as server, pytest.raises(CMDBError, match="the answer is 302"):
        Asked("prometheus", server.url)
    assert server.asked == ["/api/v1/targets?state=active"]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (500, b"it\nbroke", "the answer is 500: it broke"),
        (200, b"<html>", "the answer is not JSON"),
        (404, {}, "the answer is 404"),
    ],
)
def test_an_answer_that_is_none_is_told(status, body, said):
    with answering(status, body) as server, pytest.raises(CMDBError, match=said):
        Asked("prometheus", server.url)


def test_too_large_an_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr(web, "MOST_BYTES", 1000)
    with answering(200, b" " * 2000) as server, pytest.raises(CMDBError, match="larger than"):
        Asked("prometheus", server.url)


def test_nobody_there_is_told():
    with answering(200) as server:
        url = server.url
    with pytest.raises(CMDBError, match="refused"):
        Asked("prometheus", url)
    with pytest.raises(CMDBError, match=r"no-such-host\.invalid"):
        Asked("prometheus", "http://no-such-host.invalid/", scope={"allow": ()})


def test_credentials_are_tried_in_their_order_and_the_good_one_is_kept():
    basic = Secret("b", "basic", {"user": "u", "password": "right"})

    def answer(path: str, query: Any, headers: dict[str, str]) -> Any:
        return (200, EMPTY) if headers.get("authorization") == "Basic dTpyaWdodA==" else (401, {})

    with Server(answer) as server:
        found = Asked("prometheus", server.url, token("t1"), basic, token("t2"))
    assert [one.get("authorization") for one in server.headers] == [
        "Bearer t1",
        "Basic dTpyaWdodA==",
    ]
    assert found.reading.errors == []
    assert not any("right" in one for one in found.commands)
    with Server(answer) as server, pytest.raises(CMDBError, match="no credential of the kind"):
        Asked("prometheus", server.url, token("t1"), token("t2"))
    with Server(answer) as server, pytest.raises(CMDBError, match="the answer is 401"):
        Asked("prometheus", server.url)


def test_options_are_checked():
    with pytest.raises(Rejected) as caught:
        Asked("prometheus", "http://127.0.0.1/", cx="y", ca=5)
    assert len(caught.value.errors) == 2
    with pytest.raises(CMDBError, match="cannot be read as certificates"):
        Asked("prometheus", "https://127.0.0.1/", ca="/no/such.pem")


def test_a_stopped_scan_asks_no_more():
    with answering(200) as server:
        found = Asked("prometheus", server.url)
        found.context.cancelled.set()
        service = web.Service(server.url, found.context)
        with web.asked(service), pytest.raises(CMDBError, match="stopped"):
            service.json("x")
