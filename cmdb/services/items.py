"""Configuration items: read, list, and change by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmdb.errors import (
    AlreadyExists,
    CMDBError,
    Conflict,
    Forbidden,
    IdentityConflict,
    Rejected,
    UnknownName,
    UnknownReference,
)
from cmdb.identity.claims import MANUAL, Claim, Name
from cmdb.identity.identifiers import aliases
from cmdb.identity.observation import Alias, ObservedItem
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import Planner
from cmdb.identity.validation import Validator
from cmdb.schema.model import Catalog
from cmdb.schema.records import STATUSES, ConfigurationItem
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.code_check import CodeCheck
from cmdb.services.environment import Environment
from cmdb.services.filters import typed
from cmdb.services.planning import commit_plan, manual_time
from cmdb.services.ports import ItemQuery, Receipt, RelationQuery, Signature
from cmdb.services.references import Visible, resolve_one
from cmdb.services.versioned import expect

SORTABLE = ("key", "name", "type", "status")


@dataclass(frozen=True, slots=True)
class ItemView:
    """A CI with what its sources say: its claims and the keys they know it by."""

    item: ConfigurationItem
    claims: list[Claim]


def sees(actor: Actor, catalog: Catalog, item: ConfigurationItem) -> bool:
    """Whether the CI is within the actor's scope."""
    chain = catalog.ancestors.get(item.type, (item.type,))
    return actor.scope.covers(chain, item.attributes.get("site"))


def seer(env: Environment, actor: Actor) -> Visible | None:
    """Says of a CI whether the actor may see it; None when they may see all."""
    if actor.scope == EVERYTHING:
        return None
    catalog = env.catalog()
    return lambda item: sees(actor, catalog, item)


def visible_types(actor: Actor, catalog: Catalog) -> frozenset[str] | None:
    """The types of CI the actor may see; None for all."""
    types = actor.scope.types
    if types is None:
        return None
    return frozenset().union(*(catalog.below(t) for t in types))


@authorised(Permission.READ)
def get_item(actor: Actor, env: Environment, reference: str) -> ItemView:
    """One CI by key, alias, `source:key` or unique name."""
    return view_item(actor, env, _find(actor, env, reference))


@authorised(Permission.READ)
def view_item(actor: Actor, env: Environment, item: ConfigurationItem) -> ItemView:
    """A CI that a service has given, with what its sources say."""
    return ItemView(item, env.store.claims_about("ci", [item.number]).get(item.number, []))


def _find(actor: Actor, env: Environment, reference: str) -> ConfigurationItem:
    visible = seer(env, actor)
    key = resolve_one(env.store, reference, "configuration item", visible)
    item = env.store.items([key]).get(key)
    if item is None or not (visible is None or visible(item)):
        raise UnknownReference(place="configuration item", reference=reference)
    return item


@authorised(Permission.READ)
def list_items(
    actor: Actor,
    env: Environment,
    query: ItemQuery,
    *,
    type_name: str | None = None,
    filters: Mapping[str, str] | None = None,
) -> list[ConfigurationItem]:
    """One page of the CIs the actor may see; `type_name` includes the types below it.

    `filters` are attribute values as text, which become values of the attribute's kind. Filter
    names must be declared attributes; raises UnknownName with the nearest one.
    """
    catalog = env.catalog()
    types = None
    if type_name is not None:
        catalog.ci_type(type_name, "type")
        types = catalog.below(type_name)
    declared = {n for t in types or catalog.ci_types for n in catalog.attributes[t]}
    if filters:
        values = typed(catalog, types or catalog.ci_types, filters)
        query = replace(query, attributes={**query.attributes, **values})
    for name in query.attributes:
        if name not in declared:
            raise UnknownName(place="filter", kind="attribute", name=name, known=declared)
    for name, value, known in (
        ("sort field", query.sort, SORTABLE),
        ("status", query.status or STATUSES[0], STATUSES),
    ):
        if value not in known:
            raise UnknownName(place="filter", kind=name, name=value, known=known)
    return env.store.find_items(
        replace(
            query,
            types=types,
            sites=actor.scope.sites,
            visible_types=visible_types(actor, catalog),
        )
    )


@authorised(Permission.WRITE)
def create_item(
    actor: Actor, env: Environment, seen: ObservedItem, receipt: Receipt | None = None
) -> ConfigurationItem:
    """Create a CI by hand; AlreadyExists when the key is taken."""
    if env.store.items([seen.key]):
        raise AlreadyExists(kind="configuration item", name=seen.key)
    return _write(actor, env, seen, "created by hand", receipt)


@authorised(Permission.WRITE)
def update_item(
    actor: Actor,
    env: Environment,
    reference: str,
    changes: dict[str, Any],
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> ConfigurationItem:
    """Change what `changes` mentions of a CI, by hand: this wins over every other source.

    `expected` is the version (`seq`) the caller knows; PreconditionFailed when it is another.
    """
    item = _find(actor, env, reference)
    expect("configuration item", item.key, item.seq, expected)
    seen = said_by_hand(env, item, changes)
    _check_names(env, item, seen, seer(env, actor))
    return _write(actor, env, seen, "changed by hand", receipt, onto=item)


def said_by_hand(
    env: Environment, item: ConfigurationItem, changes: Mapping[str, Any]
) -> ObservedItem:
    """What is observed when somebody says something of a CI."""
    claims = env.store.claims_about("ci", [item.number]).get(item.number, [])
    manual = next((c for c in claims if c.source == MANUAL), None)
    said = {"key": manual.key if manual else item.key, "place": item.key}
    seen = ObservedItem(**{"type": item.type, **changes, **said})
    names = [(a.source, a.key) for a in seen.aliases]
    names += [_anchor(item, claims)] if manual is None else aliases(manual.body or {})
    return replace(seen, aliases=tuple(Alias(*name) for name in dict.fromkeys(names)))


def _check_names(
    env: Environment, item: ConfigurationItem, seen: ObservedItem, visible: Visible | None
) -> None:
    """Refuse names by which a source knows another CI already."""
    names = [(MANUAL, seen.key), *((a.source, a.key) for a in seen.aliases)]
    for source, key in names:
        claim = env.store.claims("ci", source, [key]).get(key)
        if claim is None or claim.subject == item.number:
            continue
        other = env.store.items_by_number([claim.subject])[claim.subject]
        shown = f", '{other.key}'" if visible is None or visible(other) else ""
        raise IdentityConflict(
            place=f"{source}:{key}", key=item.key, candidates=f"'{item.key}'{shown}"
        )


def _write(
    actor: Actor,
    env: Environment,
    seen: ObservedItem,
    reason: str,
    receipt: Receipt | None,
    onto: ConfigurationItem | None = None,
) -> ConfigurationItem:
    catalog = env.catalog()
    validator = Validator(catalog)
    validator.take(seen)
    if validator.errors:
        raise Rejected(validator.errors)
    errors: list[CMDBError] = []
    good = CodeCheck(env, MANUAL).good(validator.items, errors)
    if errors:
        raise Rejected(errors)
    seen = good[0]
    run = Run("", MANUAL, env.clock())

    def check(plan: Plan) -> None:
        if onto is None:
            _check_created(plan, seen)
        for change in plan.changes.items:
            item = change.after or change.before
            if item is not None and not sees(actor, catalog, item):
                raise Forbidden(
                    actor=actor.name,
                    permission=f"write '{item.key}', outside its scope",
                    roles="one with a wider scope",
                )
            before = change.before
            known = onto if before is not None and onto and before.number == onto.number else before
            if before != known:
                raise Conflict(kind="configuration item", name=item.key if item else "")

    signature = Signature(actor.name, run.at, reason, receipt=receipt)

    def say(planner: Planner) -> None:
        known = env.store.claims("ci", MANUAL, [seen.key])
        planner.hear([replace(seen, observed_at=manual_time(env, known.values()))])

    commit_plan(env, run, signature, say, check)
    claim = env.store.claims("ci", MANUAL, [seen.key])[seen.key]
    return env.store.items_by_number([claim.subject])[claim.subject]


def _check_created(plan: Plan, seen: ObservedItem) -> None:
    """Refuse to create what is there already, as its identifiers say."""
    for change in plan.changes.items:
        if change.before is not None:
            raise AlreadyExists(kind="configuration item", name=change.before.key)
    if not plan.changes.items:
        raise AlreadyExists(kind="configuration item", name=seen.key)


def _anchor(item: ConfigurationItem, claims: list[Claim]) -> Name:
    """The claim by which a CI is meant for good: the one it came in with."""
    founders = [claim.name for claim in claims if claim.founded == item.key]
    return min(founders or [claim.name for claim in claims])


@authorised(Permission.WRITE)
def delete_item(
    actor: Actor,
    env: Environment,
    reference: str,
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> None:
    """Remove a CI entered by mistake, with its relations and claims; all of it stays in the log.

    A CI whose life has ended is not removed but set to status `retired` or `disposed`.
    """
    item = _find(actor, env, reference)
    expect("configuration item", item.key, item.seq, expected)
    relations = list(all_relations(env, RelationQuery(key=item.key, limit=1000)))
    about = env.store.claims_about("relation", [r.number for r in relations])
    claims = env.store.claims_about("ci", [item.number]).get(item.number, [])

    def say(planner: Planner) -> None:
        for claim in claims:
            planner.restate(None, claim.name)
        for claim in (one for group in about.values() for one in group):
            planner.relations.restate(claim, None)

    def check(plan: Plan) -> None:
        if all(change.before != item for change in plan.changes.items):
            raise Conflict(kind="configuration item", name=item.key)

    signature = Signature(actor.name, env.clock(), "removed by hand", receipt=receipt)
    commit_plan(env, Run("", MANUAL, env.clock()), signature, say, check)


def all_relations(env: Environment, query: RelationQuery) -> Any:
    """All relations that fit a query, page by page."""
    while page := env.store.find_relations(query):
        yield from page
        query = replace(query, after=page[-1].number)
