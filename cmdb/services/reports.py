"""Reports and exports as use cases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from cmdb.forms.content import Content
from cmdb.forms.estate import document
from cmdb.identity.observation import Alias
from cmdb.reports.model_check import Finding, model_check
from cmdb.schema.records import ConfigurationItem
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import all_relations, list_items
from cmdb.services.ports import ItemQuery, RelationQuery
from cmdb.services.roundtrip import exported_aliases

PAGE = 5000


@authorised(Permission.READ)
def check(actor: Actor, env: Environment) -> list[Finding]:
    """The model check, for the CIs the actor may see."""
    snapshot = env.snapshot()
    joined: set[str] = set()
    loops: dict[str, str] = {}
    for relation in all_relations(env, RelationQuery(limit=PAGE)):
        if relation.from_key == relation.to_key:
            loops[relation.from_key] = relation.type
        else:
            joined.update((relation.from_key, relation.to_key))
    findings = model_check(snapshot, joined, loops, env.clock())
    seen = {
        item.key
        for item in snapshot.items()
        if actor.scope.covers(snapshot.catalog.ancestors[item.type], item.site)
    }
    return [finding for finding in findings if finding.key in seen]


@authorised(Permission.READ)
def exported(
    actor: Actor,
    env: Environment,
    *,
    type_name: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Content:
    """All CIs the actor may see (or those of a type), sorted by key, for `cmdb.forms` to write.

    Relations are in when both their ends are.
    """
    report = progress or (lambda doing, done, total: None)
    seq = env.store.seq()
    items: dict[str, ConfigurationItem] = {}
    aliases: dict[str, list[Alias]] = {}
    for page in _pages(actor, env, type_name):
        claims = env.store.claims_about("ci", [item.number for item in page])
        for item in page:
            aliases[item.key] = exported_aliases(item, claims.get(item.number, ()))
            items[item.key] = item
        report("configuration items", len(items), len(items))
    relations = [
        one
        for one in all_relations(env, RelationQuery(limit=PAGE))
        if one.from_key in items and one.to_key in items
    ]
    report("relations", len(relations), len(relations))
    relations.sort(key=lambda r: (r.from_key, r.type, r.to_key, r.group or "", r.id or ""))
    return Content(env.catalog(), items, aliases, relations, seq, cache(env.store.mark))


@authorised(Permission.READ)
def export_estate(
    actor: Actor, env: Environment, *, type_name: str | None = None
) -> dict[str, Any]:
    """The estate form of what `exported` gives.

    Importing it into an empty store and exporting again gives the same.
    """
    return document(exported(actor, env, type_name=type_name))


def _pages(
    actor: Actor, env: Environment, type_name: str | None
) -> Iterator[list[ConfigurationItem]]:
    query = ItemQuery(limit=PAGE)
    while page := list_items(actor, env, query, type_name=type_name):
        yield page
        query = replace(query, after=(page[-1].key, page[-1].key))
