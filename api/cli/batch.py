"""`--batch`: a JSON request a line in, a JSON answer a line out, all on one snapshot."""

from collections.abc import Callable
from typing import Any

import orjson

from api.cli import output
from api.cli.requests import cause_question, question
from api.cli.words import wrong
from cmdb.errors import CMDBError, Rejected
from cmdb.impact.snapshot import Snapshot
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.impact import AsOf, blast_radius, snapshot_of
from cmdb.services.root_cause import root_cause
from discovery import documents

STDIN = "/dev/stdin"
KEPT = 8
"""How many snapshots of the past are kept for the next lines."""


def answer(env: Environment, actor: Actor, file: str) -> int:
    """Answer every impact question; exit code 1 when there were bad ones."""
    return _each(file, _Batch(env, actor).answer)


def answer_causes(env: Environment, actor: Actor, file: str) -> int:
    """Answer every root cause question; exit code 1 when there were bad ones."""
    snapshot = env.snapshot()

    def reply(data: Any) -> dict[str, Any]:
        asked = cause_question(data)
        found = root_cause(
            actor, env, asked.symptoms, asked.healthy, limit=asked.limit, snapshot=snapshot
        )
        return found.content()

    return _each(file, reply)


def _each(file: str, answered: Callable[[Any], dict[str, Any]]) -> int:
    bad = 0
    for number, line in documents.lines(STDIN if file == "-" else file):
        try:
            reply = answered(request(line))
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

    def answer(self, data: Any) -> dict[str, Any]:
        asked = question(data)
        radius = blast_radius(
            self.actor,
            self.env,
            asked.failures,
            as_of=asked.as_of,
            at=asked.at,
            assumption=asked.assumption,
            snapshot=self._snapshot(asked.as_of),
        )
        return radius.answer()

    def _snapshot(self, as_of: AsOf) -> Snapshot:
        if as_of is None:
            return self.current
        if as_of not in self.past:
            found = snapshot_of(self.env, as_of)
            if len(self.past) == KEPT:
                del self.past[next(iter(self.past))]
            self.past[as_of] = found
        return self.past[as_of]


def request(line: bytes | CMDBError) -> Any:
    """The JSON of a line; raises what is wrong with it."""
    if isinstance(line, CMDBError):
        raise line
    if not line.strip():
        raise wrong("request", "the line is empty")
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        text = "column {column}: this is not JSON: {reason}"
        raise wrong("request", text, column=error.colno, reason=error.msg) from None


def _as_data(error: CMDBError, number: int) -> dict[str, Any]:
    data = {**output.as_data(error), "line": number}
    if isinstance(error, Rejected):
        data["errors"] = [output.as_data(one) for one in error.errors]
    return data
