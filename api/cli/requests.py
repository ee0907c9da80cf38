"""Requests as data: the questions of batches and scenario files."""

from dataclasses import dataclass
from typing import Any

import orjson

from api.assumption import assumption
from cmdb.errors import CMDBError, MissingField, UnknownField, WrongValue
from cmdb.services.assumptions import Assumption
from cmdb.services.impact import AsOf, Failure
from cmdb.services.root_cause import Complaint
from cmdb.services.scenarios import Scenario, placed

QUESTION_FIELDS = ("failures", "as_of", "at", "assume")
FAILURE_FIELDS = ("key", "state")
CAUSE_FIELDS = ("symptoms", "healthy", "limit")
COMPLAINT_FIELDS = ("key", "state", "since")
SCENARIO_FIELDS = ("name", *QUESTION_FIELDS)


def question(
    data: Any, place: str = "request", known: tuple[str, ...] = QUESTION_FIELDS
) -> Scenario:
    """The question (a scenario without a name of its own); raises what is wrong with it."""
    check_fields(data, place, known)
    if "failures" not in data and data.get("at") is None:
        raise MissingField(place=place, name="failures")
    listed, at = data.get("failures", []), data.get("at")
    if not isinstance(listed, list):
        raise unfit(place, "failures", listed, "a list of objects")
    if not isinstance(at, str | None):
        raise unfit(place, "at", at, "an ISO 8601 time or null")
    name = data.get("name", "")
    if not isinstance(name, str):
        raise unfit(place, "name", name, "a string")
    failures = [_failure(one, f"failures[{i}]") for i, one in enumerate(listed)]
    return Scenario(name, failures, _as_of(data.get("as_of"), place), at, _assume(data))


def scenarios(data: Any, place: str) -> list[Scenario]:
    """The scenarios of a file; raises what is wrong with the first bad one."""
    check_fields(data, place, ("scenarios",))
    listed = data.get("scenarios")
    if not isinstance(listed, list):
        raise unfit(place, "scenarios", listed, "a list of objects")
    found = []
    for position, one in enumerate(listed):
        where = f"scenarios[{position}]"
        try:
            asked = question(one, where, SCENARIO_FIELDS)
        except CMDBError as error:
            nested = not error.fields["place"].startswith(where)
            raise (placed(error, where) if nested else error) from None
        name = asked.name or str(position + 1)
        found.append(Scenario(name, asked.failures, asked.as_of, asked.at, asked.assumption))
    return found


def _as_of(value: Any, place: str) -> AsOf:
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise unfit(place, "as_of", value, "a commit number, an ISO 8601 time or null")
    return value


def _assume(data: dict[str, Any]) -> Assumption | None:
    return None if data.get("assume") is None else assumption(data["assume"])


def _failure(data: Any, place: str) -> Failure:
    check_fields(data, place, FAILURE_FIELDS)
    if "key" not in data:
        raise MissingField(place=place, name="key")
    for name, value in data.items():
        if not isinstance(value, str):
            raise unfit(place, name, value, "a string")
    return Failure(data["key"], data.get("state", "down"))


@dataclass(frozen=True, slots=True)
class CauseQuestion:
    """A root cause question."""

    symptoms: list[Complaint]
    healthy: list[str]
    limit: int


def cause_question(data: Any, place: str = "request") -> CauseQuestion:
    """The root cause question; raises what is wrong with it."""
    check_fields(data, place, CAUSE_FIELDS)
    if "symptoms" not in data:
        raise MissingField(place=place, name="symptoms")
    listed, healthy = data["symptoms"], data.get("healthy", [])
    limit = data.get("limit", 10)
    if not isinstance(listed, list):
        raise unfit(place, "symptoms", listed, "a list of objects")
    if not isinstance(healthy, list) or not all(isinstance(one, str) for one in healthy):
        raise unfit(place, "healthy", healthy, "a list of references")
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise unfit(place, "limit", limit, "a whole number")
    symptoms = [_complaint(one, f"symptoms[{i}]") for i, one in enumerate(listed)]
    return CauseQuestion(symptoms, healthy, limit)


def _complaint(data: Any, place: str) -> Complaint:
    check_fields(data, place, COMPLAINT_FIELDS)
    if data.get("key") is None:
        raise MissingField(place=place, name="key")
    for name, value in data.items():
        if not isinstance(value, str | None):
            raise unfit(place, name, value, "a string")
    return Complaint(data["key"], data.get("state"), data.get("since"))


def check_fields(data: Any, place: str, known: tuple[str, ...]) -> None:
    """Refuse what is no object, and fields nobody knows."""
    if not isinstance(data, dict):
        raise unfit(place, "it", data, "an object")
    for name in data:
        if name not in known:
            raise UnknownField(place=place, kind="field", name=name, known=known)


def unfit(place: str, name: str, value: Any, expected: str) -> WrongValue:
    """The error for a value of the wrong kind."""
    shown = orjson.dumps(value, default=str).decode()
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    return WrongValue(place=place, name=name, value=shown, expected=expected)
