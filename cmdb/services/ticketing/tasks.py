"""Tasks of a ticket: the steps of a change, with go or no-go, and of a request's fulfilment."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cmdb.errors import InvalidInput, MissingField, NotFound
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.steps import settle
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.parts import Task, TaskState
from cmdb.tickets.ticket import Ticket

MOST_TASKS = 200


@authorised(Permission.TICKETS)
def add_task(
    actor: Actor,
    env: Environment,
    number: str,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
) -> Ticket:
    """Add a task: its `title`, and perhaps `team`, `assignee`, `gate` (where go is said or not)."""

    def do(work: Work) -> None:
        ticket = _open(work, number)
        if not str(values.get("title", "")).strip():
            raise MissingField(place=number, name="title")
        if len(ticket.tasks) >= MOST_TASKS:
            raise InvalidInput(place=number, detail=f"it has {MOST_TASKS} tasks; open a child")
        last = max((one.id for one in ticket.tasks), default=0)
        given = {name: values[name] for name in ("title", "team", "assignee") if values.get(name)}
        task = Task(last + 1, **given, gate=bool(values.get("gate")))
        work.put(replace(ticket, tasks=(*ticket.tasks, task)))

    commit(actor, env, f"{number}: added a task", do, receipt)
    return current(env, number)


@authorised(Permission.TICKETS)
def finish_task(
    actor: Actor,
    env: Environment,
    number: str,
    task: int,
    state: TaskState = "done",
    result: str = "",
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Ticket:
    """Say that a task is done, skipped (no-go at a gate), or open again.

    Steps are taken in their order: a task waits for the gates before it.
    """

    def do(work: Work) -> None:
        ticket = _open(work, number, expected)
        known = {one.id: one for one in ticket.tasks}
        if task not in known:
            raise NotFound(kind="task", name=f"{number} {task}")
        barred = [one for one in ticket.tasks if one.gate and one.id < task and one.state != "done"]
        if barred and state == "done":
            detail = f"task {task} must wait until go is said at {barred[0].id} '{barred[0].title}'"
            raise InvalidInput(place=number, detail=detail)
        after = replace(known[task], state=state, at=work.at, by=work.who, result=result)
        tasks = tuple(after if one.id == task else one for one in ticket.tasks)
        work.put(replace(ticket, tasks=tasks))
        settle(work, number)

    commit(actor, env, f"{number}: task {task} {state}", do, receipt)
    return current(env, number)


def _open(work: Work, number: str, expected: int | None = None) -> Ticket:
    ticket = work.seen(number, expected)
    if work.process(ticket).state(ticket.state).kind == "closed":
        raise InvalidInput(place=number, detail="it is closed; open another")
    return ticket
