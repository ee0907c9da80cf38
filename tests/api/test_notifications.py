"""Notifications, webhooks and the words of messages over HTTP."""

import json

import pytest

from api.http.models.common import Page
from api.http.models.notifications import (
    DeclaredWebhook,
    NotificationRow,
    TemplateRow,
    WebhookRow,
)
from cmdb.identity.changes import ChangeSet
from cmdb.messages.message import Message
from cmdb.messages.signatures import new_secret
from cmdb.sealing import new_key
from cmdb.services.delivery import Senders, Undeliverable, deliver_due
from cmdb.services.outbox import queued
from cmdb.services.ports import Signature
from tests.api.conftest import ADMIN

HOOK = {"url": "https://chat.example.org/x", "events": ["major_incident"]}


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())


def queue(env, *to):
    changes = [queued(env, Message("email", one, "test", {"number": "INC-1"})) for one in to]
    env.store.commit(ChangeSet(documents=changes), Signature("test", env.clock(), "test"))


def refuse(env):
    """Let all that is queued be given up."""

    def never(one):
        raise Undeliverable(target=one.to, detail="there is no mail server; name one in CMDB_SMTP")

    deliver_due(ADMIN, env, Senders(never, never))


def rows(admin, query=""):
    page = Page[NotificationRow].model_validate(admin.get(f"/notifications{query}").json())
    return page.items


def test_the_life_of_a_dead_letter(admin, env):
    queue(env, "li@example.org")
    refuse(env)
    queue(env, "wu@example.org")
    dead, pending = rows(admin)
    assert (dead.state, dead.recipient, dead.about) == ("dead", "li@example.org", "INC-1")
    assert (pending.state, pending.attempts) == ("pending", 0)
    assert rows(admin, "?state=dead") == [dead]
    path = f"/notifications/{dead.id}"
    got = admin.get(path)
    etag = got.headers["ETag"]
    assert NotificationRow.model_validate(got.json()) == dead
    assert admin.get(path, headers={"If-None-Match": etag}).status_code == 304
    for _ in range(2):
        again = admin.post(f"{path}/retry", headers={"Idempotency-Key": "once"})
        row = NotificationRow.model_validate(again.json())
        assert (again.status_code, row.state, row.attempts) == (200, "pending", 0)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert admin.delete(path, headers={"If-Match": etag}).status_code == 412
    for _ in range(2):
        assert admin.delete(path, headers={"Idempotency-Key": "gone"}).status_code == 204
    assert [one.id for one in rows(admin)] == [pending.id]
    for got in (admin.get(path), admin.post(f"{path}/retry"), admin.delete(path)):
        assert got.status_code == 404


def test_pages(admin, env):
    queue(env, *(f"{n}@example.org" for n in range(5)))
    refuse(env)
    queue(env, *(f"{n}@example.org" for n in range(5, 8)))
    found, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = admin.get("/notifications", params=query).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == [one.id for one in rows(admin)]
    assert len(set(found)) == 8
    for query in ("?state=gone", "?cursor=x", "?limit=0"):
        assert admin.get(f"/notifications{query}").status_code == 422


def test_the_life_of_a_webhook(admin):
    made = admin.put("/webhooks/chat", HOOK)
    shown = DeclaredWebhook.model_validate(made.json())
    assert shown.secret.startswith("whsec_")
    got = admin.get("/webhooks/chat")
    row = WebhookRow.model_validate(got.json())
    assert (row.url, row.events, row.plain_http) == (HOOK["url"], HOOK["events"], False)
    assert (got.headers["ETag"], row.version) == (made.headers["ETag"], shown.version)
    page = admin.get("/webhooks")
    assert Page[WebhookRow].model_validate(page.json()).items == [row]
    assert shown.secret not in got.text + page.text
    late = admin.put("/webhooks/chat", HOOK, headers={"If-Match": '"x"'})
    assert late.status_code == 412
    changed = admin.put("/webhooks/chat", {"url": HOOK["url"]})
    assert DeclaredWebhook.model_validate(changed.json()).secret is None
    assert admin.delete("/webhooks/chat", headers={"If-Match": '"x"'}).status_code == 412
    assert admin.delete("/webhooks/chat").status_code == 204
    assert admin.get("/webhooks/chat").status_code == 404


def test_secrets_are_in_no_answer_no_log_and_no_receipt(admin, env, caplog):
    secret = new_secret()
    for _ in range(2):
        key = {"Idempotency-Key": "k"}
        got = admin.put("/webhooks/chat", {**HOOK, "secret": secret}, headers=key)
        assert got.status_code == 200
        assert got.json()["secret"] is None
    assert got.headers["Idempotency-Replayed"] == "true"
    other = admin.put("/webhooks/chat", {**HOOK, "secret": new_secret()}, headers=key)
    assert other.json()["code"] == "IdempotencyMismatch"
    wrong = admin.put("/webhooks/chat", {**HOOK, "secret": "s3cret-mark"})
    assert wrong.status_code == 422
    wrong = admin.put("/webhooks/chat", {**HOOK, "secret": {"x": "s3cret-mark"}})
    assert wrong.status_code == 422
    assert "s3cret-mark" not in wrong.text + caplog.text
    assert secret not in repr(env.store.log(0)) + caplog.text


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"url": "http://chat.example.org/"}, "WrongValue"),
        ({"url": "https://x/", "events": ["tickt_opened"]}, "UnknownName"),
        ({"url": "https://x/", "event": []}, "UnknownField"),
        ({}, "MissingField"),
    ],
)
def test_webhooks_that_are_refused(admin, form, code):
    got = admin.put("/webhooks/chat", form)
    assert (got.status_code, got.json()["code"]) == (422, code)


def test_without_a_key_there_are_no_webhooks(admin, monkeypatch):
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY")
    got = admin.put("/webhooks/chat", HOOK)
    assert (got.status_code, got.json()["code"]) == (503, "NoCredentialsKey")


def test_the_words_of_messages(admin):
    page = Page[TemplateRow].model_validate(admin.get("/message-templates").json())
    assert len(page.items) == 17
    words = {"subject": "新 {number}", "text": "{title}"}
    got = admin.put("/message-templates/ticket_opened", {"zh": words})
    assert (got.status_code, got.json()["overridden"], got.json()["zh"]) == (200, ["zh"], words)
    shown = admin.get("/message-templates/ticket_opened")
    assert (shown.json(), shown.headers["ETag"]) == (got.json(), got.headers["ETag"])
    bad = {"en": {"subject": "{nmber}", "text": "{x}"}}
    wrong = admin.put("/message-templates/ticket_opened", bad)
    assert wrong.status_code == 422
    assert [one["fields"]["name"] for one in wrong.json()["errors"]] == ["nmber", "x"]
    assert admin.put("/message-templates/ticket_opened", {}).status_code == 422
    assert admin.put("/message-templates/nothing", {"zh": words}).status_code == 404
    assert admin.get("/message-templates/nothing").status_code == 404
    assert admin.delete("/message-templates/ticket_opened").status_code == 204
    assert admin.get("/message-templates/ticket_opened").json()["overridden"] == []


def test_administrators_only(editor, admin, env):
    queue(env, "li@example.org")
    (row,) = rows(admin)
    words = {"zh": {"subject": "x", "text": "x"}}
    for method, path, body in (
        ("GET", "/notifications", None),
        ("GET", f"/notifications/{row.id}", None),
        ("POST", f"/notifications/{row.id}/retry", None),
        ("DELETE", f"/notifications/{row.id}", None),
        ("GET", "/webhooks", None),
        ("PUT", "/webhooks/chat", HOOK),
        ("PUT", "/webhooks/chat", {**HOOK, "secret": new_secret()}),
        ("DELETE", "/webhooks/chat", None),
        ("GET", "/message-templates", None),
        ("PUT", "/message-templates/test", words),
        ("DELETE", "/message-templates/test", None),
    ):
        assert editor(method, path, json=body).status_code == 403
    assert [one.id for one in rows(admin)] == [row.id]


def test_in_chinese(api, env):
    chinese = api("administrator", language="zh")
    got = chinese.put("/webhooks/a", {"url": "http://x.example/"})
    assert "https 地址；http 只能指向本机" in got.json()["detail"]
    bad = {"en": {"subject": "{nmber}", "text": "x"}}
    got = chinese.put("/message-templates/test", bad)
    assert "未知的占位符 'nmber'" in got.json()["detail"]
    assert "{" not in json.dumps(chinese.get("/notifications/x").json()["detail"])
