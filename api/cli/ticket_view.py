"""Tickets as people read them: a table of many, all of one, and what happened to one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api.cli import output
from api.cli.words import say

MOST_VALUE = 60
"""Characters of a value in a timeline."""


def list_table(views: Iterable[dict[str, Any]]) -> Table:
    """A row for each ticket."""
    columns = ("number", "kind of ticket", "state", "priority", "title", "team", "assignee")
    rows = [
        (
            one["number"],
            say(one["kind"]),
            one["state_label"],
            str(one["fields"].get("priority", "")),
            one["title"],
            *(str(one["fields"].get(name, "")) for name in ("team", "assignee")),
            one["opened"][:16].replace("T", " "),
        )
        for one in views
    ]
    return output.table((*columns, "opened"), rows)


def waiting_table(rows: Iterable[dict[str, Any]]) -> Table:
    """A row for each approval and task that waits."""
    columns = ("number", "title", "kind", "what is asked", "waits for", "since", "missed at")
    cells = [
        (
            one["number"],
            one["title"],
            say(one["what"]),
            one["asked"] if one["task"] is None else f"{one['task']} {one['asked']}",
            one["person"] or one["team"],
            *((one[name] or "")[:16].replace("T", " ") for name in ("since", "due")),
        )
        for one in rows
    ]
    return output.table(columns, cells)


def ticket_parts(view: dict[str, Any]) -> Iterator[RenderableType]:
    """One ticket: what it says, its clocks, what can be done, and what belongs to it."""
    yield Text(output.one_line(f"{view['number']}  {view['title']}"), style="bold")
    yield _facts(view)
    clocks = [
        (name, say(one["state"]), one["due"] or "", say("missed") if one["breached"] else "")
        for name, one in view["clocks"].items()
    ]
    yield from _part(("service level", "state", "missed at", ""), clocks)
    steps = [(one["name"], one["label"], ", ".join(one["requires"])) for one in view["steps"]]
    yield from _part(("step", "what it does", "needs"), steps)
    votes = [
        (one["person"], say(one["decision"]), one["at"], one["comment"])
        for one in view["approvals"]["votes"]
    ]
    yield from _part(("approver", "decision", "at", "comment"), votes)
    tasks = [
        (str(one["id"]), one["title"], say(one["state"]), one["team"], one["assignee"])
        for one in view["tasks"]
    ]
    yield from _part(("task", "title", "state", "team", "assignee"), tasks)
    files = [
        (str(one["id"]), one["name"], one["media_type"], str(one["size"]))
        for one in view["attachments"]
    ]
    yield from _part(("file", "name", "type", "bytes"), files)


def _facts(view: dict[str, Any]) -> Table:
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    facts = {
        "kind of ticket": say(view["kind"]),
        "state": view["state_label"],
        "opened": f"{view['opened']} {view['by']}",
        **view["fields"],
        **{f"{say('answer')} {name}": value for name, value in view["answers"].items()},
        "CIs": ", ".join(f"{one['key']} ({one['role']})" for one in view["items"]),
        "tickets": ", ".join(f"{one['number']} ({one['role']})" for one in view["links"]),
        "elsewhere": ", ".join(f"{name}: {number}" for name, number in view["foreign"].items()),
    }
    for name, value in facts.items():
        if value not in ("", []):
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            lines = [output.one_line(line) for line in text.splitlines()]
            made.add_row(say(name), Text("\n".join(lines)))
    return made


def _part(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[RenderableType]:
    if rows:
        yield Text("")
        yield output.table(columns, rows)


def timeline_table(rows: Iterable[dict[str, Any]]) -> Table:
    """What happened: when, by whom, what was done, and what changed or was written."""
    cells = [
        (one["at"][:19].replace("T", " "), one["by"], one["reason"], _told(one)) for one in rows
    ]
    return output.table(("at", "by", "action", "detail"), cells)


def _told(row: dict[str, Any]) -> str:
    if row["kind"] == "note":
        return row["text"] if row["public"] else say("(work note) {said}", said=row["text"])
    changes = row["changes"].items()
    return "; ".join(
        f"{name}: {_short(before)} → {_short(after)}" for name, (before, after) in changes
    )


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= MOST_VALUE else f"{text[:MOST_VALUE]}…"
