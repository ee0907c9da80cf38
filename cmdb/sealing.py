"""Secrets that the store keeps, encrypted with a key that is not in it.

The key comes from CMDB_CREDENTIALS_KEY_FILE or CMDB_CREDENTIALS_KEY. Values go in and are used, and
are not given out again (Fernet: AES-128-CBC with HMAC-SHA256).
"""

import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from cmdb.errors import CMDBError


class NoCredentialsKey(CMDBError):
    """There is no key to encrypt secrets with, or to read them."""

    template = (
        "there is no key for credentials: put one into a file that only this service reads, and"
        " name it in CMDB_CREDENTIALS_KEY_FILE; 'cmdb discover key' makes one"
    )


class UnusableCredentialsKey(NoCredentialsKey):
    """There is a key, but it cannot be read, or is none."""

    template = "the key for credentials cannot be used: {detail}"


class WrongCredentialsKey(CMDBError):
    """A secret was encrypted with another key."""

    template = (
        "the secret of {kind} '{name}' was encrypted with another key; give that one too, after the"
        " new one, or set the {kind} again"
    )


def new_key() -> str:
    """A new random key."""
    return Fernet.generate_key().decode()


def sealed(values: Mapping[str, Any]) -> str:
    """The values, encrypted; NoCredentialsKey."""
    return _cipher().encrypt(orjson.dumps(dict(values))).decode()


def unsealed(text: str, kind: str, name: str) -> dict[str, Any]:
    """The values of the `kind` of thing called `name`; NoCredentialsKey, WrongCredentialsKey."""
    try:
        values: dict[str, Any] = orjson.loads(_cipher().decrypt(text.encode()))
    except InvalidToken:
        raise WrongCredentialsKey(kind=kind, name=name) from None
    return values


def fingerprint(values: Mapping[str, Any]) -> str:
    """What tells values from others, and tells nothing of them to who has not the key."""
    key = _keys()[0].encode()
    return hmac.digest(key, orjson.dumps(values, option=orjson.OPT_SORT_KEYS), "sha256").hex()


def _cipher() -> MultiFernet:
    """What encrypts and decrypts: one key a line, the first for what is new."""
    try:
        return MultiFernet([Fernet(one) for one in _keys()])
    except ValueError:
        detail = "each line must be a key as 'cmdb discover key' makes it"
        raise UnusableCredentialsKey(detail=detail) from None


def _keys() -> list[str]:
    path = os.environ.get("CMDB_CREDENTIALS_KEY_FILE")
    try:
        text = Path(path).read_text() if path else os.environ.get("CMDB_CREDENTIALS_KEY", "")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UnusableCredentialsKey(detail=f"{path}: {reason}") from None
    if not text.split():
        raise NoCredentialsKey
    return text.split()
