"""`cmdb report`: reports."""

from dataclasses import asdict
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.words import say
from cmdb.reports.root_cause_accuracy import TOPS, Accuracy, accuracy, by_period
from cmdb.services.ticketing.accuracy import root_cause_verdicts

group = typer.Typer(help="Reports on what is in the CMDB.")


@group.callback()
def reports() -> None:
    """Reports on what is in the CMDB."""


@group.command("root-cause-accuracy")
def root_cause_accuracy(
    limit: Annotated[
        int, typer.Option(min=1, max=2000, help="So many incidents, the latest, at most.")
    ] = 200,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """How often root cause analysis was right, on incidents whose cause was confirmed."""
    with session.environment(store) as env:
        verdicts = root_cause_verdicts(session.actor(), env, limit=limit)
    found = [*by_period(verdicts), accuracy(verdicts)]
    if form is session.Form.json:
        rows = [asdict(one) for one in found]
        output.put_json({"whole": rows[-1], "months": rows[:-1]})
    else:
        tops = tuple(f"top {k}" for k in TOPS)
        columns = ("month", "incidents", *tops, "mean reciprocal rank", "calibration error")
        output.put_rich(output.table(columns, [_row(one) for one in found]))
    return 0


def _row(one: Accuracy) -> tuple[str, ...]:
    shares = (*one.top.values(), one.mean_reciprocal_rank, one.calibration_error)
    return (one.period or say("all"), str(one.count), *(f"{share:.2f}" for share in shares))
