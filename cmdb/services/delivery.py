"""Delivery of what is queued: each message by one worker at a time, again until it succeeds.

A message is taken by a commit, sent, and removed by another one. A worker that dies in between
leaves it to the next one after `TAKEN` seconds, so a message may arrive twice, with the same id; it
is never lost.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson

from cmdb import sealing
from cmdb.errors import CMDBError, Conflict
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.messages.message import MOST_ATTEMPTS, Channel, Message
from cmdb.messages.templates import Rendered, rendered
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.message_templates import template_in_force
from cmdb.services.outbox import DEAD, document_of, message_id, outdated, waiting
from cmdb.services.ports import Signature
from cmdb.services.times import iso
from cmdb.services.webhooks import TARGETS, Target

TAKEN = 180.0
"""Seconds that a worker has for a message: more than any sender needs."""

log = logging.getLogger(__name__)


class NotDelivered(CMDBError):
    """A message could not be delivered now; another attempt may."""

    template = "{target}: {detail}"


class RouteDown(NotDelivered):
    """The mail server, or the receiver of a webhook, takes nothing now."""


class Undeliverable(NotDelivered):
    """A message that no other attempt would deliver."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of plain text to one address; repetitions have the same `id`."""

    id: str
    to: str
    subject: str
    text: str
    language: str
    at: float


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a webhook; repetitions have the same `id`, and are signed anew."""

    id: str
    target: Target
    secret: str
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Senders:
    """What sends, made by `cmdb.bootstrap`; each raises NotDelivered. `public_url` begins links."""

    mail: Callable[[Mail], None]
    webhook: Callable[[Call], None]
    public_url: str = ""


@authorised(Permission.ADMINISTER, everywhere=True)
def deliver_due(
    actor: Actor, env: Environment, senders: Senders, stop: threading.Event | None = None
) -> int:
    """Deliver what is due, until `stop` is set; gives how many messages were delivered.

    Any number of processes may do so at once. Where a route is down the rest of what would go there
    is left for the next time, so that it holds up nothing else.
    """
    now = env.clock()
    due = [one for one in waiting(env) if one.free(now)]
    random.shuffle(due)  # workers that begin at once rarely want the same one
    down: set[tuple[Channel, str]] = set()
    delivered = 0
    for message in due:
        if stop is not None and stop.is_set():
            break
        if _route(message) in down:
            continue
        taken = replace(message, taken_until=env.clock() + TAKEN)
        if not _changed(actor, env, message, taken, "took"):
            continue  # another worker was faster
        error = _tried(env, senders, taken)
        if error is None:
            delivered += _changed(actor, env, taken, None, "delivered")
            continue
        if isinstance(error, RouteDown):
            down.add(_route(message))
        _failed(actor, env, taken, error)
    return delivered


@authorised(Permission.ADMINISTER, everywhere=True)
def send_test(
    actor: Actor,
    env: Environment,
    senders: Senders,
    channel: Channel,
    recipient: str,
    language: str = "en",
) -> None:
    """Send a test message at once, beside the queue; NotDelivered says what is wrong."""
    parameters = {"person": actor.name}
    now = env.clock()
    message = Message(channel, recipient, "test", parameters, language, message_id(), now)
    _send(env, senders, message)


def _route(message: Message) -> tuple[Channel, str]:
    """What is down together: one mail server takes all mail, each webhook has its own receiver."""
    return message.channel, "" if message.channel == "email" else message.recipient


def _tried(env: Environment, senders: Senders, message: Message) -> NotDelivered | None:
    """Send a message; gives why it could not be delivered."""
    try:
        _send(env, senders, message)
    except NotDelivered as error:
        return error
    except Exception as error:  # a fault with one message must not hold up the others
        log.exception("message %s", message.id)
        detail = f"a fault of this service: {type(error).__name__}: {error}"
        return NotDelivered(target=message.recipient, detail=detail)
    return None


def _send(env: Environment, senders: Senders, message: Message) -> None:
    parameters = dict(message.parameters)
    if str(parameters.get("url", "")).startswith("/"):
        parameters["url"] = senders.public_url + parameters["url"]
    template = template_in_force(env, message.template)
    said = rendered(template.words(message.language), parameters)
    if message.channel == "email":
        senders.mail(
            Mail(
                message.id,
                message.recipient,
                said.subject,
                said.text,
                message.language,
                message.created,
            )
        )
        return
    target = TARGETS.find(env, message.recipient)
    if target is None:
        raise Undeliverable(target=message.recipient, detail="there is no such webhook any more")
    try:
        secret = sealing.unsealed(target.sealed, "webhook", target.name)["secret"]
    except CMDBError as error:
        raise RouteDown(target=target.name, detail=str(error)) from None
    body = _payload(message, parameters, said)
    senders.webhook(Call(f"msg_{message.id}", target, secret, body, env.clock()))


def _payload(message: Message, parameters: dict[str, Any], said: Rendered) -> bytes:
    """The body of a call, as Standard Webhooks proposes it, with the words for people beside."""
    return orjson.dumps(
        {
            "type": message.template,
            "timestamp": iso(message.created),
            "data": parameters,
            "language": message.language,
            "subject": said.subject,
            "text": said.text,
        }
    )


def _failed(actor: Actor, env: Environment, message: Message, error: NotDelivered) -> None:
    """Wait for the next attempt; without one it is a dead letter."""
    after = message.failed(str(error), env.clock())
    log.warning("message %s, attempt %d: %s", message.id, after.attempts, error)
    if after.attempts < MOST_ATTEMPTS and not isinstance(error, Undeliverable):
        _changed(actor, env, message, after, "failed to deliver")
        return
    moved = [Change(document_of(message), None), Change(None, document_of(after, DEAD))]
    _committed(actor, env, [*moved, *outdated(env)], f"gave up message {message.id}")


def _changed(
    actor: Actor, env: Environment, before: Message, after: Message | None, what: str
) -> bool:
    """Change a message; False where it is no longer as `before` says."""
    change = Change(document_of(before), None if after is None else document_of(after))
    return _committed(actor, env, [change], f"{what} message {before.id}")


def _committed(
    actor: Actor, env: Environment, changes: list[Change[Document]], reason: str
) -> bool:
    try:
        env.store.commit(ChangeSet(documents=changes), Signature(actor.name, env.clock(), reason))
    except Conflict:
        return False
    return True
