"""How likely a CI is to fail, before any symptom: by its type, and by what happened to it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from cmdb.impact.snapshot import Snapshot
from cmdb.root_cause.evidence import (
    ALERT,
    CHANGE,
    DISCOVERY,
    FAILURE,
    MAINTENANCE,
    Event,
    Evidence,
)

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]

OUTSIDE = 0.05
"""The share of troubles whose cause is nothing in the model."""

TYPE_ODDS = {
    "ci": 1.0,
    "software": 1.5,
    "application": 1.5,
    "service": 0.5,
    "location": 0.2,
    "organization": 0.1,
    "team": 0.1,
    "person": 0.1,
    "contract": 0.1,
    "document": 0.1,
}
"""How often CIs of a type, or below it, fail by themselves, compared with others."""

DAY = 86_400.0
SLACK = 120.0
"""Seconds by which clocks and the rounds of monitoring may differ."""

GAIN = {CHANGE: 20.0, DISCOVERY: 10.0, ALERT: 8.0, FAILURE: 1.0, MAINTENANCE: 8.0}
"""How much an event that has just been adds to the odds of 1."""

HALF_LIFE = {CHANGE: DAY, DISCOVERY: DAY, ALERT: DAY / 24, FAILURE: 180 * DAY}
"""Seconds after which half of that is left; a window counts as long as it is open."""

BELOW = 0.25
"""What is left of the gain of a change when it was on a provider of the CI."""

MOST = 60.0
"""The gain of many events of one kind."""

NAMES = {CHANGE: "changes", DISCOVERY: "changes", ALERT: "alerts", FAILURE: "failures"}
NAMES |= {MAINTENANCE: "maintenance"}
FACTORS = ("changes", "changes_below", "alerts", "failures", "maintenance")


class Priors:
    """The probability of each CI to be the cause, before any symptom, as factors.

    All CIs of the graph and what is outside the model share a probability of 1.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        evidence: Evidence,
        type_odds: Mapping[str, float] | None = None,
    ) -> None:
        self._snapshot, self._onset = snapshot, evidence.onset
        odds = {**TYPE_ODDS, **(type_odds or {})}
        ancestors = snapshot.catalog.ancestors
        self._odds = np.array(
            [
                next((odds[one] for one in ancestors.get(word, (word,)) if one in odds), 1.0)
                for word in snapshot.types.words
            ]
            or [1.0]
        )
        self._events: dict[int, list[Event]] = defaultdict(list)
        for event in evidence.events:
            if self._gain(event) > 0:
                self._events[event.ci].append(event)
        self._changed = {ci for ci in self._events if self._gains(ci)["changes"]}
        counts = snapshot.type_counts
        whole = float((self._odds[: len(counts)] * counts).sum())
        eventful = np.array(sorted(self._events), np.int32)
        if len(eventful):
            more = np.array([self._gained(ci) for ci in eventful.tolist()])
            whole += float((self._type_odds(eventful) * more).sum())
        self._whole = whole or 1.0

    def _type_odds(self, numbers: Numbers) -> Floats:
        found: Floats = self._odds[self._snapshot.graph.columns(numbers)[0]]
        return found

    def _gain(self, event: Event) -> float:
        """What an event adds to the odds; what came after the onset is no cause."""
        age = self._onset - event.at
        if event.kind == ALERT:
            age = abs(age)
        elif age < -SLACK and event.kind != MAINTENANCE:
            return 0.0
        half = HALF_LIFE.get(event.kind)
        return GAIN[event.kind] * (1.0 if half is None else 0.5 ** (max(age, 0.0) / half))

    def _gains(self, ci: int) -> dict[str, float]:
        """By factor: what the events on a CI add to its odds."""
        found = dict.fromkeys(("changes", "alerts", "failures", "maintenance"), 0.0)
        for event in self._events.get(ci, ()):
            found[NAMES[event.kind]] += self._gain(event)
        return {name: min(gain, MOST) for name, gain in found.items()}

    def _gained(self, ci: int) -> float:
        """By how much the odds of a CI exceed those without its own events."""
        return math.prod(1.0 + gain for gain in self._gains(ci).values()) - 1.0

    def events_of(self, ci: int, *, below: bool = False) -> list[Event]:
        """What counts for a CI; with `below`, what counts for those that depend on it."""
        events = self._events.get(ci, [])
        return [one for one in events if not below or NAMES[one.kind] == "changes"]

    def below(self, ci: int) -> list[int]:
        """The providers of a CI that were changed."""
        if not self._changed:
            return []
        providers = {one for one, _, _ in self._snapshot.graph.incoming(ci)}
        return sorted(providers & self._changed - {ci})

    def factors(self, numbers: Iterable[int]) -> dict[str, Floats]:
        """By factor: the logarithms, against that of what is outside the model; `prior` by type."""
        cis = list(numbers)
        array = np.array(cis, np.int32)
        odds = self._type_odds(array) / self._whole * (1.0 - OUTSIDE) / OUTSIDE
        found = {"prior": np.log(odds)}
        found |= {name: np.zeros(len(cis)) for name in FACTORS}
        for place, ci in enumerate(cis):
            if ci in self._events:
                for name, gain in self._gains(ci).items():
                    found[name][place] = math.log1p(gain)
            for provider in self.below(ci):
                gain = BELOW * self._gains(provider)["changes"]
                found["changes_below"][place] += math.log1p(gain)
        return found
