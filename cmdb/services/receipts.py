"""Idempotency keys: a repeated request gets the answer of the first one, and does nothing."""

import hashlib

import orjson

from cmdb.errors import IdempotencyMismatch
from cmdb.history.log import Commit
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt


def receipt_for(key: str, *request: object) -> Receipt:
    """The receipt of a request, whose content is reduced to a digest."""
    return Receipt(key, hashlib.sha256(orjson.dumps(request)).hexdigest())


def earlier_commit(actor: Actor, env: Environment, receipt: Receipt) -> Commit | None:
    """The commit that answered this request before, if any.

    Raises IdempotencyMismatch when the key was used for another request.
    """
    found = env.store.receipt(actor.name, receipt.key)
    if found is None:
        return None
    known, commit = found
    if known.digest != receipt.digest:
        raise IdempotencyMismatch(name=receipt.key)
    return commit
