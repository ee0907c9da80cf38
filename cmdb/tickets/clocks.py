"""Clocks of service levels: how much of a target is used, when it will be breached, what is told.

A clock is concluded from what befell its ticket: it starts, pauses while the customer or a vendor
is waited for, resumes, and stops. A change of priority gives it another target from its very start,
as if it had been so always: an incident has the priority that it has, not what it was taken for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
import numpy.typing as npt

from cmdb.tickets.calendars import WorkingTime

SHARES = (0.5, 0.75, 0.9, 1.0)
"""Shares of a target at which somebody is told, unless it has its own; 1 is the breach."""


@dataclass(frozen=True, slots=True)
class Target:
    """Within how many seconds of working time, by which calendar, and when somebody is told."""

    seconds: float
    calendar: str
    shares: tuple[float, ...] = SHARES


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it stands. `pauses` are the moments at which it was paused and resumed; the last
    may have no end. `told` are the shares of which somebody has been told.
    """

    target: Target
    started: float
    pauses: tuple[tuple[float, float | None], ...] = ()
    stopped: float | None = None
    told: tuple[float, ...] = ()

    @property
    def paused(self) -> bool:
        """Whether it waits for somebody."""
        return self.stopped is None and bool(self.pauses) and self.pauses[-1][1] is None

    @property
    def running(self) -> bool:
        """Whether time counts now."""
        return self.stopped is None and not self.paused

    def pause(self, at: float) -> "Clock":
        """It waits from now on; never from before it last went on, as clocks of hosts differ."""
        if not self.running:
            return self
        since = max(at, self.pauses[-1][1] or at) if self.pauses else at
        return replace(self, pauses=(*self.pauses, (since, None)))

    def resume(self, at: float) -> "Clock":
        """It waits no more."""
        if not self.paused:
            return self
        begun = self.pauses[-1][0]
        return replace(self, pauses=(*self.pauses[:-1], (begun, max(at, begun))))

    def stop(self, at: float) -> "Clock":
        """What was promised is done."""
        return self if self.stopped is not None else replace(self.resume(at), stopped=at)

    def restart(self) -> "Clock":
        """What was done was not: it goes on from its start, as if it had never been stopped."""
        return replace(self, stopped=None)

    def aimed(self, target: Target) -> "Clock":
        """The clock with another target, since its start; nobody is told twice of one share."""
        return replace(self, target=target)


Calendars = Mapping[str, WorkingTime]


def origin(clock: Clock, calendars: Calendars) -> float:
    """The working time at its start, put off by its pauses that are over."""
    worked = calendars[clock.target.calendar]
    waited = sum(worked.between(start, end) for start, end in clock.pauses if end is not None)
    return float(worked.at(clock.started)) + waited


def used(clock: Clock, now: float, calendars: Calendars) -> float:
    """Seconds of working time that count, up to now."""
    return standing(clock, now, calendars)[0]


def moment_of(clock: Clock, share: float, calendars: Calendars) -> float:
    """When a share of the target is, or was, used up; infinite while it waits or where never."""
    return _reached(clock, origin(clock, calendars), share, calendars)


def standing(clock: Clock, now: float, calendars: Calendars) -> tuple[float, float]:
    """What is used up to now, and when the target is, or was, used up."""
    begun, halted = origin(clock, calendars), _halted(clock)
    worked = calendars[clock.target.calendar]
    end = now if halted is None else min(now, halted)
    return max(0.0, worked.at(end) - begun), _reached(clock, begun, 1.0, calendars)


def _reached(clock: Clock, begun: float, share: float, calendars: Calendars) -> float:
    found: float = calendars[clock.target.calendar].when(begun + share * clock.target.seconds)
    halted = _halted(clock)
    return inf if halted is not None and found > halted else found


def _halted(clock: Clock) -> float | None:
    """Since when no time counts."""
    return clock.pauses[-1][0] if clock.paused else clock.stopped


def breached(clock: Clock, now: float, calendars: Calendars) -> bool:
    """Whether more than the target is used."""
    return used(clock, now, calendars) > clock.target.seconds


def to_tell(clock: Clock, now: float, calendars: Calendars) -> list[float]:
    """The shares that are used up by now, and of which nobody was told."""
    return [
        share
        for share in clock.target.shares
        if share not in clock.told and moment_of(clock, share, calendars) <= now
    ]


def next_moment(clock: Clock, calendars: Calendars) -> float:
    """When there is something to tell next; infinite where there is not."""
    left = [share for share in clock.target.shares if share not in clock.told]
    return min((moment_of(clock, share, calendars) for share in left), default=inf)


def forecast(clocks: Sequence[Clock], calendars: Calendars) -> npt.NDArray[np.float64]:
    """When each clock will be breached if nothing happens, all at once; infinite where never."""
    due = np.full(len(clocks), inf)
    by_calendar: dict[str, list[int]] = {}
    for position, clock in enumerate(clocks):
        if clock.running:
            by_calendar.setdefault(clock.target.calendar, []).append(position)
    for name, positions in by_calendar.items():
        worked = calendars[name]
        chosen = [clocks[position] for position in positions]
        starts = np.array([clock.started for clock in chosen])
        targets = np.array([clock.target.seconds for clock in chosen])
        due[positions] = worked.when(worked.at(starts) + _waited(chosen, worked) + targets)
    return due


def _waited(clocks: Iterable[Clock], worked: WorkingTime) -> npt.NDArray[np.float64]:
    """Working time within the pauses of each clock."""
    listed = list(clocks)
    found = [
        (position, start, end)
        for position, clock in enumerate(listed)
        for start, end in clock.pauses
        if end is not None
    ]
    total = np.zeros(len(listed))
    if found:
        positions, starts, ends = (np.array(one) for one in zip(*found, strict=True))
        np.add.at(total, positions.astype(np.intp), worked.at(ends) - worked.at(starts))
    return total
