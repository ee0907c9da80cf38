"""From claims on relations to relations: ends found, joined where they fit, concluded.

A claim names its ends as its source does, so a relation follows its CIs wherever these go, and one
that comes before its ends waits for them, as does one whose ends became the same CI.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import orjson

from cmdb.errors import CMDBError, SelfRelation, UnknownReference
from cmdb.identity.changes import Change
from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.conclusion import Rules, conclude_relation, faded, stands
from cmdb.identity.endpoints import floating
from cmdb.identity.ends import End, Ends, end_names, joined
from cmdb.identity.identifiers import end_digest
from cmdb.identity.observation import ObservedRelation
from cmdb.identity.plan import Plan, Run, Step
from cmdb.identity.words import heard, relation_word, repeats, withdrawn
from cmdb.identity.working import Working
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity


@dataclass(slots=True)
class PlacedRelation:
    """An observed relation with the names that its source means by the ends."""

    seen: ObservedRelation
    ends: tuple[Name, Name]

    def claim_key(self, catalog: Catalog) -> str:
        """The key of the relation in its source: a link has no direction."""
        first, second = self.seen.from_key, self.seen.to_key
        if catalog.relation_types[self.seen.type].impact == "link" and first > second:
            first, second = second, first
        group, label = self.seen.group or None, self.seen.id or None
        return orjson.dumps([first, self.seen.type, second, group, label]).decode()


def identity_of(
    catalog: Catalog, name: str, ends: tuple[End, End], group: str | None, label: str | None
) -> RelationIdentity:
    """What makes it the same relation: a link begins at the lesser key."""
    (from_key, _), (to_key, _) = ends
    if catalog.relation_types[name].impact == "link" and from_key > to_key:
        from_key, to_key = to_key, from_key
    return RelationIdentity(from_key, name, to_key, group, label)


def fault(seen: ObservedRelation, ends: tuple[End, End], catalog: Catalog) -> CMDBError | None:
    """Why a relation may not join its ends, if so."""
    (from_key, _), (to_key, _) = ends
    if from_key == to_key:
        return SelfRelation(place=seen.place, relation=seen.type, key=from_key)
    try:
        catalog.check_join(catalog.relation_types[seen.type], ends, seen.place)
    except CMDBError as error:
        return error
    return None


class RelationPlanner:
    """The relations of one plan: those that are spoken of, and those whose ends change."""

    def __init__(self, run: Run, rules: Rules, work: Working, plan: Plan) -> None:
        self.run, self.rules, self.work, self.plan = run, rules, work, plan
        self._stored: dict[Name, Claim | None] = {}
        self._now: dict[Name, Claim] = {}
        self._confirmed: dict[Name, Change[Claim]] = {}
        self._ends = Ends(rules, work)
        self._moved: set[int] = set()
        self._strict: dict[Name, PlacedRelation] = {}

    def hear(self, placed: Iterable[PlacedRelation], waiting: bool) -> None:
        """Take what the source says of relations.

        One that does not fit its ends waits until it does, or is an error where not `waiting`.
        """
        catalog = self.rules.catalog
        keyed = [(one, one.claim_key(catalog)) for one in placed]
        self._load(self.run.source, [key for _, key in keyed])
        for one, key in keyed:
            name = (self.run.source, key)
            if not waiting and not floating(one.seen):
                self._strict[name] = one
            seen = one.seen
            stamp = (self.run.at if seen.observed_at is None else seen.observed_at, self.run.id)
            word = relation_word(seen, one.ends)
            before = self._now.get(name) or self._stored[name]
            if before is None:
                ends = (end_digest(one.ends[0]), end_digest(one.ends[1]))
                at = stamp[0]
                self._now[name] = Claim(
                    "relation", *name, NOBODY, at, at, stamp[1], word, ends=ends
                )
            elif repeats(before, word):
                self.plan.unchanged["relation"] += 1
                if stamp <= before.stamp:
                    continue
                if faded(before, self.rules) or before.subject == NOBODY:
                    self._now[name] = heard(before, word, stamp)
                elif name not in self._now:
                    self._confirmed[name] = Change(before, before.said_again(stamp))
            else:
                after = heard(before, word, stamp)
                ends = (end_digest(one.ends[0]), end_digest(one.ends[1]))
                if after is before:
                    self.plan.unchanged["relation"] += 1
                else:
                    self._now[name] = replace(after, ends=ends)

    def withdraw(self, claims: Iterable[Claim]) -> None:
        """Take it that the source no longer says these relations."""
        for claim in claims:
            self._stored.setdefault(claim.name, claim)
            after = withdrawn(claim, (self.run.at, self.run.id))
            if after is not claim:
                self._now[claim.name] = after
                self.plan.withdrawn["relation"] += 1

    def restate(self, stored: Claim | None, claim: Claim | None) -> None:
        """Set a claim as it was at another time; None when it was not there."""
        if stored is not None:
            self._stored.setdefault(stored.name, stored)
        if claim is not None:
            self._stored.setdefault(claim.name, None)
            made = claim if claim.body is None else joined(claim, end_names(claim))
            self._now[claim.name] = replace(made, subject=stored.subject if stored else NOBODY)
        elif stored is not None:
            self._now[stored.name] = replace(stored, body=None)

    def reconsider(self, claims: Iterable[Claim]) -> None:
        """Conclude these anew, though nothing new was said."""
        for claim in claims:
            self._stored.setdefault(claim.name, claim)
            self._now.setdefault(claim.name, claim)

    def note(
        self, number: int, now: ConfigurationItem | None, before: ConfigurationItem | None
    ) -> None:
        """Take it that a CI came, went, or changed."""
        self._ends.items[number] = now
        if now is None or before is None or now.type != before.type:
            self._moved.add(number)

    def _load(self, source: str, keys: list[str]) -> None:
        wanted = [key for key in keys if (source, key) not in self._stored]
        found = self.work.known.claims("relation", source, wanted) if wanted else {}
        for key in wanted:
            self._stored[source, key] = found.get(key)

    def finish(self, reconsidered: Collection[Name] = ()) -> None:
        """Conclude every relation that is concerned, as are those at reconsidered claims."""
        self._follow(reconsidered)
        for claim in self._ends.kept(self._now.values()):
            self._now[claim.name] = claim
        told = [claim for claim in self._now.values() if claim.body is not None]
        ends = self._ends.found(name for claim in told for name in end_names(claim))
        homes: dict[RelationIdentity, list[Name]] = defaultdict(list)
        for name, claim in list(self._now.items()):
            identity = self._home(claim, ends)
            if identity is not None:
                homes[identity].append(name)
            elif name in self._strict and self._refused(name, ends):
                del self._now[name]
            elif claim.spoken and self.rules.counts(claim):
                self.plan.waiting.append(name)
        self._conclude(homes)

    def _follow(self, reconsidered: Collection[Name]) -> None:
        """Take in the relations at the ends of claims that are about another CI than before."""
        work = self.work
        moved = {
            name
            for name, claim in work.now.items()
            if claim is not work.stored.get(name)
            and (
                claim is None
                or (was := work.stored.get(name)) is None
                or claim.subject != was.subject
            )
        }
        moved |= {
            name
            for name, claim in work.now.items()
            if claim is not None and claim.subject in self._moved
        }
        moved.update(reconsidered)
        if moved:
            for claim in work.known.claims_at({end_digest(name) for name in moved}):
                if claim.name not in self._now:
                    again = self._confirmed.pop(claim.name, None)
                    self._stored[claim.name] = claim
                    self._now[claim.name] = (again and again.after) or claim

    def _home(self, claim: Claim, ends: dict[Name, End]) -> RelationIdentity | None:
        """The relation a claim is about; None when it cannot be, for now."""
        body = claim.body
        if body is None or not stands(claim, self.rules):
            return None
        catalog = self.rules.catalog
        both = ends.get(tuple(body["from"])), ends.get(tuple(body["to"]))
        declared = catalog.relation_types.get(body["type"])
        if both[0] is None or both[1] is None or declared is None:
            return None
        if both[0] == both[1]:
            return None
        if not catalog.joinable(declared, both[0][1], both[1][1]):
            return None
        return identity_of(
            catalog, declared.name, (both[0], both[1]), body.get("group"), body.get("id")
        )

    def _refused(self, name: Name, ends: dict[Name, End]) -> bool:
        """Whether a relation that must fit at once does not.

        Where a claim at an end does not count, or the ends became one CI, it waits all the same.
        """
        seen, names = self._strict[name].seen, end_names(self._now[name])
        both = [ends.get(one) for one in names]
        if any(self._ends.idle(one) for one in names):
            return False
        for end, reference in zip(both, (seen.from_key, seen.to_key), strict=True):
            if end is None:
                self.plan.errors.append(UnknownReference(place=seen.place, reference=reference))
                return True
        if both[0] == both[1] and names[0] != names[1]:
            return False
        error = fault(seen, (both[0], both[1]), self.rules.catalog)  # type: ignore[arg-type]
        if error is not None:
            self.plan.errors.append(error)
        return error is not None

    def _conclude(self, homes: dict[RelationIdentity, list[Name]]) -> None:
        known = self.work.known
        there = known.relations(list(homes)) if homes else {}
        left = {claim.subject for claim in self._now.values()} - {NOBODY}
        left -= {relation.number for relation in there.values()}
        stored = known.relations_by_number(left) if left else {}
        for relation in stored.values():
            there.setdefault(relation.identity, relation)
        about = known.claims_about("relation", [one.number for one in there.values()])
        for identity in dict.fromkeys((*homes, *there)):
            before = there.get(identity)
            mine = [self._now[name] for name in homes.get(identity, ())]
            others = about.get(before.number, []) if before is not None else []
            mine += [one for one in others if one.name not in self._now]
            self._relation(identity, before, mine, homes.get(identity, []))
        self._record(homes)

    def _relation(
        self,
        identity: RelationIdentity,
        before: Relation | None,
        claims: list[Claim],
        mine: list[Name],
    ) -> None:
        """One relation, from all claims that are about it now."""
        concluded = conclude_relation(identity, claims, self.rules)
        changes = self.plan.changes
        number = before.number if before is not None else NOBODY
        source = max(claims, key=lambda c: c.stamp).source if claims else self.run.source
        if concluded is None:
            if before is not None:
                changes.relations.append(Change(before, None))
                self._step("remove", before, source)
            number = NOBODY
        elif before is None:
            number = changes.fresh_number()
            after = concluded.stored(number, 0)
            changes.relations.append(Change(None, after))
            self._step("create", after, source)
        else:
            after = concluded.stored(number, before.seq)
            if after != before:
                changes.relations.append(Change(before, after))
                self._step("change", after, source)
        for name in mine:
            claim = self._now[name]
            if claim.subject != number:
                self._now[name] = replace(claim, subject=number)
        if concluded is None:
            for claim in claims:  # those that are faded, and were not looked at themselves
                if claim.name not in self._now:
                    self._stored[claim.name] = claim
                    self._now[claim.name] = replace(claim, subject=NOBODY)

    def _record(self, homes: dict[RelationIdentity, list[Name]]) -> None:
        """The changes of the claims themselves."""
        housed = {name for names in homes.values() for name in names}
        changes = self.plan.changes
        for name, now in self._now.items():
            before = self._stored.get(name)
            if now.body is None:
                if before is not None:
                    changes.claims.append(Change(before, None))
                continue
            after = now if name in housed or now.subject == NOBODY else replace(now, subject=NOBODY)
            if after != before:
                changes.claims.append(Change(before, after))
        for name, change in self._confirmed.items():
            if name not in self._now:
                changes.confirmed.append(change)

    def _step(self, action: str, relation: Relation, source: str) -> None:
        words = step_words(relation)
        self.plan.steps.append(
            Step(action, "relation", words, relation.type, words, "", source)  # type: ignore[arg-type]
        )


def step_words(relation: Relation) -> str:
    """How a step of a plan names a relation."""
    apart = "/".join(part for part in (relation.group, relation.id) if part)
    words = f"{relation.from_key} {relation.type} {relation.to_key}"
    return f"{words} [{apart}]" if apart else words
