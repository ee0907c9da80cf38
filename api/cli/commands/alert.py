"""`cmdb alert`: what monitoring says: list, show, send, and the rules that it goes by."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say, wrong
from api.tickets import timeline_rows
from cmdb.errors import CMDBError, NotFound
from cmdb.services import ticket_configuration as configuration
from cmdb.services.alerting.intake import alert_source, take_alerts
from cmdb.services.alerting.review import match_by_hand
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing import finding
from cmdb.services.ticketing.viewing import view_ticket
from cmdb.tickets.alerts import KIND, UNMATCHED, Alert
from discovery.alerting import Received, read

group = typer.Typer(help="List, show, match and send alerts of monitoring.")

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the alert, ALT-….")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="So many at most.")]
COLUMNS = ("number", "state", "severity", "source", "title", "CI")
MOST_BYTES = 64 * 1024 * 1024


@group.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="Only in this state.")] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    ci: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this CI.")] = None,
    incident: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Only those of this incident.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    limit: Limit = 100,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the alerts that are not over, the latest first."""
    fields = {} if source is None else {"source": source}
    opened = None if everything or state is not None else True
    query = TicketQuery(
        states=None if state is None else frozenset({state}),
        open=opened,
        fields=fields,
        linked=incident,
    )
    return _listed(query, ci, limit, form, store)


@group.command()
def unmatched(
    limit: Limit = 100,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the alerts that match no CI for certain, and the CIs that they could be about."""
    query = TicketQuery(states=frozenset({UNMATCHED}))
    return _listed(query, None, limit, form, store)


def _listed(
    query: TicketQuery, ci: str | None, limit: int, form: session.Form, store: str | None
) -> int:

    asked = replace(query, kinds=frozenset({KIND}), descending=True, limit=limit)
    with session.environment(store) as env:
        found, _ = finding.list_tickets(session.actor(), env, asked, item=ci)
        shown = [view_ticket(session.actor(), env, one) for one in found]
    if form is session.Form.json:
        output.put_json({"alerts": shown})
        return 0
    rows = [
        (
            one["number"],
            one["state"],
            one["fields"].get("severity", ""),
            one["fields"].get("source", ""),
            one["title"],
            ", ".join(tie["key"] for tie in one["items"])
            or "? " + ", ".join(one["fields"].get("candidates", ())),
        )
        for one in shown
    ]
    output.put_rich(output.table(COLUMNS, rows))
    return 0


@group.command()
def show(number: Number, store: session.StoreOption = None) -> int:
    """Show an alert with what happened to it, as JSON."""
    with session.environment(store) as env:
        actor = session.actor()
        ticket = finding.get_ticket(actor, env, number)
        if ticket.kind != KIND:
            raise NotFound(kind="alert", name=number)
        content = view_ticket(actor, env, ticket)
        happened = timeline_rows(finding.timeline(actor, env, number))
    output.put_json({**content, "timeline": happened}, indent=True)
    return 0


@group.command()
def match(
    number: Number,
    ci: Annotated[str, typer.Argument(metavar="KEY", help="The CI that it is about.")],
    store: session.StoreOption = None,
) -> int:
    """Say which CI an alert is about that was kept for review."""
    with session.environment(store) as env:
        ticket = match_by_hand(session.actor(), env, number, ci)
    key = ticket.tied("affected")[0]
    output.note(say("{number} is about {key}", number=number, key=key))
    return 0


@group.command()
def rules(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show sources and rules in force; `cmdb ticket config put alert_rule FILE` sets one."""
    kinds = ("alert_source", "alert_rule")
    with session.environment(store) as env:
        actor = session.actor()
        kept = [one for kind in kinds for one in configuration.list_settings(actor, env, kind)]
    if form is session.Form.json:
        said = [{"kind": one.kind, "name": one.name, **one.body()} for one in kept]
        output.put_json({"settings": said})
        return 0
    rows = [(one.kind, one.name, _words(one.body())) for one in kept]
    output.put_rich(output.table(("kind of setting", "name", "value"), rows))
    return 0


def _words(body: dict[str, Any]) -> str:
    hidden = ("mapping",)
    plain = [(n, v) for n, v in body.items() if n not in hidden and v not in ([], None)]
    return ", ".join(f"{name} {_word(value)}" for name, value in plain)


def _word(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, list) else str(value)


@group.command()
def send(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="What a source would send; - is stdin.")
    ],
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORM", help="Its form; none: that of the source."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The source; none: that named as the form."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Take in alerts from a file, as if their source had sent them."""
    name = source or form
    if name is None:
        raise wrong("--source", "name the source, or the form with --format")
    with session.environment(store) as env:
        known = alert_source(session.actor(), env, name)
        if form is not None:
            known = known.model_copy(update={"format": form})
        found = list(read(Received(_content(path), known, env.clock())))
        alerts = [one for one in found if isinstance(one, Alert)]
        taken = take_alerts(session.actor(), env, alerts)
    errors = [one for one in found if isinstance(one, CMDBError)]
    for error in errors:
        output.complain(error)
    text = "{new} new, {changed} changed, {repeated} repeated, {unmatched} of them unmatched"
    counts = {one: getattr(taken, one) for one in ("new", "changed", "repeated", "unmatched")}
    output.note(say(text, **counts))
    return 1 if errors else 0


def _content(path: str) -> bytes:
    try:
        with sys.stdin.buffer if path == "-" else Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise wrong(path, "the file cannot be read: {reason}", reason=error.strerror) from None
    if len(data) > MOST_BYTES:
        raise wrong(path, "it is too large; split it")
    return data
