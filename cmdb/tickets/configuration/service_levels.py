"""Service levels: within which time, for what and for whom, and who is told on the way.

The most specific level that fits a ticket is in force, for each clock by itself: one for a service
before one for a customer, before one for a priority, before one for a kind of ticket.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from cmdb.schema.strict import Strict
from cmdb.tickets.clocks import Target
from cmdb.tickets.configuration.values import PEOPLE, Level, Line, Lines, Name, Order, Rule

SPAN = re.compile(r"(?:(\d+)d)? ?(?:(\d+)h)? ?(?:(\d+)m)? ?(?:(\d+)s)?", re.ASCII)
LONGEST = 10 * 366 * 24 * 3600
DIRECT = ("assignee", "team", "manager", "requester")
"""Who is told because of what they are to the ticket; `manager` is the assignee's."""

TEXT_OR_SECONDS = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
WITHIN = "a time such as 30m, 4h, 1d (a day of its calendar) or 1d 4h, or whole seconds"


def _span(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value}s"
    if isinstance(value, str) and (found := SPAN.fullmatch(value)) and len(value) <= 40:
        days, *rest = (int(part or 0) for part in found.groups())
        if 0 < _seconds([days, *rest], 24 * 3600) <= LONGEST:
            return value
    raise ValueError(WITHIN)


def _told(text: str) -> str:
    known = (*DIRECT, *sorted(PEOPLE - {"requester"}))
    if text not in known:
        raise ValueError(f"one of {', '.join(known)}")
    return text


def _rising(alerts: "tuple[Alert, ...]") -> "tuple[Alert, ...]":
    shares = [one.share for one in alerts]
    if len(set(shares)) < len(shares):
        raise ValueError("a list in which each share stands once")
    return tuple(sorted(alerts, key=lambda one: one.share))


def _seconds(parts: list[int], day: float) -> float:
    return sum(n * unit for n, unit in zip(parts, (day, 3600, 60, 1), strict=True))


class Alert(Strict):
    """Who is told when a share of the time is used up."""

    share: float = Field(gt=0, le=10, description="Share of the time; 1 is the breach.")
    tell: Annotated[tuple[Annotated[str, AfterValidator(_told)], ...], Field(min_length=1)] = Field(
        description="assignee, team, manager, requester, or a role."
    )


ALERTS = (
    Alert(share=0.5, tell=("assignee",)),
    Alert(share=0.75, tell=("assignee", "team")),
    Alert(share=0.9, tell=("assignee", "team")),
    Alert(share=1.0, tell=("team", "manager")),
)
"""Who is told unless a level says otherwise."""


class ServiceLevel(Rule):
    """Within which working time somebody must respond to tickets, or resolve them."""

    clock: Literal["respond", "resolve"] = Field(description="Which clock it is for.")
    within: Annotated[str, BeforeValidator(_span), WithJsonSchema(TEXT_OR_SECONDS)] = Field(
        description=f"How long: {WITHIN}."
    )
    calendar: Name = Field("business", description="Name of the calendar that it counts by.")
    kinds: Lines = Field((), description="Kinds of ticket; none: all.")
    priority: Level | None = Field(None, description="Only this priority; null: any.")
    service: Line | None = Field(
        None, description="Key of a service: only tickets that concern it; null: any."
    )
    organization: Line | None = Field(None, description="Only of this customer; null: any.")
    team: Line | None = Field(None, description="Only of requesters in this team; null: any.")
    site: Line | None = Field(None, description="Only of requesters at this site; null: any.")
    alerts: Annotated[tuple[Alert, ...], Field(max_length=20), AfterValidator(_rising)] = Field(
        ALERTS, description="Who is told at which share of the time."
    )
    order: Order = Field(0, description="Of equally specific levels the lesser is in force.")

    def seconds(self, day: float) -> float:
        """How long, where a day of its calendar has so many seconds."""
        found = SPAN.fullmatch(self.within)
        return _seconds([int(part or 0) for part in found.groups()] if found else [], day)

    def target(self, day: float) -> Target:
        """The target of a clock."""
        shares = tuple(one.share for one in self.alerts)
        return Target(self.seconds(day), self.calendar, shares)

    def told_at(self, share: float) -> tuple[str, ...]:
        """Who is told when this share of the time is used up."""
        return next((one.tell for one in self.alerts if one.share == share), ())

    @property
    def specificity(self) -> tuple[bool, int, bool, bool]:
        """How much it asks of a ticket; the greater is the more specific."""
        customer = (self.organization, self.team, self.site)
        told = sum(one is not None for one in customer)
        return (self.service is not None, told, self.priority is not None, bool(self.kinds))


@dataclass(frozen=True, slots=True)
class Customer:
    """For whom a ticket is: names of the organizations, teams and sites of its requester."""

    organizations: Collection[str] = ()
    teams: Collection[str] = ()
    sites: Collection[str] = ()


NOBODY = Customer()


def fits(
    level: ServiceLevel,
    ticket_kind: str,
    priority: int | None,
    services: Collection[str] = (),
    customer: Customer = NOBODY,
) -> bool:
    """Whether a level is for such a ticket."""
    return (
        level.active
        and (not level.kinds or ticket_kind in level.kinds)
        and level.priority in (None, priority)
        and (level.service is None or level.service in services)
        and (level.organization is None or level.organization in customer.organizations)
        and (level.team is None or level.team in customer.teams)
        and (level.site is None or level.site in customer.sites)
    )


def chosen(
    levels: Iterable[ServiceLevel],
    days: Mapping[str, float],
    ticket_kind: str,
    priority: int | None,
    services: Collection[str] = (),
    customer: Customer = NOBODY,
) -> dict[str, ServiceLevel]:
    """The level in force for each clock of such a ticket; `days` are the calendars' usual days.

    Of equally specific ones it is that of the least order, then the shortest.
    """

    def rank(level: ServiceLevel) -> tuple[list[int], int, float, str]:
        specific = [-int(one) for one in level.specificity]
        return specific, level.order, level.seconds(days[level.calendar]), level.name

    found: dict[str, ServiceLevel] = {}
    for level in sorted(levels, key=rank):
        if level.clock not in found and fits(level, ticket_kind, priority, services, customer):
            found[level.clock] = level
    return found


def targets(
    levels: Iterable[ServiceLevel],
    days: Mapping[str, float],
    ticket_kind: str,
    priority: int | None,
    services: Collection[str] = (),
    customer: Customer = NOBODY,
) -> dict[str, Target]:
    """The target of each clock of such a ticket."""
    found = chosen(levels, days, ticket_kind, priority, services, customer)
    return {clock: level.target(days[level.calendar]) for clock, level in found.items()}
