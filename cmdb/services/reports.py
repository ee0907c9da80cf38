"""Reports and exports as use cases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from cmdb.reports.model_check import Finding, model_check
from cmdb.schema.records import ConfigurationItem
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import all_relations, list_items
from cmdb.services.ports import ItemQuery, RelationQuery

PAGE = 5000
ESTATE = "estate"
"""The source name of estate files: in them a CI's key is its own alias and needs no mention."""


@authorised(Permission.READ)
def check(actor: Actor, env: Environment) -> list[Finding]:
    """The model check, for the CIs the actor may see."""
    snapshot = env.snapshot()
    joined = {
        end
        for relation in all_relations(env, RelationQuery(limit=PAGE))
        if relation.from_key != relation.to_key
        for end in (relation.from_key, relation.to_key)
    }
    findings = model_check(snapshot, joined, env.clock())
    seen = {
        item.key
        for item in snapshot.items()
        if actor.scope.covers(snapshot.catalog.ancestors[item.type], item.site)
    }
    return [finding for finding in findings if finding.key in seen]


@authorised(Permission.READ)
def export_estate(
    actor: Actor,
    env: Environment,
    *,
    type_name: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """The estate form of all CIs the actor may see (or those of a type), sorted by key.

    Relations are in when both their ends are. Importing it into an empty store and exporting again
    gives the same.
    """
    report = progress or (lambda doing, done, total: None)
    cis: dict[str, dict[str, Any]] = {}
    for page in _pages(actor, env, type_name):
        claims = env.store.claims_about("ci", [item.number for item in page])
        for item in page:
            aliases = sorted(
                (c.source, c.key)
                for c in claims.get(item.number, ())
                if (c.source, c.key) != (ESTATE, item.key)
            )
            cis[item.key] = {
                **item.content(),
                "aliases": [{"source": source, "key": key} for source, key in aliases],
            }
        report("configuration items", len(cis), len(cis))
    relations = [
        one.content()
        for one in all_relations(env, RelationQuery(limit=PAGE))
        if one.from_key in cis and one.to_key in cis
    ]
    report("relations", len(relations), len(relations))
    relations.sort(key=lambda r: (r["from"], r["type"], r["to"], r["group"] or "", r["id"] or ""))
    return {"cis": list(cis.values()), "relations": relations}


def _pages(
    actor: Actor, env: Environment, type_name: str | None
) -> Iterator[list[ConfigurationItem]]:
    query = ItemQuery(limit=PAGE)
    while page := list_items(actor, env, query, type_name=type_name):
        yield page
        query = replace(query, after=(page[-1].key, page[-1].key))
