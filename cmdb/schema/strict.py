"""Forms read strictly with pydantic: everything wrong is told at once, as domain errors."""

import inspect
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from cmdb.errors import CMDBError, MissingField, Rejected, UnknownField, WrongValue, shown

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
    "frozen_set_type": "a list",
    "dict_type": "an object",
    "mapping_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "date_type": "a date such as 2026-03-01",
    "date_parsing": "a date such as 2026-03-01",
    "date_from_datetime_parsing": "a date such as 2026-03-01",
}
"""What pydantic's errors mean by type, where its own words are not plain."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
NAME_EXPECTED = "1 to 64 letters, digits, '_', '.' and '-'"
"""Names that people give to what they declare, and what they are told of others."""


class Strict(BaseModel):
    """A form, or a part of one, that has no other fields and does not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Form = TypeVar("Form", bound=BaseModel)


def read(model: type[Form], data: Any, place: str) -> Form:
    """The form from data; Rejected with everything that is wrong with it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = _told_once(error.errors())
        raise Rejected([_error(one, model, place) for one in found]) from None


def name_faults(name: str, place: str) -> list[CMDBError]:
    """What is wrong with a name that is given to something."""
    if NAME.fullmatch(name):
        return []
    return [WrongValue(place=place, name="'name'", value=shown(name), expected=NAME_EXPECTED)]


def plain(value: Any) -> Any:
    """A form as JSON-ready data that is the same each time: what has no order is sorted."""
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(one) for one in value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def expected(kind: str, words: str, context: dict[str, Any]) -> str:
    """What pydantic expected, in plain words."""
    if kind in EXPECTED:
        return EXPECTED[kind]
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"one of {context['expected']}"
    for start, better in (
        ("Input should be ", ""),
        ("String should have ", "a string of "),
        ("List should have ", "a list of "),
        ("Tuple should have ", "a list of "),
    ):
        if words.startswith(start):
            left = words.removeprefix(start).partition(", not ")[0]
            return better + left.removesuffix(" after validation")
    return words


def path(inside: Sequence[str | int]) -> str:
    """Where something is in a form, such as `tasks[0].title`."""
    text = ""
    for step in inside:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")


def names_at(models: Iterable[type[BaseModel]], inside: Sequence[str | int]) -> list[str]:
    """The names of the fields that there are at a place of forms."""
    for step in inside:
        if isinstance(step, str):
            models = [
                inner
                for model in models
                for name, field in model.model_fields.items()
                if step in (name, field.alias)
                for inner in models_in(field.annotation)
            ]
    return [field.alias or name for one in models for name, field in one.model_fields.items()]


def models_in(annotation: Any) -> Iterable[type[BaseModel]]:
    """The models in an annotation such as `list[Model] | None`."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def _told_once(found: Sequence[Any]) -> list[Any]:
    """The errors without those of lists that are too short only because of a bad member."""
    places = [one["loc"] for one in found]
    return [
        one
        for one in found
        if one["type"] != "too_short"
        or not any(at != one["loc"] and at[: len(one["loc"])] == one["loc"] for at in places)
    ]


def _error(one: Any, model: type[BaseModel], place: str) -> CMDBError:
    inside, where = one["loc"], path(one["loc"])
    if one["type"] == "missing":
        return MissingField(place=place, name=where)
    if one["type"] == "extra_forbidden":
        parent = path(inside[:-1])
        known = names_at([model], inside[:-1])
        at = f"{place}, {parent}" if parent else place
        return UnknownField(place=at, kind="field", name=str(inside[-1])[:64], known=known)
    return WrongValue(
        place=place,
        name=f"'{where}'" if where else "it",
        value=shown(one["input"]),
        expected=expected(one["type"], one["msg"], one.get("ctx", {})),
    )
