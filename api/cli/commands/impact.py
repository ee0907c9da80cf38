"""`cmdb impact`: what fails with what, and what-if."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from api.assumption import assumption
from api.cli import batch, output, session
from api.cli.commands.export import write
from api.cli.impact_view import view
from api.cli.requests import scenarios
from api.cli.scenario_view import side_by_side
from api.cli.words import language, say, wrong
from cmdb.impact.blast_radius import BlastRadius
from cmdb.pictures import FORMATS
from cmdb.services.impact import DIGITS, FAILED_STATES, AsOf, Failure, blast_radius
from cmdb.services.pictures import picture
from cmdb.services.scenarios import compare
from discovery import documents


class ImpactForm(StrEnum):
    """Forms of the answer: for people, for programs, and as pictures."""

    table = "table"
    json = "json"
    svg = "svg"
    html = "html"
    graphml = "graphml"
    json_graph = "json-graph"


KeysArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="KEY[=STATE]...",
        help="What fails: key, alias, unique name or source:key;"
        " STATE is down (the default), degraded or at_risk.",
    ),
]
AsOfOption = Annotated[
    str | None, typer.Option(metavar="T", help="Commit number or ISO 8601 time.")
]
AtOption = Annotated[
    str | None,
    typer.Option(metavar="T", help="What is in maintenance at this ISO 8601 time fails, too."),
]
AssumeOption = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="What-if, JSON or YAML: the estate form with what is added or changed, and"
        ' "remove": {"cis": [...], "relations": [...]}.',
    ),
]
FormOption = Annotated[
    ImpactForm | None,
    typer.Option("--format", help="For people, for programs, or a picture."),
]
OutputOption = Annotated[
    str | None, typer.Option("--output", metavar="FILE", help="Write the answer to a file.")
]
BatchOption = Annotated[
    str | None,
    typer.Option(
        "--batch",
        metavar="FILE",
        help="A JSON request a line ('-': stdin), all on one snapshot.",
    ),
]
ScenariosOption = Annotated[
    str | None,
    typer.Option(
        "--scenarios",
        metavar="FILE",
        help='Several questions side by side, JSON or YAML: {"scenarios": [{"name": ...,'
        ' "failures": [...], "assume": {...}, "at": ...}, ...]}.',
    ),
]


def command(
    keys: KeysArgument = None,
    as_of: AsOfOption = None,
    at: AtOption = None,
    assume: AssumeOption = None,
    form: FormOption = None,
    file: OutputOption = None,
    batch_file: BatchOption = None,
    scenario_file: ScenariosOption = None,
    every: Annotated[bool, typer.Option("--all", help="Show all rows of the table.")] = False,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Show when and by whom each row was confirmed.")
    ] = False,
    store: session.StoreOption = None,
) -> int:
    """Show what else fails, or is at risk, when these configuration items fail."""
    if file is not None and form in (None, ImpactForm.table):
        raise wrong("--output", "a table goes to stdout; choose another --format")
    asked = keys or as_of is not None or at is not None or assume is not None or confirmed
    if batch_file is not None:
        if asked or every or scenario_file or file or form not in (None, ImpactForm.json):
            raise wrong("--batch", "it takes no keys and no other option, and gives JSON")
        with session.environment(store) as env:
            return batch.answer(env, session.actor(), batch_file)
    if scenario_file is not None:
        if asked or form not in (None, ImpactForm.table, ImpactForm.json):
            raise wrong("--scenarios", "it takes no keys, and gives a table or JSON")
        return _side_by_side(scenario_file, form, every, file, store)
    if not keys and at is None:
        raise wrong("KEY", "name at least one configuration item, or give --batch FILE")
    given = None if assume is None else assumption(documents.load(assume))
    with session.environment(store) as env:
        radius = blast_radius(
            session.actor(),
            env,
            [failure(text) for text in keys or ()],
            as_of=numbered(as_of),
            at=at,
            assumption=given,
        )
        _put(form, file, lambda: view(radius, every, confirmed), lambda: _formed(radius, form))
    return 0


def failure(text: str) -> Failure:
    """`KEY` or `KEY=STATE`; a key may hold '=' itself, so only a known state counts."""
    reference, _, state = text.rpartition("=")
    if reference and state in FAILED_STATES:
        return Failure(reference, state)
    return Failure(text)


def numbered(as_of: str | None) -> AsOf:
    """An `as_of` of the command line as it stands in a request."""
    number = as_of is not None and as_of.isascii() and as_of.isdigit() and len(as_of) < DIGITS
    return int(as_of) if as_of is not None and number else as_of


def _side_by_side(
    scenario_file: str, form: ImpactForm | None, every: bool, file: str | None, store: str | None
) -> int:
    asked = scenarios(documents.load(scenario_file), scenario_file)
    with session.environment(store) as env:
        found = compare(session.actor(), env, asked)
    _put(form, file, lambda: side_by_side(found, every), lambda: output.json_bytes(found))
    return 0


def _formed(radius: BlastRadius, form: ImpactForm | None) -> bytes:
    """The answer as JSON or as a picture."""
    if form is ImpactForm.json:
        return output.json_bytes(radius.answer())
    drawn = FORMATS[str(form)](picture(radius), language())
    return f"{drawn}\n".encode("utf-8", "replace")


def _put(
    form: ImpactForm | None,
    file: str | None,
    table: Callable[[], Iterable[Any]],
    data: Callable[[], bytes],
) -> None:
    """Print the table, or write the data to stdout or a file."""
    if form in (None, ImpactForm.table):
        output.put_rich(*table())
    elif file is None or file == "-":
        output.put(data())
    else:
        write(Path(file), data())
        output.note(say("written to {path}", path=file))
