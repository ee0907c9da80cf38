"""`cmdb export`: the store as a file."""

import os
import stat
import sys
import tempfile
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.words import language, say, wrong
from cmdb.forms import writer
from cmdb.services.reports import exported


class Format(StrEnum):
    """What can be written."""

    estate = "estate"
    csv = "csv"
    xlsx = "xlsx"
    graphml = "graphml"


def command(
    path: Annotated[
        str | None, typer.Argument(metavar="PATH", help="File to write (default: stdout).")
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="Form of the file.")] = Format.estate,
    type_name: Annotated[
        str | None,
        typer.Option("--type", metavar="TYPE", help="Only this type and those below it."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Write the whole store, or one type; `cmdb import` reads all forms but graphml."""
    refuse_terminal(path, form is Format.xlsx)
    with session.environment(store) as env, output.progress() as progress:
        content = exported(session.actor(), env, type_name=type_name, progress=progress)
        made = BytesIO()
        writer(form)(content, made, language())
    put(path, made.getvalue())
    return 0


def refuse_terminal(path: str | None, binary: bool) -> None:
    """Refuse to write what nobody can read to a terminal."""
    if binary and path in (None, "-") and sys.stdout.isatty():
        raise wrong("PATH", "a workbook does not go to a terminal; name a file such as cmdb.xlsx")


def put(path: str | None, data: bytes) -> None:
    """Write a file, or to stdout where none is named."""
    if path is None or path == "-":
        output.put(data)
    else:
        write(Path(path), data)
        output.note(say("written to {path}", path=path))


def write(path: Path, data: bytes) -> None:
    """Write a file all at once: whoever reads it sees the old or the new one, never a part."""
    try:
        path = path.resolve()
        if path.exists() and not path.is_file():  # a device or a pipe
            path.write_bytes(data)
        else:
            _replace(path, data)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise wrong(str(path), "cannot be written: {reason}", reason=reason) from None


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The mode of the file to be replaced, or the usual one of a new file."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
