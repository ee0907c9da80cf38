"""The reference page of discovery: agents, jobs and credentials."""

from discovery import readers
from discovery.agent import Capabilities
from discovery.credentials import KINDS
from discovery.job import Job
from discovery.schedules import Schedule, Window
from scripts.reference_fields import cell, fields

TARGETS = {"networks": "`networks`", "address": "`address`, the URL or path of one service"}


def page() -> str:
    """The whole page."""
    lines = [
        "# Discovery",
        "",
        "Generated from the agents in `discovery/agents/` and from the form of jobs; do not edit.",
        "`cmdb discover job set FILE` and `PUT /api/v1/discovery/jobs/NAME` take these fields.",
        "",
        "## Agents",
    ]
    for name in readers.scanning():
        lines += _agent(name, readers.agent(name).capabilities)
    lines += ["", "## Jobs", *fields(Job)]
    lines += ["", "## Schedules", "", "`schedule` of a job.", *fields(Schedule)]
    lines += ["", "## Windows", "", "Each of the `windows` of a job.", *fields(Window)]
    lines += ["", "## Credentials", "", "| kind | needs | may have |", "|---|---|---|"]
    for kind, (needed, allowed) in KINDS.items():
        lines.append(f"| `{kind}` | {_names(needed)} | {_names(allowed)} |")
    return "\n".join(lines) + "\n"


def _agent(name: str, one: Capabilities) -> list[str]:
    lines = ["", f"### `{name}`", "", f"{one.title}. Its jobs give {TARGETS[one.targets]}.", ""]
    lines.append(f"- profiles: {_names(one.profiles)}; the first is the default")
    lines.append(f"- credentials: {_names(one.credentials) or 'none'}")
    if one.options:
        lines += ["", "| option | meaning |", "|---|---|"]
        lines += [f"| `{option}` | {cell(text)} |" for option, text in one.options.items()]
    return lines


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in names)
