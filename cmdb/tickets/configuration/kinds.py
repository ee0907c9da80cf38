"""The kinds of settings there are, and those of each that every installation begins with."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel

from cmdb.errors import CMDBError, InvalidInput, UnknownName, WrongValue, shown
from cmdb.schema.strict import read
from cmdb.tickets.configuration.alerts import AlertRule, AlertSource
from cmdb.tickets.configuration.approvals import ApprovalGroup
from cmdb.tickets.configuration.attachments import AttachmentLimits
from cmdb.tickets.configuration.calendars import CalendarSetting
from cmdb.tickets.configuration.catalogue import CatalogueItem, ChangeTemplate
from cmdb.tickets.configuration.dispatch import DispatchRule
from cmdb.tickets.configuration.inspections import InspectionPlan
from cmdb.tickets.configuration.priorities import ImpactRules, PriorityMatrix
from cmdb.tickets.configuration.recurrence import CorrelationRule, ProblemRule
from cmdb.tickets.configuration.service_levels import ServiceLevel
from cmdb.tickets.configuration.values import Setting
from cmdb.tickets.defaults import wrong_in
from cmdb.tickets.process import Process

PROCESS = "process"
"""The kind of settings of which all versions are kept, each a Process."""

SINGLE = "default"
"""The name of a setting that there is once."""

KINDS: dict[str, type[Setting]] = {
    "alert_rule": AlertRule,
    "alert_source": AlertSource,
    "approval_group": ApprovalGroup,
    "attachment_limits": AttachmentLimits,
    "calendar": CalendarSetting,
    "catalogue_item": CatalogueItem,
    "change_template": ChangeTemplate,
    "correlation_rule": CorrelationRule,
    "dispatch_rule": DispatchRule,
    "impact_rules": ImpactRules,
    "inspection_plan": InspectionPlan,
    "priority_matrix": PriorityMatrix,
    "problem_rule": ProblemRule,
    "service_level": ServiceLevel,
}
"""The forms of settings by kind; the other kind is `process`."""

SINGLES = frozenset({"attachment_limits", "impact_rules", "priority_matrix"})
"""Kinds of which there is one, named `default`."""

ALL = (*sorted((*KINDS, PROCESS)),)

KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
PREFIX = re.compile(r"[A-Z]{2,8}")


def known_kind(kind: str, place: str) -> str:
    """The kind; UnknownName when there is no such."""
    if kind not in ALL:
        raise UnknownName(place=place, kind="kind of setting", name=kind, known=ALL)
    return kind


def form_of(kind: str) -> type[BaseModel]:
    """The form of a kind of settings."""
    return Process if kind == PROCESS else KINDS[kind]


def read_setting(kind: str, name: str, values: Mapping[str, Any]) -> Setting:
    """A setting from data, whose name may stand in it; Rejected with everything that is wrong."""
    if kind in SINGLES and name != SINGLE:
        detail = f"there is one of this kind; name it '{SINGLE}'"
        raise InvalidInput(place=f"{kind} {name}", detail=detail)
    _same(kind, "name", name, values)
    return read(KINDS[kind], {**values, "name": name}, f"{kind} {name}")


def read_new_process(kind: str, values: Mapping[str, Any]) -> Process:
    """A process from data, whose kind may stand in it; Rejected with everything wrong."""
    _same(PROCESS, "kind", kind, values)
    return read(Process, {**values, "kind": kind}, f"process {kind}")


def faults_of(process: Process, known: Mapping[str, Process]) -> list[CMDBError]:
    """Everything that keeps a process from being the next one of its kind.

    `known` are the current processes. Numbers of tickets begin with the prefix, so that each kind
    has its own for ever.
    """
    place, errors = f"process {process.kind}", wrong_in(process)
    before = known.get(process.kind)
    wanted = before.version + 1 if before else 1
    if not KIND.fullmatch(process.kind):
        expected = "a small letter, then small letters, digits and '_', at most 32"
        errors.append(_wrong(place, "kind", process.kind, expected))
    if process.version != wanted:
        errors.append(_wrong(place, "version", process.version, f"{wanted}, the next version"))
    if before is not None and process.prefix != before.prefix:
        errors.append(_wrong(place, "prefix", process.prefix, f"{before.prefix}, as it has been"))
    elif not PREFIX.fullmatch(process.prefix):
        errors.append(_wrong(place, "prefix", process.prefix, "2 to 8 capital letters"))
    for other in known.values():
        if other.kind != process.kind and other.prefix == process.prefix:
            detail = f"the prefix {process.prefix} is that of '{other.kind}'; choose another"
            errors.append(InvalidInput(place=place, detail=detail))
    return errors


@cache
def default_settings(kind: str) -> dict[str, Setting]:
    """The settings of a kind that every installation begins with, by name."""
    file = files("cmdb.tickets.configuration") / "defaults" / f"{kind}.yaml"
    if not file.is_file():
        return {}
    listed = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {one["name"]: read_setting(kind, one["name"], one) for one in listed}


def _same(kind: str, field: str, name: str, values: Mapping[str, Any]) -> None:
    said = values.get(field, name)
    if said != name:
        raise _wrong(f"{kind} {name}", field, said, f"{name}, as it is called here")


def _wrong(place: str, name: str, value: Any, expected: str) -> WrongValue:
    return WrongValue(place=place, name=f"'{name}'", value=shown(value), expected=expected)
