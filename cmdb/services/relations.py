"""Relations: read, list, and change by hand."""

from dataclasses import replace
from typing import Any

from cmdb.errors import (
    AlreadyExists,
    CMDBError,
    NotFound,
    Rejected,
    UnknownReference,
)
from cmdb.identity.changes import Change, ChangeSet
from cmdb.identity.claims import MANUAL, Name
from cmdb.identity.ends import End
from cmdb.identity.observation import ObservedRelation
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import Planner
from cmdb.identity.relations import PlacedRelation, fault, identity_of
from cmdb.identity.validation import Validator
from cmdb.schema.records import Relation
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.ends import named
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.planning import commit_plan, manual_time
from cmdb.services.ports import Receipt, RelationQuery, Signature
from cmdb.services.references import Visible, resolve_one
from cmdb.services.versioned import expect


@authorised(Permission.READ)
def get_relation(actor: Actor, env: Environment, number: int) -> Relation:
    """One relation by its number."""
    relation = env.store.relations_by_number([number]).get(number)
    if relation is None or not _visible(actor, env, [relation]):
        raise NotFound(kind="relation", name=str(number))
    return relation


@authorised(Permission.READ)
def list_relations(
    actor: Actor, env: Environment, query: RelationQuery
) -> tuple[list[Relation], int | None]:
    """One page of the relations whose two ends the actor may see, and where the next one starts.

    The ends in `query` may be any reference to a CI.
    """
    if query.type is not None:
        env.catalog().relation_type(query.type, "filter")
    visible = seer(env, actor)
    for field in ("key", "from_key", "to_key"):
        reference = getattr(query, field)
        if reference is not None:
            key = resolve_one(env.store, reference, "filter", visible)
            query = replace(query, **{field: key})  # type: ignore[arg-type]
    page = env.store.find_relations(query)
    following = page[-1].number if len(page) == query.limit else None
    return _visible(actor, env, page), following


def _visible(actor: Actor, env: Environment, relations: list[Relation]) -> list[Relation]:
    visible = seer(env, actor)
    if visible is None:
        return relations
    ends = env.store.items({k for r in relations for k in (r.from_key, r.to_key)})
    seen = {key for key, item in ends.items() if visible(item)}
    return [r for r in relations if r.from_key in seen and r.to_key in seen]


@authorised(Permission.WRITE)
def put_relation(
    actor: Actor,
    env: Environment,
    seen: ObservedRelation,
    *,
    create: bool = True,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Relation:
    """Create a relation by hand, or change one (`create` False) and win over other sources.

    `expected` is the version (`seq`) the caller knows; PreconditionFailed when it is another.
    """
    catalog = env.catalog()
    validator = Validator(catalog)
    validator.take(seen)
    if validator.errors:
        raise Rejected(validator.errors)
    visible = seer(env, actor)
    references = {seen.from_key: f"{seen.place}.from", seen.to_key: f"{seen.place}.to"}
    for reference, where in references.items():
        resolve_one(env.store, reference, where, visible)
    placed, ends = _placed(env, seen, references, visible)
    error = fault(seen, ends, catalog)
    if error is not None:
        raise error
    identity = identity_of(catalog, seen.type, ends, seen.group or None, seen.id or None)
    known = env.store.relations([identity])
    if not known and not create:
        raise NotFound(kind="relation", name=" ".join(identity[:3]))
    if known and create:
        raise AlreadyExists(kind="relation", name=_words(known[identity]))

    def check(plan: Plan) -> None:
        for change in plan.changes.relations:
            if change.before is not None:
                _expect(change.before, expected)
            elif not create:
                raise NotFound(kind="relation", name=" ".join(identity[:3]))
        if plan.errors:
            raise plan.errors[0]

    run = Run("", MANUAL, env.clock())
    reason = "created by hand" if create else "changed by hand"
    signature = Signature(actor.name, run.at, reason, receipt=receipt)

    def say(planner: Planner) -> None:
        known = env.store.claims("relation", MANUAL, [placed.claim_key(catalog)])
        timed = replace(placed.seen, observed_at=manual_time(env, known.values()))
        planner.relate([replace(placed, seen=timed)])

    commit_plan(env, run, signature, say, check)
    return env.store.relations([identity])[identity]


def _placed(
    env: Environment,
    seen: ObservedRelation,
    references: dict[str, str],
    visible: Visible | None,
) -> tuple[PlacedRelation, tuple[End, End]]:
    """The relation with the claims that its ends mean, and the CIs these are about."""
    store = env.store
    names = named(env, MANUAL, references)
    found: list[Name] = []
    ends: list[End] = []
    for reference in (seen.from_key, seen.to_key):
        name = names[reference]
        if isinstance(name, CMDBError):
            raise name
        claim = store.claims("ci", name[0], [name[1]])[name[1]]
        item = store.items_by_number([claim.subject]).get(claim.subject)
        if item is None or (visible is not None and not visible(item)):
            raise UnknownReference(place=references[reference], reference=reference)
        found.append(name)
        ends.append((item.key, item.type))
    return PlacedRelation(seen, (found[0], found[1])), (ends[0], ends[1])


@authorised(Permission.WRITE)
def update_relation(
    actor: Actor,
    env: Environment,
    number: int,
    changes: dict[str, Any],
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Relation:
    """Change `strength` and `attributes` of a relation by hand, as far as `changes` mentions them.

    None withdraws what was said by hand. `expected` is the version (`seq`) the caller knows.
    """
    relation = get_relation(actor, env, number)
    _expect(relation, expected)
    claims = env.store.claims_about("relation", [number]).get(number, [])
    said = next((c.body for c in claims if c.source == MANUAL and not c.withdrawn), None) or {}
    seen = ObservedRelation(
        relation.from_key,
        relation.type,
        relation.to_key,
        f"relation {number}",
        changes["strength"] if "strength" in changes else said.get("strength"),
        relation.group,
        relation.id,
        {**said.get("attributes", {}), **changes.get("attributes", {})},
    )
    return put_relation(actor, env, seen, create=False, expected=expected, receipt=receipt)


@authorised(Permission.WRITE)
def delete_relation(
    actor: Actor,
    env: Environment,
    number: int,
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> None:
    """Remove a relation and its claims; they stay in the log."""
    relation = get_relation(actor, env, number)
    _expect(relation, expected)
    claims = env.store.claims_about("relation", [number]).get(number, [])
    changes = ChangeSet(
        relations=[Change(relation, None)], claims=[Change(c, None) for c in claims]
    )
    signature = Signature(actor.name, env.clock(), "removed by hand", receipt=receipt)
    env.store.commit(changes, signature)


def _expect(relation: Relation, expected: int | None) -> None:
    expect("relation", _words(relation), relation.seq, expected)


def _words(relation: Relation) -> str:
    return f"{relation.from_key} {relation.type} {relation.to_key}"
