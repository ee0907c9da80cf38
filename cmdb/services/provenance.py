"""Who says what of a CI, since when, and why one of them is believed."""

from dataclasses import dataclass
from typing import Any

from cmdb.identity.claims import Claim, Field
from cmdb.identity.conclusion import Contender, Rules, contenders, united
from cmdb.identity.words import fields
from cmdb.schema.records import ConfigurationItem
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import get_item
from cmdb.services.planning import rules_of

EXPLAINED = ("type", "name", "status", "network_root")


@dataclass(frozen=True, slots=True)
class Saying:
    """What one source says of a field: since when, when last, and whether it is what holds.

    `why` tells by what the winner weighs more than the next best; of others it is empty.
    """

    source: str
    key: str
    value: Any
    since: float
    said_at: float
    fresh: bool
    confidence: float
    wins: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A field of a CI with its value, and all that sources say of it, the winner first."""

    field: str
    value: Any
    sayings: list[Saying]


@authorised(Permission.READ)
def explain_item(actor: Actor, env: Environment, reference: str) -> list[Explanation]:
    """The explanation of every field of a CI that some source speaks of, by name."""
    view = get_item(actor, env, reference)
    rules = rules_of(env, env.clock())
    claims = [c for c in view.claims if c.body is not None and rules.counts(c)]
    claims = [c for c in claims if not c.withdrawn] or claims
    names = {field for claim in claims for field, _ in fields(claim.body or {})}
    wanted = [f for f in names if f[1] or f[0] in EXPLAINED]
    made = [_explained(field, view.item, claims, rules) for field in sorted(wanted)]
    return [one for one in made if one is not None]


def _explained(
    field: Field, item: ConfigurationItem, claims: list[Claim], rules: Rules
) -> Explanation | None:
    found = contenders(claims, field, item.type, rules)
    if not found:
        return None
    group, name = field
    content = item.content()
    value = content[group].get(name) if name else content[group]
    together = name and united(found, rules, item.type, name) != found[0].value
    sayings = []
    for place, one in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        why = "union" if together else one.why(following) if place == 0 else ""
        sayings.append(_saying(one, field, bool(together) or place == 0, why))
    return Explanation(f"{group}.{name}" if name else group, value, sayings)


def _saying(one: Contender, field: Field, wins: bool, why: str) -> Saying:
    claim = one.claim
    return Saying(
        claim.source,
        claim.key,
        one.value,
        claim.since(field),
        claim.stamp_of(field)[0],
        one.weight[1],
        one.weight[4],
        wins,
        why,
    )
