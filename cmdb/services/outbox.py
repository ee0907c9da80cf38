"""The outbox: messages that wait for delivery, and dead letters that were given up.

A message is queued by the commit that does what it tells of, so there is none of what was not done,
and none is missing. `cmdb.services.delivery` sends them.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from cmdb.errors import NotFound
from cmdb.history.log import Commit
from cmdb.identity.changes import Change, Document
from cmdb.messages.message import Message
from cmdb.messages.templates import template_named
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.times import iso
from cmdb.services.versioned import commit_documents, expect
from cmdb.services.webhooks import TARGETS, Target

OUTBOX, DEAD = "outbox", "dead_letter"
DEAD_KEPT = 90 * 86_400.0
"""Seconds after which a dead letter is forgotten when another one comes in."""

State = Literal["pending", "dead"]
KINDS: dict[State, str] = {"dead": DEAD, "pending": OUTBOX}


@dataclass(frozen=True, slots=True)
class Notification:
    """A message as administrators see it."""

    message: Message
    state: State

    @property
    def version(self) -> str:
        """Changes with every attempt."""
        body = orjson.dumps([self.state, self.message.body()], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(body).hexdigest()[:16]

    @property
    def order(self) -> tuple[bool, float, str]:
        """What comes first: what was given up, then what is older."""
        return self.state == "pending", self.message.created, self.message.id

    def content(self) -> dict[str, Any]:
        """What is shown: to whom, about what, and how it went; not what it says."""
        message = self.message
        return {
            "id": message.id,
            "state": self.state,
            "channel": message.channel,
            "recipient": message.recipient,
            "template": message.template,
            "language": message.language,
            "about": str(message.parameters.get("number", "")),
            "created": iso(message.created),
            "attempts": message.attempts,
            "due": iso(message.due) if self.state == "pending" else None,
            "error": message.error,
            "version": self.version,
        }


def queued(env: Environment, message: Message) -> Change[Document]:
    """The change that queues a message: put it into the change set that does what it tells of.

    UnknownName where there is no such template. Parameters may be anything that JSON can hold; what
    else there is goes as text.
    """
    template_named(message.template)
    now = env.clock()
    parameters = orjson.loads(orjson.dumps(dict(message.parameters), str, orjson.OPT_NON_STR_KEYS))
    fresh = replace(message, id=message_id(), created=now, due=now, parameters=parameters)
    return Change(None, document_of(fresh))


def announced(
    env: Environment,
    template: str,
    parameters: Mapping[str, Any],
    language: str = "en",
    *,
    targets: Iterable[Target] | None = None,
    but: Collection[str] = (),
) -> list[Change[Document]]:
    """The changes that tell an event to every webhook that wants to hear of it, `but` to some.

    `targets` are all webhooks, where they are known already.
    """
    return [
        queued(env, Message("webhook", target.name, template, parameters, language))
        for target in (TARGETS.all(env) if targets is None else targets)
        if target.wants(template) and target.name not in but
    ]


def message_id() -> str:
    """What no other message has."""
    return secrets.token_hex(16)


def waiting(env: Environment) -> list[Message]:
    """The messages that wait for delivery, by the time they are due."""
    found = map(_message, env.store.documents(OUTBOX))
    return sorted(found, key=lambda one: (one.due, one.created, one.id))


def document_of(message: Message, kind: str = OUTBOX) -> Document:
    """A message as the store keeps it."""
    return Document(kind, message.id, message.body())


def outdated(env: Environment) -> list[Change[Document]]:
    """The removal of dead letters that nobody has looked after for long; they stay in the log."""
    until = env.clock() - DEAD_KEPT
    return [Change(one, None) for one in env.store.documents(DEAD) if one.body["due"] < until]


@authorised(Permission.ADMINISTER, everywhere=True)
def list_notifications(
    actor: Actor, env: Environment, state: State | None = None
) -> list[Notification]:
    """Dead letters, then what waits, by age. Messages that were delivered are in the log only."""
    found = [
        Notification(_message(one), name)
        for name, kind in KINDS.items()
        if state in (None, name)
        for one in env.store.documents(kind)
    ]
    return sorted(found, key=lambda one: one.order)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_notification(actor: Actor, env: Environment, number: str) -> Notification:
    """One message; NotFound when there is none, or it was delivered."""
    for state, kind in KINDS.items():
        document = env.store.document(kind, number)
        if document is not None:
            return Notification(_message(document), state)
    raise NotFound(kind="notification", name=number)


@authorised(Permission.ADMINISTER, everywhere=True)
def retry(
    actor: Actor, env: Environment, number: str, receipt: Receipt | None = None
) -> Notification:
    """Let a dead letter, or a message that waits, be tried again at once."""
    known = get_notification(actor, env, number)
    after = known.message.renewed(env.clock())
    fresh = Change(None, document_of(after))
    if known.state == "pending":
        changes = [Change(document_of(known.message), fresh.after)]
    else:
        changes = [Change(document_of(known.message, DEAD), None), fresh]
    commit_documents(env, actor, changes, f"let message {number} be tried again", receipt)
    return Notification(after, "pending")


@authorised(Permission.ADMINISTER, everywhere=True)
def discard(
    actor: Actor,
    env: Environment,
    number: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Drop a message without delivering it; `expected` is the version the caller knows."""
    known = get_notification(actor, env, number)
    expect("notification", number, known.version, expected)
    changes = [Change(document_of(known.message, KINDS[known.state]), None)]
    commit_documents(env, actor, changes, f"discarded message {number}", receipt)


def retried(commit: Commit) -> Notification:
    """The message that a commit of `retry` left behind."""
    (after,) = (one for one in commit.entries if one.after is not None)
    assert after.after is not None  # noqa: S101 - chosen so
    number = after.subject.partition(":")[2]
    return Notification(_message(Document(OUTBOX, number, after.after)), "pending")


def _message(document: Document) -> Message:
    return Message(id=document.name, **document.body)
