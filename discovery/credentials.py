"""Credentials: encrypted in the store, tried in an order, never so often as to lock anybody out.

The key comes from CMDB_CREDENTIALS_KEY_FILE or CMDB_CREDENTIALS_KEY, never from the store. Values
go in and are used, and are not given out again (Fernet: AES-128-CBC with HMAC-SHA256).
"""

import os
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from cmdb.errors import (
    CMDBError,
    InvalidInput,
    MissingField,
    NotFound,
    Rejected,
    UnknownField,
    UnknownName,
    WrongValue,
)
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, Signature
from discovery.agent import Secret

CREDENTIAL = "credential"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)
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

MOST_REFUSALS = 2
"""Wrong credentials of one user that a target sees in a run: lockouts begin at three."""


class NoCredentialsKey(CMDBError):
    """There is no key to encrypt credentials with, or to read them."""

    template = (
        "there is no key for credentials: put one into a file that only this service reads, and"
        " name it in CMDB_CREDENTIALS_KEY_FILE; 'cmdb discover key' makes one"
    )


class WrongCredentialsKey(CMDBError):
    """A credential was encrypted with another key."""

    template = (
        "credential '{name}' was encrypted with another key; give that one too, after the new one,"
        " or set the credential again"
    )


def new_key() -> str:
    """A new random key."""
    return Fernet.generate_key().decode()


def cipher() -> MultiFernet:
    """What encrypts and decrypts: one key a line, the first for what is new."""
    path = os.environ.get("CMDB_CREDENTIALS_KEY_FILE")
    try:
        text = Path(path).read_text() if path else os.environ.get("CMDB_CREDENTIALS_KEY", "")
    except OSError as error:
        raise InvalidInput(
            place="CMDB_CREDENTIALS_KEY_FILE", detail=f"it cannot be read: {error.strerror}"
        ) from None
    if not text.split():
        raise NoCredentialsKey
    try:
        return MultiFernet([Fernet(one) for one in text.split()])
    except ValueError:
        detail = "each line must be a key as 'cmdb discover key' makes it"
        raise InvalidInput(place="the key for credentials", detail=detail) from None


@authorised(Permission.ADMINISTER)
def put_credential(
    actor: Actor,
    env: Environment,
    name: str,
    kind: str,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
) -> None:
    """Keep a credential, or replace it; what is wrong never shows a value."""
    _check(name, kind, values)
    sealed = cipher().encrypt(orjson.dumps(dict(values))).decode()
    before = env.store.document(CREDENTIAL, name)
    after = Document(CREDENTIAL, name, {"kind": kind, "sealed": sealed, "at": env.clock()})
    _commit(actor, env, before, after, f"set credential {name}", receipt)


@authorised(Permission.ADMINISTER)
def list_credentials(actor: Actor, env: Environment) -> list[dict[str, Any]]:
    """Names, kinds and times; nothing secret."""
    return [
        {"name": one.name, "kind": one.body["kind"], "at": one.body["at"]}
        for one in env.store.documents(CREDENTIAL)
    ]


@authorised(Permission.ADMINISTER)
def delete_credential(
    actor: Actor, env: Environment, name: str, receipt: Receipt | None = None
) -> None:
    """Forget a credential."""
    before = env.store.document(CREDENTIAL, name)
    if before is None:
        raise NotFound(kind="credential", name=name)
    _commit(actor, env, before, None, f"removed credential {name}", receipt)


def opened(env: Environment, names: Iterable[str]) -> list[Secret]:
    """Credentials in the order of their names; NotFound, NoCredentialsKey, WrongCredentialsKey."""
    found = []
    for name in names:
        known = env.store.document(CREDENTIAL, name)
        if known is None:
            raise NotFound(kind="credential", name=name)
        try:
            values = orjson.loads(cipher().decrypt(known.body["sealed"].encode()))
        except InvalidToken:
            raise WrongCredentialsKey(name=name) from None
        found.append(Secret(name, known.body["kind"], values))
    return found


class Keyring:
    """The credentials of one run, and what targets answered to them; safe for many threads.

    Once one was accepted by a target it alone is tried there. Of one user a target sees at most
    `MOST_REFUSALS` wrong ones, and a credential that three targets refused in a row, and none ever
    accepted, is not tried any more: it is wrong, and would lock its user out everywhere.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._refused: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._accepted: dict[str, Secret] = {}
        self._good: set[str] = set()
        self._everywhere: dict[str, int] = defaultdict(int)

    def secrets(self, target: str, kinds: tuple[str, ...]) -> list[Secret]:
        """What may still be tried at a target, the best first."""
        with self._lock:
            known = self._accepted.get(target)
            if known is not None and known.kind in kinds:
                return [known]
            return [one for one in self._secrets if one.kind in kinds and self._may(one, target)]

    def refused(self, secret: Secret, target: str) -> None:
        """A target would not have it."""
        with self._lock:
            self._refused[target, _user(secret)].add(secret.name)
            self._everywhere[secret.name] += 1
            if self._accepted.get(target) == secret:
                del self._accepted[target]

    def accepted(self, secret: Secret, target: str) -> None:
        """A target took it."""
        with self._lock:
            self._accepted[target] = secret
            self._good.add(secret.name)

    def _may(self, secret: Secret, target: str) -> bool:
        refused = self._refused[target, _user(secret)]
        hopeless = secret.name not in self._good and self._everywhere[secret.name] > MOST_REFUSALS
        locks = secret.kind not in ("snmp_v2c", "token") and hopeless
        return secret.name not in refused and len(refused) < MOST_REFUSALS and not locks


def _user(secret: Secret) -> str:
    """Whom too many refusals would lock out."""
    return secret.values.get("user", secret.name)


def _check(name: str, kind: str, values: Mapping[str, Any]) -> None:
    if not NAME.fullmatch(name):
        expected = "1 to 64 letters, digits, '_', '.' and '-'"
        raise WrongValue(place="credential", name="'name'", value=repr(name), expected=expected)
    if kind not in KINDS:
        raise UnknownName(place="credential", kind="kind", name=kind, known=tuple(KINDS))
    needed, allowed = KINDS[kind]
    known = (*needed, *allowed)
    errors: list[CMDBError] = [
        MissingField(place="credential", name=one) for one in needed if not values.get(one)
    ]
    for one, value in values.items():
        if one not in known:
            errors.append(UnknownField(place="credential", kind="field", name=one, known=known))
        elif not isinstance(value, str) or len(value) > MOST_VALUE:
            expected = f"a text of at most {MOST_VALUE} characters"
            errors.append(
                WrongValue(place="credential", name=f"'{one}'", value="not", expected=expected)
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
