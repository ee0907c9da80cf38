"""From observed relations to changed relations."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import orjson

from cmdb.errors import CMDBError
from cmdb.identity.changes import Change, ChangeSet
from cmdb.identity.claims import Claim, conclude_relation, relation_body
from cmdb.identity.observation import ObservedRelation
from cmdb.identity.plan import Plan, Run
from cmdb.schema.model import Catalog
from cmdb.schema.records import Relation, RelationIdentity

End = tuple[str, str]
"""(CI key, CI type) of one end."""


@dataclass(slots=True)
class PlacedRelation:
    """An observed relation whose ends are known; `claim_key` is its key in its source."""

    seen: ObservedRelation
    identity: RelationIdentity
    claim_key: str


@dataclass(slots=True)
class KnownRelations:
    """What the store holds about the relations of a batch."""

    relations: dict[RelationIdentity, Relation]
    claims: dict[str, Claim]
    about: dict[int, list[Claim]]


def place(
    seen: ObservedRelation, ends: tuple[End, End], catalog: Catalog
) -> PlacedRelation | CMDBError:
    """Check that the relation may join its ends, and give it its identity.

    A link is undirected: the lesser key becomes its `from`.
    """
    declared = catalog.relation_type(seen.type, seen.place)
    try:
        catalog.check_join(declared, ends, seen.place)
    except CMDBError as error:
        return error
    (from_key, _), (to_key, _) = ends
    source_ends = [seen.from_key, seen.to_key]
    if declared.impact == "link" and from_key > to_key:
        from_key, to_key = to_key, from_key
        source_ends.reverse()
    group, label = seen.group or None, seen.id or None
    identity = RelationIdentity(from_key, seen.type, to_key, group, label)
    claim_key = orjson.dumps([source_ends[0], seen.type, source_ends[1], group, label]).decode()
    return PlacedRelation(seen, identity, claim_key)


class RelationPlanner:
    """Plans one batch, in which each identity stands once; pure."""

    def __init__(self, run: Run, known: KnownRelations) -> None:
        self.run = run
        self.known = known
        self.plan = Plan(ChangeSet(confirmed_at=run.at))

    def take(self, placed: Iterable[PlacedRelation]) -> Plan:
        """Plan all relations of the batch."""
        for one in placed:
            self._take(one)
        return self.plan

    def _take(self, one: PlacedRelation) -> None:
        before = self.known.relations.get(one.identity)
        claim = self.known.claims.get(one.claim_key)
        body = relation_body(one.seen)
        if claim is not None and before is not None and not claim.withdrawn:
            if claim.body == body and claim.subject == before.number:
                self.plan.changes.confirmed.append(claim)
                self.plan.counts.unchanged += 1
                return
            if claim.observed_at > self.run.at:
                self.plan.counts.unchanged += 1
                return
        number = before.number if before else self.plan.changes.fresh_number()
        spoken = Claim(
            "relation",
            self.run.source,
            one.claim_key,
            number,
            self.run.at,
            self.run.at,
            self.run.id,
            body,
        )
        self.plan.changes.claims.append(Change(claim, spoken))
        others = [c for c in self.known.about.get(number, ()) if not _same(c, spoken)]
        self._conclude(one.identity, before, number, [*others, spoken])

    def withdraw(self, claims: Iterable[Claim], relations: dict[int, Relation]) -> Plan:
        """Plan that a source no longer says these relations; `relations` by number."""
        for claim in claims:
            gone = replace(claim, withdrawn=True, observed_at=self.run.at)
            about = self.known.about.setdefault(claim.subject, [])
            about[:] = [gone if _same(c, claim) else c for c in about]
            before = relations.get(claim.subject)
            if before is None or any(not c.withdrawn for c in about):
                self.plan.changes.claims.append(Change(claim, gone))
            else:
                self.plan.changes.claims += [
                    Change(claim if _same(c, claim) else c, None) for c in about
                ]
            if before is not None:
                self._conclude(before.identity, before, before.number, about)
            self.plan.counts.withdrawn += 1
        return self.plan

    def _conclude(
        self,
        identity: RelationIdentity,
        before: Relation | None,
        number: int,
        claims: list[Claim],
    ) -> None:
        concluded = conclude_relation(identity, claims)
        if concluded is None:
            self.plan.changes.relations.append(Change(before, None))
            return
        seq = before.seq if before else 0
        after = concluded.stored(number, seq)
        if before is None:
            self.plan.counts.created += 1
            self.plan.changes.relations.append(Change(None, after))
        elif after != before:
            self.plan.counts.changed += 1
            self.plan.changes.relations.append(Change(before, after))
        else:
            self.plan.counts.unchanged += 1


def _same(one: Claim, other: Claim) -> bool:
    return (one.source, one.key) == (other.source, other.key)
