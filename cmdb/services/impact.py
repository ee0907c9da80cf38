"""The impact question: blast radius of failures, on the current snapshot or one of the past."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cmdb.errors import CMDBError, InvalidInput, Rejected, UnknownName, UnknownReference
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.kernel import STATES
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import TopologyItem
from cmdb.services.actor import Actor, Permission, authorised
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

    def visible(item: TopologyItem) -> bool:
        return actor.scope.covers(catalog.ancestors.get(item.type, (item.type,)), item.site)

    numbers = _numbers(env, snapshot, failures, visible, seer(env, actor))
    return BlastRadius(snapshot, numbers, env.clock(), visible)


def _numbers(
    env: Environment,
    snapshot: Snapshot,
    failures: Sequence[Failure],
    visible: Callable[[TopologyItem], bool],
    visible_now: Visible | None,
) -> dict[int, int]:
    """CI number → worst state given for it."""
    if not failures:
        raise InvalidInput(place="failures", detail="name at least one configuration item")
    errors: list[CMDBError] = []
    numbers: dict[int, int] = {}
    unknown = [f.reference for f in failures if f.reference not in snapshot.index]
    resolved = resolve(env.store, [(one, "failures") for one in unknown], visible_now)
    for position, failure in enumerate(failures):
        key = resolved.get(failure.reference, failure.reference)
        place = f"failures[{position}]"
        if isinstance(key, CMDBError):
            errors.append(moved(key, place))
        elif key not in snapshot.index or not visible(snapshot.item(snapshot.index[key])):
            errors.append(UnknownReference(place=place, reference=failure.reference))
        elif failure.state not in FAILED_STATES:
            errors.append(
                UnknownName(place=place, kind="state", name=failure.state, known=FAILED_STATES)
            )
        else:
            number = snapshot.index[key]
            numbers[number] = max(numbers.get(number, 0), STATES.index(failure.state))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Rejected(errors)
    return numbers


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
