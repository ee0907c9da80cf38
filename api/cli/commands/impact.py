"""`cmdb impact`: what fails with what."""

from typing import Annotated

import typer

from api.cli import batch, output, session
from api.cli.impact_view import view
from api.cli.words import wrong
from cmdb.services.impact import FAILED_STATES, Failure, blast_radius


def command(
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY[=STATE]...",
            help="What fails: key, alias, unique name or source:key;"
            " STATE is down (the default), degraded or at_risk.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="T", help="Commit number or ISO 8601 time.")
    ] = None,
    form: Annotated[
        session.Form | None, typer.Option("--format", help="For people, or for programs.")
    ] = None,
    batch_file: Annotated[
        str | None,
        typer.Option(
            "--batch",
            metavar="FILE",
            help="A JSON request a line ('-': stdin), all on one snapshot.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Show all rows of the table.")] = False,
    store: session.StoreOption = None,
) -> int:
    """Show what else fails, or is at risk, when these configuration items fail."""
    if batch_file is not None:
        if keys or as_of is not None or every or form is session.Form.table:
            raise wrong("--batch", "it takes no keys, no --as-of, no --all and gives no table")
        with session.environment(store) as env:
            return batch.answer(env, session.actor(), batch_file)
    if not keys:
        raise wrong("KEY", "name at least one configuration item, or give --batch FILE")
    with session.environment(store) as env:
        failures = [failure(text) for text in keys]
        radius = blast_radius(session.actor(), env, failures, as_of=as_of)
        if form is session.Form.json:
            output.put_json({**radius.answer(), "as_of": batch.echoed(as_of)})
        else:
            output.put_rich(*view(radius, every))
    return 0


def failure(text: str) -> Failure:
    """`KEY` or `KEY=STATE`; a key may hold '=' itself, so only a known state counts."""
    reference, _, state = text.rpartition("=")
    if reference and state in FAILED_STATES:
        return Failure(reference, state)
    return Failure(text)
