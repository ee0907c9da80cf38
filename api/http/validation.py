"""What pydantic finds wrong with a request, as domain errors with place and remedy."""

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, get_args

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

MAX_ERRORS = 100

EXPECTED = {
    "string_type": "a string",
    "string_unicode": "a string",
    "int_type": "an integer",
    "int_parsing": "an integer",
    "int_from_float": "an integer",
    "int_parsing_size": "an integer",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
"""What pydantic's errors mean by type, where its own words are not plain."""

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
        known = _known(part, inside[:-1], route)
        word = PARTS.get(part, "field")
        return UnknownField(place=place, kind=word, name=str(inside[-1])[:MAX_SHOWN], known=known)
    return WrongValue(
        place=place,
        name=f"'{inside[-1]}'" if inside and isinstance(inside[-1], str) else "it",
        value="of another kind or size" if hidden else shown(one.get("input")),
        expected=_expected(kind, one["msg"], context),
    )


def _place(part: str, inside: Sequence[str | int]) -> str:
    text = ""
    for step in inside:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".") or part


def _expected(kind: str, words: str, context: dict[str, Any]) -> str:
    if kind in EXPECTED:
        return EXPECTED[kind]
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"one of {context['expected']}"
    for start, plain in (
        ("Input should be ", ""),
        ("String should have ", "a string of "),
        ("List should have ", "a list of "),
    ):
        if words.startswith(start):
            return plain + words.removeprefix(start).partition(", not ")[0]
    return words


def _known(part: str, inside: Sequence[str | int], route: Any) -> list[str]:
    """The names known at this place of the request."""
    models = list(_forms(part, route))
    for step in inside:
        if isinstance(step, str):
            models = [
                inner
                for model in models
                for name, field in model.model_fields.items()
                if step in (name, field.alias)
                for inner in _models(field.annotation)
            ]
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def _forms(part: str, route: Any) -> Iterable[type[BaseModel]]:
    """The forms of a part of the request."""
    if part == "body":
        field = getattr(route, "body_field", None)
        annotations = [] if field is None else [field.field_info.annotation]
    else:
        parameters = getattr(getattr(route, "dependant", None), f"{part}_params", ())
        annotations = [one.field_info.annotation for one in parameters]
    for one in annotations:
        yield from _models(one)


def _models(annotation: Any) -> Iterable[type[BaseModel]]:
    """The models in an annotation such as `list[Model] | None`."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
