"""What is done with alerts: where they come from, and by which rules they open incidents."""

from collections.abc import Iterable, Mapping
from math import inf
from typing import Annotated

from pydantic import Field

from cmdb.schema.strict import Strict
from cmdb.tickets.alerts import SEVERITIES, Course, Damping, Severity
from cmdb.tickets.configuration.values import Line, Lines, Order, Rule

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
WORST = SEVERITIES[:3]
Paths = Annotated[Mapping[Line, Line], Field(max_length=32)]
Seconds = Annotated[int, Field(ge=0, le=86_400, strict=True)]


class AlertMapping(Strict):
    """Where things stand in the JSON of a source: paths such as `host.name` or `tags.0`."""

    alerts: Line | None = Field(None, description="The list of alerts; null: the body is it.")
    fingerprint: Lines = Field(
        ("fingerprint",), description="What tells one alert from others, all of it together."
    )
    name: Line = Field("name", description="What it is called.")
    state: Line = Field("state", description="Whether it fires.")
    cleared: Lines = Field(
        ("resolved", "ok", "clear", "cleared", "recovered", "inactive", "closed"),
        description="States in which it does not; in all others it does.",
    )
    at: Line = Field(
        "at", description="Since when, in ISO 8601 or seconds or milliseconds since 1970."
    )
    ended: Line | None = Field("ended", description="When it cleared; null or not there: `at`.")
    severity: Line | None = Field("severity", description="How bad it is.")
    severities: Annotated[Mapping[Line, Severity], Field(max_length=100)] = Field(
        default_factory=dict, description="What the words of the source for that mean."
    )
    summary: Line | None = Field("summary", description="A text for people.")
    labels: Line | None = Field("labels", description="An object of labels.")
    evidence: Paths = Field(
        default_factory=lambda: {"reference": "ci", "hostname": "host", "ip_addresses": "ip"},
        description="What its CI is found by: for an attribute that identifies, or `reference`,"
        " `host` or `site`, the path of its value.",
    )


class AlertSource(Rule):
    """A system that sends alerts."""

    format: Line = Field(description="The form in which it sends.")
    site: Line | None = Field(None, description="The site at which its addresses and names hold.")
    mapping: AlertMapping = Field(
        default_factory=AlertMapping.model_construct,
        description="For the format `generic`: where things stand.",
    )


class AlertRule(Rule):
    """What follows from alerts; the first rule that fits counts, by their order, then by name."""

    order: Order = Field(0, description="The lesser comes first.")
    sources: Lines = Field((), description="Sources of the alerts; none: all.")
    severities: Annotated[tuple[Severity, ...], Field(max_length=4)] = Field(
        WORST, description="Severities that open incidents."
    )
    open_after: Seconds = Field(0, description="Seconds for which it fires before it counts.")
    close_after: Seconds = Field(120, description="Seconds without it after which it is over.")
    flaps: Annotated[int, Field(ge=2, le=12, strict=True)] = Field(
        5, description="It flaps when it begins to fire so often …"
    )
    flap_minutes: Annotated[int, Field(ge=1, le=1440, strict=True)] = Field(
        30, description="… within so many minutes; then it is over after as long without it."
    )
    expire_hours: Annotated[int, Field(ge=1, le=8760, strict=True)] | None = Field(
        None, description="Hours after its last word in which it counts as cleared; null: never."
    )
    keep_days: Annotated[int, Field(ge=1, le=36_500, strict=True)] | None = Field(
        None,
        description="Days for which an alert is kept when it and its incident are over; the log"
        " keeps it for good; null: always.",
    )
    auto_close: bool = Field(
        True, strict=True, description="Whether incidents are resolved when all has cleared."
    )

    @property
    def damping(self) -> Damping:
        """The times of the rule."""
        window = self.flap_minutes * MINUTE
        return Damping(self.open_after, self.close_after, self.flaps, window)

    def expired_from(self, course: Course) -> float:
        """From when on an alert counts as cleared of which nothing more was heard."""
        hours = self.expire_hours
        return inf if hours is None or not course.fired else course.fired[-1] + hours * HOUR


REST = AlertRule.model_construct(name="default", severities=WORST)
"""The rule where none fits."""


def rule_for(rules: Iterable[AlertRule], source: str) -> AlertRule:
    """The rule for the alerts of a source."""
    fitting = [one for one in rules if one.active and (not one.sources or source in one.sources)]
    return min(fitting, key=lambda one: (one.order, one.name), default=REST)
