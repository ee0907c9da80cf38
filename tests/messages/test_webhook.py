"""Calls of webhooks to a real receiver: signed, bounded, and only where they may go."""

import ipaddress
import threading

import pytest

from cmdb.messages.signatures import new_secret, verify
from cmdb.senders import webhook
from cmdb.senders.webhook import MOST_SAID, WebhookSender, permitted
from cmdb.services.delivery import Call, RouteDown, Undeliverable
from cmdb.services.webhooks import Target
from tests.messages.servers import Receiver, certificate, silent

AT = 1_800_000_000.7
BODY = '{"type":"test","text":"通知"}'.encode()
SECRET = new_secret()


def call(url, **more):
    return Call(
        **{
            "id": "msg_0f3a",
            "target": Target("chat", url, "", plain_http=True),
            "secret": SECRET,
            "body": BODY,
            "at": AT,
            **more,
        }
    )


def send(url, **more):
    WebhookSender()(call(url, **more))


def test_a_call_as_the_receiver_sees_it():
    with Receiver() as receiver:
        send(receiver.url)
    (got,) = receiver.calls
    assert (got.path, got.body) == ("/hook?room=1", BODY)
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"
    known = verify(SECRET, got.headers, got.body, AT)
    assert (known.id, known.timestamp) == ("msg_0f3a", int(AT))


def test_by_name_and_with_tls(tmp_path, monkeypatch):
    context, authority = certificate(tmp_path)
    with Receiver(tls=context) as receiver:
        url = f"https://localhost:{receiver.port}/hook"
        with pytest.raises(RouteDown, match="CERTIFICATE_VERIFY_FAILED"):
            send(url)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        send(url)
        send(receiver.url)
    assert [one.headers["host"] for one in receiver.calls] == [
        f"localhost:{receiver.port}",
        f"127.0.0.1:{receiver.port}",
    ]


def test_a_certificate_for_another_name_is_refused(tmp_path, monkeypatch):
    context, authority = certificate(tmp_path, "127.0.0.9")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Receiver(tls=context) as receiver:
        with pytest.raises(RouteDown, match="CERTIFICATE_VERIFY_FAILED"):
            send(receiver.url)
        assert receiver.calls == []


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (500, RouteDown, "chat: the answer is 500: broken for now"),
        (400, RouteDown, "chat: the answer is 400: broken for now"),
        (302, RouteDown, "chat: the answer is 302; redirects are not followed"),
        (307, RouteDown, "chat: the answer is 307; redirects are not followed"),
        (410, Undeliverable, "chat: the answer is 410"),
    ],
)
def test_answers_that_are_no_success(status, kind, said):
    with Receiver(lambda number: (status, b"broken\r\n for now")) as receiver:
        with pytest.raises(kind) as caught:
            send(receiver.url)
        assert len(receiver.calls) == 1
    assert (type(caught.value), str(caught.value)) == (kind, said)


def test_of_a_long_answer_the_beginning_is_read():
    long = Receiver(lambda number: (500, b"x" * 50_000_000))
    with long as receiver, pytest.raises(RouteDown) as caught:
        send(receiver.url)
    assert str(caught.value) == f"chat: the answer is 500: {'x' * MOST_SAID}"


def test_slow_receivers(monkeypatch):
    monkeypatch.setattr(webhook, "WHOLE_SECONDS", 0.2)
    slow = Receiver(gate=threading.Event())
    with slow as receiver, pytest.raises(RouteDown, match="not answered within"):
        send(receiver.url)
    monkeypatch.setattr(webhook, "WHOLE_SECONDS", 30.0)
    monkeypatch.setattr(webhook, "STEP_SECONDS", 0.2)
    with silent() as port, pytest.raises(RouteDown, match="ReadTimeout"):
        send(f"http://127.0.0.1:{port}/")


def test_nobody_there():
    with Receiver() as receiver:
        url = receiver.url
    with pytest.raises(RouteDown, match="chat: "):
        send(url)
    with pytest.raises(RouteDown, match="chat: "):
        send("https://no-such-name.invalid/")


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "100.100.100.200", "[::]"]
)
def test_addresses_that_no_webhook_may_have(host):
    with pytest.raises(RouteDown, match="no address that may be called"):
        send(f"http://{host}/latest/meta-data")


def test_a_name_must_not_lead_to_this_machine(monkeypatch):
    """As when somebody changes what a name means after an administrator has looked at it."""

    async def elsewhere(self, host, port, **more):
        return [(2, 1, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr("asyncio.BaseEventLoop.getaddrinfo", elsewhere)
    with Receiver() as receiver:
        with pytest.raises(RouteDown, match="no address that may be called"):
            send(f"http://hooks.example.org:{receiver.port}/")
        assert receiver.calls == []


@pytest.mark.parametrize(
    ("address", "anywhere", "here"),
    [
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("10.0.0.5", True, False),
        ("192.168.1.1", True, False),
        ("8.8.8.8", True, False),
        ("2400:3200::1", True, False),
        ("fd12::1", True, False),
        ("::ffff:169.254.1.1", False, False),
        ("fd00:ec2::254", False, False),
        ("240.0.0.1", False, False),
    ],
)
def test_permitted(address, anywhere, here):
    found = ipaddress.ip_address(address)
    assert permitted(found, loopback=False) is anywhere
    assert permitted(found, loopback=True) is here


def test_nothing_of_the_environment_decides_where_it_goes(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with Receiver() as receiver:
        send(receiver.url)
    assert len(receiver.calls) == 1
