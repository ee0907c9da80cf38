"""Credentials: sealed in the store; values go in and are used, and are not given out again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cmdb import sealing
from cmdb.errors import (
    MissingField,
    Rejected,
    UnknownField,
    UnknownName,
    WrongValue,
)
from cmdb.identity.changes import Document
from cmdb.schema.strict import name_faults
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.times import iso
from cmdb.services.versioned import Documents, version_of
from discovery.agent import Secret

MOST_VALUE = 16_384

KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "snmp_v2c": (("community",), ()),
    "snmp_v3": (("user",), ("auth", "auth_key", "privacy", "privacy_key", "context")),
    "ssh_password": (("user", "password"), ("host_keys",)),
    "ssh_key": (("user", "private_key"), ("passphrase", "host_keys")),
    "token": (("token",), ()),
    "basic": (("user", "password"), ()),
}
"""For each kind the fields it needs, and those it may have."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it is kept."""

    name: str
    kind: str
    sealed: str
    at: float

    @property
    def version(self) -> str:
        """Changes whenever it is set; tells nothing of the values."""
        return version_of(self.body())

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        return {"kind": self.kind, "sealed": self.sealed, "at": self.at}

    def content(self) -> dict[str, Any]:
        """What everybody may see who may know of it at all."""
        at = iso(self.at)
        return {"name": self.name, "kind": self.kind, "at": at, "version": self.version}


def _credential(document: Document) -> Credential:
    return Credential(document.name, **document.body)


CREDENTIALS = Documents("credential", "credential", _credential)


@authorised(Permission.ADMINISTER, everywhere=True)
def put_credential(
    actor: Actor,
    env: Environment,
    name: str,
    kind: str,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Keep a credential, or replace it; what is wrong never shows a value.

    `expected` is the version the caller knows.
    """
    _check(name, kind, values)
    made, reason = (
        Credential(name, kind, sealing.sealed(values), env.clock()),
        f"set credential {name}",
    )
    CREDENTIALS.put(env, actor, name, lambda _: made, reason, receipt=receipt, expected=expected)


@authorised(Permission.ADMINISTER, everywhere=True)
def fingerprint(actor: Actor, values: Mapping[str, Any]) -> str:
    """What tells values from others, and tells nothing of them to who has not the key."""
    return sealing.fingerprint(values)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_credentials(actor: Actor, env: Environment) -> list[dict[str, Any]]:
    """Names, kinds, times and versions; nothing secret."""
    return [one.content() for one in CREDENTIALS.all(env)]


@authorised(Permission.ADMINISTER, everywhere=True)
def get_credential(actor: Actor, env: Environment, name: str) -> dict[str, Any]:
    """The same of one; NotFound when there is none."""
    return CREDENTIALS.get(env, name).content()


@authorised(Permission.ADMINISTER, everywhere=True)
def delete_credential(
    actor: Actor,
    env: Environment,
    name: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Forget a credential."""
    reason = f"removed credential {name}"
    CREDENTIALS.remove(env, actor, name, reason, receipt=receipt, expected=expected)


def opened(env: Environment, names: Iterable[str]) -> list[Secret]:
    """Credentials in the order of their names; NotFound, NoCredentialsKey, WrongCredentialsKey."""
    found = []
    for name in names:
        known = CREDENTIALS.get(env, name)
        values = sealing.unsealed(known.sealed, "credential", name)
        found.append(Secret(name, known.kind, values))
    return found


def _check(name: str, kind: str, values: Mapping[str, Any]) -> None:
    errors = name_faults(name, "credential")
    if kind not in KINDS:
        errors.append(UnknownName(place="credential", kind="kind", name=kind, known=tuple(KINDS)))
        raise Rejected(errors)
    needed, allowed = KINDS[kind]
    known = (*needed, *allowed)
    errors += [MissingField(place="credential", name=one) for one in needed if not values.get(one)]
    for one, value in values.items():
        if one not in known:
            errors.append(UnknownField(place="credential", kind="field", name=one, known=known))
        elif not isinstance(value, str) or len(value) > MOST_VALUE:
            expected = f"a text of at most {MOST_VALUE} characters"
            errors.append(
                WrongValue(
                    place="credential",
                    name=f"'{one}'",
                    value="of another kind or size",
                    expected=expected,
                )
            )
    if errors:
        raise Rejected(errors)
