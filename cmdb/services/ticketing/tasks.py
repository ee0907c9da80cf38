"""Tasks of a ticket: the steps of a change, with go or no-go, and of a request's fulfilment."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cmdb.errors import InvalidInput, NotFound
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.steps import settle
from cmdb.services.ticketing.values import not_there
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.forms import form_errors
from cmdb.tickets.parts import Task, TaskState, gates_before
from cmdb.tickets.process import FormField
from cmdb.tickets.ticket import Ticket, check_editing

MOST_TASKS = 200
FIELDS = (
    FormField(name="title", type="text", label="Title", label_zh="标题"),
    FormField(name="team", type="team", label="Team", label_zh="团队"),
    FormField(name="assignee", type="person", label="Assignee", label_zh="处理人"),
    FormField(name="gate", type="flag", label="Gate", label_zh="放行点"),
)
RESULT = FormField(name="result", type="words", label="Result", label_zh="结果")


@authorised(Permission.TICKETS)
def add_task(
    actor: Actor,
    env: Environment,
    number: str,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
) -> Ticket:
    """Add a task: its `title`, and perhaps `team`, `assignee`, `gate` (where go is said or not).

    Who may edit the ticket may; everything wrong is told.
    """

    def do(work: Work) -> None:
        ticket = work.seen(number)
        check_editing(work.process(ticket), ticket, roles_in(actor, ticket))
        place = f"{number}, task"
        wrong = form_errors(FIELDS, values, place, ("title",))
        refuse(wrong + not_there(work, FIELDS, values, place))
        if len(ticket.tasks) >= MOST_TASKS:
            raise InvalidInput(place=number, detail=f"it has {MOST_TASKS} tasks; open a child")
        last = max((one.id for one in ticket.tasks), default=0)
        given = {name: values[name] for name in ("title", "team", "assignee") if values.get(name)}
        task = Task(last + 1, **given, gate=bool(values.get("gate")), added=work.at)
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

    Steps are taken in their order: a task waits for the gates before it. Who may edit the ticket
    may, and those to whom the task is given.
    """

    def do(work: Work) -> None:
        ticket = work.seen(number, expected)
        known = {one.id: one for one in ticket.tasks}
        if task not in known:
            raise NotFound(kind="task", name=f"{number} {task}")
        process = work.process(ticket)
        given = _given_to(work, ticket, known[task])
        check_editing(process, ticket, process.editing if given else roles_in(actor, ticket))
        refuse(form_errors((RESULT,), {"result": result}, f"{number}, task {task}"))
        barred = gates_before(ticket.tasks, task)
        if barred and state == "done":
            detail = f"task {task} must wait until go is said at {barred[0].id} '{barred[0].title}'"
            raise InvalidInput(place=number, detail=detail)
        after = replace(known[task], state=state, at=work.at, by=work.who, result=result)
        tasks = tuple(after if one.id == task else one for one in ticket.tasks)
        work.put(replace(ticket, tasks=tasks))
        settle(work, number)

    commit(actor, env, f"{number}: task {task} {state}", do, receipt)
    return current(env, number)


def _given_to(work: Work, ticket: Ticket, task: Task) -> bool:
    """Whether a task is the actor's, or his team's while it is nobody's."""
    user = work.people.get(work.actor.user)
    if user is None:
        return False
    team = task.team or ticket.fields.get("team")
    return task.assignee == user.name or (not task.assignee and team in user.teams)
