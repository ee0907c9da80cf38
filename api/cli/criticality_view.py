"""Answers about criticality as people read them."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from api.cli import output
from api.cli.impact_view import names, shown
from api.cli.words import say


def ranking_view(found: dict[str, Any]) -> Iterator[RenderableType]:
    """The ranking, with the first services of each row."""
    rows = [
        (
            row["key"],
            row["name"],
            row["type"],
            *(str(row[part][state]) for part in ("services", "cis") for state in row[part]),
            names([one["key"] for one in row["hits"]]),
        )
        for row in found["items"]
    ]
    columns = ("key", "name", "type", "services down", "degraded", "CIs down", "degraded")
    yield output.table((*columns, "services hit"), rows)
    parts = [
        say("{shown} of {count} that take others with them", shown=len(rows), count=found["count"]),
        say("as of commit {seq}", seq=found["seq"]),
    ]
    if found["hidden"]:
        parts.append(say("hidden from you: {count}", count=found["hidden"]))
    yield Text("; ".join(parts), style="dim")


def cuts_view(found: dict[str, Any]) -> Iterator[RenderableType]:
    """What takes the service down, and what is left."""
    service = found["service"]
    yield Text(output.one_line(f"{service['key']}: {say(service['state'])}"), style="bold")
    failed = ", ".join(f"{one['key']} ({say(one['state'])})" for one in found["failed"])
    if failed:
        yield Text(output.one_line(say("failed already: {failed}", failed=failed)))
    if found["left"]:
        left = names([shown(one) for one in found["left"]])
        text = "each of these alone takes it down: {left}"
        yield Text(output.one_line(say(text, left=left)))
    elif service["state"] != "down" and (found["complete"] or found["examined"]):
        yield Text(say("no single failure takes it down"))
    if found["cut_sets"]:
        rows = [
            (
                str(len(one["cis"])),
                " + ".join(shown(ci) for ci in one["cis"]),
                " → ".join(shown(step) for step in one["path"]),
            )
            for one in found["cut_sets"]
        ]
        yield output.table(("size", "fail together", "path"), rows)
    yield Text("; ".join(_facts(found)), style="dim")


def _facts(found: dict[str, Any]) -> Iterator[str]:
    yield say("{shown} of {count} found", shown=len(found["cut_sets"]), count=found["found"])
    if found["complete"]:
        yield say("these are all")
    else:
        text = "time was over after {examined} of {total} branches; there may be more"
        yield say(text, examined=found["examined"], total=found["total"])
    yield say("as of commit {seq}", seq=found["seq"])
