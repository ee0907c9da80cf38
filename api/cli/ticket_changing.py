"""`cmdb ticket open`, `step` and so on: what is done with tickets."""

from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.ticket_options import (
    AsOption,
    FieldOption,
    ItemOption,
    LinkOption,
    Number,
    acting,
    answer,
    fields_of,
    items_of,
    links_of,
)
from cmdb.errors import UnknownName
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import approvals, editing, notes, surveys, tasks
from cmdb.services.ticketing.finding import get_ticket
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.tickets.forms import COMMON_FIELDS
from cmdb.tickets.parts import Decision, TaskState
from cmdb.tickets.process import FormField, Process

group = typer.Typer()
task = typer.Typer(help="Add tasks to a ticket, and finish them.")
group.add_typer(task, name="task")

TitleOption = Annotated[str | None, typer.Option("--title", help="What it is about.")]
Comment = Annotated[str, typer.Option("--comment", help="Why.")]
Decided = Annotated[str, typer.Argument(metavar="DECISION", help="approved or rejected.")]
DECISIONS: tuple[Decision, ...] = ("approved", "rejected")
TASK_STATES: tuple[TaskState, ...] = ("done", "skipped", "open")


@group.command("open")
def open_(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as incident or change.")],
    title: TitleOption = None,
    field: FieldOption = None,
    item: ItemOption = None,
    link: LinkOption = None,
    reply: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            metavar="NAME=VALUE",
            help="An answer to the form of what is ordered; several.",
        ),
    ] = None,
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Open a ticket; prints its number."""
    with session.environment(store) as env:
        actor, in_force = acting(env, user), settings(env)
        values = _titled(title, fields_of(_fields(in_force.processes.get(kind)), field))
        ordered = in_force.catalogue.get(str(values.get("item", "")))
        answers = fields_of(() if ordered is None else ordered.form, reply)
        opening = Opening(kind, values, items_of(item), links_of(link), answers)
        ticket = open_ticket(actor, env, opening)
        if form is session.Form.table:
            output.put(f"{ticket.number}\n")
        return answer(actor, env, ticket, form)


@group.command()
def edit(
    number: Number,
    title: TitleOption = None,
    field: FieldOption = None,
    item: ItemOption = None,
    link: LinkOption = None,
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Change fields; `--item` and `--link`, where given, replace all there were."""
    with session.environment(store) as env:
        actor = acting(env, user)
        values = _titled(title, fields_of(_fields_of(actor, env, number), field))
        ticket = editing.edit_ticket(
            actor,
            env,
            number,
            values,
            items=None if item is None else items_of(one for one in item if one),
            links=None if link is None else links_of(one for one in link if one),
        )
        return answer(actor, env, ticket, form)


@group.command()
def step(
    number: Number,
    name: Annotated[str, typer.Argument(metavar="STEP", help="`show` lists what can be done.")],
    field: FieldOption = None,
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Take a step of its process, and fill fields with it."""
    with session.environment(store) as env:
        actor = acting(env, user)
        values = fields_of(_fields_of(actor, env, number), field)
        return answer(actor, env, take_step(actor, env, number, name, values), form)


@group.command()
def note(
    number: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is written.")],
    private: Annotated[
        bool, typer.Option("--private", help="Only for those who work on tickets.")
    ] = False,
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Write on a ticket: a comment, or a work note."""
    with session.environment(store) as env:
        actor = acting(env, user)
        ticket = notes.write_note(actor, env, number, text, public=not private)
        return answer(actor, env, ticket, form)


@group.command()
def vote(
    number: Number,
    decision: Decided,
    comment: Comment = "",
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Approve or reject, as somebody who is asked; see `--as`."""
    chosen: Decision = _one_of(decision, DECISIONS, "decision")
    with session.environment(store) as env:
        actor = acting(env, user)
        return answer(actor, env, approvals.vote(actor, env, number, chosen, comment), form)


@group.command()
def rate(
    number: Number,
    rating: Annotated[int, typer.Argument(metavar="RATING", help="From 1, bad, to 5, good.")],
    comment: Annotated[str, typer.Option("--comment", help="In words.")] = "",
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Say how it was, as its requester, once it is over."""
    with session.environment(store) as env:
        actor = acting(env, user)
        return answer(actor, env, surveys.rate(actor, env, number, rating, comment), form)


@task.command()
def add(
    number: Number,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done.")],
    team: Annotated[str, typer.Option("--team", help="Whose it is.")] = "",
    assignee: Annotated[str, typer.Option("--assignee", help="Who does it.")] = "",
    gate: Annotated[bool, typer.Option("--gate", help="Go or no-go is said here.")] = False,
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Add a task at the end."""
    values = {"title": title, "team": team, "assignee": assignee, "gate": gate}
    with session.environment(store) as env:
        actor = acting(env, user)
        return answer(actor, env, tasks.add_task(actor, env, number, values), form)


@task.command()
def finish(
    number: Number,
    id: Annotated[int, typer.Argument(metavar="ID", help="As `show` has it.")],
    state: Annotated[
        str, typer.Option("--state", help="done, skipped (at a gate: no-go) or open again.")
    ] = "done",
    result: Annotated[str, typer.Option("--result", help="What came of it.")] = "",
    user: AsOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Say what became of a task."""
    chosen: TaskState = _one_of(state, TASK_STATES, "state")
    with session.environment(store) as env:
        actor = acting(env, user)
        return answer(actor, env, tasks.finish_task(actor, env, number, id, chosen, result), form)


def _titled(title: str | None, values: dict[str, Any]) -> dict[str, Any]:
    return values if title is None else {**values, "title": title}


def _fields_of(actor: Actor, env: Environment, number: str) -> tuple[FormField, ...]:
    """The fields of the form of a ticket."""
    ticket = get_ticket(actor, env, number)
    return _fields(settings(env).versions[ticket.kind, ticket.version])


def _fields(process: Process | None) -> tuple[FormField, ...]:
    return COMMON_FIELDS + (() if process is None else process.fields)


def _one_of(text: str, known: tuple[Any, ...], kind: str) -> Any:
    if text not in known:
        raise UnknownName(place="command line", kind=kind, name=text, known=known)
    return text
