"""The impact question: blast radius of failures, on the current snapshot or one of the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cmdb.errors import CMDBError, InvalidInput, Rejected, UnknownName, UnknownReference
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.blast_radius import Visible as VisibleHere
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import STATES
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.references import Visible, moved, resolve

FAILED_STATES = STATES[1:]


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
    as_of: str | int | None = None,
    snapshot: Snapshot | None = None,
) -> BlastRadius:
    """What follows from the failures.

    `as_of` is a commit number or an ISO 8601 time; `snapshot` lets several questions share one.
    Raises Rejected with every wrong failure, OutsideGraph, or what is wrong with `as_of`.
    """
    if snapshot is None:
        snapshot = env.snapshot() if as_of is None else env.snapshot_at(_seq(env, as_of))
    catalog = snapshot.catalog

    def visible(type_name: str, site: str | None) -> bool:
        return actor.scope.covers(catalog.ancestors.get(type_name, (type_name,)), site)

    numbers = _numbers(env, snapshot, failures, visible, seer(env, actor))
    return BlastRadius(
        snapshot, numbers, env.clock(), None if actor.scope == EVERYTHING else visible
    )


def _numbers(
    env: Environment,
    snapshot: Snapshot,
    failures: Sequence[Failure],
    visible: VisibleHere,
    visible_now: Visible | None,
) -> dict[int, int]:
    """CI number → worst state given for it."""
    if not failures:
        raise InvalidInput(place="failures", detail="name at least one configuration item")
    errors: list[CMDBError] = []
    numbers: dict[int, int] = {}
    unknown = [f.reference for f in failures if snapshot.number(f.reference) is None]
    resolved = resolve(env.store, [(one, "failures") for one in unknown], visible_now)
    for position, failure in enumerate(failures):
        key = resolved.get(failure.reference, failure.reference)
        place = f"failures[{position}]"
        if isinstance(key, CMDBError):
            errors.append(moved(key, place))
        elif (number := snapshot.number(key)) is None or not _sees(visible, snapshot, number):
            errors.append(UnknownReference(place=place, reference=failure.reference))
        elif failure.state not in FAILED_STATES:
            errors.append(
                UnknownName(place=place, kind="state", name=failure.state, known=FAILED_STATES)
            )
        else:
            numbers[number] = max(numbers.get(number, 0), STATES.index(failure.state))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Rejected(errors)
    return numbers


def _sees(visible: VisibleHere, snapshot: Snapshot, number: int) -> bool:
    item = snapshot.item(number)
    return visible(item.type, item.site)


def _seq(env: Environment, as_of: str | int) -> int:
    """The last commit at or before a time, or the commit number itself."""
    last = env.store.seq()
    if isinstance(as_of, int) or (as_of.isascii() and as_of.isdigit()):
        seq = int(as_of)
        if not 1 <= seq <= last:
            raise InvalidInput(place="as_of", detail=f"{seq} is not a commit; they are 1 to {last}")
        return seq
    try:
        when = datetime.fromisoformat(as_of)
    except ValueError:
        raise InvalidInput(
            place="as_of", detail=f"'{as_of}' is neither a commit number nor an ISO 8601 time"
        ) from None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    seq = env.store.seq_at(when.timestamp())
    if seq == 0:
        raise InvalidInput(place="as_of", detail=f"the log begins after {as_of}")
    return seq
