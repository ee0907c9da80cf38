"""Credentials: sealed in the store; values go in and are used, and are not given out again."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from cmdb import sealing
from cmdb.errors import (
    CMDBError,
    MissingField,
    NotFound,
    PreconditionFailed,
    Rejected,
    UnknownField,
    UnknownName,
    WrongValue,
    shown,
)
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, Signature
from cmdb.services.times import iso
from discovery.agent import Secret
from discovery.job import NAME

CREDENTIAL = "credential"
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
    sealed = sealing.sealed(values)
    before = env.store.document(CREDENTIAL, name)
    _expect(name, before, expected)
    after = Document(CREDENTIAL, name, {"kind": kind, "sealed": sealed, "at": env.clock()})
    _commit(actor, env, before, after, f"set credential {name}", receipt)


@authorised(Permission.ADMINISTER, everywhere=True)
def fingerprint(actor: Actor, values: Mapping[str, Any]) -> str:
    """What tells values from others, and tells nothing of them to who has not the key."""
    return sealing.fingerprint(values)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_credentials(actor: Actor, env: Environment) -> list[dict[str, Any]]:
    """Names, kinds, times and versions; nothing secret."""
    return [_public(one) for one in env.store.documents(CREDENTIAL)]


@authorised(Permission.ADMINISTER, everywhere=True)
def get_credential(actor: Actor, env: Environment, name: str) -> dict[str, Any]:
    """The same of one; NotFound when there is none."""
    return _public(_document(env, name))


@authorised(Permission.ADMINISTER, everywhere=True)
def delete_credential(
    actor: Actor,
    env: Environment,
    name: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Forget a credential."""
    before = _document(env, name)
    _expect(name, before, expected)
    _commit(actor, env, before, None, f"removed credential {name}", receipt)


def _document(env: Environment, name: str) -> Document:
    found = env.store.document(CREDENTIAL, name)
    if found is None:
        raise NotFound(kind="credential", name=name)
    return found


def _public(document: Document) -> dict[str, Any]:
    """What everybody may see who may know of it at all."""
    body = document.body
    at, version = iso(body["at"]), _version(document)
    return {"name": document.name, "kind": body["kind"], "at": at, "version": version}


def _version(document: Document | None) -> str:
    sealed = "" if document is None else document.body["sealed"]
    return hashlib.sha256(sealed.encode()).hexdigest()[:16]


def _expect(name: str, before: Document | None, expected: str | None) -> None:
    current = _version(before)
    if expected not in (None, current):
        raise PreconditionFailed(kind="credential", name=name, current=current, expected=expected)


def opened(env: Environment, names: Iterable[str]) -> list[Secret]:
    """Credentials in the order of their names; NotFound, NoCredentialsKey, WrongCredentialsKey."""
    found = []
    for name in names:
        known = _document(env, name)
        values = sealing.unsealed(known.body["sealed"], "credential", name)
        found.append(Secret(name, known.body["kind"], values))
    return found


def _check(name: str, kind: str, values: Mapping[str, Any]) -> None:
    errors: list[CMDBError] = []
    if not NAME.fullmatch(name):
        expected = "1 to 64 letters, digits, '_', '.' and '-'"
        error = WrongValue(place="credential", name="'name'", value=shown(name), expected=expected)
        errors.append(error)
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


def _commit(
    actor: Actor,
    env: Environment,
    before: Document | None,
    after: Document | None,
    reason: str,
    receipt: Receipt | None,
) -> None:
    changes = ChangeSet(documents=[Change(before, after)])
    env.store.commit(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))
