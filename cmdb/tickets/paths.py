"""The shortest ways through a process, for who may take some of its steps."""

from collections import deque
from collections.abc import Collection

from cmdb.tickets.process import Process, Step

Barred = Collection[tuple[str, str]]
"""Steps that cannot be taken: (state, step)."""


def way_to(
    process: Process,
    start: str,
    wanted: str,
    roles: Collection[str],
    barred: Barred = (),
    avoided: Collection[str] = (),
) -> list[Step] | None:
    """The fewest steps from a state to another one, or to and with a step; None where no way leads.

    `wanted` is the name of a state or else of a step; `avoided` are states not to come through.
    """
    states = {one.name for one in process.states}
    before: dict[str, tuple[str, Step]] = {}
    waiting = deque([start])
    while waiting:
        state = waiting.popleft()
        if state == wanted:
            return _steps(before, start, state)
        for step in process.offered(state):
            if (state, step.name) in barred or step.roles.isdisjoint(roles):
                continue
            if wanted not in states and step.name == wanted:
                return [*_steps(before, start, state), step]
            if step.target not in before and step.target != start and step.target not in avoided:
                before[step.target] = (state, step)
                waiting.append(step.target)
    return None


def reached(process: Process, state: str, wanted: str) -> bool:
    """Whether a state is the one that is wanted, or the one that a wanted step leads to."""
    if any(one.name == wanted for one in process.states):
        return state == wanted
    return any(one.name == wanted and one.target == state for one in process.steps)


def _steps(before: dict[str, tuple[str, Step]], start: str, end: str) -> list[Step]:
    made: list[Step] = []
    while end != start:
        end, step = before[end]
        made.append(step)
    return made[::-1]
