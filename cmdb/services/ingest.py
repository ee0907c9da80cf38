"""The way in for every source: observations → claims → change sets → commits, batch by batch."""

import gc
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, cast

from cmdb.errors import (
    CMDBError,
    DuplicateKey,
    Forbidden,
    KeyTaken,
    LookAlikes,
    NothingWithdrawn,
    WrongSource,
    shown,
)
from cmdb.identity.claims import Name
from cmdb.identity.identifiers import end_digest, host_digest
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.identity.plan import Run
from cmdb.identity.planner import Planner
from cmdb.identity.relations import PlacedRelation
from cmdb.identity.validation import Validator
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.code_check import CodeCheck
from cmdb.services.effects import effects_of
from cmdb.services.ends import ends
from cmdb.services.environment import Environment
from cmdb.services.erasing import still_said
from cmdb.services.planning import commit_plan
from cmdb.services.ports import GraphStore, Signature
from cmdb.services.references import moved
from cmdb.services.rehearsal import Rehearsal
from cmdb.services.roundtrip import edited, edited_relations
from cmdb.services.run_report import IngestReport, Net
from cmdb.services.sources import declare_like
from cmdb.services.vanishing import Vanishing

BATCH = 5000
YOUNG_OBJECTS = 100_000
MOST_STEPS = 50_000
"""Records of which a run that is no dry run keeps what it did to them."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is (0: not known)."""


@contextmanager
def _rarer_collections() -> Iterator[None]:
    """Let the collector of garbage look less often: a plan holds much, and nothing in cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], YOUNG_OBJECTS), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _silent(doing: str, done: int, total: int) -> None:
    return


@authorised(Permission.OBSERVE)
def ingest(
    actor: Actor,
    env: Environment,
    observations: Iterable[Observation | CMDBError],
    *,
    source: str,
    reason: str,
    run: str | None = None,
    complete: bool = False,
    vanish: bool = False,
    waiting: bool = False,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> IngestReport:
    """Reconcile what a source saw into the store.

    Bad rows are reported and left out; each batch is one commit, all or nothing. `complete` says
    that this is all the source knows: what it said before and not now is withdrawn, unless some
    rows were bad, or so much would vanish that only `vanish` allows it. With `waiting` the ends of
    relations are keys of the source, and a relation whose ends are not known yet waits for them,
    instead of being an error. `dry_run` reports the same, and changes nothing. An actor with a
    limited scope may not import: aliases and references could reach what it may not see.
    """
    return ingest_parts(
        actor,
        env,
        [observations],
        source=source,
        reason=reason,
        run=run,
        complete=complete,
        vanish=vanish,
        waiting=waiting,
        dry_run=dry_run,
        progress=progress,
    )


@authorised(Permission.OBSERVE)
def ingest_parts(
    actor: Actor,
    env: Environment,
    parts: Iterable[Iterable[Observation | CMDBError]],
    *,
    source: str,
    reason: str,
    run: str | None = None,
    like: str | None = None,
    complete: bool = False,
    vanish: bool = False,
    waiting: bool = False,
    dry_run: bool = False,
    progress: Progress = _silent,
) -> IngestReport:
    """Reconcile what a source saw in one run, part after part, as `ingest` does.

    A source that nobody declared is declared to be `like` a built-in one.
    """
    if actor.scope != EVERYTHING:
        raise Forbidden(
            actor=actor.name, permission="import", roles="editor or administrator, without limits"
        )
    if actor.source is not None and actor.source != source:
        raise WrongSource(actor=actor.name, source=actor.source, given=source)
    rehearsal = Rehearsal(env.store) if dry_run else None
    place = env if rehearsal is None else Environment(cast("GraphStore", rehearsal), env.clock)
    if like is not None:
        declare_like(actor, place, source, like)
    report = IngestReport(run or uuid.uuid4().hex, source)
    net = Net(report, MOST_STEPS if rehearsal is None else sys.maxsize)
    with _rarer_collections():
        for part in parts:
            made = Run(report.run, source, env.clock())
            loader = _Loader(actor, place, made, reason, waiting, progress, report, net)
            loader.load(part, complete, vanish)
    net.settle()
    if rehearsal is not None:
        report.effects = effects_of(env.snapshot(), rehearsal.changes(), env.clock())
    report.seq = env.store.seq()
    return report


class _Loader:
    """One part of a run; `report` and `net` are those of the whole run."""

    def __init__(
        self,
        actor: Actor,
        env: Environment,
        run: Run,
        reason: str,
        waiting: bool,
        progress: Progress,
        report: IngestReport,
        net: Net,
    ) -> None:
        self.actor, self.env, self.run, self.reason = actor, env, run, reason
        self.waiting, self.progress, self.report = waiting, progress, report
        self.store = env.store
        self.validator = Validator(env.catalog(), env.clock())
        self.codes = CodeCheck(env, run.source)
        self.keys = self.validator.places
        self.refused = self.validator.refused
        self.claimed: set[str] = set()
        self.whole: set[str] = set()
        self._places: dict[str, str] = {}
        self._net = net
        self._done = 0
        self._bad = len(report.errors)

    def load(
        self, observations: Iterable[Observation | CMDBError], complete: bool, vanish: bool
    ) -> None:
        for observation in observations:
            self.validator.take(observation)
            if len(self.validator.items) >= BATCH:
                self._items(self.validator.taken_items())
        self._items(self.validator.taken_items())
        self.report.errors += self.validator.errors
        self.report.warnings += [
            LookAlikes(keys=", ".join(f"{shown(key)} ({key!a})" for key in group))
            for group in self.validator.look_alikes()
        ]
        for batch in batched(self.validator.relations, BATCH):
            self._relations(batch)
        bad = len(self.report.errors) > self._bad
        if complete and bad:
            self.report.warnings.append(NothingWithdrawn())
        elif complete:
            self._withdraw(vanish)
        elif not bad:
            for hosts in batched(sorted(self.whole), BATCH):
                self._withdraw_within(hosts)

    def _plan(self, say: Callable[[Planner], None]) -> None:
        signature = Signature(self.actor.name, self.run.at, self.reason, self.run.id)
        plan, _ = commit_plan(self.env, self.run, signature, say)
        self.report.errors += plan.errors
        self._net.take(plan)
        for wish, key in plan.renamed:
            place = self._places.get(wish, self.run.source)
            self.report.warnings.append(KeyTaken(place=place, wish=wish, key=key))

    def _items(self, batch: list[ObservedItem]) -> None:
        if not batch:
            return
        self.whole.update(one.key for one in batch if one.coverage == "whole")
        keys = {one.key for one in batch}
        if any(one.exported is not None for one in batch):
            batch = edited(self.store, batch, self.report)
        batch = self.codes.good(batch, self.report.errors)  # own rows mean their CI only now
        self.refused |= keys.difference(one.key for one in batch)
        self._places = {one.key: one.place for one in batch}
        self._plan(lambda planner: planner.hear(batch))
        self.report.warnings += still_said(self.env, self.run.source, batch)
        self._done += len(batch)
        self.progress("configuration items", self._done, 0)

    def _relations(self, batch: tuple[ObservedRelation, ...]) -> None:
        placed = []
        catalog = self.env.catalog()
        if any(one.exported is not None for one in batch):
            nowhere = ("", ""), ("", "")
            self.claimed.update(PlacedRelation(one, nowhere).claim_key(catalog) for one in batch)
            batch = edited_relations(self.store, catalog, batch, self.report)
        for one, both in zip(batch, self._ends(batch), strict=True):
            wrong = [moved(end, one.place) for end in both if isinstance(end, CMDBError)]
            if wrong:
                self.report.errors.append(wrong[0])
                continue
            made = PlacedRelation(one, both)  # type: ignore[arg-type]
            key = made.claim_key(catalog)
            first = self._places.setdefault(f"\x00{key}", one.place)
            if first != one.place:
                words = f"relation '{one.from_key} {one.type} {one.to_key}'"
                self.report.errors.append(DuplicateKey(place=one.place, key=words, first=first))
                continue
            self.claimed.add(key)
            placed.append(made)
        self._plan(lambda planner: planner.relate(placed, self.waiting))
        self._done += len(batch)
        self.progress("relations", self._done, 0)

    def _ends(
        self, batch: tuple[ObservedRelation, ...]
    ) -> list[tuple[Name | CMDBError, Name | CMDBError]]:
        wanted = {r.from_key: r.place for r in batch} | {r.to_key: r.place for r in batch}
        others = {key: place for key, place in wanted.items() if not self._heard(key)}
        names = ends(self.env, self.run, others, self.waiting)

        def name(key: str) -> Name | CMDBError:
            return (self.run.source, key) if self._heard(key) else names[key]

        return [(name(one.from_key), name(one.to_key)) for one in batch]

    def _heard(self, key: str) -> bool:
        """Whether the source said in this part what the key means."""
        return key in self.keys and key not in self.refused

    def _withdraw(self, vanish: bool) -> None:
        """Withdraw what the run did not say."""
        said = self.store.claims_of("ci", self.run.source)
        lost = [c for c in said if c.body is not None and c.key not in self.keys]
        relations = [
            c
            for c in self.store.claims_of("relation", self.run.source)
            if c.key not in self.claimed
        ]
        both = ((lost, self.keys), (relations, self.claimed))
        vanishing = [Vanishing(gone, len(gone) + len(told)) for gone, told in both]
        if not vanish and any(one.too_many for one in vanishing):
            self.report.frozen = True
            self.report.warnings += [one.warning() for one in vanishing if one.too_many]
            return
        for gone in batched(relations, BATCH):
            self._plan(lambda planner, batch=gone: planner.relations.withdraw(batch))  # type: ignore[misc]
        for away in batched(lost, BATCH):
            self._plan(lambda planner, batch=away: planner.withdraw(c.name for c in batch))  # type: ignore[misc]

    def _withdraw_within(self, hosts: Sequence[str]) -> None:
        """Withdraw what the source told as part of things of which it now told the whole."""
        source, told = self.run.source, set(hosts)
        within = self.store.claims_identified(host_digest((source, key)) for key in hosts)
        inner = [c for c in within if c.source == source and c.spoken]
        lost = [c for c in inner if c.key not in self.keys and (c.body or {})["within"] in told]
        ends = {end_digest((source, key)) for key in (*hosts, *(c.key for c in inner))}
        relations = [
            c
            for c in self.store.claims_at(ends)
            if c.source == source
            and c.spoken
            and c.key not in self.claimed
            and (c.body or {}).get("within") in told
        ]
        if relations or lost:

            def say(planner: Planner) -> None:
                planner.relations.withdraw(relations)
                planner.withdraw(claim.name for claim in lost)

            self._plan(say)


Element = TypeVar("Element")


def batched(elements: Sequence[Element], size: int) -> Iterator[tuple[Element, ...]]:
    """Consecutive slices of at most `size`."""
    for start in range(0, len(elements), size):
        yield tuple(elements[start : start + size])
