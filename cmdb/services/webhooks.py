"""Webhooks: receivers that administrators declare by name, and the events they want to hear of.

People never give an address to which something is sent; they can only cause events. The secret is
sealed, as the credentials of discovery are.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cmdb.errors import CMDBError, UnknownName, WrongValue, shown
from cmdb.identity.changes import Document
from cmdb.messages.templates import default_templates
from cmdb.schema.strict import name_faults
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt
from cmdb.services.signing import sealed_secret, secret_faults
from cmdb.services.times import iso
from cmdb.services.versioned import Documents, version_of

KIND = "webhook_target"
MOST_URL = 2_048


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
        return version_of(self.body())

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


def _target(document: Document) -> Target:
    body = {**document.body, "events": tuple(document.body["events"])}
    return Target(document.name, **body)


TARGETS = Documents(KIND, "webhook", _target)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_targets(actor: Actor, env: Environment) -> list[Target]:
    """All receivers by name."""
    return TARGETS.all(env)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_target(actor: Actor, env: Environment, name: str) -> Target:
    """One receiver; NotFound."""
    return TARGETS.get(env, name)


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
    made: str | None = None

    def target(before: Target | None) -> Target:
        nonlocal made
        sealed, made = sealed_secret(secret, before.sealed if before else None)
        return Target(name, url, sealed, tuple(sorted(set(events))), plain_http, env.clock())

    reason = f"declared webhook {name}"
    TARGETS.put(env, actor, name, target, reason, receipt=receipt, expected=expected)
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
    reason = f"removed webhook {name}"
    TARGETS.remove(env, actor, name, reason, receipt=receipt, expected=expected)


def _faults(
    name: str, url: str, events: Iterable[str], plain_http: bool, secret: str | None
) -> Iterable[CMDBError]:
    yield from name_faults(name, "webhook")
    expected = _wrong_url(url, plain_http)
    if expected:
        yield WrongValue(place="webhook", name="'url'", value=shown(url), expected=expected)
    known = tuple(default_templates())
    for one in events:
        if one not in known:
            yield UnknownName(place="webhook", kind="event", name=one, known=known)
    yield from secret_faults(secret)


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
