"""What-if: a snapshot as it would be with CIs and relations added, changed or removed.

Validated as an import is; nothing is written.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cmdb.errors import CMDBError, DuplicateKey, InvalidInput, UnknownReference
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.identity.relations import fault, identity_of
from cmdb.identity.validation import Validator
from cmdb.impact.assumptions import FIRST_RELATION, relations_between
from cmdb.impact.patching import patched
from cmdb.impact.rules import NONE
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Confirmation, Delta, TopologyItem, TopologyRelation
from cmdb.schema.records import Relation, RelationIdentity
from cmdb.services.numbers import Finder, Named, refuse

Stored = Callable[[Iterable[int]], dict[int, Relation]]
"""The relations that have these numbers, as the store has them now."""


SOURCE = "assumption"
"""The source of what is added."""


class UnknownRelation(InvalidInput):
    """A relation that does not exist."""

    template = "{place}: there is no relation {relation}"


@dataclass(frozen=True, slots=True)
class RemovedRelation:
    """A relation that is to go: every one that fits; None fits all."""

    from_reference: str
    type: str
    to_reference: str
    place: str
    group: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Assumption:
    """What to assume. `observations` hold what the reader found wrong as well."""

    observations: Sequence[Observation | CMDBError] = ()
    removed: Sequence[Named] = ()
    removed_relations: Sequence[RemovedRelation] = ()


@dataclass(slots=True)
class Assumed:
    """A snapshot with an assumption in it, and the keys it is about."""

    snapshot: Snapshot
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    relations: dict[str, int] = field(
        default_factory=lambda: {"added": 0, "changed": 0, "removed": 0}
    )

    def content(self) -> dict[str, Any]:
        """What was assumed, for the answer."""
        return {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "relations": self.relations,
        }


def assume(assumption: Assumption, finder: Finder, stored: Stored, at: float) -> Assumed:
    """The snapshot of the finder with the assumption in; raises everything that is wrong.

    What is added counts as confirmed `at` that time (seconds since 1970), by whoever assumes it.
    """
    assuming = _Assuming(finder, stored)
    validator = Validator(finder.snapshot.catalog)
    for one in assumption.observations:
        validator.take(one)
    assuming.errors += validator.errors
    assuming.items(validator.items)
    assuming.relation_removals(assumption.removed_relations)
    assuming.removals(assumption.removed)
    assuming.relations(validator.relations)
    refuse(assuming.errors)
    assuming.confirm(at)
    assuming.made.snapshot = patched(finder.snapshot, assuming.delta)
    return assuming.made


class _Assuming:
    """Turns one assumption into what changes in a snapshot."""

    def __init__(self, finder: Finder, stored: Stored) -> None:
        self.snapshot, self.catalog = finder.snapshot, finder.snapshot.catalog
        self.finder, self.stored = finder, stored
        self.made = Assumed(finder.snapshot)
        self.delta = Delta(finder.snapshot.seq)
        self.errors: list[CMDBError] = []
        self._own: dict[str, int] = {}
        self._places: dict[int, str] = {}
        self._identities: dict[RelationIdentity, str] = {}
        self._next = FIRST_RELATION

    def items(self, seen: Iterable[ObservedItem]) -> None:
        """Add or change CIs."""
        fresh = self.snapshot.graph.size
        for one in seen:
            number = self.snapshot.number(one.key)
            if number is None:
                number, fresh = fresh, fresh + 1
                self.made.added.append(one.key)
                known = TopologyItem(number, one.key, "", one.key, "live", False, {}, None, 0.0)
            elif not self.finder.sees(number):
                self.errors.append(UnknownReference(place=one.place, reference=one.key))
                continue
            else:
                self.made.changed.append(one.key)
                known = self.snapshot.item(number)
            self._own[one.key] = number
            self._places[number] = one.place
            self.delta.items[number] = _changed(known, one)

    def removals(self, named: Sequence[Named]) -> None:
        """Remove CIs; outside the graph, their relations mean nothing."""
        for number, (reference, where) in zip(self._find(named), named, strict=True):
            if number is None:
                continue
            first = self._places.setdefault(number, where)
            if first != where:
                self.errors.append(DuplicateKey(place=where, key=f"'{reference}'", first=first))
            else:
                self.made.removed.append(self.snapshot.key(number))
                self.delta.items[number] = None

    def relation_removals(self, removed: Sequence[RemovedRelation]) -> None:
        """Remove relations; those of types without impact are not in the graph anyway."""
        ends = self._ends([(r.from_reference, r.to_reference, r.place) for r in removed])
        for one, both in zip(removed, ends, strict=True):
            try:
                self.catalog.relation_type(one.type, one.place)
            except CMDBError as error:
                self.errors.append(error)
                continue
            if both is None or not self._has_impact(one.type, *both):
                continue
            found = self._existing(both[0], one.type, both[1], one.group, one.id)
            for relation in found:
                self.made.relations["removed"] += relation.number not in self.delta.relations
                self.delta.relations[relation.number] = (relation, None)
            if not found:
                names = f"{one.from_reference} {one.type} {one.to_reference}"
                self.errors.append(UnknownRelation(place=one.place, relation=f"'{names}'"))

    def relations(self, seen: Sequence[ObservedRelation]) -> None:
        """Add relations, or change those that are there."""
        ends = self._ends([(r.from_key, r.to_key, r.place) for r in seen])
        for one, both in zip(seen, ends, strict=True):
            if both is None:
                continue
            (a, first), (b, second) = ((n, self._item(n)) for n in both)
            joined = (first.key, first.type), (second.key, second.type)
            error = fault(one, joined, self.catalog)
            if error is not None:
                self.errors.append(error)
                continue
            identity = identity_of(
                self.catalog, one.type, joined, one.group or None, one.id or None
            )
            before = self._identities.setdefault(identity, one.place)
            if before != one.place:
                words = f"relation '{' '.join(identity[:3])}'"
                self.errors.append(DuplicateKey(place=one.place, key=words, first=before))
            else:
                self._relation(one, identity, a, b)

    def confirm(self, at: float) -> None:
        """Note that what is added was confirmed."""
        size, delta = self.snapshot.graph.size, self.delta
        for first, count, confirmed in (
            (size, len(self.made.added), delta.confirmed_items),
            (FIRST_RELATION, self._next - FIRST_RELATION, delta.confirmed_relations),
        ):
            if count:
                confirmed.append(Confirmation(first, first + count - 1, at, SOURCE))

    def _relation(self, seen: ObservedRelation, identity: RelationIdentity, a: int, b: int) -> None:
        """One relation between two CIs."""
        if not self._has_impact(seen.type, a, b):
            return
        group, label = identity.group, identity.id
        existing = [
            one
            for one in self._existing(a, seen.type, b, group, label, exactly=True)
            if one.number not in self.delta.relations
        ]
        before = existing[0] if existing else None
        self.made.relations["changed" if before else "added"] += 1
        if before is None:
            number, self._next = self._next, self._next + 1
            strength = seen.strength
        elif self.snapshot.rules.is_link(before):
            return  # it is there already, and strength means nothing to it
        else:
            number, strength = before.number, seen.strength or before.strength
        after = TopologyRelation(number, a, seen.type, b, group, strength, 0.0)
        self.delta.relations[number] = (before, after)

    def _existing(
        self, a: int, name: str, b: int, group: str | None, label: str | None, exactly: bool = False
    ) -> list[TopologyRelation]:
        """The relations of a type from `a` to `b`; where not `exactly`, None fits every value."""
        size = self.snapshot.graph.size
        found = relations_between(self.snapshot, a, name, b) if max(a, b) < size else []
        known = self.stored([one.number for one in found]) if found else {}

        def fits(one: TopologyRelation) -> bool:
            stored = known.get(one.number)
            if stored is None:  # gone since: the snapshot is of the past
                pairs = [(group, one.group), (label, None)]
            else:
                pairs = [(group, stored.group), (label, stored.id)]
            same = stored is None or stored.type == name
            loose = not exactly
            return same and all(w == h or (loose and w is None) for w, h in pairs)

        return [one for one in found if fits(one)]

    def _has_impact(self, type_name: str, a: int, b: int) -> bool:
        """Whether a relation between the two is in the graph at all."""
        return a != b and self.snapshot.rules.impact[type_name] != NONE

    def _item(self, number: int) -> TopologyItem:
        return self.delta.items.get(number) or self.snapshot.item(number)

    def _ends(self, wanted: Sequence[tuple[str, str, str]]) -> list[tuple[int, int] | None]:
        """For each (from, to, place) the two CIs; None where one is wrong."""
        named = [
            (reference, where)
            for start, end, where in wanted
            for reference in dict.fromkeys((start, end))
        ]
        found = dict(zip(named, self._find(named), strict=True))
        result: list[tuple[int, int] | None] = []
        for start, end, where in wanted:
            a, b = found[start, where], found[end, where]
            gone = [one for one in (a, b) if one is not None and self._gone(one)]
            if gone:
                key = self.snapshot.key(gone[0])
                self.errors.append(UnknownReference(place=where, reference=key))
            result.append(None if a is None or b is None or gone else (a, b))
        return result

    def _gone(self, number: int) -> bool:
        return number in self.delta.items and self.delta.items[number] is None

    def _find(self, named: Sequence[Named]) -> list[int | None]:
        """The CIs that references mean, those assumed first; what is wrong is kept as an error."""
        others = [one for one in named if one[0] not in self._own]
        found = dict(zip(others, self.finder.find(others), strict=True))
        numbers: list[int | None] = []
        for one in named:
            number = self._own[one[0]] if one[0] in self._own else found[one]
            if isinstance(number, CMDBError):
                self.errors.append(number)
            numbers.append(None if isinstance(number, CMDBError) else number)
        return numbers


def _changed(known: TopologyItem, seen: ObservedItem) -> TopologyItem:
    """The CI with what was mentioned."""
    settings = {**known.redundancy, **seen.redundancy}
    return known._replace(
        type=seen.type,
        name=seen.name or known.name,
        status=seen.status or known.status,
        network_root=known.network_root if seen.network_root is None else seen.network_root,
        redundancy={name: one for name, one in settings.items() if one is not None},
        site=seen.attributes.get("site", known.site),
    )
