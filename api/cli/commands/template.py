"""`cmdb template`: an empty table to fill in for `cmdb import`."""

from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from api.cli import session
from api.cli.commands.export import put, refuse_terminal
from api.cli.words import language, wrong
from cmdb.services.catalog import get_catalog


class Format(StrEnum):
    """What can be filled in; each is the suffix of its files, too."""

    xlsx = "xlsx"
    csv = "csv"


def command(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="TYPE... [PATH]",
            help="CI types, then the file to write (default: stdout), such as servers.xlsx.",
        ),
    ],
    form: Annotated[
        Format | None,
        typer.Option("--format", help="Form of the file (default: what its name says, or xlsx)."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Write a table with the columns of some types: what each means, and what may be chosen."""
    path = words.pop() if words[-1] == "-" or Path(words[-1]).suffix else None
    if not words:
        raise wrong("TYPE", "name at least one CI type; 'cmdb types' lists them")
    suffix = Path(path or "").suffix.lower().removeprefix(".")
    form = form or (Format(suffix) if suffix in Format.__members__ else Format.xlsx)
    refuse_terminal(path, form is Format.xlsx)
    with session.environment(store) as env:
        catalog = get_catalog(session.actor(), env)
    for name in words:
        catalog.ci_type(name, "TYPE")
    from cmdb.forms.template import write_csv, write_xlsx  # openpyxl is slow to import

    made = BytesIO()
    (write_csv if form is Format.csv else write_xlsx)(catalog, words, made, language())
    put(path, made.getvalue())
    return 0
