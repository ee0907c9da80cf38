"""Working time: hours of the week in a time zone, holidays, and working days that were moved.

Working time is a rising function of time, kept as a table of spans, so that both it and its inverse
are a search: how much lies between two moments, and when so much will have passed. All moments are
seconds since 1970, and all functions take numbers or arrays of them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import numpy.typing as npt

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Moments = npt.NDArray[np.float64]

FIRST, LAST = 2000, 2100
"""Years within which moments are counted; each calendar's table grows as it is asked."""

STEP = 4
"""Years by which a table grows."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """When there is work.

    `hours` gives for each day of the week (`mon` …) spans of wall-clock times; the end 00:00 is the
    end of the day. `country` names national holidays (ISO 3166, perhaps with a subdivision as in
    `DE-BY`), with the weekend days on which a country works instead, as China does; on those the
    hours of Monday count. `closed` and `open` are days of the organisation's own.
    """

    name: str
    zone: str = "UTC"
    hours: Mapping[str, tuple[tuple[time, time], ...]] = field(default_factory=dict)
    country: str = ""
    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()

    def spans(self, day: date) -> list[tuple[float, float]]:
        """The working time that begins on a day, as moments."""
        return [
            (self._moment(day, start), self._moment(day, end, True))
            for start, end in self.hours.get(self._kind(day), ())
        ]

    def _kind(self, day: date) -> str:
        """The day of the week whose hours count, `""` for none."""
        if day in self.open:
            return "mon" if day.weekday() > 4 else DAYS[day.weekday()]
        if day in self.closed:
            return ""
        free, worked = national(self.country, day.year)
        if day in worked:
            return "mon"
        return "" if day in free else DAYS[day.weekday()]

    def _moment(self, day: date, clock: time, end: bool = False) -> float:
        if end and clock == time(0):
            day += timedelta(days=1)
        return datetime.combine(day, clock, ZoneInfo(self.zone)).timestamp()


@cache
def national(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The holidays of a country in a year, and the weekend days on which it works instead."""
    if not country:
        return frozenset(), frozenset()
    name, _, part = country.partition("-")
    known = holidays.country_holidays(name, subdiv=part or None, years=year)
    worked = getattr(known, "weekend_workdays", None) or ()
    return frozenset(known), frozenset(day for day in worked if day.year == year)


def is_country(code: str) -> bool:
    """Whether the holidays of a country, or of its subdivision, are known."""
    name, _, part = code.partition("-")
    known = holidays.list_supported_countries()
    return name in known and (not part or part in known[name])


class WorkingTime:
    """How much working time has passed at a moment; one table for each calendar."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._always = not calendar.hours
        self._last = FIRST - 1
        self._until = -inf
        self._starts = self._ends = self._before = np.zeros(0)
        self._spans: tuple[list[float], list[float], list[float]] = ([], [], [])

    def at(self, moments: Any) -> Any:
        """Seconds of working time up to these moments, from a beginning that is always the same."""
        if isinstance(moments, float):
            return self._at(moments)
        when = np.asarray(moments, dtype=np.float64)
        if self._always:
            return when[()]
        if when.size:
            self._cover(_year(float(when.max())) + 1)
        if not len(self._starts):
            return np.zeros_like(when)[()]
        index = np.searchsorted(self._starts, when, side="right") - 1
        inside = np.minimum(when, self._ends[index]) - self._starts[index]
        worked: Moments = np.where(index < 0, 0.0, self._before[index] + inside)
        return worked[()]

    def when(self, worked: Any) -> Any:
        """The first moments at which so much working time has passed; infinite where never."""
        if isinstance(worked, float):
            return self._when(worked)
        wanted = np.asarray(worked, dtype=np.float64)
        if self._always:
            return wanted[()]
        while self._last < LAST and wanted.size and float(wanted.max()) > self._total():
            self._cover(self._last + STEP)
        total = self._total()
        if not total:
            return np.full_like(wanted, np.inf)[()]
        index = np.searchsorted(self._before, np.minimum(wanted, total), side="left") - 1
        index = np.clip(index, 0, None)
        found = self._starts[index] + (wanted - self._before[index])
        result: Moments = np.where(wanted > total, np.inf, found)
        return result[()]

    def between(self, start: float, end: float) -> float:
        """Working time between two moments; negative where they are turned round."""
        return self._at(float(end)) - self._at(float(start))

    def after(self, start: float, seconds: float) -> float:
        """The first moment at which so much working time has passed since `start`."""
        return self._when(self._at(float(start)) + seconds)

    def _at(self, when: float) -> float:
        """The same of one moment, without what arrays cost."""
        if self._always:
            return when
        if when >= self._until:
            self._cover(_year(when) + 1)
        starts, ends, before = self._spans
        index = bisect_right(starts, when) - 1
        return before[index] + min(when, ends[index]) - starts[index] if index >= 0 else 0.0

    def _when(self, wanted: float) -> float:
        if self._always:
            return wanted
        while self._last < LAST and wanted > self._total():
            self._cover(self._last + STEP)
        if not self._total() or wanted > self._total():
            return inf
        starts, _, before = self._spans
        index = max(bisect_left(before, wanted) - 1, 0)
        return starts[index] + wanted - before[index]

    def _total(self) -> float:
        starts, ends, before = self._spans
        return before[-1] + ends[-1] - starts[-1] if starts else 0.0

    def _cover(self, last: int) -> None:
        """Have the table reach to the end of a year; what it says of the time before stays."""
        last = min(last, LAST)
        if last <= self._last:
            return
        self._last = last
        spans = joined(span for day in _days(FIRST, last) for span in self.calendar.spans(day))
        table = np.array(spans, dtype=np.float64).reshape(-1, 2)
        self._starts, self._ends = table[:, 0], table[:, 1]
        lengths = self._ends - self._starts
        self._before = np.concatenate(([0.0], np.cumsum(lengths)[:-1])) if len(table) else lengths
        self._spans = (self._starts.tolist(), self._ends.tolist(), self._before.tolist())
        self._until = datetime(last, 1, 1, tzinfo=UTC).timestamp() if last < LAST else inf


def joined(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order, those that touch or overlap as one, and empty ones left out."""
    made: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _days(first: int, last: int) -> Iterable[date]:
    day, end = date(first, 1, 1), date(last, 12, 31)
    while day <= end:
        yield day
        day += timedelta(days=1)


def _year(moment: float) -> int:
    low, high = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (FIRST, LAST))
    return datetime.fromtimestamp(min(max(moment, low), high), UTC).year
