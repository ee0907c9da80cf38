"""Several what-if questions side by side: what each hits, and where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import CMDBError, DuplicateKey, InvalidInput, Rejected
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import STATES
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.assumptions import Assumption
from cmdb.services.environment import Environment
from cmdb.services.impact import AsOf, Failure, blast_radius, snapshot_of
from cmdb.services.numbers import refuse

MAX_SCENARIOS = 20


@dataclass(frozen=True, slots=True)
class Scenario:
    """One question with a name."""

    name: str
    failures: Sequence[Failure] = ()
    as_of: AsOf = None
    at: str | None = None
    assumption: Assumption | None = None


@authorised(Permission.READ)
def compare(actor: Actor, env: Environment, scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """The answers in short, and the services whose state is not the same in all of them.

    All are computed on one snapshot, but those with an `as_of` of their own. Raises Rejected with
    everything that is wrong in any of them.
    """
    if not 1 <= len(scenarios) <= MAX_SCENARIOS:
        raise InvalidInput(place="scenarios", detail=f"give 1 to {MAX_SCENARIOS} of them")
    current = env.snapshot()
    errors: list[CMDBError] = []
    outcomes: list[_Outcome] = []
    names: dict[str, str] = {}
    for position, one in enumerate(scenarios):
        where = f"scenarios[{position}]"
        first = names.setdefault(one.name, where)
        if first != where:
            errors.append(DuplicateKey(place=where, key=f"the name '{one.name}'", first=first))
        try:
            outcomes.append(_outcome(actor, env, one, current))
        except Rejected as several:
            errors += [placed(error, where) for error in several.errors]
        except InvalidInput as error:
            errors.append(placed(error, where))
    refuse(errors)
    return {
        "seq": current.seq,
        "scenarios": [one.content for one in outcomes],
        "comparison": _comparison(outcomes),
    }


@dataclass(slots=True)
class _Outcome:
    """What remains of an answer: `services` are those that are not ok, by key."""

    content: dict[str, Any]
    services: dict[str, tuple[str, str, str]]
    snapshot: Snapshot
    sees: Any

    def state(self, key: str) -> str | None:
        """The state of a service; None where it is no part of the graph."""
        if key in self.services:
            return self.services[key][2]
        number = self.snapshot.number(key)
        if number is None or not self.snapshot.in_graph(number) or not self.sees(number):
            return None
        return "ok"


def _outcome(actor: Actor, env: Environment, asked: Scenario, current: Snapshot) -> _Outcome:
    radius = blast_radius(
        actor,
        env,
        asked.failures,
        as_of=asked.as_of,
        at=asked.at,
        assumption=asked.assumption,
        snapshot=current if asked.as_of is None else snapshot_of(env, asked.as_of),
    )
    impacted = _states(radius, radius.services().tolist())
    is_a = radius.snapshot.catalog.is_a
    failed = [n for n in radius.failures if is_a(radius.snapshot.item(n).type, "service")]
    given = _states(radius, [n for n in failed if radius.sees(n)])
    services = [
        {"key": k, "name": name, "state": state} for k, (_, name, state) in impacted.items()
    ]
    content = {"name": asked.name, **radius.head(), **radius.tail(), "services": services}
    return _Outcome(content, {**given, **impacted}, radius.snapshot, radius.sees)


def _states(radius: BlastRadius, numbers: list[int]) -> dict[str, tuple[str, str, str]]:
    """Key → (type, name, state)."""
    items = (radius.snapshot.item(number) for number in numbers)
    return {
        item.key: (item.type, item.name, STATES[radius.propagation.state(item.number)])
        for item in items
    }


def _comparison(outcomes: Sequence[_Outcome]) -> list[dict[str, Any]]:
    """The services whose states differ, the worst first, then by key."""
    known = {key: one for outcome in reversed(outcomes) for key, one in outcome.services.items()}
    rows = [
        {"key": key, "type": kind, "name": name, "states": [one.state(key) for one in outcomes]}
        for key, (kind, name, _) in known.items()
    ]
    rows = [row for row in rows if len(set(row["states"])) > 1]
    return sorted(rows, key=lambda row: (-max(map(_rank, row["states"])), row["key"]))


def _rank(state: str | None) -> int:
    return STATES.index(state) if state is not None else -1


def placed(error: CMDBError, where: str) -> CMDBError:
    """The error with the place made longer at its start."""
    for name in ("place", "first"):
        if name in error.fields:
            error.fields[name] = f"{where}.{error.fields[name]}"
    error.args = (error.template.format(**error.fields),)
    return error
