"""Inspection plans: what is looked at regularly, and which answers are a finding."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from cronsim import CronSim
from pydantic import Field, model_validator

from cmdb.schema.schedules import Cron, Zone
from cmdb.schema.strict import Strict
from cmdb.tickets.configuration.values import (
    FormFields,
    Level,
    Line,
    Lines,
    Rule,
    missing_names,
)
from cmdb.tickets.process import Condition

MORNING = time(9)


class Opened(Strict):
    """The incident that a finding opens."""

    category: Line | None = Field(None, description="Its category.")
    impact: Level = Field(3, description="Its impact.")
    urgency: Level = Field(2, description="Its urgency.")


class InspectionPlan(Rule):
    """CIs that somebody looks at, how often, and what they answer."""

    title: Line = Field(description="What the inspections are called.")
    every_days: Annotated[int, Field(ge=1, le=3660, strict=True)] | None = Field(
        None, description="Days from one inspection to the next; or else 'cron'."
    )
    cron: Cron | None = Field(None, description="Five fields of cron; or else 'every_days'.")
    zone: Zone = Field("UTC", description="Time zone, such as Asia/Shanghai.")
    cis: Lines = Field((), description="Keys of the CIs.")
    ci_types: Lines = Field((), description="All CIs of these types and those below …")
    sites: Lines = Field((), description="… at these sites; none: at all.")
    team: Line = Field(description="Who inspects.")
    assignee: Line | None = Field(None, description="Name of the user who does; null: the team.")
    form: Annotated[FormFields, Field(min_length=1)] = Field(description="What they answer.")
    required: Lines = Field((), description="Fields of the form that must be answered.")
    findings: Annotated[tuple[Condition, ...], Field(max_length=100)] = Field(
        (), description="Conditions on answers; each that holds is a finding."
    )
    opens: Opened = Field(
        default_factory=Opened.model_construct,
        description="The incident that is opened for findings.",
    )

    @model_validator(mode="after")
    def _sound(self) -> "InspectionPlan":
        if (self.every_days is None) == (self.cron is None):
            raise ValueError("a plan with either 'every_days' or 'cron'")
        if not self.cis and not self.ci_types:
            raise ValueError("a plan with CIs, or with types of them")
        subjects = [one.subject for one in self.findings]
        if unknown := missing_names((*self.required, *subjects), self.form):
            raise ValueError(f"a plan whose form has the field '{unknown[0]}', as it is named")
        return self

    def due(self, last: float) -> float:
        """When the next inspection is due after one that was due, or after the plan was made."""
        moment = datetime.fromtimestamp(last, ZoneInfo(self.zone))
        if self.cron is not None:
            return next(CronSim(self.cron, moment)).timestamp()
        day = moment.date() + timedelta(days=self.every_days or 1)
        return datetime.combine(day, MORNING, ZoneInfo(self.zone)).timestamp()

    def found(self, answers: Mapping[str, Any]) -> list[str]:
        """What the answers say is wrong, in words; nothing where all is well."""
        return [
            one.words or f"{one.subject} {one.operator} {one.value}"
            for one in self.findings
            if one.holds(answers)
        ]
