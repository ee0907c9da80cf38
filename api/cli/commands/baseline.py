"""`cmdb baseline`: names for states of the CMDB."""

from typing import Annotated

import typer

from api.cli import output, session
from api.cli.words import say
from cmdb.services import baselines

group = typer.Typer(help="Name states of the CMDB; `--as-of` takes the names.")
COLUMNS = ("name", "seq", "at", "by", "ticket", "note")


@group.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    seq: Annotated[
        int | None, typer.Option(metavar="N", help="After which commit; left out: now.")
    ] = None,
    note: Annotated[str, typer.Option(help="What it is for.")] = "",
    store: session.StoreOption = None,
) -> int:
    """Name the state of now, or of an earlier commit."""
    with session.environment(store) as env:
        made = baselines.create_baseline(
            session.actor(), env, name, seq=seq, note=output.one_line(note)
        )
    output.put(f"{made.name} {made.seq}\n")
    return 0


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show the baselines, that of the latest state first."""
    with session.environment(store) as env:
        rows = [one.content() for one in baselines.list_baselines(session.actor(), env)]
    if form is session.Form.json:
        output.put_json({"baselines": rows})
    else:
        output.put_rich(
            output.table(COLUMNS, [tuple(str(row[n]) for n in COLUMNS) for row in rows])
        )
    return 0


@group.command()
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `list` has it.")],
    store: session.StoreOption = None,
) -> int:
    """Forget a name; the state stays in the log."""
    with session.environment(store) as env:
        baselines.remove_baseline(session.actor(), env, name)
    output.note(say("baseline {name} is removed", name=name))
    return 0
