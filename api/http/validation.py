"""What pydantic finds wrong with a request, as domain errors with place and remedy."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from cmdb.errors import (
    MAX_SHOWN,
    CMDBError,
    MissingField,
    UnknownField,
    UnreadableInput,
    WrongValue,
    shown,
)
from cmdb.schema.strict import expected, models_in, names_at, path

MAX_ERRORS = 100

PARTS = {"query": "query parameter", "header": "header"}


def errors_of(error: RequestValidationError, route: Any) -> list[CMDBError]:
    """Everything wrong with a request; `route` says what it might have held."""
    hidden = any(one.model_config.get("hide_input_in_errors") for one in _forms("body", route))
    return [_error(one, route, hidden) for one in error.errors()[:MAX_ERRORS]]


def _error(one: dict[str, Any], route: Any, hidden: bool) -> CMDBError:
    part, *inside = one["loc"]
    kind, context = one["type"], one.get("ctx", {})
    if kind == "json_invalid":
        detail = f"it is not JSON: {context.get('error', 'it cannot be read')}"
        return UnreadableInput(place="body", detail=detail)
    if kind == "missing":
        name = str(inside[-1]) if inside else part
        return MissingField(place=_place(part, inside[:-1]) if inside else "request", name=name)
    in_list = bool(inside) and isinstance(inside[-1], int)
    place = _place(part, inside if in_list else inside[:-1])
    if kind == "extra_forbidden":
        known = names_at(_forms(part, route), inside[:-1])
        word = PARTS.get(part, "field")
        return UnknownField(place=place, kind=word, name=str(inside[-1])[:MAX_SHOWN], known=known)
    return WrongValue(
        place=place,
        name=f"'{inside[-1]}'" if inside and isinstance(inside[-1], str) else "it",
        value="of another kind or size" if hidden else shown(one.get("input")),
        expected=expected(kind, one["msg"], context),
    )


def _place(part: str, inside: Sequence[str | int]) -> str:
    return path(inside) or part


def _forms(part: str, route: Any) -> Iterable[type[BaseModel]]:
    """The forms of a part of the request."""
    if part == "body":
        field = getattr(route, "body_field", None)
        annotations = [] if field is None else [field.field_info.annotation]
    else:
        parameters = getattr(getattr(route, "dependant", None), f"{part}_params", ())
        annotations = [one.field_info.annotation for one in parameters]
    for one in annotations:
        yield from models_in(one)
