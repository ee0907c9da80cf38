"""The way in for every source: observations → claims → change sets → commits, batch by batch."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeVar

from cmdb.errors import CMDBError, Conflict, DuplicateKey, Forbidden
from cmdb.identity.claims import Claim
from cmdb.identity.items import ItemPlanner, KnownItems
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.identity.plan import Counts, Plan, Run
from cmdb.identity.relations import (
    End,
    KnownRelations,
    PlacedRelation,
    RelationPlanner,
    place,
)
from cmdb.identity.validation import Validator
from cmdb.schema.records import ConfigurationItem, RelationIdentity
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import GraphStore, Signature
from cmdb.services.references import moved, resolve

BATCH = 5000
ATTEMPTS = 10

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is."""


@dataclass(slots=True)
class IngestReport:
    """What one run did. `errors` are the bad rows, all of them; the good ones went in."""

    run: str
    source: str
    items: Counts = field(default_factory=Counts)
    relations: Counts = field(default_factory=Counts)
    errors: list[CMDBError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    seq: int = 0


def _silent(doing: str, done: int, total: int) -> None:
    return


@authorised(Permission.WRITE)
def ingest(
    actor: Actor,
    env: Environment,
    observations: Iterable[Observation | CMDBError],
    *,
    source: str,
    reason: str,
    complete: bool = False,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> IngestReport:
    """Reconcile what a source saw into the store.

    Bad rows are reported and left out; each batch is one commit, all or nothing. `complete` says
    that this is all the source knows: what it said before and not now is withdrawn, unless some
    rows were bad. `dry_run` plans and reports, and changes nothing. An actor with a limited scope
    may not import: aliases and references could reach what it may not see.
    """
    if actor.scope != EVERYTHING:
        raise Forbidden(
            actor=actor.name, permission="import", roles="editor or administrator, without limits"
        )
    run = Run(uuid.uuid4().hex, source, env.clock())
    loader = _Loader(actor, env, run, reason, dry_run, progress)
    return loader.load(observations, complete)


class _Loader:
    """One run."""

    def __init__(
        self,
        actor: Actor,
        env: Environment,
        run: Run,
        reason: str,
        dry_run: bool,
        progress: Progress,
    ) -> None:
        self.actor, self.store, self.run, self.reason = actor, env.store, run, reason
        self.dry_run, self.progress = dry_run, progress
        self.catalog = env.catalog()
        self.report = IngestReport(run.id, run.source)
        self.subjects: dict[str, End] = {}
        self.created: set[str] = set()
        self.places: dict[RelationIdentity, str] = {}
        self.claimed: set[str] = set()

    def load(self, observations: Iterable[Observation | CMDBError], complete: bool) -> IngestReport:
        validator = Validator(self.catalog)
        for observation in observations:
            validator.take(observation)
        self.report.errors += validator.errors
        total = len(validator.items) + len(validator.relations)
        done = 0
        for items_batch in batched(validator.items, BATCH):
            self._commit_items(items_batch)
            done += len(items_batch)
            self.progress("configuration items", done, total)
        for relations_batch in batched(validator.relations, BATCH):
            self._commit_relations(relations_batch)
            done += len(relations_batch)
            self.progress("relations", done, total)
        if complete and self.report.errors:
            self.report.warnings.append(
                "nothing was withdrawn, because some rows were bad: mend them and import again"
            )
        elif complete:
            self._withdraw_missing()
        self.report.seq = self.store.seq()
        return self.report

    def _commit(self, make: Callable[[], Plan], counts: Counts) -> Plan:
        """Plan and commit; plan again when somebody else was quicker."""
        for attempt in range(ATTEMPTS):
            plan = make()
            try:
                if plan.changes and not self.dry_run:
                    signature = Signature(self.actor.name, self.run.at, self.reason, self.run.id)
                    self.store.commit(plan.changes, signature)
                break
            except Conflict:
                if attempt == ATTEMPTS - 1:
                    raise
        counts.add(plan.counts)
        self.report.errors += plan.errors
        self.report.warnings += plan.warnings
        return plan

    def _commit_items(self, batch: tuple[ObservedItem, ...]) -> None:
        plan = self._commit(lambda: plan_items(self.store, self.run, batch), self.report.items)
        self.subjects.update(plan.subjects)
        self.created |= plan.created

    def _commit_relations(self, batch: tuple[ObservedRelation, ...]) -> None:
        ends = self._ends(batch)
        placed: list[PlacedRelation] = []
        for one in batch:
            both = ends[one.from_key], ends[one.to_key]
            wrong = [moved(end, one.place) for end in both if isinstance(end, CMDBError)]
            fit = wrong[0] if wrong else place(one, both, self.catalog)  # type: ignore[arg-type]
            if isinstance(fit, PlacedRelation):
                first = self.places.setdefault(fit.identity, one.place)
                if first == one.place:
                    placed.append(fit)
                    self.claimed.add(fit.claim_key)
                    continue
                words = " ".join(fit.identity[:3])
                fit = DuplicateKey(place=one.place, key=f"relation '{words}'", first=first)
            self.report.errors.append(fit)
        self._commit(
            lambda: plan_relations(self.store, self.run, placed, self.created),
            self.report.relations,
        )

    def _ends(self, batch: tuple[ObservedRelation, ...]) -> dict[str, End | CMDBError]:
        wanted = {r.from_key: r.place for r in batch} | {r.to_key: r.place for r in batch}
        found: dict[str, End | CMDBError] = {
            key: self.subjects[key] for key in wanted if key in self.subjects
        }
        unknown = {key: where for key, where in wanted.items() if key not in found}
        if unknown:
            found |= known_ends(self.store, self.run.source, unknown)
        return found

    def _withdraw_missing(self) -> None:
        """Withdraw what the run did not say; it counts as withdrawn and as nothing else."""
        said = self.store.claims_of("relation", self.run.source)
        gone = [c for c in said if c.key not in self.claimed and c.confirmed_at < self.run.at]
        for batch in batched(gone, BATCH):
            self._commit(lambda b=batch: self._withdraw_relations(b), Counts())  # type: ignore[misc]
        self.report.relations.withdrawn = len(gone)
        said = self.store.claims_of("ci", self.run.source)
        lost = [c for c in said if c.key not in self.subjects and c.body is not None]
        for batch in batched(lost, BATCH):
            self._commit(lambda b=batch: self._withdraw_items(b), Counts())  # type: ignore[misc]
        self.report.items.withdrawn = len(lost)

    def _withdraw_relations(self, claims: tuple[Claim, ...]) -> Plan:
        numbers = [claim.subject for claim in claims]
        known = KnownRelations({}, {}, self.store.claims_about("relation", numbers))
        planner = RelationPlanner(self.run, known)
        return planner.withdraw(claims, self.store.relations_by_number(numbers))

    def _withdraw_items(self, claims: tuple[Claim, ...]) -> Plan:
        known = known_items(self.store, [(c.source, c.key) for c in claims], [])
        return ItemPlanner(self.run, known, lambda key: False).withdraw(claims)


Element = TypeVar("Element")


def batched(elements: Sequence[Element], size: int) -> Iterator[tuple[Element, ...]]:
    """Consecutive slices of at most `size`."""
    for start in range(0, len(elements), size):
        yield tuple(elements[start : start + size])


def known_items(
    store: GraphStore, names: Iterable[tuple[str, str]], wanted_keys: Iterable[str]
) -> KnownItems:
    """What the store holds about (source, key) names, and which wanted keys are taken."""
    by_source: dict[str, list[str]] = {}
    for source, key in names:
        by_source.setdefault(source, []).append(key)
    claims = {
        (source, key): claim
        for source, keys in by_source.items()
        for key, claim in store.claims("ci", source, keys).items()
    }
    numbers = {claim.subject for claim in claims.values()}
    return KnownItems(
        claims,
        store.claims_about("ci", numbers),
        store.items_by_number(numbers),
        set(store.items(wanted_keys)),
    )


def plan_items(
    store: GraphStore,
    run: Run,
    batch: Iterable[ObservedItem],
    onto: ConfigurationItem | None = None,
) -> Plan:
    """What a batch of observed items leads to; `onto` says which CI they are, when known."""
    seen = list(batch)
    names = [(run.source, one.key) for one in seen]
    names += [(a.source, a.key) for one in seen for a in one.aliases]
    known = known_items(store, names, [one.key for one in seen])
    if onto is not None:
        known.items[onto.number] = store.items([onto.key]).get(onto.key, onto)
        known.about |= store.claims_about("ci", [onto.number])
    planner = ItemPlanner(run, known, lambda key: bool(store.items([key])))
    return planner.take(seen, onto)


def plan_relations(
    store: GraphStore,
    run: Run,
    placed: list[PlacedRelation],
    created: Set[str] = frozenset(),
) -> Plan:
    """What a batch of observed relations leads to; those of `created` CIs cannot be known yet."""
    old = [
        one
        for one in placed
        if one.identity.from_key not in created and one.identity.to_key not in created
    ]
    relations = store.relations([one.identity for one in old]) if old else {}
    known = KnownRelations(
        relations,
        store.claims("relation", run.source, [one.claim_key for one in old]) if old else {},
        store.claims_about("relation", [one.number for one in relations.values()]),
    )
    return RelationPlanner(run, known).take(placed)


def known_ends(
    store: GraphStore, source: str, references: dict[str, str]
) -> dict[str, End | CMDBError]:
    """The CIs that references (with their places) mean: the source's own keys first."""
    result: dict[str, End | CMDBError] = {}
    claims = store.claims("ci", source, references)
    by_number = store.items_by_number(claim.subject for claim in claims.values())
    for key, claim in claims.items():
        item = by_number[claim.subject]
        result[key] = (item.key, item.type)
    others = {key: where for key, where in references.items() if key not in result}
    resolved = resolve(store, others.items())
    items = store.items(key for key in resolved.values() if isinstance(key, str))
    for reference, found in resolved.items():
        result[reference] = found if isinstance(found, CMDBError) else (found, items[found].type)
    return result
