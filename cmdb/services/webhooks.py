"""Webhooks: receivers that administrators declare by name, and the events they want to hear of.

People never give an address to which something is sent; they can only cause events. The secret is
sealed, as the credentials of discovery are.
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cmdb import sealing
from cmdb.errors import CMDBError, NotFound, PreconditionFailed, UnknownName, WrongValue, shown
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.messages.signatures import new_secret, secret_key
from cmdb.messages.templates import default_templates
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt, Signature
from cmdb.services.times import iso

KIND = "webhook_target"
MOST_URL = 2_048

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Target:
    """A receiver. Without `events` it hears of all; `plain_http` allows an address without TLS."""

    name: str
    url: str
    sealed: str
    events: tuple[str, ...] = ()
    plain_http: bool = False
    at: float = 0.0

    @property
    def version(self) -> str:
        """Changes whenever it is declared; tells nothing of the secret."""
        return hashlib.sha256(repr(self.body()).encode()).hexdigest()[:16]

    def wants(self, event: str) -> bool:
        """Whether it wants to hear of an event."""
        return not self.events or event in self.events

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        body = {name: getattr(self, name) for name in self.__slots__ if name != "name"}
        return {**body, "events": list(self.events)}

    def content(self) -> dict[str, Any]:
        """What is shown: nothing secret."""
        return {
            "name": self.name,
            "url": self.url,
            "events": list(self.events),
            "plain_http": self.plain_http,
            "at": iso(self.at),
            "version": self.version,
        }


def all_targets(env: Environment) -> list[Target]:
    """All receivers by name."""
    return [_target(one) for one in env.store.documents(KIND)]


def find_target(env: Environment, name: str) -> Target | None:
    """The receiver of a name, where there is one."""
    document = env.store.document(KIND, name)
    return None if document is None else _target(document)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_targets(actor: Actor, env: Environment) -> list[Target]:
    """All receivers by name."""
    return all_targets(env)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_target(actor: Actor, env: Environment, name: str) -> Target:
    """One receiver; NotFound."""
    found = find_target(env, name)
    if found is None:
        raise NotFound(kind="webhook", name=name)
    return found


@authorised(Permission.ADMINISTER, everywhere=True)
def put_target(
    actor: Actor,
    env: Environment,
    name: str,
    url: str,
    *,
    events: Sequence[str] = (),
    plain_http: bool = False,
    secret: str | None = None,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> str | None:
    """Declare a receiver, or replace it; raises everything that is wrong.

    Without a `secret` it keeps the one it has; a new receiver gets a random one, which is given
    back this once, for it to check signatures with. `expected` is the version the caller knows.
    """
    refuse(list(_faults(name, url, events, plain_http, secret)))
    before = find_target(env, name)
    _expect(name, before, expected)
    made = None
    if secret is None and before is None:
        made = secret = new_secret()
    sealed = before.sealed if before and secret is None else sealing.sealed({"secret": secret})
    after = Target(name, url, sealed, tuple(sorted(set(events))), plain_http, env.clock())
    _commit(actor, env, before, after, f"declared webhook {name}", receipt)
    return made


@authorised(Permission.ADMINISTER, everywhere=True)
def delete_target(
    actor: Actor,
    env: Environment,
    name: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Remove a receiver; what still waits for it becomes dead letters."""
    before = get_target(actor, env, name)
    _expect(name, before, expected)
    _commit(actor, env, before, None, f"removed webhook {name}", receipt)


@authorised(Permission.ADMINISTER, everywhere=True)
def fingerprint(actor: Actor, secret: str) -> str:
    """What tells a secret from others, and tells nothing of it to who has not the key."""
    return sealing.fingerprint({"secret": secret})


def _faults(
    name: str, url: str, events: Iterable[str], plain_http: bool, secret: str | None
) -> Iterable[CMDBError]:
    if not _NAME.fullmatch(name):
        expected = "1 to 64 letters, digits, '_', '.' and '-'"
        yield WrongValue(place="webhook", name="'name'", value=shown(name), expected=expected)
    expected = _wrong_url(url, plain_http)
    if expected:
        yield WrongValue(place="webhook", name="'url'", value=shown(url), expected=expected)
    known = tuple(default_templates())
    for one in events:
        if one not in known:
            yield UnknownName(place="webhook", kind="event", name=one, known=known)
    if secret is not None:
        try:
            secret_key(secret)
        except CMDBError as error:
            yield error


def _wrong_url(url: str, plain_http: bool) -> str:
    """What an address should be that is not as it must be; empty where nothing is wrong."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    printable = url.isascii() and url.isprintable() and len(url) <= MOST_URL
    if not good or not printable or parts.username is not None or set(url) & set(" #\\"):
        return "an https URL without user and fragment"
    if parts.scheme == "http" and not (plain_http or is_loopback(parts.hostname or "")):
        return "an https URL; http only to this machine itself, or where 'plain_http' allows it"
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host, as written in a URL, is this machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _expect(name: str, before: Target | None, expected: str | None) -> None:
    current = "none" if before is None else before.version
    if expected not in (None, current):
        raise PreconditionFailed(kind="webhook", name=name, current=current, expected=expected)


def _target(document: Document) -> Target:
    body = {**document.body, "events": tuple(document.body["events"])}
    return Target(document.name, **body)


def _document(target: Target | None) -> Document | None:
    return None if target is None else Document(KIND, target.name, target.body())


def _commit(
    actor: Actor,
    env: Environment,
    before: Target | None,
    after: Target | None,
    reason: str,
    receipt: Receipt | None,
) -> None:
    changes = ChangeSet(documents=[Change(_document(before), _document(after))])
    env.store.commit(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))
