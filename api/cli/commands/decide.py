"""`cmdb decide`: what people decide about identity; all of it can be undone."""

from typing import Annotated

import typer

from api import identity
from api.cli import output, session
from api.cli.words import say
from cmdb.identity.decisions import Decision
from cmdb.services import decisions

group = typer.Typer(help="Merge, split, pin and ignore; list and undo what was decided.")

ReasonOption = Annotated[str, typer.Option(help="Why; stands in the log.")]
CLAIM = "A claim, as source:key."


@group.command()
def merge(
    keys: Annotated[list[str], typer.Argument(metavar="KEY KEY...", help="CIs that are one.")],
    reason: ReasonOption = "",
    store: session.StoreOption = None,
) -> int:
    """Decide that CIs are one, and print the decision's id; the oldest keeps its key."""
    with session.environment(store) as env:
        made = decisions.merge(session.actor(), env, keys, output.one_line(reason))
    return _made(made)


@group.command()
def split(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A CI that is two.")],
    claims: Annotated[list[str], typer.Argument(metavar="CLAIM...", help=f"{CLAIM} These go.")],
    reason: ReasonOption = "",
    store: session.StoreOption = None,
) -> int:
    """Decide that some claims of a CI are about another one than the rest."""
    with session.environment(store) as env:
        made = decisions.split(session.actor(), env, key, claims, output.one_line(reason))
    return _made(made)


@group.command()
def pin(
    claim: Annotated[str, typer.Argument(metavar="CLAIM", help=CLAIM)],
    key: Annotated[str, typer.Argument(metavar="KEY", help="The CI it is about.")],
    reason: ReasonOption = "",
    store: session.StoreOption = None,
) -> int:
    """Decide that a claim is about a CI, whatever it says of identity."""
    with session.environment(store) as env:
        made = decisions.pin(session.actor(), env, claim, key, output.one_line(reason))
    return _made(made)


@group.command()
def ignore(
    claims: Annotated[list[str] | None, typer.Argument(metavar="CLAIM...", help=CLAIM)] = None,
    review: Annotated[
        str | None,
        typer.Option(metavar="ID", help="The value of this review identifies nothing."),
    ] = None,
    reason: ReasonOption = "",
    store: session.StoreOption = None,
) -> int:
    """Decide that claims do not count, or that a disputed value identifies nothing."""
    with session.environment(store) as env:
        made = decisions.ignore(
            session.actor(),
            env,
            review=review,
            claims=claims or (),
            reason=output.one_line(reason),
        )
    return _made(made)


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show all decisions in force."""
    with session.environment(store) as env:
        found = decisions.list_decisions(session.actor(), env)
    rows = [identity.decision(one) for one in found]
    if form is session.Form.json:
        output.put_json({"decisions": rows})
    else:
        columns = ("number", "decision", "claims", "others", "identifier", "reason")
        cells = [
            (
                row["id"],
                say(row["kind"]),
                ", ".join(row["claims"]),
                ", ".join(row["others"]),
                " ".join(part for part in (row["rule"], row["value"]) if part),
                row["reason"],
            )
            for row in rows
        ]
        output.put_rich(output.table(columns, cells))
    return 0


@group.command()
def undo(
    number: Annotated[str, typer.Argument(metavar="ID", help="As `list` has it.")],
    store: session.StoreOption = None,
) -> int:
    """Take a decision back: everything is concluded as if it had not been made."""
    with session.environment(store) as env:
        decisions.undo_decision(session.actor(), env, number)
    output.note(say("decision {number} is undone", number=number))
    return 0


def _made(decision: Decision) -> int:
    output.put(f"{decision.id}\n")
    return 0
