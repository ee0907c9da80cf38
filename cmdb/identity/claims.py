"""Claims: the latest word of each source on each thing, and what is concluded from them.

A CI is a conclusion, not a record: it is recomputed from all claims on it, so it does not depend on
the order in which sources reported.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity

Kind = Literal["ci", "relation"]

MANUAL = "manual"
"""The source of what people enter by hand; it wins over every other."""


@dataclass(slots=True)
class Claim:
    """What `source` says under its own `key` about the CI or relation number `subject`.

    Times are seconds since 1970 (UTC). `body` holds only what the source mentioned; None is an
    alias: the source's key is known, its word is not. A `withdrawn` claim is kept as history.
    """

    kind: Kind
    source: str
    key: str
    subject: int
    observed_at: float
    confirmed_at: float
    run: str
    body: dict[str, Any] | None = None
    withdrawn: bool = False

    def about(self, subject: int) -> "Claim":
        """The same claim about another number."""
        return Claim(
            self.kind,
            self.source,
            self.key,
            subject,
            self.observed_at,
            self.confirmed_at,
            self.run,
            self.body,
            self.withdrawn,
        )

    def content(self) -> dict[str, Any]:
        """JSON-ready form for the log, whose entry tells subject, run and time of confirmation."""
        content = {
            "source": self.source,
            "key": self.key,
            "observed_at": self.observed_at,
            "body": self.body,
        }
        return {**content, "withdrawn": True} if self.withdrawn else content


def precedence(claim: Claim) -> tuple[bool, float, str, str, str]:
    """Sort key: manual last (it wins), then the later observation; never the order of arrival."""
    return (claim.source == MANUAL, claim.observed_at, claim.run, claim.source, claim.key)


def item_body(seen: ObservedItem, known: dict[str, Any] | None) -> dict[str, Any]:
    """The source's word on an item: what it said before, changed by what it mentions now."""
    body: dict[str, Any] = dict(known or {})
    body["type"] = seen.type
    for name in ("name", "status", "network_root"):
        value = getattr(seen, name)
        if value is not None:
            body[name] = value
    for name in ("redundancy", "attributes"):
        merged = {**body.get(name, {}), **getattr(seen, name)}
        body[name] = {k: v for k, v in merged.items() if v is not None}
    return body


def relation_body(seen: ObservedRelation) -> dict[str, Any]:
    """The source's word on a relation."""
    attributes = {k: v for k, v in seen.attributes.items() if v is not None}
    return {"strength": seen.strength, "attributes": attributes}


def conclude_item(key: str, claims: Iterable[Claim]) -> ConfigurationItem:
    """The CI that follows from all claims on it.

    When every source has withdrawn its word the CI is kept as it was, as `retired`.
    """
    spoken = [c for c in claims if c.body is not None]
    current = [c for c in spoken if not c.withdrawn]
    merged: dict[str, Any] = {"redundancy": {}, "attributes": {}}
    for claim in sorted(current or spoken, key=precedence):
        body = claim.body or {}
        merged = {
            **merged,
            **body,
            "redundancy": {**merged["redundancy"], **body.get("redundancy", {})},
            "attributes": {**merged["attributes"], **body.get("attributes", {})},
        }
    return ConfigurationItem(
        key=key,
        type=merged["type"],
        name=merged.get("name") or key,
        status=merged.get("status", "live") if current else "retired",
        network_root=merged.get("network_root", False),
        redundancy=merged["redundancy"],
        attributes=merged["attributes"],
    )


def conclude_relation(identity: RelationIdentity, claims: Iterable[Claim]) -> Relation | None:
    """The relation that follows from all claims on it; None when nobody claims it any more."""
    current = sorted((c for c in claims if not c.withdrawn), key=precedence)
    if not current:
        return None
    strength = None
    attributes: dict[str, Any] = {}
    for claim in current:
        body = claim.body or {}
        strength = body.get("strength") or strength
        attributes.update(body.get("attributes", {}))
    return Relation(*identity, strength=strength, attributes=attributes)
