"""The reference page of tickets: what is configured, the defaults, and the processes."""

import inspect
import json

from pydantic import BaseModel

from cmdb.schema.strict import plain
from cmdb.services.external_systems import SystemSettings
from cmdb.tickets.configuration.catalogue import Task
from cmdb.tickets.configuration.inspections import Opened
from cmdb.tickets.configuration.kinds import KINDS, default_settings
from cmdb.tickets.configuration.priorities import ImpactRule
from cmdb.tickets.configuration.service_levels import Alert
from cmdb.tickets.configuration.values import Setting
from cmdb.tickets.defaults import default_processes
from cmdb.tickets.foreign import NAMES, TicketMapping
from cmdb.tickets.process import Process, Step
from scripts.reference_fields import cell, fields

LONGEST = 200
"""Characters of a default that are shown."""

PARTS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("Alert", Alert),
    ("ImpactRule", ImpactRule),
    ("Opened", Opened),
    ("Task", Task),
)


def page() -> str:
    """The whole page."""
    lines = [
        "# Tickets",
        "",
        "Generated from the forms, defaults and processes in `cmdb/tickets/`; do not edit.",
        "`cmdb ticket config put KIND FILE` and `PUT /api/v1/ticket-configuration/KIND/NAME` take",
        "these fields; `docs/tickets-configuration.md` says how they are used.",
        "",
        "## Settings",
    ]
    for kind, form in KINDS.items():
        lines += ["", f"### `{kind}`", "", _words(form), *fields(form)]
        lines += _defaults(kind)
    lines += ["", "## Parts of settings"]
    for name, part in PARTS:
        lines += ["", f"### {name}", "", _words(part), *fields(part)]
    lines += ["", "## Other systems", "", "`cmdb ticket system put NAME FILE`, or over HTTP"]
    lines += ["`PUT /api/v1/external-systems/NAME`.", *fields(SystemSettings)]
    lines += ["", "### Mapping", "", "Also of `cmdb ticket import --mapping FILE`."]
    lines += fields(TicketMapping)
    lines += ["", "### What is said of a ticket", "", "Beside the fields of its process.", ""]
    lines += ["| name | or |", "|---|---|"]
    lines += [f"| `{name}` | {', '.join(others)} |" for name, others in NAMES.items()]
    lines += ["", "## Processes", "", "A kind of ticket each, in its first version."]
    for process in default_processes().values():
        lines += _process(process)
    return "\n".join(lines) + "\n"


def _words(form: type[BaseModel]) -> str:
    return " ".join((inspect.getdoc(form) or "").split())


def _defaults(kind: str) -> list[str]:
    known = default_settings(kind)
    if not known:
        return []
    lines = ["", "| default | says |", "|---|---|"]
    return lines + [f"| `{name}` | {cell(_said(one))} |" for name, one in known.items()]


def _said(setting: Setting) -> str:
    """What a setting says beside the defaults of its fields."""
    said = plain(setting)
    unusual = setting.model_dump(exclude_defaults=True, exclude={"name"})
    told = {name: json.dumps(said[name], ensure_ascii=False) for name in unusual}
    short = {name: text if len(text) <= LONGEST else "…" for name, text in told.items()}
    return ", ".join(f"`{name}` {text}" for name, text in short.items())


def _process(process: Process) -> list[str]:
    lines = ["", f"### `{process.kind}` ({process.prefix})", ""]
    lines += ["| step | from | to | who | needs | refused where | does |", f"|{'---|' * 7}"]
    lines += [f"| {' | '.join(_step(one))} |" for one in process.steps]
    named = ", ".join(f"`{one.name}` ({one.type})" for one in process.fields)
    lines += ["", f"Fields: {named}."]
    if "requester" in process.opening:
        asked = ", ".join(f"`{one}`" for one in process.asked_of_requesters)
        lines += ["", f"Requesters fill: {asked}."]
    return lines


def _step(step: Step) -> tuple[str, ...]:
    needs = ", ".join(f"`{one}`" for one in step.requires)
    refused = "; ".join(one.words for one in step.guards)
    who = sorted(step.roles - {"system"})
    if step.after is not None:
        who.append(f"by itself after {step.after / 86_400:g} days")
    elif "system" in step.roles:
        who.append("by itself")
    effects = ", ".join(f"`{one}`" for one in step.effects)
    sources = ", ".join(step.sources)
    return (f"`{step.name}`", sources, step.target, ", ".join(who), needs, refused, effects)
