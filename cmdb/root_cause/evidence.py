"""What is known when the question is asked: symptoms, healthy CIs, and what happened to CIs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

UNKNOWN = 0
"""The state of a symptom of which nobody says how bad it is."""

CHANGE, DISCOVERY, ALERT, FAILURE, MAINTENANCE = (
    "change",
    "discovery",
    "alert",
    "failure",
    "maintenance",
)
"""Kinds of events: changed on purpose; seen to have changed; alerted; failed by itself; window."""


@dataclass(frozen=True, slots=True)
class Symptom:
    """A CI that is not well: its state (`UNKNOWN` without one), and since when (1970)."""

    ci: int
    state: int = UNKNOWN
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a CI; `ref` names it elsewhere, `detail` is for people."""

    ci: int
    at: float
    kind: str
    ref: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known; CIs by number, each at most once among symptoms and healthy ones.

    `at` is the time of the question (seconds since 1970).
    """

    symptoms: Sequence[Symptom]
    healthy: Sequence[int] = ()
    events: Sequence[Event] = field(default=())
    at: float = 0.0

    @property
    def onset(self) -> float:
        """When it began, as far as is known."""
        return min((s.since for s in self.symptoms if s.since is not None), default=self.at)

    @property
    def watched(self) -> list[int]:
        """The CIs whose state is known: symptoms, then healthy ones."""
        return [*(one.ci for one in self.symptoms), *self.healthy]
