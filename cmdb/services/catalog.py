"""The catalog as a resource: read it, and add or change types at run time."""

from typing import Any

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
from cmdb.services.environment import CI_TYPE, RELATION_TYPE, Environment
from cmdb.services.ports import Receipt, Signature


@authorised(Permission.READ)
def get_catalog(actor: Actor, env: Environment) -> Catalog:
    """All CI types and relation types."""
    return env.catalog()


@authorised(Permission.ADMINISTER)
def put_ci_type(
    actor: Actor, env: Environment, data: dict[str, Any], receipt: Receipt | None = None
) -> CIType:
    """Add or replace a CI type; the whole catalog must still fit together."""
    declared = ci_type_from_dict(data)
    if declared.parent is None:
        raise InvalidInput(place=f"type {declared.name}", detail="a parent type is required")
    env.catalog().extended([declared], [])
    _put(actor, env, CI_TYPE, declared, receipt)
    return declared


@authorised(Permission.ADMINISTER)
def put_relation_type(
    actor: Actor, env: Environment, data: dict[str, Any], receipt: Receipt | None = None
) -> RelationType:
    """Add or replace a relation type; the whole catalog must still fit together."""
    declared = relation_type_from_dict(data)
    env.catalog().extended([], [declared])
    _put(actor, env, RELATION_TYPE, declared, receipt)
    return declared


def _put(
    actor: Actor,
    env: Environment,
    kind: str,
    declared: CIType | RelationType,
    receipt: Receipt | None,
) -> None:
    before = env.store.document(kind, declared.name)
    after = Document(kind, declared.name, declaration_to_dict(declared))
    if before == after:
        return
    reason = f"declared {kind.replace('_', ' ')} {declared.name}"
    signature = Signature(actor.name, env.clock(), reason, receipt=receipt)
    env.store.commit(ChangeSet(documents=[Change(before, after)]), signature)
