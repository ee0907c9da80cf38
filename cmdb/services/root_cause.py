"""The root cause question: what most likely caused the symptoms, and which look tells more.

What changed lately comes from the log, what is in maintenance from the windows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from cmdb.errors import CMDBError, InvalidInput, OutsideGraph, UnknownName
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import STATES
from cmdb.root_cause.answer import Answer
from cmdb.root_cause.diagnosis import diagnose
from cmdb.root_cause.evidence import MAINTENANCE, UNKNOWN, Event, Evidence, Symptom
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.impact import FAILED_STATES
from cmdb.services.maintenance import every_window
from cmdb.services.numbers import Finder, Named, refuse
from cmdb.services.recent_changes import Happening, recent_changes
from cmdb.services.ticketing.evidence import learned_odds, ticket_happenings
from cmdb.services.times import moment

MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Complaint:
    """A CI, by any reference, that is not well; how badly, and since when (ISO 8601), if known."""

    reference: str
    state: str | None = None
    since: str | None = None


@authorised(Permission.READ)
def root_cause(
    actor: Actor,
    env: Environment,
    symptoms: Sequence[Complaint],
    healthy: Sequence[str] = (),
    *,
    limit: int = 10,
    happenings: Iterable[Happening] = (),
    snapshot: Snapshot | None = None,
    until: float = inf,
) -> Answer:
    """The likeliest causes of the symptoms, given what is known to be healthy.

    Changes and confirmed causes of tickets count, those before the moment `until`. `happenings` are
    what else is known to have happened, such as alerts; `snapshot` lets several questions share
    one. Raises Rejected with everything that is wrong.
    """
    if not symptoms:
        raise InvalidInput(place="symptoms", detail="name at least one configuration item")
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(place="limit", detail=f"it must be 1 to {MAX_LIMIT}")
    if snapshot is None:
        snapshot = env.snapshot()
    finder = Finder(actor, env, snapshot)
    errors: list[CMDBError] = []
    known = _symptoms(finder, symptoms, errors)
    well = _healthy(finder, healthy, known, errors)
    refuse(errors)
    evidence = Evidence(list(known.values()), well, at=env.clock())
    happened = [
        *(one for one in recent_changes(env, snapshot.seq) if one.at < until),
        *ticket_happenings(env, until),
        *_windows(env, evidence.onset),
        *happenings,
    ]
    events = [
        Event(number, one.at, one.kind, one.ref, one.detail)
        for one in happened
        if (number := snapshot.number(one.key)) is not None and snapshot.in_graph(number)
    ]
    evidence = Evidence(evidence.symptoms, well, events, evidence.at)
    odds = learned_odds(env, snapshot, until)
    return Answer(diagnose(snapshot, evidence, odds), env.clock(), finder.visible, limit)


def _symptoms(
    finder: Finder, complaints: Sequence[Complaint], errors: list[CMDBError]
) -> dict[int, Symptom]:
    """The symptoms by CI, each with its worst state and its first time."""
    places = [f"symptoms[{position}]" for position in range(len(complaints))]
    named = [(one.reference, place) for one, place in zip(complaints, places, strict=True)]
    found: dict[int, Symptom] = {}
    numbers = _in_graph(finder, named, errors)
    for one, place, number in zip(complaints, places, numbers, strict=True):
        state, since = UNKNOWN, None
        if one.state is not None and one.state not in FAILED_STATES:
            known = FAILED_STATES
            errors.append(UnknownName(place=place, kind="state", name=one.state, known=known))
        elif one.state is not None:
            state = STATES.index(one.state)
        try:
            since = None if one.since is None else moment(one.since, place, "since")
        except CMDBError as error:
            errors.append(error)
        if number is not None:
            before = found.get(number, Symptom(number))
            times = [at for at in (before.since, since) if at is not None]
            first = min(times, default=None)
            found[number] = Symptom(number, max(before.state, state), first)
    return found


def _healthy(
    finder: Finder, references: Sequence[str], known: dict[int, Symptom], errors: list[CMDBError]
) -> list[int]:
    """The CIs known to be healthy, none of which may be a symptom."""
    named = [(reference, f"healthy[{i}]") for i, reference in enumerate(references)]
    found: dict[int, None] = {}
    for (_, place), number in zip(named, _in_graph(finder, named, errors), strict=True):
        if number is not None and number in known:
            errors.append(InvalidInput(place=place, detail="it is among the symptoms, too"))
        elif number is not None:
            found[number] = None
    return list(found)


def _in_graph(
    finder: Finder, named: Sequence[Named], errors: list[CMDBError]
) -> Iterator[int | None]:
    """The number of each CI; None where something is wrong with it, which goes to the errors."""
    for (_, place), number in zip(named, finder.find(named), strict=True):
        if isinstance(number, CMDBError):
            errors.append(number)
            yield None
        elif not finder.snapshot.in_graph(number):
            item = finder.snapshot.item(number)
            errors.append(OutsideGraph(place=place, key=item.key, status=item.status))
            yield None
        else:
            yield number


def _windows(env: Environment, at: float) -> Iterator[Happening]:
    """What is in maintenance at a time."""
    for window in every_window(env):
        if window.open_at(at):
            yield Happening(window.key, window.starts, MAINTENANCE, window.id, window.reason)
