"""`cmdb ticket open`, `step` and so on: what is done with tickets."""

from typing import Annotated, Any

import typer

from api.cli import output
from api.cli.ticket_options import (
    Call,
    FieldOption,
    ItemOption,
    LinkOption,
    Number,
    command,
    fields_of,
    items_of,
    links_of,
)
from cmdb.errors import UnknownName
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import approvals, editing, notes, surveys, tasks
from cmdb.services.ticketing.finding import get_ticket
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.tickets.forms import COMMON_FIELDS
from cmdb.tickets.parts import Decision, TaskState
from cmdb.tickets.process import FormField, Process
from cmdb.tickets.ticket import Ticket

group = typer.Typer()
task = typer.Typer(help="Add tasks to a ticket, and finish them.")
group.add_typer(task, name="task")

TitleOption = Annotated[str | None, typer.Option("--title", help="What it is about.")]
Comment = Annotated[str, typer.Option("--comment", help="Why.")]
Decided = Annotated[str, typer.Argument(metavar="DECISION", help="approved or rejected.")]
DECISIONS: tuple[Decision, ...] = ("approved", "rejected")
TASK_STATES: tuple[TaskState, ...] = ("done", "skipped", "open")


@command(group, "open")
def open_(
    call: Call,
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
) -> Ticket:
    """Open a ticket; prints its number."""
    in_force = settings(call.env)
    values = _titled(title, fields_of(_fields(in_force.processes.get(kind)), field))
    ordered = in_force.catalogue.get(str(values.get("item", "")))
    answers = fields_of(() if ordered is None else ordered.form, reply)
    opening = Opening(kind, values, items_of(item), links_of(link), answers)
    ticket = open_ticket(call.actor, call.env, opening)
    if not call.json:
        output.put(f"{ticket.number}\n")
    return ticket


@command(group)
def edit(
    call: Call,
    number: Number,
    title: TitleOption = None,
    field: FieldOption = None,
    item: ItemOption = None,
    link: LinkOption = None,
) -> Ticket:
    """Change fields; `--item` and `--link`, where given, replace all there were."""
    values = _titled(title, fields_of(_fields_of(call, number), field))
    return editing.edit_ticket(
        call.actor,
        call.env,
        number,
        values,
        items=None if item is None else items_of(one for one in item if one),
        links=None if link is None else links_of(one for one in link if one),
    )


@command(group)
def step(
    call: Call,
    number: Number,
    name: Annotated[str, typer.Argument(metavar="STEP", help="`show` lists what can be done.")],
    field: FieldOption = None,
) -> Ticket:
    """Take a step of its process, and fill fields with it."""
    values = fields_of(_fields_of(call, number), field)
    return take_step(call.actor, call.env, number, name, values)


@command(group)
def note(
    call: Call,
    number: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is written.")],
    private: Annotated[
        bool, typer.Option("--private", help="Only for those who work on tickets.")
    ] = False,
) -> Ticket:
    """Write on a ticket: a comment, or a work note."""
    return notes.write_note(call.actor, call.env, number, text, public=not private)


@command(group)
def vote(call: Call, number: Number, decision: Decided, comment: Comment = "") -> Ticket:
    """Approve or reject, as somebody who is asked; see `--as`."""
    chosen: Decision = _one_of(decision, DECISIONS, "decision")
    return approvals.vote(call.actor, call.env, number, chosen, comment)


@command(group)
def rate(
    call: Call,
    number: Number,
    rating: Annotated[int, typer.Argument(metavar="RATING", help="From 1, bad, to 5, good.")],
    comment: Annotated[str, typer.Option("--comment", help="In words.")] = "",
) -> Ticket:
    """Say how it was, as its requester, once it is over."""
    return surveys.rate(call.actor, call.env, number, rating, comment)


@command(task)
def add(
    call: Call,
    number: Number,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What is to be done.")],
    team: Annotated[str, typer.Option("--team", help="Whose it is.")] = "",
    assignee: Annotated[str, typer.Option("--assignee", help="Who does it.")] = "",
    gate: Annotated[bool, typer.Option("--gate", help="Go or no-go is said here.")] = False,
) -> Ticket:
    """Add a task at the end."""
    values = {"title": title, "team": team, "assignee": assignee, "gate": gate}
    return tasks.add_task(call.actor, call.env, number, values)


@command(task)
def finish(
    call: Call,
    number: Number,
    id: Annotated[int, typer.Argument(metavar="ID", help="As `show` has it.")],
    state: Annotated[
        str, typer.Option("--state", help="done, skipped (at a gate: no-go) or open again.")
    ] = "done",
    result: Annotated[str, typer.Option("--result", help="What came of it.")] = "",
) -> Ticket:
    """Say what became of a task."""
    chosen: TaskState = _one_of(state, TASK_STATES, "state")
    return tasks.finish_task(call.actor, call.env, number, id, chosen, result)


def _titled(title: str | None, values: dict[str, Any]) -> dict[str, Any]:
    return values if title is None else {**values, "title": title}


def _fields_of(call: Call, number: str) -> tuple[FormField, ...]:
    """The fields of the form of a ticket."""
    ticket = get_ticket(call.actor, call.env, number)
    return _fields(settings(call.env).versions[ticket.kind, ticket.version])


def _fields(process: Process | None) -> tuple[FormField, ...]:
    return COMMON_FIELDS + (() if process is None else process.fields)


def _one_of(text: str, known: tuple[Any, ...], kind: str) -> Any:
    if text not in known:
        raise UnknownName(place="command line", kind=kind, name=text, known=known)
    return text
