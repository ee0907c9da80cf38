"""The answer to an impact question: rows, order, summary and what the answer says of itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.errors import OutsideGraph
from cmdb.impact.engine.explanation import CONNECTIVITY, DEPENDENCY, Explainer
from cmdb.impact.engine.texts import in_order
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import NO_SITE, Snapshot
from cmdb.impact.states import STATES

HIDDEN = {"hidden": True}
RULES = ("dependency", "redundancy", "connectivity")
FEW = 64
"""Up to so many impacted CIs Python sorts quicker than passes over arrays do."""

Numbers = npt.NDArray[np.int32]
Visible = Callable[[str, str | None], bool]
"""Whether CIs of a type at a site (None: without one) may be seen."""


@dataclass
class BlastRadius:
    """What follows from failures on one snapshot.

    `visible` says which CIs the asker may see (None: all); the others take part, and are counted.
    `at` is the time (seconds since 1970) against which freshness is measured. `as_of` and `said`
    (what else was asked) are for the head of the answer.
    """

    snapshot: Snapshot
    failures: Mapping[int, int]
    at: float
    visible: Visible | None = None
    as_of: str | int | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    propagation: Propagation = field(init=False)

    def __post_init__(self) -> None:
        for number in self.failures:
            if not self.snapshot.in_graph(number):
                item = self.snapshot.item(number)
                raise OutsideGraph(place="failures", key=item.key, status=item.status)
        self.propagation = Propagation(self.snapshot, self.failures)

    @cached_property
    def explainer(self) -> Explainer:
        """Explains the rows."""
        return self.propagation.explainer(self.at)

    @cached_property
    def _types(self) -> npt.NDArray[np.uint16]:
        return self.snapshot.graph.columns(self.propagation.numbers)[0]

    @cached_property
    def _seen(self) -> npt.NDArray[np.bool_]:
        """Which of the impacted CIs the asker may see."""
        return which_seen(self.snapshot, self.propagation.numbers, self.visible)

    @cached_property
    def count(self) -> int:
        """How many rows there are."""
        return int(np.count_nonzero(self._seen))

    def numbers(self, start: int = 0, stop: int | None = None) -> Numbers:
        """The CIs of the rows from `start` up to `stop`: worst first, then distance, then key."""
        return self._ordered(self._seen, start, self.count if stop is None else stop)

    def services(self, stop: int | None = None) -> Numbers:
        """The CIs of the first rows of type service or below."""
        chosen = self._seen & self.snapshot.service_types[self._types]
        return self._ordered(chosen, 0, len(chosen) if stop is None else stop)

    def _ordered(self, chosen: npt.NDArray[np.bool_], start: int, stop: int) -> Numbers:
        """Of the chosen ones of the impacted CIs, in order, those from `start` up to `stop`."""
        states = self.propagation.states
        if len(states) <= FEW:
            return self._few_ordered(chosen, start, stop)
        longest = int(self.propagation.distances.max(initial=0)) + 1
        rank = (STATES.index("down") - states.astype(np.int64)) * longest
        rank += self.propagation.distances
        sizes = np.bincount(rank[chosen]) if len(rank) else np.zeros(0, np.int64)
        parts, before = [np.zeros(0, np.int32)], 0
        for one in np.flatnonzero(sizes):
            after = before + int(sizes[one])
            if after > start and before < stop:
                members = self.propagation.numbers[(rank == one) & chosen]
                first, last = max(start - before, 0), min(stop, after) - before
                parts.append(self._by_key(members, first, last))
            before = after
        return np.concatenate(parts)

    def _few_ordered(self, chosen: npt.NDArray[np.bool_], start: int, stop: int) -> Numbers:
        """The same, quicker for few: text as Python compares it has the order of its UTF-8."""
        found, key = self.propagation, self.snapshot.key
        every = zip(
            (-found.states.astype(np.int64)).tolist(),
            found.distances.tolist(),
            map(key, found.numbers.tolist()),
            found.numbers.tolist(),
            strict=True,
        )
        rows = sorted(compress(every, chosen.tolist()))
        return np.array([number for *_, number in rows[start:stop]], np.int32)

    def _by_key(self, numbers: Numbers, start: int, stop: int) -> Numbers:
        snapshot = self.snapshot
        found: Numbers = in_order(snapshot.keys, snapshot.encoded_changes, numbers, start, stop)
        return found

    def rows(self, start: int = 0, stop: int | None = None) -> Iterable[dict[str, Any]]:
        """The rows of `impacted`, explained, from `start` up to `stop`."""
        return self.rows_of(self.numbers(start, stop))

    def rows_of(self, numbers: Numbers) -> Iterable[dict[str, Any]]:
        """The rows of these impacted CIs, explained."""
        types = self.snapshot.graph.columns(numbers)[0].tolist()
        rows = zip(numbers.tolist(), types, *self._confirmed(numbers), strict=True)
        return (self._row(*row) for row in rows)

    def _row(self, number: int, type_number: int, at: float, source: int) -> dict[str, Any]:
        return {
            "key": self.snapshot.key(number),
            "type": self.snapshot.types.words[type_number],
            "name": self.snapshot.name(number),
            "state": STATES[self.propagation.state(number)],
            "distance": self.propagation.distance(number),
            "causes": [self._cause(number)],
            "path": [self._shown(ci) for ci in self.explainer.path(number)],
            "confirmed": {
                "at": datetime.fromtimestamp(at, UTC).isoformat() if at else None,
                "source": self.snapshot.sources.words[source] if source >= 0 else None,
            },
        }

    def _cause(self, number: int) -> dict[str, Any]:
        rule, name, named, hangs_on = self.explainer.cause(number)
        shown: dict[str, Any] = {"rule": RULES[rule]}
        if rule == DEPENDENCY:
            shown["relation"] = self.snapshot.kinds.kinds.words[name].type
        elif rule != CONNECTIVITY:
            shown["group"] = self.snapshot.kinds.groups.words[name]
        shown["from"] = [
            {"key": self.snapshot.key(ci), "state": STATES[state]} if self.sees(ci) else HIDDEN
            for ci, state in named
        ]
        if rule == CONNECTIVITY:
            shown["hangs_on"] = None if hangs_on < 0 else self._shown(hangs_on)
        return shown

    def sees(self, number: int) -> bool:
        """Whether the asker may see a CI."""
        if self.visible is None:
            return True
        item = self.snapshot.item(number)
        return self.visible(item.type, item.site)

    def _shown(self, number: int) -> Any:
        return self.snapshot.key(number) if self.sees(number) else HIDDEN

    def _confirmed(self, numbers: Numbers) -> tuple[list[float], list[int]]:
        """The oldest confirmation of each CI and the relations on its path, and its source."""
        at, source = self.snapshot.confirmed_items.of_numbers(numbers)
        oldest, relation, _ = self.explainer.confirmations(numbers)
        _, relation_source = self.snapshot.confirmed_relations.of_numbers(np.maximum(relation, 0))
        older = oldest < at
        return (
            np.where(older, oldest, at).tolist(),
            np.where(older, relation_source, source).tolist(),
        )

    def summary(self) -> dict[str, Any]:
        """Counts of the rows, and of those of type service or below."""
        states = self.propagation.states
        rows = np.bincount(states[self._seen], minlength=4).tolist()
        services = states[self._seen & self.snapshot.service_types[self._types]]
        service_rows = np.bincount(services, minlength=4).tolist()
        worst_first = range(3, 0, -1)
        return {
            **{STATES[state]: rows[state] for state in worst_first},
            "services": {STATES[state]: service_rows[state] for state in worst_first},
        }

    def confidence(self) -> dict[str, int]:
        """What the answer says of itself."""
        return {
            "hidden": len(self.propagation.numbers) - self.count,
            "unconfirmed": self._unconfirmed(),
            "connectivity_not_evaluated": self.snapshot.network.not_evaluated,
        }

    def _unconfirmed(self) -> int:
        """How many impacted CIs, or relations on their paths, were not confirmed in time."""
        snapshot, numbers = self.snapshot, self.propagation.numbers
        if not len(numbers):
            return 0
        confirmed, _ = snapshot.confirmed_items.of_numbers(numbers)
        stale = self.at - confirmed > snapshot.type_freshness[self._types]
        if self._any_stale_relation:
            stale |= self.explainer.confirmations(numbers)[2].astype(bool)
        return int(np.count_nonzero(stale))

    @property
    def _any_stale_relation(self) -> bool:
        snapshot = self.snapshot
        return self.at - snapshot.confirmed_relations.oldest > snapshot.shortest_relation_freshness

    def answer(self) -> dict[str, Any]:
        """The whole answer, in the form of `cmdb impact --format json`."""
        return {**self.head(), "impacted": list(self.rows()), **self.tail()}

    def head(self) -> dict[str, Any]:
        """The part before the rows."""
        return {
            "seq": self.snapshot.seq,
            "as_of": self.as_of,
            "failures": [
                {"key": self.snapshot.key(ci), "state": STATES[state]}
                for ci, state in self.failures.items()
                if self.sees(ci)
            ],
            **self.said,
        }

    def tail(self) -> dict[str, Any]:
        """The part after the rows."""
        return {"summary": self.summary(), "confidence": self.confidence()}


def which_seen(
    snapshot: Snapshot, numbers: Numbers, visible: Visible | None
) -> npt.NDArray[np.bool_]:
    """Which of these CIs may be seen."""
    if visible is None:
        return np.ones(len(numbers), bool)
    types, sites, _ = snapshot.graph.columns(numbers)
    pairs, which = np.unique(np.stack([types, sites]), axis=1, return_inverse=True)
    type_words, site_words = snapshot.types.words, snapshot.sites.words
    allowed = [visible(type_words[t], None if s == NO_SITE else site_words[s]) for t, s in pairs.T]
    return np.array(allowed, bool)[which.ravel()]
