"""The catalog as a resource: read it, and add or change types at run time."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson

from cmdb.errors import InvalidInput
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.schema.declarations import (
    CIType,
    RelationType,
    ci_type_from_dict,
    declaration_to_dict,
    relation_type_from_dict,
)
from cmdb.schema.model import Catalog
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.deltas import CI_TYPE, RELATION_TYPE
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, Signature
from cmdb.services.versioned import expect

Declared = TypeVar("Declared", CIType, RelationType)


@authorised(Permission.READ)
def get_catalog(actor: Actor, env: Environment) -> Catalog:
    """All CI types and relation types."""
    return env.catalog()


def version_of(catalog: Catalog, declared: CIType | RelationType | None) -> str:
    """The version of a type, for optimistic concurrency: a digest of it and what it inherits."""
    chain: list[CIType | RelationType] = [] if declared is None else [declared]
    if isinstance(declared, CIType):
        chain = [catalog.ci_types[name] for name in catalog.ancestors[declared.name]]
    data = orjson.dumps([declaration_to_dict(one) for one in chain])
    return hashlib.sha256(data).hexdigest()[:16]


@authorised(Permission.ADMINISTER)
def put_ci_type(
    actor: Actor,
    env: Environment,
    data: dict[str, Any],
    receipt: Receipt | None = None,
    *,
    expected: str | None = None,
) -> CIType:
    """Add or replace a CI type; the whole catalog must still fit together.

    `expected` is the version the caller knows (`version_of`); PreconditionFailed when it differs.
    """
    declared = _ci_type(data, "type")
    catalog = env.catalog()
    catalog.extended([declared], [])
    _expect(catalog, catalog.ci_types.get(declared.name), declared.name, expected)
    _put(actor, env, CI_TYPE, declared, receipt)
    return declared


@authorised(Permission.ADMINISTER)
def put_relation_type(
    actor: Actor,
    env: Environment,
    data: dict[str, Any],
    receipt: Receipt | None = None,
    *,
    expected: str | None = None,
) -> RelationType:
    """Add or replace a relation type; the whole catalog must still fit together."""
    declared = _read(relation_type_from_dict, data, "relation type")
    catalog = env.catalog()
    catalog.extended([], [declared])
    _expect(catalog, catalog.relation_types.get(declared.name), declared.name, expected)
    _put(actor, env, RELATION_TYPE, declared, receipt)
    return declared


def _expect(
    catalog: Catalog, known: CIType | RelationType | None, name: str, expected: str | None
) -> None:
    expect("type", name, None if known is None else version_of(catalog, known), expected)


@authorised(Permission.ADMINISTER)
def put_declarations(
    actor: Actor, env: Environment, ci_types: Sequence[Any], relation_types: Sequence[Any]
) -> int:
    """Add or replace several types in one commit, all or none; gives how many were new to it."""
    types = [_ci_type(one, f"ci_types[{i}]") for i, one in enumerate(ci_types)]
    relations = [
        _read(relation_type_from_dict, one, f"relation_types[{i}]")
        for i, one in enumerate(relation_types)
    ]
    env.catalog().extended(types, relations)
    last = {(CI_TYPE, one.name): one for one in types} | {
        (RELATION_TYPE, one.name): one for one in relations
    }
    changes = [_change(env, kind, declared) for (kind, _), declared in last.items()]
    changes = [change for change in changes if change.before != change.after]
    if changes:
        names = ", ".join(name for _, name in last)
        reason = f"declared {names if len(names) <= 200 else f'{len(last)} types'}"
        env.store.commit(ChangeSet(documents=changes), Signature(actor.name, env.clock(), reason))
    return len(changes)


def _ci_type(data: Any, place: str) -> CIType:
    declared = _read(ci_type_from_dict, data, place)
    if declared.parent is None:
        raise InvalidInput(place=f"type {declared.name}", detail="a parent type is required")
    return declared


def _read(make: Callable[[Any, str], Declared], data: Any, place: str) -> Declared:
    """The declaration; whatever the form's own checks do not name is an InvalidInput too."""
    try:
        return make(data, place)
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidInput(place=place, detail=f"this is no declaration: {error}") from None


def _change(env: Environment, kind: str, declared: CIType | RelationType) -> Change[Document]:
    before = env.store.document(kind, declared.name)
    body = orjson.loads(orjson.dumps(declaration_to_dict(declared)))  # lists, as it is stored
    return Change(before, Document(kind, declared.name, body))


def _put(
    actor: Actor,
    env: Environment,
    kind: str,
    declared: CIType | RelationType,
    receipt: Receipt | None,
) -> None:
    change = _change(env, kind, declared)
    if change.before == change.after:
        return
    reason = f"declared {kind.replace('_', ' ')} {declared.name}"
    signature = Signature(actor.name, env.clock(), reason, receipt=receipt)
    env.store.commit(ChangeSet(documents=[change]), signature)
