"""`cmdb impact --batch`: a JSON request a line in, a JSON answer a line out, on one snapshot."""

from typing import Any

import orjson

from api.cli import output
from api.cli.words import wrong
from cmdb.errors import CMDBError, MissingField, Rejected, UnknownField, WrongValue
from cmdb.impact.snapshot import Snapshot
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.impact import Failure, blast_radius
from discovery import documents

STDIN = "/dev/stdin"
KEPT = 8
"""How many snapshots of the past are kept for the next lines."""

REQUEST_FIELDS = ("failures", "as_of")
FAILURE_FIELDS = ("key", "state")


def answer(env: Environment, actor: Actor, file: str) -> int:
    """Answer every line; exit code 1 when there were bad ones."""
    batch = _Batch(env, actor)
    bad = 0
    for number, line in documents.lines(STDIN if file == "-" else file):
        try:
            reply = batch.answer(line)
        except CMDBError as error:
            bad += 1
            reply = {"error": _as_data(error, number)}
        output.put_json(reply)
    return 1 if bad else 0


class _Batch:
    """The questions of one batch. Those with an `as_of` each have their own snapshot."""

    def __init__(self, env: Environment, actor: Actor) -> None:
        self.env, self.actor = env, actor
        self.current = env.snapshot()
        self.past: dict[str | int, Snapshot] = {}

    def answer(self, line: bytes | CMDBError) -> dict[str, Any]:
        if isinstance(line, CMDBError):
            raise line
        failures, as_of = request(line)
        snapshot = self.current if as_of is None else self.past.get(as_of)
        radius = blast_radius(self.actor, self.env, failures, as_of=as_of, snapshot=snapshot)
        if as_of is not None:
            self._keep(as_of, radius.snapshot)
        return {**radius.answer(), "as_of": as_of}

    def _keep(self, as_of: str | int, snapshot: Snapshot) -> None:
        if as_of not in self.past and len(self.past) == KEPT:
            del self.past[next(iter(self.past))]
        self.past[as_of] = snapshot


def request(line: bytes) -> tuple[list[Failure], str | int | None]:
    """The failures and the `as_of` of a request; raises what is wrong with it."""
    if not line.strip():
        raise wrong("request", "the line is empty")
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        text = "column {column}: this is not JSON: {reason}"
        raise wrong("request", text, column=error.colno, reason=error.msg) from None
    _check_fields(data, "request", REQUEST_FIELDS)
    if "failures" not in data:
        raise MissingField(place="request", name="failures")
    listed, as_of = data["failures"], data.get("as_of")
    if not isinstance(listed, list):
        raise _unfit("request", "failures", listed, "a list of objects")
    if isinstance(as_of, bool) or not isinstance(as_of, str | int | None):
        raise _unfit("request", "as_of", as_of, "a commit number, an ISO 8601 time or null")
    return [_failure(one, f"failures[{i}]") for i, one in enumerate(listed)], as_of


def _failure(data: Any, place: str) -> Failure:
    _check_fields(data, place, FAILURE_FIELDS)
    if "key" not in data:
        raise MissingField(place=place, name="key")
    for name, value in data.items():
        if not isinstance(value, str):
            raise _unfit(place, name, value, "a string")
    return Failure(data["key"], data.get("state", "down"))


def _check_fields(data: Any, place: str, known: tuple[str, ...]) -> None:
    if not isinstance(data, dict):
        raise _unfit(place, "it", data, "an object")
    for name in data:
        if name not in known:
            raise UnknownField(place=place, kind="field", name=name, known=known)


def _unfit(place: str, name: str, value: Any, expected: str) -> WrongValue:
    shown = orjson.dumps(value).decode()
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    return WrongValue(place=place, name=name, value=shown, expected=expected)


def _as_data(error: CMDBError, number: int) -> dict[str, Any]:
    data = {**output.as_data(error), "line": number}
    if isinstance(error, Rejected):
        data["errors"] = [output.as_data(one) for one in error.errors]
    return data


def echoed(as_of: str | None) -> str | int | None:
    """An `as_of` of the command line as it stands in a request."""
    return int(as_of) if as_of is not None and as_of.isascii() and as_of.isdigit() else as_of
