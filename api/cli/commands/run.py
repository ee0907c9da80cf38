"""`cmdb run`: what one import or scan did, and how to take all of it back."""

from typing import Annotated

import typer

from api import identity
from api.cli import output, session
from api.cli.identity_view import plan_parts, second
from api.cli.words import say
from cmdb.services import runs

group = typer.Typer(help="Show a run, or undo it as a whole.")

Id = Annotated[str, typer.Argument(metavar="ID", help="As `cmdb import` prints it.")]


@group.command()
def show(
    number: Id, form: session.FormOption = session.Form.table, store: session.StoreOption = None
) -> int:
    """Show who ran it, when, why, and its commits."""
    with session.environment(store) as env:
        found = identity.run(runs.get_run(session.actor(), env, number))
    if form is session.Form.json:
        output.put_json(found)
    else:
        columns = ("number", "who", "at", "reason", "commits")
        commits = ", ".join(str(seq) for seq in found["commits"])
        row = (found["id"], found["actor"], second(found["at"]), found["reason"], commits)
        output.put_rich(output.table(columns, [row]))
    return 0


@group.command()
def undo(
    number: Id, form: session.FormOption = session.Form.table, store: session.StoreOption = None
) -> int:
    """Take back every word of a run, in one commit; what was said or decided since stays."""
    with session.environment(store) as env:
        plan = runs.undo_run(session.actor(), env, number)
    steps = [identity.step(one) for one in plan.steps]
    if form is session.Form.json:
        output.put_json({"run": number, "steps": steps})
    else:
        output.put_rich(*plan_parts(steps, None))
    output.note(say("run {number} is undone", number=number))
    return 0
