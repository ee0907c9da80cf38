"""Notifications and webhooks on the command line, and the service that delivers."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cmdb.bootstrap import open_environment
from cmdb.identity.changes import ChangeSet
from cmdb.messages.message import Message
from cmdb.messages.signatures import new_secret, verify
from cmdb.sealing import new_key
from cmdb.services.outbox import queued
from cmdb.services.ports import Signature
from tests.cli.conftest import Cmdb, Write
from tests.cli.discovery import PATIENCE, running
from tests.messages.servers import MailServer, Receiver


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())
    names = ("CMDB_SMTP", "CMDB_SMTP_FROM", "CMDB_SMTP_PASSWORD", "CMDB_PUBLIC_URL", "CMDB_QUEUE")
    for name in names:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer() as server:
        monkeypatch.setenv("CMDB_SMTP", f"smtp+plain://127.0.0.1:{server.port}")
        monkeypatch.setenv("CMDB_SMTP_FROM", "cmdb@example.org")
        yield server


def queue(store: Path, *messages: Message) -> None:
    env = open_environment(f"sqlite:///{store}")
    changes = ChangeSet(documents=[queued(env, one) for one in messages])
    env.store.commit(changes, Signature("test", env.clock(), "test"))
    env.close()


def mail(to: str) -> Message:
    values = {"number": "INC-1", "title": "磁盘", "url": "/tickets/INC-1"}
    return Message("email", to, "ticket_opened", values, "zh")


def shown(cmdb: Cmdb) -> list[dict[str, object]]:
    found: list[dict[str, object]] = cmdb("notification", "list", "--format", "json").json[
        "notifications"
    ]
    return found


def test_a_test_message(cmdb: Cmdb, mail_server: MailServer) -> None:
    done = cmdb("notification", "test", "--email", "li@example.org")
    assert (done.code, done.out, done.err) == (0, "", "the test message is sent\n")
    assert mail_server.mails()[0]["Subject"] == "Test of the CMDB's messages"
    with Receiver() as receiver:
        made = cmdb("webhook", "add", "chat", receiver.url)
        secret = made.out.strip()
        assert cmdb("notification", "test", "--webhook", "chat").code == 0
    (call,) = receiver.calls
    stamp = int(call.headers["webhook-timestamp"])
    assert verify(secret, call.headers, call.body, stamp).id == call.headers["webhook-id"]
    assert json.loads(call.body)["type"] == "test"


def test_a_test_that_fails_says_why(cmdb: Cmdb, monkeypatch: pytest.MonkeyPatch) -> None:
    done = cmdb("notification", "test", "--email", "li@example.org")
    assert done.code == 2
    text = "li@example.org: there is no mail server; name one in CMDB_SMTP"
    assert done.err == f"error: {text}\n"
    assert cmdb("notification", "test", "--webhook", "none").code == 2
    for options in ((), ("--email", "a@b", "--webhook", "x")):
        assert "either --email or --webhook" in cmdb("notification", "test", *options).err
    monkeypatch.setenv("CMDB_SMTP", "smtp://me@mail.example.org")
    assert "CMDB_SMTP_FROM" in cmdb("notification", "test", "--email", "a@b").err


def test_webhooks(cmdb: Cmdb, file: Write) -> None:
    made = cmdb("webhook", "add", "chat", "https://chat.example.org/x", "--event", "survey")
    assert made.code == 0
    assert made.out.startswith("whsec_")
    assert made.errors == ["keep it safe: it is not shown again", "webhook chat is declared"]
    own = new_secret()
    path = file(f"{own}\n", "secret")
    again = cmdb("webhook", "add", "chat", "https://other.example.org/", "--secret-file", path)
    assert (again.code, again.out) == (0, "")
    listed = cmdb("webhook", "list")
    assert listed.out.splitlines()[1].split() == ["chat", "https://other.example.org/", "all"]
    data = cmdb("webhook", "list", "--format", "json")
    assert data.json["webhooks"][0]["events"] == []
    assert made.out.strip() not in listed.out + data.out
    assert own not in listed.out + data.out
    wrong = cmdb("webhook", "add", "x", "http://chat.example.org/", "--event", "tickt")
    assert (wrong.code, len(wrong.errors)) == (2, 2)
    assert cmdb("webhook", "add", "x", "https://a/", "--secret-file", "/none").code == 2
    assert cmdb("webhook", "remove", "chat").err == "webhook chat is removed\n"
    assert cmdb("webhook", "remove", "chat").code == 2


def test_dead_letters(cmdb: Cmdb, store: Path, mail_server: MailServer) -> None:
    assert cmdb("notification", "list").out.split()[0] == "number"
    queue(store, mail("li@example.org"), mail("wu@example.org"), mail("no address"))
    with running("serve", "--port", "0") as server:
        url = server.told(r"serving (\S+)")
        assert httpx.get(f"{url}/healthz", timeout=PATIENCE).status_code == 200
        while any(one["state"] == "pending" for one in shown(cmdb)):
            pass
        server.process.send_signal(signal.SIGTERM)
        assert server.end()[0] == 0
    assert sorted(one["To"] for one in mail_server.mails()) == ["li@example.org", "wu@example.org"]
    (dead,) = shown(cmdb)
    number = str(dead["id"])
    assert dead["error"] == "no address: it is no address of mail"
    table = cmdb("notification", "list", "--state", "dead").out
    assert number in table
    assert "INC-1" in table
    assert cmdb("notification", "list", "--state", "gone").code == 2
    done = cmdb("notification", "retry", number)
    assert done.err == f"message {number} will be tried again\n"
    assert [one["state"] for one in shown(cmdb)] == ["pending"]
    assert cmdb("notification", "retry", "--all").err == ""
    done = cmdb("notification", "discard", number)
    assert done.err == f"message {number} is discarded\n"
    assert shown(cmdb) == []
    for words in (("retry",), ("discard",), ("discard", number, "--all"), ("retry", number)):
        assert cmdb("notification", *words).code == 2


def test_links_begin_with_the_public_address(
    cmdb: Cmdb, store: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMDB_PUBLIC_URL", "https://cmdb.example.org/it/")
    queue(store, mail("li@example.org"))
    with running("worker") as worker:
        worker.told(r"working for (.*);")
        while shown(cmdb):
            pass
        worker.process.send_signal(signal.SIGTERM)
        assert worker.end()[0] == 0
    (got,) = mail_server.mails()
    assert "https://cmdb.example.org/it/tickets/INC-1" in got.get_content()


def test_settings_are_checked_when_the_service_starts(
    cmdb: Cmdb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CMDB_SMTP", "mail.example.org")
    for command in (("serve", "--port", "0"), ("worker",)):
        done = cmdb(*command)
        assert done.code == 2
        assert "CMDB_SMTP: write smtp://user@host:587" in done.err


def test_words_of_messages(cmdb: Cmdb, file: Write) -> None:
    assert "comment_added" in cmdb("notification", "template", "list").out
    assert len(cmdb("notification", "template", "list", "--format", "json").json["templates"]) == 17
    words = {"zh": {"subject": "新 {number}", "text": "{title}"}}
    assert cmdb("notification", "template", "set", "comment_added", file(words)).code == 0
    shown = cmdb("notification", "template", "show", "comment_added").json
    assert (shown["zh"], shown["overridden"]) == (words["zh"], ["zh"])
    wrong = {"zh": {"subject": "{nmber}", "text": "{x}"}}
    done = cmdb("notification", "template", "set", "comment_added", file(wrong))
    assert (done.code, len(done.errors)) == (2, 2)
    assert "unknown placeholder 'nmber'; nearest known name: 'number'" in done.errors[0]
    assert cmdb("notification", "template", "set", "comment_added", file([])).code == 2
    assert cmdb("notification", "template", "reset", "comment_added").code == 0
    assert cmdb("notification", "template", "show", "comment_added").json["overridden"] == []
    assert cmdb("notification", "template", "show", "nothing").code == 2
