"""When a job is due, and when it may run: pure functions of a schedule and of times.

An interval counts from the end of the last run. Cron times are of a named time zone; in the night
in which clocks go back none comes twice (the rules of Debian's cron, as `cronsim` has them). What
was missed is caught up once. Times are in seconds since 1970.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from cmdb.schema.schedules import Cron, Zone

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STRICT = ConfigDict(extra="forbid", frozen=True)


def _clock(text: object) -> time:
    at = text if isinstance(text, time) else None
    if isinstance(text, str):
        with suppress(ValueError):
            at = time.fromisoformat(text)
    if at is None or at.tzinfo is not None:
        raise ValueError("a time such as 22:00, without a time zone")
    return at


Clock = Annotated[time, BeforeValidator(_clock)]


class Schedule(BaseModel):
    """How often: `every` so many seconds after the end of the last run, or by `cron`.

    `jitter` spreads jobs: each starts later by its own, lasting share of so many seconds.
    """

    model_config = STRICT

    every: Annotated[int, Field(ge=60, le=10**9, strict=True)] | None = Field(
        None, description="Seconds from the end of a run to the next."
    )
    cron: Cron | None = Field(None, description="Five fields of cron.")
    zone: Zone = Field("UTC", description="Time zone of `cron`, such as Asia/Shanghai.")
    jitter: int = Field(
        0, ge=0, le=86_400, strict=True, description="Seconds over which jobs are spread."
    )

    @model_validator(mode="after")
    def _one(self) -> "Schedule":
        if (self.every is None) == (self.cron is None):
            raise ValueError("one with either 'every' or 'cron'")
        return self

    def due(self, name: str, started: float, ended: float) -> float:
        """When the job `name` is due that last started and ended then (or was declared)."""
        late = _share(name) * self.jitter
        if self.every is not None:
            return ended + self.every + late
        moment = datetime.fromtimestamp(started - late, ZoneInfo(self.zone))
        return next(CronSim(self.cron or "", moment)).timestamp() + late


class Window(BaseModel):
    """A time of the week in which a job may run; it may go on past midnight."""

    model_config = STRICT

    days: tuple[Day, ...] = Field(DAYS, min_length=1, description="Days on which it opens.")
    start: Clock = Field(description="When it opens, such as 22:00.")
    end: Clock = Field(description="When it closes; before `start`: the next day.")
    zone: Zone = Field("UTC", description="Their time zone.")

    def open_at(self, at: float) -> bool:
        """Whether the window is open."""
        now = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        today, clock = DAYS[now.weekday()], now.time()
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        yesterday = DAYS[(now - timedelta(days=1)).weekday()]
        return (today in self.days and clock >= self.start) or (
            yesterday in self.days and clock < self.end
        )


def any_open(windows: Iterable[Window], at: float) -> bool:
    """Whether a job with these windows may run; one without any always may."""
    found = list(windows)
    return not found or any(one.open_at(at) for one in found)


def _share(name: str) -> float:
    """A number from 0 to 1 that is the same for a name at all times."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) / 2**32
