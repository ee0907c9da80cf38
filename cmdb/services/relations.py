"""Relations: read, list, and change by hand."""

from cmdb.errors import AlreadyExists, CMDBError, NotFound, PreconditionFailed, Rejected
from cmdb.identity.changes import Change, ChangeSet
from cmdb.identity.claims import MANUAL
from cmdb.identity.observation import ObservedRelation
from cmdb.identity.plan import Run
from cmdb.identity.relations import place
from cmdb.identity.validation import Validator
from cmdb.schema.records import Relation
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ingest import known_ends, plan_relations
from cmdb.services.items import sees
from cmdb.services.ports import Receipt, RelationQuery, Signature
from cmdb.services.references import resolve_one


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
    """One page of the relations whose two ends the actor may see, and where the next one starts."""
    page = env.store.find_relations(query)
    following = page[-1].number if len(page) == query.limit else None
    return _visible(actor, env, page), following


def _visible(actor: Actor, env: Environment, relations: list[Relation]) -> list[Relation]:
    if actor.scope.sites is None and actor.scope.types is None:
        return relations
    catalog = env.catalog()
    ends = env.store.items({k for r in relations for k in (r.from_key, r.to_key)})
    seen = {key for key, item in ends.items() if sees(actor, catalog, item)}
    return [r for r in relations if r.from_key in seen and r.to_key in seen]


@authorised(Permission.WRITE)
def put_relation(
    actor: Actor,
    env: Environment,
    seen: ObservedRelation,
    *,
    create: bool = True,
    receipt: Receipt | None = None,
) -> Relation:
    """Create a relation by hand, or change one (`create` False) and win over other sources."""
    catalog = env.catalog()
    validator = Validator(catalog)
    validator.take(seen)
    if validator.errors:
        raise Rejected(validator.errors)
    references = {seen.from_key: f"{seen.place}.from", seen.to_key: f"{seen.place}.to"}
    for reference, where in references.items():
        resolve_one(env.store, reference, where)
    ends = known_ends(env.store, MANUAL, references)
    both = ends[seen.from_key], ends[seen.to_key]
    wrong = [end for end in both if isinstance(end, CMDBError)]
    fit = wrong[0] if wrong else place(seen, both, catalog)  # type: ignore[arg-type]
    if isinstance(fit, CMDBError):
        raise fit
    known = env.store.relations([fit.identity])
    items = env.store.items([fit.identity.from_key, fit.identity.to_key])
    for key, item in items.items():
        if not sees(actor, catalog, item):
            raise NotFound(kind="configuration item", name=key)
    if known and create:
        raise AlreadyExists(kind="relation", name=_words(known[fit.identity]))
    run = Run("", MANUAL, env.clock())
    plan = plan_relations(env.store, run, [fit])
    reason = "created by hand" if create else "changed by hand"
    env.store.commit(plan.changes, Signature(actor.name, run.at, reason, receipt=receipt))
    return env.store.relations([fit.identity])[fit.identity]


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
    if expected is not None and relation.seq != expected:
        raise PreconditionFailed(
            kind="relation", name=_words(relation), current=relation.seq, expected=expected
        )
    claims = env.store.claims_about("relation", [number]).get(number, [])
    changes = ChangeSet(
        relations=[Change(relation, None)], claims=[Change(c, None) for c in claims]
    )
    signature = Signature(actor.name, env.clock(), "removed by hand", receipt=receipt)
    env.store.commit(changes, signature)


def _words(relation: Relation) -> str:
    return f"{relation.from_key} {relation.type} {relation.to_key}"
