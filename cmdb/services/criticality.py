"""Criticality as use cases: the ranking of the whole estate, and the cut sets of one CI."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from cmdb.errors import InvalidInput, OutsideGraph
from cmdb.impact.blast_radius import HIDDEN, BlastRadius, Visible, which_seen
from cmdb.impact.criticality import Numbers, Toll, minimal_cuts
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import DOWN, STATES
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.impact import AsOf, Failure, failed_numbers, snapshot_of
from cmdb.services.numbers import Finder

NAMED = 10
"""Services named in a row; the counts tell of all."""
MAX_SIZE = 3
KEPT = 2

_tolls: WeakKeyDictionary[Environment, dict[int, Toll]] = WeakKeyDictionary()
"""The last few results of every environment, by `seq`: at a million CIs one costs seconds."""
_lock = threading.Lock()


def _toll(env: Environment, snapshot: Snapshot) -> Toll:
    with _lock:  # one at a time: equal questions wait for the first
        kept = _tolls.setdefault(env, {})
        toll = kept.pop(snapshot.seq, None) or Toll.of(snapshot)
        kept[snapshot.seq] = toll
        while len(kept) > KEPT:
            del kept[next(iter(kept))]
    return toll


@dataclass
class Ranking:
    """All CIs by what each takes down alone; those without any effect are left out."""

    snapshot: Snapshot
    toll: Toll
    at: float
    visible: Visible | None
    as_of: AsOf
    hidden: int = field(init=False)
    _numbers: Numbers = field(init=False)

    def __post_init__(self) -> None:
        every = self.toll.numbers()
        self._numbers = every[which_seen(self.snapshot, every, self.visible)]
        self.hidden = len(every) - len(self._numbers)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._numbers)

    def head(self) -> dict[str, Any]:
        """What stands beside the rows."""
        return {
            "seq": self.snapshot.seq,
            "as_of": self.as_of,
            "count": self.count,
            "hidden": self.hidden,
        }

    def rows(self, start: int = 0, stop: int | None = None) -> list[dict[str, Any]]:
        """The rows from `start` up to `stop`, each with the paths to its first services."""
        stop = self.count if stop is None else min(stop, self.count)
        ranked = self.toll.ranked(self.snapshot, self._numbers, start, stop)
        return [self._row(number) for number in ranked.tolist()]

    def _row(self, number: int) -> dict[str, Any]:
        item, toll = self.snapshot.item(number), self.toll
        return {
            "key": item.key,
            "type": item.type,
            "name": item.name,
            "services": {
                "down": int(toll.services_down[number]),
                "degraded": int(toll.services_degraded[number]),
            },
            "cis": {
                "down": int(toll.cis_down[number]),
                "degraded": int(toll.cis_degraded[number]),
            },
            "hits": self._hits(number),
        }

    def _hits(self, number: int) -> list[dict[str, Any]]:
        """The first services that it takes down or degrades, each with the path to it."""
        if not self.toll.services_down[number] + self.toll.services_degraded[number]:
            return []
        radius = BlastRadius(self.snapshot, {number: DOWN}, self.at, self.visible)
        rows = radius.rows_of(radius.services(NAMED))
        shown = ("key", "name", "state", "path")
        return [{n: row[n] for n in shown} for row in rows if row["state"] != "at_risk"]


@authorised(Permission.READ)
def rank(actor: Actor, env: Environment, *, as_of: AsOf = None, seq: int | None = None) -> Ranking:
    """What each CI takes down alone; `seq` is the commit to compute at, when it is known."""
    snapshot = snapshot_of(env, as_of if seq is None else seq)
    visible = Finder(actor, env, snapshot).visible
    return Ranking(snapshot, _toll(env, snapshot), env.clock(), visible, as_of)


@authorised(Permission.READ)
def cuts(
    actor: Actor,
    env: Environment,
    service: str,
    failures: Sequence[Failure] = (),
    *,
    size: int = 2,
    seconds: float = 10.0,
    limit: int = 50,
    as_of: AsOf = None,
) -> dict[str, Any]:
    """The smallest sets of failures that, besides those given, take a service (or any CI) down.

    With why each does, and what is left: the single ones. `complete` is false when `seconds` ran
    out, `examined` of `total` tells how far it came.
    """
    if not 1 <= size <= MAX_SIZE:
        raise InvalidInput(place="size", detail=f"it must be 1 to {MAX_SIZE}")
    snapshot = snapshot_of(env, as_of)
    finder = Finder(actor, env, snapshot)
    (number,) = finder.all([(service, "service")])
    given = failed_numbers(finder, failures)
    for one in (number, *given):
        if not snapshot.in_graph(one):
            item = snapshot.item(one)
            place = "service" if one == number else "failures"
            raise OutsideGraph(place=place, key=item.key, status=item.status)
    now = BlastRadius(snapshot, given, env.clock(), finder.visible)
    down = [one for one, state in given.items() if state == DOWN]
    found = minimal_cuts(snapshot, number, down, size, seconds)
    names = _Names(finder)
    sets = sorted((one for one in found.sets if one), key=names.order)
    item = snapshot.item(number)
    state = STATES[now.propagation.state(number)]
    return {
        "seq": snapshot.seq,
        "as_of": as_of,
        "service": {"key": item.key, "type": item.type, "name": item.name, "state": state},
        "failed": now.head()["failures"],
        "cut_sets": [_why(now, number, one, names) for one in sets[:limit]],
        "found": len(sets),
        "left": [names.of(cut[0]) for cut in sets if len(cut) == 1],
        "complete": found.complete,
        "examined": found.examined,
        "total": found.total,
    }


class _Names:
    """What is shown of CIs."""

    def __init__(self, finder: Finder) -> None:
        self._finder, self._snapshot = finder, finder.snapshot

    def of(self, number: int) -> dict[str, Any]:
        """A CI, or that it is hidden."""
        if not self._finder.sees(number):
            return dict(HIDDEN)
        item = self._snapshot.item(number)
        return {"key": item.key, "type": item.type, "name": item.name}

    def order(self, cut: Sequence[int]) -> tuple[Any, ...]:
        """Smaller sets first, then by key; hidden ones last."""
        seen = [n for n in cut if self._finder.sees(n)]
        return (len(cut), len(cut) - len(seen), sorted(self._snapshot.key(n) for n in seen))

    def shown(self, cut: Sequence[int]) -> list[dict[str, Any]]:
        """The CIs of a set, by key."""
        return sorted(
            (self.of(n) for n in cut), key=lambda one: (one.get("key") is None, one.get("key", ""))
        )


def _why(now: BlastRadius, number: int, cut: Sequence[int], names: _Names) -> dict[str, Any]:
    """One set, with how it reaches the service."""
    failures = {**now.failures, **dict.fromkeys(cut, DOWN)}
    radius = BlastRadius(now.snapshot, failures, now.at, now.visible)
    (row,) = radius.rows_of(np.array([number], np.int32))
    return {"cis": names.shown(cut), "path": row["path"], "causes": row["causes"]}
