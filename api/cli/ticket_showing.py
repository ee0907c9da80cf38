"""`cmdb ticket list`, `show` and so on: what there is to know of tickets."""

from typing import Annotated, Any

import typer

from api.cli import impact_view, output, root_cause_view
from api.cli.ticket_options import Call, Number, command, shown
from api.cli.ticket_view import list_table, ticket_parts, timeline_table, waiting_table
from api.cli.words import say, wrong
from api.tickets import ticket_query, timeline_rows
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing import finding
from cmdb.services.ticketing.diagnosis import Along, diagnose_ticket
from cmdb.services.ticketing.impact import ticket_impact
from cmdb.services.ticketing.worklist import worklist
from cmdb.services.times import moment
from cmdb.services.users import people
from cmdb.tickets.ticket import Ticket

group = typer.Typer()

DAY = 86_400.0
KindOption = Annotated[str | None, typer.Option("--kind", help="Only of this kind.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, max=1000, help="So many at most.")]


@command(group, "list")
def list_(
    call: Call,
    kind: KindOption = None,
    state: Annotated[str | None, typer.Option(help="Only in this state.")] = None,
    open: Annotated[
        bool | None, typer.Option("--open/--ended", help="Only open ones, or ended ones.")
    ] = None,
    priority: Annotated[int | None, typer.Option(help="Only of this priority.")] = None,
    team: Annotated[str | None, typer.Option(help="Only of this team.")] = None,
    assignee: Annotated[str | None, typer.Option(help="Only of this assignee.")] = None,
    requester: Annotated[str | None, typer.Option(help="Only of this requester.")] = None,
    category: Annotated[str | None, typer.Option(help="Only of this category.")] = None,
    item: Annotated[str | None, typer.Option(metavar="KEY", help="Only those of this CI.")] = None,
    role: Annotated[
        str | None, typer.Option(help="With --item: only those in which it has this role.")
    ] = None,
    linked: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Only those linked to this ticket.")
    ] = None,
    opened_from: Annotated[
        str | None, typer.Option(metavar="T", help="Opened then or later.")
    ] = None,
    opened_to: Annotated[
        str | None, typer.Option(metavar="T", help="Opened then or before.")
    ] = None,
    breach_by: Annotated[
        str | None, typer.Option(metavar="T", help="Whose service level is missed by then.")
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            help="opened, changed, priority, breach, due or number; - before it turns it round."
        ),
    ] = "-opened",
    limit: LimitOption = 100,
) -> None:
    """Show tickets, those opened last first."""
    said = {
        **{"state": state, "open": open, "priority": priority, "team": team},
        **{"assignee": assignee, "requester": requester, "category": category, "role": role},
        **{"item": item, "linked": linked, "opened_from": opened_from, "opened_to": opened_to},
        **{"breach_by": breach_by},
    }
    query = ticket_query(kind, said, sort=sort, limit=limit)
    found, following = finding.list_tickets(call.actor, call.env, query, item=item)
    _put(call, found)
    if following is not None:
        output.note(say("there are more; give a greater --limit"))


@command(group)
def waiting(
    call: Call,
    own: Annotated[bool, typer.Option("--own", help="Not what waits for the teams.")] = False,
    limit: LimitOption = 100,
) -> None:
    """Show what waits for a user: approvals and open tasks; see `--as`."""
    if call.actor.user not in people(call.env):
        raise wrong("--as", "name the user for whom it waits")
    rows, following = worklist(call.actor, call.env, teams=not own, limit=limit)
    if call.json:
        output.put_json({"waiting": rows})
    else:
        output.put_rich(waiting_table(rows))
    if following is not None:
        output.note(say("there are more; give a greater --limit"))


@command(group)
def show(call: Call, number: Number) -> None:
    """Show all of a ticket."""
    view = shown(call, finding.get_ticket(call.actor, call.env, number))
    if call.json:
        output.put_json(view)
    else:
        output.put_rich(*ticket_parts(view))


@command(group)
def timeline(
    call: Call,
    number: Number,
    after: Annotated[int, typer.Option(min=0, help="Only what came after this commit.")] = 0,
    limit: LimitOption = 1000,
) -> None:
    """Show what happened to a ticket: every change and note."""
    found = finding.timeline(call.actor, call.env, number, after=after, limit=limit)
    rows = timeline_rows(found)
    if call.json:
        output.put_json({"timeline": rows})
    else:
        output.put_rich(timeline_table(rows))


@command(group)
def search(
    call: Call,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words in English or Chinese.")],
    kind: KindOption = None,
    some: Annotated[bool, typer.Option("--some", help="Some of the words are enough.")] = False,
    limit: LimitOption = 20,
) -> None:
    """Find tickets by their words, the best first."""
    query = TicketQuery(kinds=None if kind is None else frozenset({kind}), limit=limit)
    found = finding.search_tickets(call.actor, call.env, text, query, every=not some)
    _put(call, [ticket for _, ticket in found])


@command(group)
def forecast(
    call: Call,
    until: Annotated[
        str | None, typer.Option(metavar="T", help="An ISO 8601 time; none: in one day.")
    ] = None,
    limit: LimitOption = 200,
) -> None:
    """Show open tickets whose next service level is, or will be, missed; the next first."""
    when = None if until is None else moment(until, "command line", "until")
    wanted = call.env.clock() + DAY if when is None else when
    found = finding.forecast(call.actor, call.env, until=wanted, limit=limit)
    _put(call, [ticket for _, ticket in found])


@command(group)
def impact(
    call: Call,
    number: Number,
    as_assessed: Annotated[
        bool, typer.Option("--as-assessed", help="As the graph was when it was assessed.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Show all rows of the table.")] = False,
) -> None:
    """Show what its CIs take with them."""
    found = ticket_impact(call.actor, call.env, number, as_assessed=as_assessed)
    if call.json:
        said = None if found.radius is None else found.radius.answer()
        output.put_json({"impact": said, "added": found.added, "excluded": found.excluded})
        return
    if found.radius is not None:
        output.put_rich(*impact_view.view(found.radius, every))
    for keys, text in (
        (found.added, "added by hand: {keys}"),
        (found.excluded, "not hit, as people say: {keys}"),
    ):
        if keys:
            output.put(f"{say(text, keys=', '.join(keys))}\n")
    if found.radius is None:
        output.note(say("it names no CI of the graph that could fail"))


def _put(call: Call, found: list[Ticket]) -> None:
    views = [shown(call, one) for one in found]
    if call.json:
        output.put_json({"tickets": views})
    else:
        output.put_rich(list_table(views))


@command(group)
def diagnose(
    call: Call,
    number: Number,
    healthy: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="A CI that is known to be well.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="So many causes at most.")] = 10,
) -> None:
    """The likeliest causes of an incident, and what is known along the way from each."""
    found = diagnose_ticket(call.actor, call.env, number, healthy or (), limit=limit)
    content = found.answer.content()
    if call.json:
        output.put_json({**content, "along": [_along(one) for one in found.along]})
    else:
        output.put_rich(*root_cause_view.view(content))
        for one in found.along:
            for line in _told(one):
                output.put(f"{line}\n")


def _along(one: Along) -> dict[str, Any]:
    tickets = {"changes": one.changes, "known_errors": one.known_errors, "past": one.past}
    numbers = {name: [ticket.number for ticket in known] for name, known in tickets.items()}
    return {"key": one.key, "services": one.services, **numbers}


def _told(one: Along) -> list[str]:
    """What is known along the way, a line each."""
    services = ", ".join(f"{row['key']} ({say(row['state'])})" for row in one.services)
    changes, errors, past = (
        ", ".join(f"{ticket.number} {ticket.title}" for ticket in known)
        for known in (one.changes, one.known_errors, one.past)
    )
    lines = (
        (services, "services hit by {key}: {services}", {"services": services}),
        (changes, "changes on the way from {key}: {changes}", {"changes": changes}),
        (errors, "known errors of {key}: {errors}", {"errors": errors}),
        (past, "before, {key} was the cause of {past}", {"past": past}),
    )
    return [say(text, key=one.key, **filled) for known, text, filled in lines if known]
