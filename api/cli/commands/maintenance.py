"""`cmdb maintenance`: when CIs will not be in their usual state."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.words import say
from cmdb.services import maintenance

group = typer.Typer(help="Plan, list and remove maintenance windows.")


@group.command()
def add(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The CI, by any reference.")],
    starts: Annotated[str, typer.Option(metavar="T", help="ISO 8601 time, UTC without a zone.")],
    ends: Annotated[str, typer.Option(metavar="T", help="ISO 8601 time.")],
    state: Annotated[str, typer.Option(help="down, degraded or at_risk.")] = "down",
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    store: session.StoreOption = None,
) -> int:
    """Plan a window and print its number; `cmdb impact --at T` then takes it in."""
    values = {"key": key, "starts": starts, "ends": ends, "state": state}
    values["reason"] = output.one_line(reason)
    with session.environment(store) as env:
        window = maintenance.create_window(session.actor(), env, values)
    output.put(f"{window.id}\n")
    return 0


@group.command("list")
def list_(
    at: Annotated[
        str | None, typer.Option(metavar="T", help="Only those open at this time.")
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Only those of this CI.")] = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the windows, by their start."""
    with session.environment(store) as env:
        found = maintenance.list_windows(session.actor(), env, at=at, key=key)
    rows = [one.content() for one in found]
    if form is session.Form.json:
        output.put_json({"windows": rows})
    else:
        columns = ("id", "key", "starts", "ends", "state", "reason")
        cells = [tuple(say(row[n]) if n == "state" else row[n] for n in columns) for row in rows]
        output.put_rich(output.table(("number", *columns[1:]), cells))
    return 0


@group.command()
def remove(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As `list` has it.")],
    store: session.StoreOption = None,
) -> int:
    """Remove a window; it stays in the log."""
    with session.environment(store) as env:
        maintenance.delete_window(session.actor(), env, number)
    output.note(say("window {number} is removed", number=number))
    return 0
