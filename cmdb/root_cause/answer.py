"""The answer to a root cause question, as its asker may see it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cmdb.impact.blast_radius import HIDDEN, BlastRadius, Visible
from cmdb.impact.states import STATES
from cmdb.root_cause.diagnosis import Candidate, Diagnosis
from cmdb.root_cause.evidence import Event
from cmdb.root_cause.looks import doubt, looks

MOST_LOOKS = 5
MOST_COMBINATIONS = 10
LEAST = 1e-4
"""Combinations less likely than this are not shown."""


@dataclass(frozen=True)
class Answer:
    """A diagnosis for somebody who may see some CIs (`visible`; None: all).

    Candidates that may not be seen are part of `rest`. `at` is the time for freshness.
    """

    diagnosis: Diagnosis
    at: float
    visible: Visible | None = None
    limit: int = 10

    def content(self) -> dict[str, Any]:
        """JSON-ready form."""
        found = self.diagnosis
        seen = [ci for ci in found.scores if self.sees(ci)]
        shown = found.candidates(seen[: self.limit])
        rest = 1.0 - found.outside - sum(one.score for one in shown)
        return {
            "seq": found.snapshot.seq,
            "candidates": [self._candidate(one) for one in shown],
            "rest": max(rest, 0.0),
            "outside": found.outside,
            "combinations": self._combinations(),
            "next": self._looks(),
            "doubt": doubt(found),
            "searched": {
                "computed": len(found.scores),
                "not_computed": found.left,
                "hidden": len(found.scores) - len(seen),
                "complete": found.complete,
            },
        }

    def sees(self, number: int) -> bool:
        """Whether the asker may see a CI."""
        if self.visible is None:
            return True
        item = self.diagnosis.snapshot.item(number)
        return self.visible(item.type, item.site)

    def _shown(self, number: int) -> Any:
        return self.diagnosis.snapshot.key(number) if self.sees(number) else HIDDEN

    def _named(self, number: int) -> dict[str, Any]:
        item = self.diagnosis.snapshot.item(number)
        return {"key": item.key, "type": item.type, "name": item.name}

    def _keys(self, numbers: tuple[int, ...]) -> list[str]:
        return [self.diagnosis.snapshot.key(number) for number in numbers]

    def _candidate(self, one: Candidate) -> dict[str, Any]:
        factors = [{"kind": kind, "weight": weight} for kind, weight in one.factors.items()]
        return {
            **self._named(one.ci),
            "state": STATES[one.state],
            "score": one.score,
            "explains": self._keys(one.explains),
            "unexplained": self._keys(one.unexplained),
            "contradicts": self._keys(one.contradicts),
            "paths": self._paths(one),
            "evidence": self._evidence(one.ci),
            "weight": one.weight,
            "factors": [factor for factor in factors if factor["weight"]],
        }

    def _paths(self, one: Candidate) -> dict[str, list[Any]]:
        """How its failure reaches each symptom that it explains."""
        radius = BlastRadius(self.diagnosis.snapshot, {one.ci: one.state}, self.at, self.visible)
        path: Callable[[int], list[int]] = radius.explainer.path
        return {
            self.diagnosis.snapshot.key(symptom): [self._shown(ci) for ci in path(symptom)]
            for symptom in one.explains
        }

    def _evidence(self, ci: int) -> list[dict[str, Any]]:
        """What happened to it, and to what it depends on, the latest first."""
        known = self.diagnosis.priors
        below = [one for one in known.below(ci) if self.sees(one)]
        events = [event for one in (ci, *below) for event in known.events_of(one, below=one != ci)]
        return [self._event(event) for event in sorted(events, key=_latest_first)]

    def _event(self, event: Event) -> dict[str, Any]:
        shown = {name: value for name, value in asdict(event).items() if name != "ci"}
        when = datetime.fromtimestamp(event.at, UTC).isoformat()
        return {**shown, "at": when, "key": self.diagnosis.snapshot.key(event.ci)}

    def _combinations(self) -> list[dict[str, Any]]:
        likely = [one for one in self.diagnosis.combinations if one[1] >= LEAST]
        return [
            {"keys": [self._shown(ci) for ci in cis], "score": score}
            for cis, score in likely[:MOST_COMBINATIONS]
        ]

    def _looks(self) -> list[dict[str, Any]]:
        wanted = [look for look in looks(self.diagnosis) if self.sees(look.ci)]
        return [
            {**self._named(look.ci), "gain": look.gain, "unhealthy": look.unhealthy}
            for look in wanted[:MOST_LOOKS]
        ]


def _latest_first(event: Event) -> tuple[Any, ...]:
    return (-event.at, event.ci, event.kind, event.ref)
