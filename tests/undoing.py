"""Random histories of runs, some of which are undone, and what is left of them."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from hypothesis import assume
from hypothesis import strategies as st

from cmdb.identity.claims import Claim
from cmdb.identity.observation import Observation, ObservedItem
from cmdb.identity.words import fields, word_of
from cmdb.services.environment import Environment
from cmdb.services.runs import undo_run
from tests import observed
from tests.observed import NOW, ROOT, SOURCES, canonical, hear, name_of, reviews

Outcome = tuple[bytes, list[str], list[Any]]


class Make(Protocol):
    """Makes an environment on an empty store, with this clock."""

    def __call__(self, clock: Any) -> AbstractContextManager[Environment]: ...


@dataclass(frozen=True)
class Told:
    """One run: what its source said, and whether that is all it knows."""

    source: str
    seen: tuple[Observation, ...]
    complete: bool = False


@dataclass(frozen=True)
class History:
    """Runs by number, and what happens: a run speaks (0 and above), or is undone (below 0)."""

    runs: tuple[Told, ...]
    events: tuple[int, ...]

    @property
    def undone(self) -> set[int]:
        """The numbers of the runs that are undone in the end."""
        return {~event for event in self.events if event < 0}


@st.composite
def histories(draw: Any, most: int = 7) -> History:
    """Runs of which many repeat others, undone in any order, while others go on."""
    one = st.one_of(observed.machines(), observed.machines(), observed.guests(), observed.links())
    runs: list[Told] = []
    for _ in range(draw(st.integers(2, most))):
        if runs and draw(st.integers(0, 1)):  # the same again, or most of it
            told = draw(st.sampled_from(runs))
            kept = tuple(seen for seen in told.seen if draw(st.integers(0, 5)))
            told = replace(told, seen=kept, complete=draw(st.integers(0, 2)) == 0)
        else:
            found = {name_of(seen): seen for seen in draw(st.lists(one, max_size=3))}
            source = draw(st.sampled_from(SOURCES[:3]))
            told = Told(source, tuple(found.values()), draw(st.integers(0, 4)) == 0)
        runs.append(told)
    undone = draw(st.lists(st.sampled_from(range(len(runs))), min_size=1, unique=True))
    events = list(range(len(runs)))
    for number in undone:
        place = draw(st.integers(events.index(number) + 1, len(events)))
        events.insert(place, ~number)
    return History(tuple(runs), tuple(events))


def play(make: Make, history: History, events: tuple[int, ...] | None = None) -> Outcome:
    """What a history comes to; each run speaks at a time of its own."""
    now = [0.0]
    with make(lambda: now[0]) as env:
        for event in history.events if events is None else events:
            number = ~event if event < 0 else event
            now[0] = 1000.0 + number
            if event >= 0:
                told = history.runs[number]
                seen = [replace(one, place=f"row {i}") for i, one in enumerate(told.seen)]
                if told.complete:  # what was gone already, a complete run does not withdraw
                    assume(not _gone(env, told))
                how = {"complete": told.complete, "vanish": True}
                hear(env, told.source, seen, run=f"run {number}", **how)
            elif env.store.commits_of(f"run {number}"):
                undo_run(ROOT, env, f"run {number}")
        now[0] = NOW
        return outcome(env)


def _gone(env: Environment, told: Told) -> bool:
    """Whether anything is withdrawn that the source does not say again."""
    keys = {one.key for one in told.seen if isinstance(one, ObservedItem)}
    mine = (claim for claim in claims(env) if claim.source == told.source and claim.withdrawn)
    return any(claim.kind == "relation" or claim.key not in keys for claim in mine)


def outcome(env: Environment) -> Outcome:
    """The export, what is disputed, and every word with its stamps."""
    return canonical(env), reviews(env), list(said(env))


def said(env: Environment) -> Iterator[Any]:
    """What every claim says, and when each of its fields was said last."""
    for claim in claims(env):
        stamps = {path: claim.stamp_of(path) for path, _ in fields(claim.body or {})}
        word = word_of(claim.body or {})
        ended = (claim.body or {}).get("withdrawn") if claim.withdrawn else None
        yield claim.kind, claim.name, word, sorted(stamps.items()), ended


def claims(env: Environment) -> list[Claim]:
    """All claims with a word, also withdrawn ones, by name."""
    kinds = ("ci", "relation")
    made = {}
    for commit in env.store.log(0, 1_000_000):
        for entry in commit.entries:
            if entry.kind == "claim" and (form := entry.after) is not None:
                made[entry.subject.partition(":")[0], form["source"], form["key"]] = None
    found = []
    for kind, source, key in sorted(made):
        assert kind in kinds
        known = env.store.claims(kind, source, [key]).get(key)
        if known is not None and known.body is not None:
            found.append(known)
    return found


def check_undoing(make: Make, history: History) -> None:
    """Undone runs are as if they had never been made."""
    others = tuple(n for n in range(len(history.runs)) if n not in history.undone)
    assert play(make, history) == play(make, history, others)
