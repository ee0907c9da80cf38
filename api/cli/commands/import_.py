"""`cmdb import`: reconcile files into the store."""

from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from api import identity
from api.cli import output, session
from api.cli.commands.export import put
from api.cli.identity_view import plan_parts
from api.cli.sources import Files, tell_encodings
from api.cli.words import language, say, wrong
from api.messages import message
from cmdb.errors import CMDBError
from cmdb.schema.sources import check_source_name
from cmdb.services.ingest import ingest_parts
from cmdb.services.run_report import IngestReport
from discovery import annotation

SHOWN = 100
"""Errors and warnings told on stderr, unless the report is for programs."""


def command(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="JSON, YAML, CSV or Excel files.")
    ],
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
    vanish: Annotated[
        bool, typer.Option("--vanish", help="Believe it even when very much is missing.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    annotated: Annotated[
        str | None,
        typer.Option(
            metavar="COPY",
            help="Where rows are bad, write a copy of the CSV or Excel file that says so in place.",
        ),
    ] = None,
    form_out: Annotated[
        session.Form, typer.Option("--output", help="The report for people, or for programs.")
    ] = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Reconcile files into the store; several files are one run.

    Exit code 1 when rows were bad, or so much is missing that nothing was withdrawn.
    """
    if source is not None:
        check_source_name(source, "--source")
    with session.environment(store) as env, output.progress() as progress:
        reading = say("reading")
        files = Files(paths, form, env.catalog(), lambda path: progress(f"{reading} {path}", 0, 0))
        if annotated is not None:
            _check_copy(annotated, paths, files.format)
        report = ingest_parts(
            session.actor(),
            env,
            files.parts(complete),
            source=source or files.format,
            reason=_reason(paths),
            like=files.format if source is not None else None,
            complete=complete,
            vanish=vanish,
            dry_run=dry_run,
            progress=progress,
        )
    if annotated is not None and report.errors:
        _write_copy(annotated, paths[0], files.format, report.errors)
    for_people = form_out is session.Form.table
    tell_encodings(files.encodings)
    _tell(report, SHOWN if for_people else None)
    if for_people:
        _show(report, dry_run)
    else:
        output.put_json({**_data(report, dry_run), "encodings": files.encodings})
    return 1 if report.errors or report.frozen else 0


def _check_copy(copy: str, paths: list[str], form: str) -> None:
    """Refuse before anything is imported what could not be copied afterwards."""
    if len(paths) > 1 or paths[0] == "-" or form not in annotation.FORMATS:
        raise wrong("--annotated", "it takes one CSV or Excel file")
    if Path(copy).suffix.lower() != f".{form}":
        raise wrong("--annotated", "the copy must be a .{form} file", form=form)
    if Path(copy).resolve() == Path(paths[0]).resolve():
        raise wrong("--annotated", "the copy must not replace the file itself")


def _write_copy(copy: str, path: str, form: str, errors: list[CMDBError]) -> None:
    made = BytesIO()
    annotation.annotate(path, form, errors, lambda error: message(error, language()), made)
    put(copy, made.getvalue())


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
        output.note(f"{say('warning: ')}{message(warning, language())}")
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
    if dry_run:
        effects = None if report.effects is None else report.effects.content()
        parts += plan_parts([identity.step(one) for one in report.steps], effects)
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
        "warnings": [message(one, language()) for one in report.warnings],
        "waiting": report.waiting,
        "frozen": report.frozen,
        "steps": [identity.step(one) for one in report.steps] if dry_run else None,
        "effects": None if report.effects is None else report.effects.content(),
        "seq": report.seq,
    }
