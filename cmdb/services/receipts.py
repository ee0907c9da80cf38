"""Idempotency keys: a repeated request gets the answer of the first one, and does nothing."""

import hashlib

import orjson

from cmdb.errors import IdempotencyMismatch
from cmdb.history.log import Commit
from cmdb.schema.records import ConfigurationItem, Relation
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


def item_of(commit: Commit) -> ConfigurationItem | None:
    """The CI that a commit of one CI left behind; None when it changed or removed none."""
    for entry in commit.entries:
        if entry.kind == "ci" and entry.after is not None:
            content = dict(entry.after)
            number = content.pop("number")
            return ConfigurationItem(**content).stored(number, commit.seq)
    return None


def relation_of(commit: Commit) -> Relation | None:
    """The relation that a commit of one relation left behind; None when it changed none."""
    for entry in commit.entries:
        if entry.kind == "relation" and (after := entry.after) is not None:
            return Relation(
                after["from"],
                after["type"],
                after["to"],
                after["group"],
                after["id"],
                after["strength"],
                after["attributes"],
                after["number"],
                commit.seq,
            )
    return None
