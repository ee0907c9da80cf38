"""All settings that are in force at once, and whether they fit together."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

import orjson

from cmdb.errors import CMDBError, UnknownName
from cmdb.tickets.calendars import Calendar, WorkingTime
from cmdb.tickets.clocks import Target
from cmdb.tickets.configuration.alerts import AlertRule, AlertSource
from cmdb.tickets.configuration.approvals import ApprovalGroup
from cmdb.tickets.configuration.attachments import AttachmentLimits
from cmdb.tickets.configuration.calendars import CalendarSetting
from cmdb.tickets.configuration.catalogue import CatalogueItem, ChangeTemplate
from cmdb.tickets.configuration.dispatch import DispatchRule
from cmdb.tickets.configuration.inspections import InspectionPlan
from cmdb.tickets.configuration.kinds import SINGLE
from cmdb.tickets.configuration.priorities import ImpactRules, PriorityMatrix
from cmdb.tickets.configuration.recurrence import CorrelationRule, ProblemRule
from cmdb.tickets.configuration.service_levels import (
    NOBODY,
    Customer,
    ServiceLevel,
    chosen,
    targets,
)
from cmdb.tickets.configuration.values import Setting
from cmdb.tickets.process import Process

One = TypeVar("One", bound=Setting)


class WorkingTimes(dict[str, WorkingTime]):
    """Working time by calendar; clocks of tickets may count by one that was removed since."""

    def __missing__(self, name: str) -> WorkingTime:
        return WorkingTime(Calendar(name))


@dataclass(frozen=True)
class TicketSettings:
    """What is in force. `by_kind` are the settings by kind and name, the defaults among them;
    `versions` are all versions of all processes, and `revision` tells this state from any other.
    """

    by_kind: Mapping[str, Mapping[str, Setting]]
    versions: Mapping[tuple[str, int], Process]
    revision: str = ""

    @cached_property
    def processes(self) -> dict[str, Process]:
        """The current process of each kind of ticket: that of the highest version."""
        return {kind: self.versions[kind, version] for kind, version in sorted(self.versions)}

    @cached_property
    def calendars(self) -> dict[str, CalendarSetting]:
        """The calendars by name."""
        return self._all("calendar", CalendarSetting)

    @cached_property
    def working_times(self) -> dict[str, WorkingTime]:
        """The working time of each calendar, for clocks; all time where a calendar is no more."""
        return WorkingTimes({n: WorkingTime(one.calendar()) for n, one in self.calendars.items()})

    @cached_property
    def days(self) -> dict[str, float]:
        """The seconds of the usual day of each calendar."""
        return {name: one.day_seconds for name, one in self.calendars.items()}

    @cached_property
    def timing(self) -> str:
        """Tells what clocks are aimed by from any other: a digest of all that says it."""
        said = {
            f"{kind} {name}": one.body()
            for kind in ("calendar", "service_level", "catalogue_item")
            for name, one in self.by_kind.get(kind, {}).items()
        }
        text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()[:16]

    @cached_property
    def service_levels(self) -> dict[str, ServiceLevel]:
        """The service levels by name."""
        return self._all("service_level", ServiceLevel)

    @cached_property
    def dispatch_rules(self) -> dict[str, DispatchRule]:
        """The dispatch rules by name."""
        return self._all("dispatch_rule", DispatchRule)

    @cached_property
    def approval_groups(self) -> dict[str, ApprovalGroup]:
        """The approval groups by name."""
        return self._all("approval_group", ApprovalGroup)

    @cached_property
    def change_templates(self) -> dict[str, ChangeTemplate]:
        """The templates of standard changes by name."""
        return self._all("change_template", ChangeTemplate)

    @cached_property
    def catalogue(self) -> dict[str, CatalogueItem]:
        """The items of the service catalogue by name."""
        return self._all("catalogue_item", CatalogueItem)

    @cached_property
    def problem_rules(self) -> dict[str, ProblemRule]:
        """The rules that propose problems, by name."""
        return self._all("problem_rule", ProblemRule)

    @cached_property
    def correlation_rules(self) -> dict[str, CorrelationRule]:
        """The rules that propose to take incidents as one, by name."""
        return self._all("correlation_rule", CorrelationRule)

    @cached_property
    def alert_sources(self) -> dict[str, AlertSource]:
        """The systems that send alerts, by name."""
        return self._all("alert_source", AlertSource)

    @cached_property
    def alert_rules(self) -> dict[str, AlertRule]:
        """What follows from alerts, by name."""
        return self._all("alert_rule", AlertRule)

    @cached_property
    def inspection_plans(self) -> dict[str, InspectionPlan]:
        """The inspection plans by name."""
        return self._all("inspection_plan", InspectionPlan)

    @cached_property
    def teams(self) -> frozenset[str]:
        """All teams that the settings name."""
        named: list[str | None] = [one.team for one in self.dispatch_rules.values()]
        named += [one.team for one in self.inspection_plans.values()]
        for item in self.catalogue.values():
            named += [item.team, *(task.team for task in item.tasks)]
        for template in self.change_templates.values():
            named += [task.team for task in template.tasks]
        return frozenset(name for name in named if name)

    @property
    def priority_matrix(self) -> PriorityMatrix:
        """How priorities come from impact and urgency."""
        return cast("PriorityMatrix", self.by_kind["priority_matrix"][SINGLE])

    @property
    def impact_rules(self) -> ImpactRules:
        """How impact is proposed."""
        return cast("ImpactRules", self.by_kind["impact_rules"][SINGLE])

    @property
    def attachment_limits(self) -> AttachmentLimits:
        """What may be attached."""
        return cast("AttachmentLimits", self.by_kind["attachment_limits"][SINGLE])

    def levels_for(
        self,
        ticket_kind: str,
        priority: int | None,
        services: Collection[str] = (),
        customer: Customer = NOBODY,
        item: str | None = None,
    ) -> dict[str, ServiceLevel]:
        """The service level of each clock of such a ticket; `item` is what was ordered."""
        levels = self.service_levels.values()
        found = chosen(levels, self.days, ticket_kind, priority, services, customer)
        ordered = self.catalogue[item].service_levels if item in self.catalogue else ()
        own = (self.service_levels[name] for name in ordered)
        return found | {level.clock: level for level in own if level.active}

    def targets_for(
        self,
        ticket_kind: str,
        priority: int | None,
        services: Collection[str] = (),
        customer: Customer = NOBODY,
    ) -> dict[str, Target]:
        """The target of each clock of such a ticket."""
        levels = self.service_levels.values()
        return targets(levels, self.days, ticket_kind, priority, services, customer)

    def _all(self, kind: str, form: type[One]) -> dict[str, One]:
        return cast("dict[str, One]", dict(self.by_kind.get(kind, {})))


def inconsistencies(
    settings: TicketSettings, types: Collection[str], users: Collection[str]
) -> list[CMDBError]:
    """What settings name that is not there: calendars, levels, groups, kinds, types and users."""
    found: list[CMDBError] = []

    def named(place: str, kind: str, names: Iterable[Any], known: Collection[str]) -> None:
        for name in names:
            if name is not None and name not in known:
                found.append(UnknownName(place=place, kind=kind, name=name, known=known))

    for kind, by_name in settings.by_kind.items():
        for name, one in by_name.items():
            place = f"{kind} {name}"
            for field, what, known in (
                ("kinds", "kind of ticket", settings.processes),
                ("ci_types", "CI type", types),
                ("users", "user", users),
                ("service_levels", "service level", settings.service_levels),
            ):
                named(place, what, getattr(one, field, ()), known)
            for field, what, known in (
                ("calendar", "calendar", settings.calendars),
                ("group", "approval group", settings.approval_groups),
                ("assignee", "user", users),
            ):
                if isinstance(getattr(one, field, None), str):
                    named(place, what, [getattr(one, field)], known)
    return found
