"""What of claims, plans and effects an actor may see: that which concerns only visible CIs."""

from collections.abc import Iterable
from dataclasses import replace

from cmdb.identity.claims import Claim, Name
from cmdb.identity.plan import Plan
from cmdb.identity.relations import step_words
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.effects import Effects
from cmdb.services.environment import Environment
from cmdb.services.items import seer


def claims_named(env: Environment, names: Iterable[Name]) -> list[Claim]:
    """The claims about CIs that have these names, in order of source and key."""
    wanted: dict[str, list[str]] = {}
    for source, key in names:
        wanted.setdefault(source, []).append(key)
    found = [(s, env.store.claims("ci", s, keys)) for s, keys in sorted(wanted.items())]
    return [group[key] for _, group in found for key in sorted(group)]


@authorised(Permission.READ)
def sees_claims(actor: Actor, env: Environment, names: set[Name]) -> bool:
    """Whether the actor may see the CIs of all these claims."""
    visible = seer(env, actor)
    if visible is None:
        return True
    claims = claims_named(env, names)
    items = env.store.items_by_number({claim.subject for claim in claims})
    return bool(claims) and all(
        claim.subject in items and visible(items[claim.subject]) for claim in claims
    )


@authorised(Permission.READ)
def what_is_seen(
    actor: Actor, env: Environment, plan: Plan, effects: Effects
) -> tuple[Plan, Effects]:
    """A plan and its effects without the steps and rows of what the actor may not see."""
    visible = seer(env, actor)
    if visible is None:
        return plan, effects
    items = [one for change in plan.changes.items for one in (change.before, change.after)]
    known = {one.key: one for one in items if one is not None}
    relations = [r for change in plan.changes.relations for r in (change.before, change.after)]
    ends = {step_words(one): (one.from_key, one.to_key) for one in relations if one is not None}
    wanted = {key for both in ends.values() for key in both}
    wanted |= {key for row in effects.rows for key in (row.key, row.service)}
    known |= env.store.items(wanted - known.keys())
    seen = {key for key, item in known.items() if visible(item)}
    steps = [
        one
        for one in plan.steps
        if one.kind == "review" or seen.issuperset(ends.get(one.key, (one.key,)))
    ]
    rows = [row for row in effects.rows if seen.issuperset((row.key, row.service))]
    return replace(plan, steps=steps), replace(effects, rows=rows)
