"""The impact question: blast radius of failures, on the snapshot of now or of the past, or what-if.

Maintenance windows that are open at a time may take part as failures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, NoSuchMoment, UnknownName, shown
from cmdb.impact.blast_radius import HIDDEN, BlastRadius
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import STATES
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.assumptions import Assumption, assume
from cmdb.services.baselines import KIND as BASELINE
from cmdb.services.environment import Environment
from cmdb.services.maintenance import Window, every_window
from cmdb.services.numbers import Finder, refuse
from cmdb.services.references import resolve
from cmdb.services.times import moment, parsed

FAILED_STATES = STATES[1:]

DIGITS = 19
"""So many digits no commit number has."""
AsOf = str | int | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A CI, by any reference, that has failed to `state`."""

    reference: str
    state: str = "down"


@authorised(Permission.READ)
def blast_radius(
    actor: Actor,
    env: Environment,
    failures: Sequence[Failure],
    *,
    as_of: AsOf = None,
    at: str | None = None,
    assumption: Assumption | None = None,
    snapshot: Snapshot | None = None,
) -> BlastRadius:
    """What follows from the failures, and from the maintenance windows open `at` an ISO 8601 time.

    `as_of` is a commit number, an ISO 8601 time or a baseline; `snapshot` (of that moment) lets
    several questions share one. Raises Rejected with every wrong failure, OutsideGraph, or what is
    wrong with `as_of`, `at` or the assumption.
    """
    if snapshot is None:
        snapshot = snapshot_of(env, as_of)
    said: dict[str, Any] = {}
    finder = Finder(actor, env, snapshot)
    if assumption is not None:
        assumed = assume(assumption, finder, env.store.relations_by_number, env.clock())
        finder = Finder(actor, env, assumed.snapshot)
        said["assumed"] = assumed.content()
    if not failures and at is None:
        raise InvalidInput(place="failures", detail="name at least one configuration item")
    numbers = failed_numbers(finder, failures)
    if at is not None:
        windows, outside = _open_windows(env, finder.snapshot, moment(at, "at", "at"))
        shown_windows = [_shown(finder, *one) for one in windows]
        said |= {"at": at, "maintenance": shown_windows, "maintenance_outside": outside}
        for window, number in windows:
            numbers[number] = max(numbers.get(number, 0), STATES.index(window.state))
    return BlastRadius(finder.snapshot, numbers, env.clock(), finder.visible, as_of, said)


def failed_numbers(finder: Finder, failures: Sequence[Failure]) -> dict[int, int]:
    """CI number → worst state given for it; raises everything that is wrong."""
    errors: list[CMDBError] = []
    numbers: dict[int, int] = {}
    places = [f"failures[{position}]" for position in range(len(failures))]
    found = finder.find([(f.reference, place) for f, place in zip(failures, places, strict=True)])
    for failure, place, number in zip(failures, places, found, strict=True):
        if isinstance(number, CMDBError):
            errors.append(number)
        elif failure.state not in FAILED_STATES:
            errors.append(
                UnknownName(place=place, kind="state", name=failure.state, known=FAILED_STATES)
            )
        else:
            numbers[number] = max(numbers.get(number, 0), STATES.index(failure.state))
    refuse(errors)
    return numbers


def _open_windows(
    env: Environment, snapshot: Snapshot, when: float
) -> tuple[list[tuple[Window, int]], int]:
    """The windows open at a time with the CIs of the graph they are about; how many have none."""
    windows = [one for one in every_window(env) if one.open_at(when)]
    lost = [(one.key, "at") for one in windows if snapshot.number(one.key) is None]
    known = resolve(env.store, lost)
    found = []
    for one in windows:
        key = known.get(one.key, one.key)
        number = snapshot.number(key) if isinstance(key, str) else None
        if number is not None and snapshot.in_graph(number):
            found.append((one, number))
    return found, len(windows) - len(found)


def _shown(finder: Finder, window: Window, number: int) -> dict[str, Any]:
    if not finder.sees(number):
        return dict(HIDDEN)
    return {**window.content(), "key": finder.snapshot.key(number)}


def snapshot_of(env: Environment, as_of: AsOf) -> Snapshot:
    """The snapshot of now, or of an earlier moment."""
    return env.snapshot() if as_of is None else env.snapshot_at(_seq(env, as_of))


def _seq(env: Environment, as_of: str | int) -> int:
    """The last commit at or before a time, that of a baseline, or the commit number itself."""
    last = env.store.seq()
    seq = 0
    if isinstance(as_of, int):
        seq = as_of
    elif as_of.isascii() and as_of.isdigit():
        seq = int(as_of) if len(as_of) < DIGITS else 0
    elif (when := parsed(as_of)) is not None:
        seq = env.store.seq_at(when)
    elif (baseline := env.store.document(BASELINE, as_of)) is not None:
        seq = int(baseline.body["seq"])
    if not 1 <= seq <= last:
        raise NoSuchMoment(place="as_of", value=shown(as_of), last=last)
    return seq
