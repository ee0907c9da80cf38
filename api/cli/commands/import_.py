"""`cmdb import`: reconcile files into the store."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.sources import Files
from api.cli.words import say, wrong
from cmdb.services.ingest import IngestReport, ingest

SHOWN = 100
"""Errors and warnings told on stderr, unless the report is for programs."""


def command(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="JSON or YAML files.")],
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Format of the files, such as estate or netbox (default: what they look like).",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who says this (default: the format's name)."),
    ] = None,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="This is all the source knows: withdraw what is missing."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    form_out: Annotated[
        session.Form, typer.Option("--output", help="The report for people, or for programs.")
    ] = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Reconcile files into the store; several files are one run. Exit code 1 when rows were bad."""
    if source is not None and (not source.strip() or not source.isprintable()):
        raise wrong("--source", "it must be a name of printable characters")
    with session.environment(store) as env, output.progress() as progress:
        files = Files(paths, form, lambda path: progress(f"{say('reading')} {path}", 0, 0))
        report = ingest(
            session.actor(),
            env,
            files.observations(),
            source=source or files.format,
            reason=_reason(paths),
            complete=complete,
            dry_run=dry_run,
            progress=progress,
        )
    for_people = form_out is session.Form.table
    _tell(report, SHOWN if for_people else None)
    if for_people:
        _show(report, dry_run)
    else:
        output.put_json(_data(report, dry_run))
    return 1 if report.errors else 0


def _reason(paths: list[str]) -> str:
    """What the log says of the import."""
    names = ", ".join(output.one_line(Path(path).name) for path in paths[:3])
    return f"import of {names}" + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def _tell(report: IngestReport, limit: int | None) -> None:
    """All errors, then all warnings, in their order, on stderr."""
    for error in report.errors[:limit]:
        output.complain(error)
    _more(len(report.errors), limit)
    for warning in report.warnings[:limit]:
        output.note(f"{say('warning: ')}{warning}")
    _more(len(report.warnings), limit)


def _more(count: int, limit: int | None) -> None:
    if limit is not None and count > limit:
        output.note(say("… and {count} more", count=count - limit))


def _show(report: IngestReport, dry_run: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    kinds = (("configuration items", report.items), ("relations", report.relations))
    for name in asdict(report.items):
        table.add_column(say(name), justify="right")
    for kind, counts in kinds:
        table.add_row(say(kind), *(str(count) for count in asdict(counts).values()))
    if dry_run:
        text = say("dry run of source {source}: nothing was changed", source=report.source)
    else:
        text = say(
            "run {run} of source {source}, commit {seq}",
            run=report.run,
            source=report.source,
            seq=report.seq,
        )
    parts: list[Any] = [table, Text(text)]
    if report.errors:
        count = len(report.errors)
        parts.append(Text(say("{count} errors; what they name was left out", count=count)))
    output.put_rich(*parts)


def _data(report: IngestReport, dry_run: bool) -> dict[str, Any]:
    return {
        "run": report.run,
        "source": report.source,
        "dry_run": dry_run,
        "items": asdict(report.items),
        "relations": asdict(report.relations),
        "errors": [output.as_data(error) for error in report.errors],
        "warnings": report.warnings,
        "seq": report.seq,
    }
