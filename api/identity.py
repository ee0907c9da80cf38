"""Reviews, decisions, sources, runs, plans and explanations as JSON-ready data."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from cmdb.identity.claims import GROUPS, Claim, Name
from cmdb.identity.decisions import Decision
from cmdb.identity.plan import Step
from cmdb.identity.words import word_of
from cmdb.schema.declarations import Identifier
from cmdb.schema.model import Catalog
from cmdb.schema.sources import Precedence, Source, source_to_dict
from cmdb.services.decisions import Choice
from cmdb.services.provenance import Explanation
from cmdb.services.reviews import Evidence, Review
from cmdb.services.runs import RunView
from cmdb.services.times import iso

Identifiers = Mapping[str, Identifier]
"""The declared identifiers, by name."""


def identifiers(catalog: Catalog) -> Identifiers:
    """All identifiers that types declare."""
    return {one.name: one for rules in catalog.identifiers.values() for one in rules}


def named(name: Name) -> str:
    """How people write a claim: `source:key`."""
    return f"{name[0]}:{name[1]}"


def review(found: Review) -> dict[str, Any]:
    """A review: what is disputed, why, and what is proposed."""
    return {
        "id": found.id,
        "rule": found.rule,
        "value": found.shown,
        "reasons": list(found.reasons),
        "since": iso(found.since),
        "claims": [named(name) for name in found.claims],
        "proposal": found.proposal,
    }


def evidence(found: Review, claims: Iterable[Evidence], known: Identifiers) -> list[dict[str, Any]]:
    """The claims of a review: what each says, and in which fields they agree and disagree."""
    equal = _fields(found.rule, known)
    unlike = {name for rule in found.reasons for name in _fields(rule, known)}
    return [
        {
            "claim": named(one.claim.name),
            "ci": one.key,
            "observed_at": iso(one.claim.observed_at),
            "confirmed_at": iso(one.claim.confirmed_at),
            "withdrawn": one.claim.withdrawn,
            "says": (says := said(one.claim)),
            "equal": [name for name in says if name in equal],
            "unlike": [name for name in says if name in unlike - equal],
        }
        for one in claims
    ]


def _fields(rule: str, known: Identifiers) -> set[str]:
    """The fields of a word that an identifier compares."""
    if rule == "alias":
        return {"aliases"}
    declared = known.get(rule)
    return set() if declared is None else {f"attributes.{name}" for name in declared.attributes}


def said(claim: Claim) -> dict[str, Any]:
    """What a claim says, field by field: attributes as `attributes.NAME`."""
    flat: dict[str, Any] = {}
    for name, value in word_of(claim.body or {}).items():
        if name in GROUPS:
            flat |= {f"{name}.{inner}": one for inner, one in sorted(value.items())}
        else:
            flat[name] = value
    return flat


def choice(one: Choice) -> dict[str, Any]:
    """An answer to a review: the decision, every step that follows, and what services feel."""
    return {
        "kind": one.decision.kind,
        "claims": [named(name) for name in one.decision.claims],
        "steps": [step(each) for each in one.plan.steps],
        **one.effects.content(),
    }


def step(one: Step) -> dict[str, Any]:
    """One thing that a plan does."""
    return asdict(one)


def decision(one: Decision) -> dict[str, Any]:
    """A decision in force."""
    return {
        "id": one.id,
        "kind": one.kind,
        "claims": [named(name) for name in one.claims],
        "others": [named(name) for name in one.others],
        "rule": one.rule,
        "value": None if one.value is None else one.value.replace("\x1f", " ").strip(),
        "reason": one.reason,
    }


def source(one: Source) -> dict[str, Any]:
    """A source."""
    return source_to_dict(one)


def precedence(one: Precedence) -> dict[str, Any]:
    """A precedence."""
    return {"type": one.type, "attribute": one.attribute, "sources": list(one.sources)}


def run(one: RunView) -> dict[str, Any]:
    """A run."""
    return {
        "id": one.id,
        "actor": one.actor,
        "reason": one.reason,
        "at": iso(one.at),
        "commits": list(one.commits),
    }


def explanation(fields: Iterable[Explanation]) -> list[dict[str, Any]]:
    """Every field of a CI with who says what of it, the winner first."""
    return [
        {
            "field": one.field,
            "value": one.value,
            "sayings": [
                {
                    "claim": named((each.source, each.key)),
                    "value": each.value,
                    "since": iso(each.since),
                    "said_at": iso(each.said_at),
                    "fresh": each.fresh,
                    "confidence": each.confidence,
                    "wins": each.wins,
                    "why": each.why or None,
                }
                for each in one.sayings
            ],
        }
        for one in fields
    ]
