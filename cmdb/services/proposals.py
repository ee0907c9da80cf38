"""Relations that sources propose, and are not sure enough of to be taken as facts."""

from dataclasses import dataclass

from cmdb.identity.claims import Claim, Name
from cmdb.identity.sightings import certainty, proposed
from cmdb.schema.records import RelationIdentity
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import seer

PROPOSING = "connections"
"""The source that proposes, where none is named."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A relation between CIs, how sure its source is, and when it saw it last."""

    from_key: str
    type: str
    to_key: str
    source: str
    certainty: float
    at: float


@authorised(Permission.READ)
def list_proposals(actor: Actor, env: Environment, source: str = PROPOSING) -> list[Proposal]:
    """What a source proposes between CIs that the actor may see, the surest first."""
    claims = [
        claim
        for claim in env.store.claims_of("relation", source)
        if claim.spoken and proposed(claim.body or {})
    ]
    keys = _keys(actor, env, {name for claim in claims for name in _ends(claim)})
    found: dict[tuple[str, str, str], Proposal] = {}
    for claim in claims:
        first, second = (keys.get(name) for name in _ends(claim))
        if first is None or second is None or first == second:
            continue
        body = claim.body or {}
        made = Proposal(first, body["type"], second, source, certainty(body), claim.confirmed_at)
        known = found.get((first, made.type, second))
        if known is None or known.certainty < made.certainty:
            found[first, made.type, second] = made
    facts = env.store.relations(RelationIdentity(*ends, None, None) for ends in found)
    for one in facts:
        del found[one.from_key, one.type, one.to_key]
    return sorted(found.values(), key=lambda one: (-one.certainty, one.from_key, one.to_key))


def _ends(claim: Claim) -> tuple[Name, Name]:
    body = claim.body or {}
    (first_source, first), (second_source, second) = body["from"], body["to"]
    return (first_source, first), (second_source, second)


def _keys(actor: Actor, env: Environment, names: set[Name]) -> dict[Name, str]:
    """The keys of the CIs that names mean, as far as the actor may see them."""
    by_source: dict[str, list[str]] = {}
    for source, key in sorted(names):
        by_source.setdefault(source, []).append(key)
    claims = {
        claim.name: claim.subject
        for source, wanted in by_source.items()
        for claim in env.store.claims("ci", source, wanted).values()
    }
    items = env.store.items_by_number(set(claims.values()))
    visible = seer(env, actor)
    return {
        name: items[number].key
        for name, number in claims.items()
        if number in items and (visible is None or visible(items[number]))
    }
