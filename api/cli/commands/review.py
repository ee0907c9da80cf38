"""`cmdb review`: what sources disagree about, and what each answer would do."""

from typing import Annotated

import typer

from api import identity
from api.cli import output, session
from api.cli.identity_view import disputed, reasons, review_parts, second
from api.cli.words import say
from cmdb.services import decisions, reviews
from cmdb.services.catalog import get_catalog

group = typer.Typer(help="Show what waits for somebody's decision; 'cmdb decide' decides.")


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show everything that is disputed, oldest first."""
    with session.environment(store) as env:
        found = reviews.list_reviews(session.actor(), env)
    rows = [identity.review(one) for one in found]
    if form is session.Form.json:
        output.put_json({"reviews": rows})
    else:
        columns = ("number", "disputed", "reason", "claims", "since", "proposed")
        cells = [
            (
                row["id"],
                disputed(row),
                reasons(row),
                ", ".join(row["claims"]),
                second(row["since"]),
                say(row["proposal"]),
            )
            for row in rows
        ]
        output.put_rich(output.table(columns, cells))
    return 0


@group.command()
def show(
    number: Annotated[str, typer.Argument(metavar="ID", help="As `list` has it.")],
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the evidence side by side, and what each answer changes; nothing is done."""
    with session.environment(store) as env, output.progress():
        actor = session.actor()
        found, claims = reviews.get_review(actor, env, number)
        answers = decisions.choices(actor, env, number)
        known = identity.identifiers(get_catalog(actor, env))
    review = identity.review(found)
    evidence = identity.evidence(found, claims, known)
    choices = [identity.choice(one) for one in answers]
    if form is session.Form.json:
        output.put_json({**review, "evidence": evidence, "choices": choices})
    else:
        output.put_rich(*review_parts(review, evidence, choices))
    return 0
