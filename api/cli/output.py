"""Where everything the command says goes: answers to stdout, all else to stderr."""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import orjson

from api.cli.words import language, say
from api.messages import message
from cmdb.errors import CMDBError

if TYPE_CHECKING:
    from rich.table import Table

CLOSED = 141
"""Exit code when the reader of stdout has gone: what the shell gives for SIGPIPE."""

WIDE = 100_000
"""Width of tables that do not go to a terminal: each row is one line."""


class Closed(Exception):
    """Nobody reads stdout any more."""


def put(data: bytes | str) -> None:
    """Write part of the answer to stdout and flush it."""
    _check_open()
    try:
        sys.stdout.flush()
        if isinstance(data, str):
            data = data.encode(sys.stdout.encoding or "utf-8", "backslashreplace")
        rest = memoryview(data)
        while rest:  # with PYTHONUNBUFFERED a write may take only a part
            rest = rest[sys.stdout.buffer.write(rest) :]
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _to_nowhere()
        raise Closed from None
    except OSError as error:
        _to_nowhere()
        raise CMDBError(
            detail=say("the answer cannot be written: {reason}", reason=error.strerror)
        ) from None


def flush() -> None:
    """Write what others have left in the buffer of stdout."""
    put(b"")


def _check_open() -> None:
    if sys.stdout is None:  # the shell was told `>&-`
        raise CMDBError(detail=say("the answer cannot be written: {reason}", reason="no stdout"))


def _to_nowhere() -> None:
    """Let Python's own flush at the end succeed."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def put_json(value: Any, indent: bool = False) -> None:
    """Write a JSON value and a line end; always UTF-8."""
    put(json_bytes(value, indent))


def json_bytes(value: Any, indent: bool = False) -> bytes:
    """A JSON value and a line end."""
    option = orjson.OPT_APPEND_NEWLINE | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(value, option=option)


def put_rich(*parts: Any) -> None:
    """Write tables, trees and texts of rich: with colours only on a terminal."""
    from rich.console import Console

    _check_open()
    terminal = sys.stdout.isatty()
    console = Console(
        file=io.StringIO(),
        force_terminal=terminal,
        width=None if terminal else WIDE,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for part in parts:
        console.print(part)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    put("".join(f"{line.rstrip()}\n" for line in text.splitlines()))


def put_secret(made: str | None) -> None:
    """Write a secret that was made just now, if one was."""
    if made is not None:
        put(f"{made}\n")
        note(say("keep it safe: it is not shown again"))


def one_line(text: str) -> str:
    """The text without anything that would break the line or steer the terminal."""
    text = " ".join(text.split())
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def note(text: str, lines: bool = False) -> None:
    """Tell something on stderr, in one line (or several, for a traceback)."""
    shown = text.rstrip("\n") if lines else one_line(text)
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"{shown}\n")
        sys.stderr.flush()


def complain(error: CMDBError) -> None:
    """Tell an error on stderr."""
    note(f"{say('error: ')}{message(error, language())}")


def as_data(error: CMDBError) -> dict[str, Any]:
    """An error for programs: its stable name, its message, and the fields it is made of."""
    fields = {name: value for name, value in error.fields.items() if name != "hint"}
    return {"code": error.code, "message": message(error, language()), **_plain(fields)}


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    kept = (str, int, float, bool, type(None))
    return {k: v if isinstance(v, kept) else str(v) for k, v in fields.items()}


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, where that is a terminal; call it with what, how much, of all."""
    if not sys.stderr.isatty():
        yield lambda doing, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda doing, done, total: bar.update(
            task, description=say(doing), completed=done, total=total or None
        )


def table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> "Table":
    """A plain table; `columns` are translated, cells may hold any text."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        made.add_column(say(name), overflow="fold")
    for row in rows:
        made.add_row(*(Text(one_line(cell)) for cell in row))
    return made
