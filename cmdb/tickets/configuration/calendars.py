"""Calendars as settings: service levels count working time by them."""

from collections import Counter
from datetime import date, datetime, time
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from cmdb.schema.schedules import Zone
from cmdb.tickets.calendars import Calendar, is_country
from cmdb.tickets.configuration.values import Setting

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Span = tuple[time, time]
WHOLE_DAY = 24 * 3600.0
SPAN = "a span of a day such as 08:00-17:00; 24:00 is its end"


def _span(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError(SPAN)
    try:
        start, end = parsed(text)
    except ValueError:
        raise ValueError(SPAN) from None
    if end != time(0) and end <= start:
        raise ValueError(SPAN)
    return text


def parsed(text: str) -> Span:
    """A span of the day such as `08:00-17:00`; the end of the day is 00:00."""
    start, _, end = text.partition("-")
    return _clock(start), _clock("00:00" if end.strip() == "24:00" else end)


def _clock(text: str) -> time:
    return datetime.strptime(text.strip(), "%H:%M").time()


def _apart(spans: tuple[str, ...]) -> tuple[str, ...]:
    known = sorted(map(parsed, spans))
    for (_, end), (start, _) in pairwise(known):
        if end == time(0) or start < end:
            raise ValueError("spans that do not overlap")
    return spans


def _country(code: str) -> str:
    if code and not is_country(code):
        raise ValueError("a country by ISO 3166, such as CN or DE-BY, whose holidays are known")
    return code


Spans = Annotated[
    tuple[Annotated[str, BeforeValidator(_span)], ...],
    Field(max_length=24),
    AfterValidator(_apart),
]


class CalendarSetting(Setting):
    """When there is work: hours of the week in a time zone, without holidays."""

    zone: Zone = Field("UTC", description="Time zone of the hours, such as Asia/Shanghai.")
    hours: dict[Day, Spans] = Field(
        default_factory=dict,
        description="Spans such as 08:00-17:00 for each day of the week; none at all: always.",
    )
    country: Annotated[str, AfterValidator(_country)] = Field(
        "", description="Whose holidays are free (ISO 3166), with working days that it moves."
    )
    closed: frozenset[date] = Field(
        frozenset(), max_length=5000, description="Days of the organisation's own without work."
    )
    open: frozenset[date] = Field(
        frozenset(), max_length=5000, description="Days with work, also where they were free."
    )

    @model_validator(mode="after")
    def _sound(self) -> "CalendarSetting":
        if self.hours and not any(self.hours.values()):
            raise ValueError("a calendar with some hours, or with none for around the clock")
        if not self.hours and (self.country or self.closed or self.open):
            raise ValueError("a calendar with hours, where it has holidays or days of its own")
        if self.closed & self.open:
            raise ValueError("a calendar in which no day is both closed and open")
        return self

    def calendar(self) -> Calendar:
        """The calendar that it declares."""
        hours: dict[str, tuple[Span, ...]] = {
            day: tuple(map(parsed, spans)) for day, spans in self.hours.items()
        }
        return Calendar(self.name, self.zone, hours, self.country, self.closed, self.open)

    @property
    def day_seconds(self) -> float:
        """How long its usual day is: that of most days, or the longest of such."""
        lengths = [sum(map(_length, spans)) for spans in self.hours.values() if spans]
        if not lengths:
            return WHOLE_DAY
        return max(Counter(lengths).items(), key=lambda one: (one[1], one[0]))[0]


def _length(text: str) -> float:
    start, end = parsed(text)
    until = WHOLE_DAY if end == time(0) else end.hour * 3600.0 + end.minute * 60
    return until - start.hour * 3600 - start.minute * 60
