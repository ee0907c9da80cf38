"""What follows from all claims on a CI or a relation, at a time that is given: reconciliation."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from cmdb.identity.claims import MANUAL, Claim, Field, type_of
from cmdb.identity.decisions import Decisions
from cmdb.identity.sightings import certainty, proposed
from cmdb.schema.declarations import Identifier
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.schema.sources import Sources

ROOT, UNCLASSIFIED = "ci", "unclassified"
SIMPLE = frozenset({"name", "status", "network_root"})

Weight = tuple[bool, bool, int, int, float, float, str, str, str]
"""Manual, fresh, place by precedence, rank, confidence, time, run, source, key: greatest wins."""

REASONS = ("manual", "fresher", "precedence", "rank", "confidence", "later", "later", "order")


@dataclass(frozen=True)
class Rules:
    """All that reconciliation goes by. `now` is in seconds since 1970, and given, not read."""

    catalog: Catalog
    sources: Sources
    decisions: Decisions
    now: float

    @cached_property
    def identifiers(self) -> dict[str, Identifier]:
        """All identifiers by name."""
        return {one.name: one for rules in self.catalog.identifiers.values() for one in rules}

    def within(self, rule: str) -> bool:
        """Whether an identifier holds only within a host."""
        return self.identifiers[rule].within

    def counts(self, claim: Claim) -> bool:
        """Whether a claim counts at all."""
        return (
            claim.name not in self.decisions.ignored_claims
            and not self.sources[claim.source].withdrawn
        )

    def equals(self, sources: Sequence[str]) -> bool:
        """Whether any of the sources are trusted alike, so that the later one wins."""
        return len({self.sources[name].rank for name in sources}) < len(sources)

    def lapsed(self, claim: Claim) -> bool:
        """Whether what a claim says was stale, so that to say it again may change something."""
        limit = self.limit(claim, type_of(claim.body or {}))
        return self.now - claim.confirmed_at > limit

    def limit(self, claim: Claim, type_name: str) -> float:
        """Seconds after which what a claim says of a CI of this type is stale."""
        own = self.sources[claim.source].freshness
        if own is not None:
            return float(own)
        return self.catalog.freshness[type_name].total_seconds()

    def fresh(self, claim: Claim, field: Field, type_name: str) -> bool:
        """Whether a field was said within the limit; what people say does not grow stale."""
        if claim.source == MANUAL:
            return True
        return self.now - claim.stamp_of(field)[0] <= self.limit(claim, type_name)


class Contender(NamedTuple):
    """One source's value of a field: since when it says so, when last, and how much it weighs."""

    claim: Claim
    value: Any
    weight: Weight

    def why(self, other: "Contender | None") -> str:
        """By what it wins over the next best."""
        if other is None:
            return "only"
        pairs = zip(self.weight, other.weight, strict=True)
        place = next((i for i, (mine, theirs) in enumerate(pairs) if mine != theirs), 7)
        return REASONS[min(place, 7)]


def conclude_item(key: str, claims: Iterable[Claim], rules: Rules) -> ConfigurationItem:
    """The CI that follows from the claims that count, of which at least one has a word.

    When every source has withdrawn its word the CI is kept as it was, as `retired`.
    """
    spoken = sorted((c for c in claims if c.body is not None), key=lambda claim: claim.name)
    heard = [claim for claim in spoken if not claim.withdrawn] or spoken
    type_name = conclude_type(heard, rules)
    simple = _concluded(heard, "", SIMPLE, type_name, rules)
    declared = rules.catalog.attributes[type_name]
    return ConfigurationItem(
        key=key,
        type=type_name,
        name=simple.get("name") or heard[0].key,
        status="retired" if heard[0].withdrawn else simple.get("status", "live"),
        network_root=simple.get("network_root", False),
        redundancy=_concluded(heard, "redundancy", None, type_name, rules),
        attributes=_concluded(heard, "attributes", declared.keys(), type_name, rules),
    )


def conclude_type(claims: Sequence[Claim], rules: Rules) -> str:
    """The best source's type, or the most special one below it that others know."""
    types = {type_of(claim.body or {}) for claim in claims}
    if len(types) == 1:
        return types.pop()
    ancestors = rules.catalog.ancestors
    chosen = ROOT
    known = contenders(claims, ("type", ""), ROOT, rules)
    parts = [claim for claim in claims if "type" not in (claim.body or {})]
    known += contenders(parts, ("seen_as", ""), ROOT, rules)
    for one in sorted(known, key=lambda one: one.weight, reverse=True):
        special = one.value in ancestors and chosen in ancestors[one.value]
        if special or chosen in (UNCLASSIFIED, ROOT):
            chosen = one.value
    return chosen


def contenders(
    claims: Iterable[Claim], field: Field, type_name: str, rules: Rules
) -> list[Contender]:
    """Who says something of a field, the winner first."""
    group, name = field
    attribute = name if group == "attributes" else group
    ranks = rules.sources.ranks(rules.catalog, type_name, attribute)
    found = []
    for claim in claims:
        body = claim.body or {}
        if name:
            inner = body.get(group)
            if not inner or name not in inner:
                continue
            value = inner[name]
        elif group in body:
            value = body[group]
        else:
            continue
        source = rules.sources[claim.source]
        if value is None and not source.may_erase:
            continue
        at, run = claim.stamp_of(field)
        confidence = body.get("confidence", 1.0)
        if group == "attributes":
            confidence = body.get("attribute_confidence", {}).get(name, confidence)
        weight = (
            claim.source == MANUAL,
            rules.fresh(claim, field, type_name),
            ranks.get(claim.source, 0),
            source.rank,
            confidence,
            at,
            run,
            claim.source,
            claim.key,
        )
        found.append(Contender(claim, value, weight))
    return sorted(found, key=lambda one: one.weight, reverse=True)


def _concluded(
    claims: Sequence[Claim],
    group: str,
    names: Set[str] | None,
    type_name: str,
    rules: Rules,
) -> dict[str, Any]:
    """What follows for the fields of a group ("" for those outside groups), by name.

    Only where claims differ is it weighed whose word counts.
    """
    said: dict[str, list[Claim]] = {}
    agreed: dict[str, Any] = {}
    differing: set[str] = set()
    for claim in claims:
        body = claim.body or {}
        inner = (body.get(group) or {}) if group else body
        for name in inner.keys() if names is None else inner.keys() & names:
            value = inner[name]
            if name not in said:
                said[name], agreed[name] = [claim], value
            else:
                said[name].append(claim)
                if agreed[name] != value:
                    differing.add(name)
    for name in differing:
        field = (group, name) if group else (name, "")
        found = contenders(said[name], field, type_name, rules)
        agreed[name] = united(found, rules, type_name, name) if found else None
    return {name: agreed[name] for name in sorted(agreed) if agreed[name] is not None}


def united(found: Sequence[Contender], rules: Rules, type_name: str, name: str) -> Any:
    """The winner's value; of a list that is a union, the values of all that are as fresh."""
    best = found[0]
    attribute = rules.catalog.attributes[type_name].get(name)
    if attribute is None or attribute.combine != "union" or not isinstance(best.value, list):
        return best.value
    equal = [one.value for one in found if one.weight[1] == best.weight[1]]
    if all(value == best.value for value in equal):
        return best.value
    values = {_json(one): one for value in equal if isinstance(value, list) for one in value}
    return [values[text] for text in sorted(values)]


def conclude_relation(
    identity: RelationIdentity, claims: Iterable[Claim], rules: Rules
) -> Relation | None:
    """The relation that follows from all claims on it; None when nobody says it for sure."""
    current = [c for c in claims if stands(c, rules)]
    if not current:
        return None
    found = sorted(current, key=lambda c: relation_weight(c, rules), reverse=True)
    strength = next((s for c in found if (s := (c.body or {}).get("strength"))), None)
    attributes: dict[str, Any] = {}
    for claim in reversed(found):
        said = (claim.body or {}).get("attributes", {})
        attributes.update({name: value for name, value in said.items() if value is not None})
    ordered = {name: attributes[name] for name in sorted(attributes)}
    return Relation(*identity, strength=strength, attributes=ordered)


def relation_weight(claim: Claim, rules: Rules) -> tuple[Any, ...]:
    """How much a claim on a relation weighs, beside the others."""
    return (
        claim.source == MANUAL,
        rules.sources[claim.source].rank,
        certainty(claim.body or {}),
        *claim.stamp,
        *claim.name,
    )


def stands(claim: Claim, rules: Rules) -> bool:
    """Whether a relation follows from a claim: it counts, is sure enough, and is not too old."""
    if not claim.spoken or not rules.counts(claim) or proposed(claim.body or {}):
        return False
    return not faded(claim, rules)


def faded(claim: Claim, rules: Rules) -> bool:
    """Whether a relation was not confirmed within the limit that its source has for relations."""
    limit = rules.sources[claim.source].fades
    return limit is not None and rules.now - claim.confirmed_at > limit


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
