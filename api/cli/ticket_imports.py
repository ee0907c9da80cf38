"""`cmdb ticket import`: tickets of an older system."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.sources import tell_encodings
from api.cli.words import language, say, wrong
from api.messages import message
from api.ticket_imports import import_answer, rows_of_csv
from cmdb.schema.strict import read
from cmdb.services.external_systems import mapping_for
from cmdb.services.ticketing.importing import ImportReport, import_tickets
from cmdb.tickets.foreign import TicketMapping
from discovery import documents

group = typer.Typer()

SHOWN = 100
"""Errors and warnings told on stderr, unless the report is for programs."""


@group.command("import")
def import_(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV, its headings in the first row.")
    ],
    kind: Annotated[
        str | None, typer.Option("--kind", help="Kind of ticket, where no column says it.")
    ] = None,
    system: Annotated[
        str | None,
        typer.Option("--system", metavar="NAME", help="Whose they are (default: the file's name)."),
    ] = None,
    mapping_file: Annotated[
        str | None,
        typer.Option(
            "--mapping",
            metavar="FILE",
            help="How they read as ours, JSON or YAML (default: that of the system, if declared).",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Also what was changed here since the last import."),
    ] = False,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Take over tickets of an older system; the same number again is the same ticket.

    What was changed here since stays, and is told.

    Exit code 1 when rows were bad; good rows go in all the same.
    """
    named = system or Path(path).stem
    given = None if mapping_file is None else _mapping(mapping_file)
    with session.environment(store) as env, documents.open_file(path) as file:
        actor = session.actor()
        mapping = given or mapping_for(actor, env, named)
        if kind is not None:
            mapping = mapping.model_copy(update={"kind": kind})
        rows, encoding = rows_of_csv(file, path)
        report = import_tickets(
            actor,
            env,
            rows,
            system=named,
            mapping=mapping,
            dry_run=dry_run,
            overwrite=overwrite,
        )
    if form is session.Form.json:
        output.put_json(import_answer(report, dry_run, language(), encoding))
    else:
        tell_encodings({path: encoding})
        _tell(report, dry_run)
    return 1 if report.errors else 0


def _mapping(path: str) -> TicketMapping:
    data: Any = documents.load(path)
    if not isinstance(data, dict):
        raise wrong(path, "a mapping must be an object")
    return read(TicketMapping, data, path)


def _tell(report: ImportReport, dry_run: bool) -> None:
    for error in report.errors[:SHOWN]:
        output.complain(error)
    for warning in report.warnings[:SHOWN]:
        output.note(f"{say('warning: ')}{message(warning, language())}")
    for listed in (report.errors, report.warnings):
        if len(listed) > SHOWN:
            output.note(say("… and {count} more", count=len(listed) - SHOWN))
    columns = ("created", "changed", "unchanged", "errors")
    counts = (report.created, report.changed, report.unchanged, len(report.errors))
    output.put_rich(output.table(columns, [tuple(map(str, counts))]))
    if dry_run:
        output.note(say("nothing was changed"))
