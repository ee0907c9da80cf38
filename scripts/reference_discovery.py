"""The reference page of discovery: agents, jobs and credentials."""

from typing import Any

from pydantic import BaseModel

from discovery import readers
from discovery.agent import Capabilities
from discovery.credentials import KINDS
from discovery.job import Job
from discovery.schedules import Schedule, Window

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
    lines += ["", "## Jobs", *_fields(Job)]
    lines += ["", "## Schedules", "", "`schedule` of a job.", *_fields(Schedule)]
    lines += ["", "## Windows", "", "Each of the `windows` of a job.", *_fields(Window)]
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
        lines += [f"| `{option}` | {_cell(text)} |" for option, text in one.options.items()]
    return lines


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{one}`" for one in names)


def _fields(model: type[BaseModel]) -> list[str]:
    """A table of the fields of a form."""
    schema = model.model_json_schema()
    lines = ["", "| field | value | default | meaning |", "|---|---|---|---|"]
    for name, field in sorted(schema["properties"].items(), key=lambda one: one[0] != "name"):
        default = "" if name in schema.get("required", ()) else _default(field.get("default", []))
        meaning = _cell(field["description"])
        lines.append(f"| `{name}` | {_cell(_value(field))} | {default} | {meaning} |")
    return lines


def _default(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return {"None": "null", "": "empty", "True": "true", "False": "false"}.get(
        str(value), str(value)
    )


def _value(schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "anyOf" in schema:
        return " or ".join(map(_value, schema["anyOf"]))
    if "$ref" in schema:
        return f"a {schema['$ref'].rpartition('/')[2].lower()}"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    kind = schema["type"]
    if kind == "array":
        return f"list of {_value(schema['items'])}"
    if kind == "integer":
        least, most = schema.get("minimum"), schema.get("maximum")
        return f"integer from {least} to {most}"
    if kind == "string" and "maxLength" in schema:
        return f"string of at most {schema['maxLength']}"
    return {"boolean": "true or false", "time": "time"}.get(schema.get("format", kind), kind)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
