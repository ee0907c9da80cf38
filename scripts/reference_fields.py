"""The fields of a form as a table, from its JSON Schema."""

import json
from typing import Any

from pydantic import BaseModel


def fields(model: type[BaseModel]) -> list[str]:
    """A table of the fields of a form."""
    schema = model.model_json_schema()
    lines = ["", "| field | value | default | meaning |", "|---|---|---|---|"]
    for name, field in sorted(schema["properties"].items(), key=lambda one: one[0] != "name"):
        default = "" if name in schema.get("required", ()) else _default(field.get("default", []))
        meaning = cell(field["description"])
        lines.append(f"| `{name}` | {cell(_value(field))} | {cell(default)} | {meaning} |")
    return lines


def cell(text: str) -> str:
    """A text as it stands in a cell of a table."""
    return text.replace("|", "\\|")


def _default(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return f"`{json.dumps(value)}`"
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
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    kind = schema["type"]
    if kind == "array":
        return f"list of {_value(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_value(schema['additionalProperties'])}"
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        above = "above" if "exclusiveMinimum" in schema else "from"
        most = schema.get("maximum")
        upper = "" if most is None else f" to {most}"
        return kind if least is None else f"{kind} {above} {least}{upper}"
    if kind == "string" and "maxLength" in schema:
        return f"string of at most {schema['maxLength']}"
    return {"boolean": "true or false", "time": "time", "date": "date"}.get(
        schema.get("format", kind), kind
    )
