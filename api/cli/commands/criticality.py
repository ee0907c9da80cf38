"""`cmdb criticality`: single points of failure, and what would take a service down."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.commands.impact import AsOfOption, failure, numbered
from api.cli.criticality_view import cuts_view, ranking_view
from api.cli.words import wrong
from api.criticality_csv import cuts_csv, ranking_csv
from cmdb.services.criticality import MAX_SIZE, cuts, rank


class CriticalityForm(StrEnum):
    """Forms of the answer."""

    table = "table"
    json = "json"
    csv = "csv"


def command(
    service: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="What would take this service (or any CI) down?"),
    ] = None,
    failed: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY[=STATE]", help="With --service: what has failed already."),
    ] = None,
    size: Annotated[
        int, typer.Option(min=1, max=MAX_SIZE, help="With --service: so many failures at once.")
    ] = 2,
    limit: Annotated[int, typer.Option(min=1, help="Rows shown.")] = 50,
    seconds: Annotated[
        float, typer.Option(min=0.001, help="With --service: how long to look, at most.")
    ] = 10.0,
    as_of: AsOfOption = None,
    form: Annotated[
        CriticalityForm, typer.Option("--format", help="For people, or for programs.")
    ] = CriticalityForm.table,
    store: session.StoreOption = None,
) -> int:
    """Rank what takes others down alone, or find the smallest failures that take a service down."""
    if failed and service is None:
        raise wrong("--failed", "it needs --service")
    with session.environment(store) as env:
        moment = numbered(as_of)
        if service is None:
            ranking = rank(session.actor(), env, as_of=moment)
            answer = {**ranking.head(), "items": ranking.rows(0, limit)}
            _put(form, answer, ranking_view, lambda found: ranking_csv(found["items"]))
        else:
            failures = [failure(text) for text in failed or ()]
            answer = cuts(
                session.actor(),
                env,
                service,
                failures,
                size=size,
                seconds=seconds,
                limit=limit,
                as_of=moment,
            )
            _put(form, answer, cuts_view, cuts_csv)
    return 0


def _put(
    form: CriticalityForm,
    answer: dict[str, Any],
    view: Callable[[dict[str, Any]], Iterable[Any]],
    csv: Callable[[dict[str, Any]], bytes],
) -> None:
    if form is CriticalityForm.table:
        output.put_rich(*view(answer))
    elif form is CriticalityForm.json:
        output.put_json(answer)
    else:
        output.put(csv(answer))
