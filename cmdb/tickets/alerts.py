"""Alerts: what monitoring says, and what follows from all that it has said of one alert.

Words on an alert come in any order and again and again. So what is kept are the moments at which it
fired and cleared: what follows from them is the same however they came.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf
from typing import Any, Literal

from cmdb.errors import CMDBError, InvalidInput, MissingField, WrongValue, shown
from cmdb.identity.names import readable

KIND, PREFIX = "alert", "ALT"
FIRING, ACTIVE, SUPPRESSED, UNMATCHED, CLEARED, RESOLVED = (
    *("firing", "active", "suppressed", "unmatched", "cleared", "resolved"),
)
"""The states of alerts; the process says which follow each other."""

LIVE = frozenset({FIRING, ACTIVE, SUPPRESSED, UNMATCHED})
"""The states of an alert that fires."""

Severity = Literal["critical", "error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "error", "warning", "info")
REFERENCE, PLACED, SITE = "reference", "ip_addresses", "site"
"""Evidence beside attributes that identify: names of the CI, where it answers, at which site."""

MOST_MOMENTS = 16
"""So many moments of each kind are kept, the latest."""

MOST_NAME, MOST_SUMMARY, MOST_VALUE, MOST_LABELS, MOST_EVIDENCE = 256, 4000, 256, 64, 64
EARLIEST, AHEAD = 946_684_800.0, 300.0
"""No alert is from before 2000, nor from more than five minutes after now: clocks differ."""

Evidence = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Alert:
    """What a source says of one alert: that it fires, or has cleared, `at` a moment (1970).

    `fingerprint` is how the source knows it; `evidence` are values by which its CI is found: by
    attribute, or as references.
    """

    source: str
    fingerprint: str
    name: str
    firing: bool
    at: float
    severity: Severity = "warning"
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The number of its ticket: the same for every word on it."""
        return number_of(self.source, self.fingerprint)


def number_of(source: str, fingerprint: str) -> str:
    """The number of the ticket of an alert."""
    whole = f"{source}\x00{fingerprint}".encode("utf-8", "surrogatepass")
    return f"{PREFIX}-{hashlib.sha256(whole).hexdigest()[:16]}"


def sound(alert: Alert, now: float, place: str) -> Alert | CMDBError:
    """The alert as it can be kept, its texts cut to what is bearable; or what is wrong with it."""
    name = _line(alert.name, MOST_NAME)
    fingerprint = readable(alert.fingerprint).strip()
    if not fingerprint or not name:
        return MissingField(place=place, name="name" if fingerprint else "fingerprint")
    if len(fingerprint) > 4 * MOST_NAME:
        most = 4 * MOST_NAME
        expected = f"a text of at most {most} characters"
        return WrongValue(
            place=place, name="'fingerprint'", value=shown(fingerprint), expected=expected
        )
    if not EARLIEST <= alert.at <= now + AHEAD:
        when = _iso(alert.at) if abs(alert.at) < 1e11 else "beyond all years"
        detail = f"its time is {when}, but must be after 1999 and not in the future; set its clock"
        return InvalidInput(place=place, detail=detail)
    labels = {
        key: text
        for one, value in sorted(alert.labels.items())
        if (key := _line(one, MOST_NAME)) and (text := _line(value, MOST_VALUE))
    }
    evidence = {
        one: found
        for one, values in sorted(alert.evidence.items())
        if (found := tuple(dict.fromkeys(filter(None, (_line(v, MOST_VALUE) for v in values)))))
    }
    return replace(
        alert,
        name=name,
        fingerprint=fingerprint,
        at=_moment(_iso(alert.at)),
        summary=_cut(readable(alert.summary.replace("\n", " ")).strip(), MOST_SUMMARY),
        labels=dict(list(labels.items())[:MOST_LABELS]),
        evidence={one: values[:8] for one, values in list(evidence.items())[:MOST_EVIDENCE]},
    )


@dataclass(frozen=True, slots=True)
class Course:
    """When an alert fired and cleared, ascending; the latest moments of each."""

    fired: tuple[float, ...] = ()
    cleared: tuple[float, ...] = ()

    def heard(self, firing: bool, at: float) -> "Course":
        """With one more word, unless it was heard before or is older than all that is kept."""
        known = self.fired if firing else self.cleared
        after = tuple(sorted({*known, at}))[-MOST_MOMENTS:]
        if after == known:
            return self
        return replace(self, **{"fired" if firing else "cleared": after})

    @property
    def firing(self) -> bool:
        """Whether it fires: what clears at the moment at which it fires has cleared."""
        return bool(self.fired) and (not self.cleared or self.fired[-1] > self.cleared[-1])

    @property
    def since(self) -> float:
        """Since when it fires, or has cleared."""
        if not self.firing:
            return self.cleared[-1] if self.cleared else 0.0
        last = self.cleared[-1] if self.cleared else -inf
        return next(at for at in self.fired if at > last)

    def onsets(self, after: float) -> int:
        """How often it began to fire after a moment."""
        words = sorted([*((at, 1) for at in self.cleared), *((at, 0) for at in self.fired)])
        before, count = 1, 0
        for at, what in words:
            count += what == 0 and before == 1 and at > after
            before = what
        return count


@dataclass(frozen=True, slots=True)
class Damping:
    """How long an alert must fire to count, and be quiet to be over; seconds.

    One that begins to fire `flaps` times within `window` is flapping: it counts as firing until
    it has been quiet for that long.
    """

    open_after: float = 0.0
    close_after: float = 120.0
    flaps: int = 5
    window: float = 1800.0

    def flapping(self, course: Course, now: float) -> bool:
        """Whether it comes and goes."""
        return course.onsets(now - self.window) >= self.flaps

    def counts_from(self, course: Course, now: float) -> float:
        """From when on an alert that fires counts."""
        return course.since + (0.0 if self.flapping(course, now) else self.open_after)

    def over_from(self, course: Course, now: float) -> float:
        """From when on an alert that has cleared is over."""
        flapping = self.flapping(course, now)
        return course.since + (max(self.window, self.close_after) if flapping else self.close_after)


def course_of(fields: Mapping[str, Any]) -> Course:
    """The course of an alert, as its ticket has it."""
    return Course(*(tuple(map(_moment, fields.get(one, ()))) for one in ("fired", "cleared")))


def fields_of(alert: Alert, course: Course, known: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an alert's ticket: what it says is that with which it fired last."""
    fields = dict(known)
    latest = alert.firing and course.fired[-1] == alert.at
    if latest or "title" not in known:
        fields = {
            "title": alert.name,
            "description": alert.summary,
            "source": alert.source,
            "fingerprint": alert.fingerprint,
            "severity": alert.severity,
            "priority": min(SEVERITIES.index(alert.severity) + 1, 3),
            "labels": [f"{one}={value}" for one, value in alert.labels.items()],
            "evidence": [f"{one}={v}" for one, values in alert.evidence.items() for v in values],
            "candidates": known.get("candidates", []),
        }
    fields |= moments(course)
    return {name: value for name, value in fields.items() if value not in ("", [])}


def moments(course: Course) -> dict[str, list[str]]:
    """The fields of a course."""
    fired, cleared = ([_iso(at) for at in one] for one in (course.fired, course.cleared))
    return {"fired": fired, "cleared": cleared}


def evidence_of(fields: Mapping[str, Any]) -> Evidence:
    """The evidence of an alert, as its ticket has it."""
    found: dict[str, tuple[str, ...]] = {}
    for one in fields.get("evidence", ()):
        name, _, value = one.partition("=")
        found[name] = (*found.get(name, ()), value)
    return found


def _line(text: str, most: int) -> str:
    return _cut(" ".join(readable(text.replace("\n", " ")).split()), most)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
