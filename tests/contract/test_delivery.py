"""The outbox on every store: queued with what it tells of, sent by one worker, never lost."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cmdb.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Rejected, UnknownName
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.messages.message import MOST_ATTEMPTS, Message
from cmdb.messages.signatures import new_secret, verify
from cmdb.sealing import new_key
from cmdb.senders.webhook import WebhookSender
from cmdb.services import message_templates, outbox, webhooks
from cmdb.services.actor import Actor, Scope, ScopeTooNarrow
from cmdb.services.delivery import (
    TAKEN,
    NotDelivered,
    RouteDown,
    Senders,
    Undeliverable,
    deliver_due,
    send_test,
)
from cmdb.services.environment import Environment
from cmdb.services.outbox import announced, queued
from cmdb.services.ports import Signature
from tests.messages.servers import Receiver

ADMIN = Actor("test", frozenset({"administrator"}))
ROOT = Path(__file__).resolve().parents[2]
VALUES = {"number": "INC-1", "title": "磁盘", "url": "/tickets/INC-1"}


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


class Sent:
    """Keeps what is sent; `fail` gives an error for some of it."""

    def __init__(self, fail=lambda one: None):
        self.fail, self.mails, self.calls = fail, [], []

    def senders(self):
        def send(kept):
            def one(thing):
                error = self.fail(thing)
                kept.append(thing)
                if error is not None:
                    raise error

            return one

        return Senders(send(self.mails), send(self.calls), "https://cmdb.example.org")


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def env(store, clock):
    return Environment(store, clock)


def put(env, *changes):
    env.store.commit(ChangeSet(documents=list(changes)), Signature("test", env.clock(), "test"))


def mail(to="li@example.org", template="ticket_opened", language="zh", **values):
    return Message("email", to, template, {**VALUES, **values}, language)


def states(env):
    found = outbox.list_notifications(ADMIN, env)
    return Counter(one.state for one in found)


def test_a_message_is_queued_with_what_it_tells_of(env):
    ticket = Document("thing", "INC-1", {"state": "new"})
    put(env, Change(None, ticket), queued(env, mail()))
    assert states(env) == {"pending": 1}
    with pytest.raises(Conflict):  # neither of what was not done
        put(env, Change(None, ticket), queued(env, mail()))
    assert states(env) == {"pending": 1}
    sent = Sent()
    assert deliver_due(ADMIN, env, sent.senders()) == 1
    (got,) = sent.mails
    assert (got.to, got.language, got.at) == ("li@example.org", "zh", env.clock())
    assert got.subject == "[INC-1] 已受理：磁盘"
    assert "https://cmdb.example.org/tickets/INC-1" in got.text
    assert states(env) == {}
    reasons = [one.reason for one in env.store.log(1)]
    assert reasons == [f"took message {got.id}", f"delivered message {got.id}"]
    assert deliver_due(ADMIN, env, sent.senders()) == 0


def test_what_cannot_be_queued(env):
    with pytest.raises(UnknownName, match="ticket_opened"):
        queued(env, mail(template="ticket_open"))
    odd = queued(env, mail(text=Path("x"), items={1: "a"}, nothing=None))
    assert odd.after.body["parameters"]["text"] == "x"
    put(env, odd)
    assert deliver_due(ADMIN, env, Sent().senders()) == 1


def test_it_is_tried_again_later_and_later_and_then_given_up(env, clock):
    put(env, queued(env, mail()))
    sent = Sent(lambda one: NotDelivered(target=one.to, detail="not\r\nnow"))
    waits = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        assert deliver_due(ADMIN, env, sent.senders()) == 0
        assert len(sent.mails) == attempt
        (known,) = outbox.list_notifications(ADMIN, env)
        assert (known.message.attempts, known.message.error) == (attempt, "li@example.org: not now")
        if known.state == "pending":
            waits.append(known.message.due - clock.now)
            clock.now = known.message.due - 1
            deliver_due(ADMIN, env, sent.senders())
            assert len(sent.mails) == attempt
            clock.now += 1
    assert waits == sorted(waits)
    assert known.state == "dead"
    clock.now += 86_400 * 7
    deliver_due(ADMIN, env, sent.senders())
    assert len(sent.mails) == MOST_ATTEMPTS
    assert len({one.id for one in sent.mails}) == 1
    again = outbox.retry(ADMIN, env, known.message.id)
    assert (again.state, again.message.attempts) == ("pending", 0)
    good = Sent()
    assert deliver_due(ADMIN, env, good.senders()) == 1
    assert good.mails[0].id == sent.mails[0].id


def test_what_no_attempt_would_deliver_is_given_up_at_once(env, clock):
    put(env, queued(env, mail()), queued(env, mail("wu@example.org")))
    gone = Undeliverable(target="li@example.org", detail="gone")
    sent = Sent(lambda one: gone if one.to.startswith("li") else None)
    assert deliver_due(ADMIN, env, sent.senders()) == 1
    (dead,) = outbox.list_notifications(ADMIN, env, "dead")
    assert dead.content() | {"created": 0, "id": 0, "version": 0} == {
        "id": 0,
        "state": "dead",
        "channel": "email",
        "recipient": "li@example.org",
        "template": "ticket_opened",
        "language": "zh",
        "about": "INC-1",
        "created": 0,
        "attempts": 1,
        "due": None,
        "error": "li@example.org: gone",
        "version": 0,
    }
    with pytest.raises(PreconditionFailed):
        outbox.discard(ADMIN, env, dead.message.id, expected="other")
    outbox.discard(ADMIN, env, dead.message.id, expected=dead.version)
    with pytest.raises(NotFound):
        outbox.discard(ADMIN, env, dead.message.id)
    assert states(env) == {}


def test_old_dead_letters_make_room(env, clock):
    gone = Sent(lambda one: Undeliverable(target=one.to, detail="gone"))
    put(env, queued(env, mail("old@example.org")))
    deliver_due(ADMIN, env, gone.senders())
    clock.now += outbox.DEAD_KEPT + 100
    put(env, queued(env, mail("new@example.org")))
    deliver_due(ADMIN, env, gone.senders())
    (left,) = outbox.list_notifications(ADMIN, env)
    assert left.message.recipient == "new@example.org"


def declare(env, name="chat", url="https://chat.example.org/x", **more):
    return webhooks.put_target(ADMIN, env, name, url, **more)


def test_events_go_to_the_webhooks_that_want_them(env):
    secret = declare(env)
    declare(env, "pager", events=["major_incident"])
    put(env, *announced(env, "ticket_opened", VALUES, "zh"))
    put(env, *announced(env, "major_incident", VALUES))
    sent = Sent()
    assert deliver_due(ADMIN, env, sent.senders()) == 3
    told = sorted((one.target.name, json.loads(one.body)["type"]) for one in sent.calls)
    assert told == [
        ("chat", "major_incident"),
        ("chat", "ticket_opened"),
        ("pager", "major_incident"),
    ]
    (call,) = (one for one in sent.calls if b"ticket_opened" in one.body)
    assert json.loads(call.body) == {
        "type": "ticket_opened",
        "timestamp": "2027-01-15T08:00:00+00:00",
        "data": {**VALUES, "url": "https://cmdb.example.org/tickets/INC-1"},
        "language": "zh",
        "subject": "[INC-1] 已受理：磁盘",
        "text": "工单 INC-1 已创建：磁盘\n\nhttps://cmdb.example.org/tickets/INC-1\n",
    }
    assert call.secret == secret


def test_a_route_that_is_down_holds_up_nothing_else(env, clock):
    for name in ("down", "up"):
        declare(env, name)
        for _ in range(3):
            put(env, queued(env, Message("webhook", name, "test")))
    put(env, *(queued(env, mail(f"{n}@example.org")) for n in range(3)))

    def fail(one):
        target = getattr(one, "target", None)
        return RouteDown(target="x", detail="x") if target and target.name == "down" else None

    sent = Sent(fail)
    assert deliver_due(ADMIN, env, sent.senders()) == 6
    assert Counter(one.target.name for one in sent.calls) == {"down": 1, "up": 3}
    attempts = sorted(one.message.attempts for one in outbox.list_notifications(ADMIN, env))
    assert attempts == [0, 0, 1]


def test_a_fault_with_one_message_holds_up_nothing_else(env):
    put(env, queued(env, mail()), queued(env, mail("wu@example.org")))

    def fail(one):
        return ZeroDivisionError("oh") if one.to.startswith("li") else None

    assert deliver_due(ADMIN, env, Sent(fail).senders()) == 1
    (left,) = outbox.list_notifications(ADMIN, env)
    assert left.message.error.endswith("a fault of this service: ZeroDivisionError: oh")


def test_webhooks_are_declared_changed_and_removed(env):
    secret = declare(env)
    known = webhooks.get_target(ADMIN, env, "chat")
    assert secret.startswith("whsec_")
    assert secret not in json.dumps([one.body for one in env.store.documents(webhooks.KIND)])
    assert secret not in repr(env.store.log(0)) + json.dumps(known.content())
    assert "sealed" not in known.content()
    assert declare(env, events=["test"], expected=known.version) is None  # it keeps its secret
    with pytest.raises(PreconditionFailed):
        declare(env, expected=known.version)
    put(env, queued(env, Message("webhook", "chat", "test")))
    sent = Sent()
    deliver_due(ADMIN, env, sent.senders())
    assert sent.calls[0].secret == secret
    own = new_secret()
    assert declare(env, secret=own) is None
    put(env, queued(env, Message("webhook", "chat", "test")))
    deliver_due(ADMIN, env, sent.senders())
    assert sent.calls[1].secret == own
    put(env, queued(env, Message("webhook", "chat", "test")))
    webhooks.delete_target(ADMIN, env, "chat")
    deliver_due(ADMIN, env, sent.senders())
    (dead,) = outbox.list_notifications(ADMIN, env)
    assert (dead.state, dead.message.error) == ("dead", "chat: there is no such webhook any more")
    with pytest.raises(NotFound):
        webhooks.delete_target(ADMIN, env, "chat")


def test_without_the_key_calls_wait(env, monkeypatch):
    declare(env)
    put(env, queued(env, Message("webhook", "chat", "test")))
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())
    sent = Sent()
    deliver_due(ADMIN, env, sent.senders())
    (left,) = outbox.list_notifications(ADMIN, env)
    assert left.state == "pending"
    assert "webhook 'chat' was encrypted with another key" in left.message.error
    assert sent.calls == []


@pytest.mark.parametrize(
    ("url", "plain", "good"),
    [
        ("https://chat.example.org/hook?key=1", False, True),
        ("http://127.0.0.1:8080/x", False, True),
        ("http://localhost/x", False, True),
        ("http://[::1]/x", False, True),
        ("http://chat.example.org/x", False, False),
        ("http://chat.example.org/x", True, True),
        ("http://127.0.0.1.example.org/x", False, False),
        ("https://me:pw@chat.example.org/x", False, False),
        ("https://chat.example.org/#x", False, False),
        ("https://chat.example.org/\r\nX: y", False, False),
        ("https://chat.example.org/ x", False, False),
        ("https://chat.example.org:0/x", False, False),
        ("https://chat.example.org:99999/x", False, False),
        ("https://[::1/x", False, False),
        ("file:///etc/passwd", False, False),
        ("gopher://127.0.0.1/x", True, False),
        ("https:///x", False, False),
        ("", False, False),
        ("https://x/" + "a" * 3000, False, False),
    ],
)
def test_addresses_of_webhooks(tmp_path, url, plain, good):
    found = webhooks._wrong_url(url, plain)
    assert (found == "") is good


def test_all_that_is_wrong_with_a_webhook_is_told_at_once(env):
    with pytest.raises(Rejected) as caught:
        declare(env, "a b", "ftp://x", events=["tickt_opened"], secret="s3cret-mark")
    said = [type(one).__name__ for one in caught.value.errors]
    assert said == ["WrongValue", "WrongValue", "UnknownName", "WrongValue"]
    assert "s3cret-mark" not in str([str(one) for one in caught.value.errors])
    assert "ticket_opened" in str(caught.value.errors[2])


def test_other_words_are_sent(env):
    words = {"zh": {"subject": "新工单 {number}", "text": "{title}"}}
    made = message_templates.override_template(ADMIN, env, "ticket_opened", words)
    assert (made["overridden"], made["zh"]) == (["zh"], words["zh"])
    sent = Sent()
    put(env, queued(env, mail()), queued(env, mail(language="en")))
    deliver_due(ADMIN, env, sent.senders())
    assert {one.subject for one in sent.mails} == {"新工单 INC-1", "[INC-1] Opened: 磁盘"}
    bad = {"en": {"subject": "{nmber}", "text": "x"}}
    with pytest.raises(Rejected, match="nmber"):
        message_templates.override_template(ADMIN, env, "ticket_opened", bad)
    with pytest.raises(PreconditionFailed):
        message_templates.reset_template(ADMIN, env, "ticket_opened", expected="x")
    message_templates.reset_template(ADMIN, env, "ticket_opened", expected=made["version"])
    assert message_templates.get_template(ADMIN, env, "ticket_opened")["overridden"] == []
    names = [one["name"] for one in message_templates.list_templates(ADMIN, env)]
    assert names == sorted(names)


def test_administrators_only(env):
    others = [Actor("e", frozenset({"editor"})), Actor("v", frozenset({"viewer"}))]
    limited = Actor("l", frozenset({"administrator"}), Scope(frozenset({"a"})))
    asked = [
        lambda actor: outbox.list_notifications(actor, env),
        lambda actor: outbox.get_notification(actor, env, "x"),
        lambda actor: outbox.retry(actor, env, "x"),
        lambda actor: outbox.discard(actor, env, "x"),
        lambda actor: deliver_due(actor, env, Sent().senders()),
        lambda actor: send_test(actor, env, Sent().senders(), "email", "a@b"),
        lambda actor: webhooks.list_targets(actor, env),
        lambda actor: webhooks.put_target(actor, env, "a", "https://x/"),
        lambda actor: webhooks.delete_target(actor, env, "a"),
        lambda actor: message_templates.list_templates(actor, env),
        lambda actor: message_templates.override_template(actor, env, "test", {}),
        lambda actor: message_templates.reset_template(actor, env, "test"),
    ]
    for ask in asked:
        for actor in others:
            with pytest.raises(Forbidden):
                ask(actor)
        with pytest.raises(ScopeTooNarrow):
            ask(limited)


def test_three_workers_send_nothing_twice(backend):
    env = Environment(backend.open())
    count = 30
    with Receiver() as receiver:
        declare(env, url=receiver.url)
        put(env, *(queued(env, Message("webhook", "chat", "test")) for _ in range(count)))
        begin = threading.Barrier(3)

        def work(_):
            own = Environment(backend.open())
            begin.wait(30)
            return deliver_due(ADMIN, own, Senders(print, WebhookSender()))

        with ThreadPoolExecutor(3) as pool:
            delivered = list(pool.map(work, range(3)))
    assert sum(delivered) == count
    assert list(receiver.ids().values()) == [1] * count
    assert states(env) == {}


def test_what_a_dead_worker_had_sent_comes_once_more_with_the_same_id(backend):
    clock = Clock()
    clock.now = time.time()
    env = Environment(backend.open(), clock)
    secret = new_secret()
    with Receiver() as receiver:
        declare(env, url=receiver.url, secret=secret)
        put(env, queued(env, Message("webhook", "chat", "test")))
        words = [sys.executable, "-m", "tests.contract.dying_sender", backend.spec()]
        done = subprocess.run(words, cwd=ROOT, timeout=120)
        assert done.returncode == 9
        assert len(receiver.calls) == 1
        clock.now = time.time()
        senders = Senders(print, WebhookSender())
        assert deliver_due(ADMIN, env, senders) == 0  # it may still be at it
        clock.now += TAKEN
        assert deliver_due(ADMIN, env, senders) == 1
    assert list(receiver.ids().values()) == [2]
    times = [verify(secret, one.headers, one.body, clock.now).timestamp for one in receiver.calls]
    assert times[1] > times[0]
    assert states(env) == {}


def test_whoever_is_told_to_stop_stops_between_two_messages(env):
    put(env, *(queued(env, mail()) for _ in range(3)))
    stop = threading.Event()
    sent = Sent(lambda one: stop.set())
    assert deliver_due(ADMIN, env, sent.senders(), stop) == 1
    assert states(env) == {"pending": 2}


def test_a_message_that_was_discarded_meanwhile(env):
    put(env, queued(env, mail()))
    (known,) = outbox.list_notifications(ADMIN, env)
    sent = Sent(lambda one: outbox.discard(ADMIN, env, known.message.id))
    assert deliver_due(ADMIN, env, sent.senders()) == 0
    assert states(env) == {}
    put(env, queued(env, mail()))
    (known,) = outbox.list_notifications(ADMIN, env)

    def fail(one):
        outbox.discard(ADMIN, env, known.message.id)
        return NotDelivered(target="x", detail="x")

    deliver_due(ADMIN, env, Sent(fail).senders())
    assert states(env) == {}


def test_a_test_message_goes_at_once_and_beside_the_queue(env):
    sent = Sent()
    seq = env.store.seq()
    send_test(ADMIN, env, sent.senders(), "email", "li@example.org", "zh")
    assert (sent.mails[0].subject, env.store.seq()) == ("CMDB 消息测试", seq)
    with pytest.raises(Undeliverable):
        send_test(ADMIN, env, sent.senders(), "webhook", "none")
