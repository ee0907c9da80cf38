"""Scenarios side by side, as people read them."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api.cli import output
from api.cli.impact_view import SHOWN, SYMBOLS, WORST_FIRST, state
from api.cli.words import say


def side_by_side(found: dict[str, Any], every: bool) -> Iterator[RenderableType]:
    """A table with a column a scenario: the counts, then the services that differ."""
    outcomes, rows = found["scenarios"], found["comparison"]
    made = Table(box=None, pad_edge=False, header_style="bold")
    made.add_column(say("service"), overflow="fold")
    made.add_column(say("name"), overflow="fold")
    for one in outcomes:
        made.add_column(Text(output.one_line(one["name"])), overflow="fold")
    for name in WORST_FIRST:
        counts = (str(one["summary"][name]) for one in outcomes)
        made.add_row(say("total"), state(name), *counts)
    for name in WORST_FIRST:
        counts = (str(one["summary"]["services"][name]) for one in outcomes)
        made.add_row(say("services"), state(name), *counts)
    made.add_section()
    for row in rows if every else rows[:SHOWN]:
        names = (Text(output.one_line(row[field])) for field in ("key", "name"))
        made.add_row(*names, *map(_state, row["states"]))
    yield made
    if not rows:
        yield Text(say("all services are in the same state in all of them"))
    if not every and len(rows) > SHOWN:
        text = say("{count} more rows; --all shows them", count=len(rows) - SHOWN)
        yield Text(text, style="dim")
    yield Text(say("as of commit {seq}", seq=found["seq"]), style="dim")


def _state(name: str | None) -> Text:
    if name is None:
        return Text("-")
    return state(name) if name in SYMBOLS else Text(say(name))
