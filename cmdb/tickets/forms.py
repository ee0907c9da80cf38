"""Forms of tickets: the fields that all have, and what is wrong with values for fields."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cmdb.errors import CMDBError, MissingField, UnknownField, WrongValue, shown
from cmdb.tickets.process import FormField

MOST_TEXT = 64 * 1024
ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
MANY_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that no text may hold: of one line, and of several."""
LEVELS = (1, 2, 3)
"""Impact, urgency and priority; 1 is the greatest."""

COMMON_FIELDS = (
    FormField(name="title", type="text", label="Title", label_zh="标题"),
    FormField(name="description", type="words", label="Description", label_zh="描述"),
    FormField(name="priority", type="number", label="Priority", label_zh="优先级"),
    FormField(name="impact", type="number", label="Impact", label_zh="影响"),
    FormField(name="urgency", type="number", label="Urgency", label_zh="紧急度"),
    FormField(name="assignee", type="person", label="Assignee", label_zh="处理人"),
    FormField(name="team", type="team", label="Team", label_zh="团队"),
    FormField(name="requester", type="person", label="Requester", label_zh="请求人"),
)


def form_errors(
    fields: Iterable[FormField],
    values: Mapping[str, Any],
    place: str,
    required: Iterable[str] = (),
) -> list[CMDBError]:
    """Everything that is wrong with the values for a form."""
    declared = {one.name: one for one in fields}
    errors: list[CMDBError] = []
    for name, value in values.items():
        known = declared.get(name)
        if known is None:
            names = tuple(declared)
            errors.append(UnknownField(place=place, kind="field", name=name, known=names))
        elif not empty(value):
            errors += _check(known, value, place)
    missing = [name for name in required if empty(values.get(name))]
    return errors + [MissingField(place=place, name=name) for name in missing]


def _check(known: FormField, value: Any, place: str) -> list[CMDBError]:
    if known.many:
        if not isinstance(value, list):
            return [_not(known, value, place, "a list")]
        return [error for one in value for error in _check_one(known, one, place)]
    return _check_one(known, value, place)


def _check_one(known: FormField, value: Any, place: str) -> list[CMDBError]:
    match known.type:
        case "flag":
            good, expected = isinstance(value, bool), "true or false"
        case "number":
            good = isinstance(value, int | float) and not isinstance(value, bool)
            expected = "a number"
            if known.name in ("impact", "urgency", "priority"):
                good, expected = good and value in LEVELS, "1, 2 or 3"
        case "moment":
            good, expected = _is_moment(value), "an ISO 8601 time with its zone"
        case "choice":
            good, expected = value in known.choices, f"one of {', '.join(known.choices)}"
        case _:
            form = MANY_LINES if known.type == "words" else ONE_LINE
            good = isinstance(value, str) and len(value) <= MOST_TEXT and not form.search(value)
            expected = f"a text of at most {MOST_TEXT} characters without control characters"
    return [] if good else [_not(known, value, place, expected)]


def _is_moment(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _not(known: FormField, value: Any, place: str, expected: str) -> WrongValue:
    return WrongValue(place=place, name=f"'{known.name}'", value=shown(value), expected=expected)


def empty(value: Any) -> bool:
    """Whether a field with this value is not filled."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
