"""A blast radius as people read it: heading, table of the worst rows, summary and confidence."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api.cli import output
from api.cli.words import say
from cmdb.impact.blast_radius import BlastRadius
from cmdb.services.impact import FAILED_STATES

SHOWN = 50
NAMED = 3
"""Rows of the table, and CIs named in a cause, before "… more"."""

MAX_KEY_WIDTH = 32
"""Up to this, keys are not broken in two: people copy them."""

STYLES = {"down": "bold red", "degraded": "yellow", "at_risk": "cyan"}
SYMBOLS = {"down": "X", "degraded": "!", "at_risk": "~"}
WORST_FIRST = FAILED_STATES[::-1]
CHANGES = ("added", "changed", "removed")


def view(
    radius: BlastRadius, every: bool = False, confirmed: bool = False
) -> Iterator[RenderableType]:
    """The parts to print; `confirmed` adds when and by whom each row was confirmed."""
    head, tail = radius.head(), radius.tail()
    failures = ", ".join(f"{f['key']} ({say(f['state'])})" for f in head["failures"])
    failures = failures or say("nothing has failed")
    yield from _question(head)
    count = sum(tail["summary"][state] for state in WORST_FIRST)
    if not count:
        yield _text(say("{failures}: nothing else is impacted", failures=failures), "bold")
    else:
        heading = say("{failures}: {count} impacted", failures=failures, count=count)
        yield _text(heading, "bold")
        yield table(radius, None if every else SHOWN, confirmed)
        if not every and count > SHOWN:
            yield _text(say("{count} more rows; --all shows them", count=count - SHOWN), "dim")
        yield _summary(tail["summary"])
    yield _confidence(head["seq"], tail["confidence"], count)


def _question(head: dict[str, Any]) -> Iterator[RenderableType]:
    """What was asked beside the failures."""
    if "assumed" in head:
        assumed = head["assumed"]
        parts = [f"{say(n)} {', '.join(assumed[n])}" for n in CHANGES if assumed[n]]
        counts = assumed["relations"]
        parts += [f"{say('relations')} {say(n)} {counts[n]}" for n in CHANGES if counts[n]]
        yield _text(say("assumed: {what}", what="; ".join(parts) or say("nothing")))
    if "maintenance" in head:
        windows = ", ".join(
            f"{one['key']} ({one['reason'] or one['id']})" if "key" in one else say("hidden")
            for one in head["maintenance"]
        )
        text = "in maintenance at {at}: {windows}"
        yield _text(say(text, at=head["at"], windows=windows or say("nothing")))
        if outside := head["maintenance_outside"]:
            text = "windows of configuration items outside the graph, without effect: {count}"
            yield _text(say(text, count=outside), "dim")


def table(radius: BlastRadius, limit: int | None, confirmed: bool = False) -> Table:
    """The rows, worst first."""
    rows = list(radius.rows(0, limit))
    width = min(MAX_KEY_WIDTH, max((len(row["key"]) for row in rows), default=0))
    made = Table(box=None, pad_edge=False, header_style="bold")
    columns = ["state", "distance", "key", "name", "type", "cause", "path"]
    for name in [*columns, "confirmed"] if confirmed else columns:
        right = name == "distance"
        made.add_column(
            say(name),
            justify="right" if right else "left",
            overflow="fold",
            no_wrap=name in ("state", "distance"),
            min_width=width if name == "key" else None,
        )
    for row in rows:
        cause = "; ".join(_cause(radius, row["key"], one) for one in row["causes"])
        path = " → ".join(shown(step) for step in row["path"])
        parts = [row["key"], row["name"], row["type"], cause, path]
        if confirmed:
            parts.append(_confirmed(row["confirmed"]))
        made.add_row(state(row["state"]), str(row["distance"]), *map(_text, parts))
    return made


def state(name: str) -> Text:
    """A state with a symbol, so that it can be told without colours."""
    return _text(f"{SYMBOLS[name]} {say(name)}", STYLES[name])


def _confirmed(one: dict[str, Any]) -> str:
    """The oldest confirmation that a row rests on."""
    at = say("never") if one["at"] is None else one["at"][:16].replace("T", " ")
    return f"{at} {one['source'] or ''}"


def _cause(radius: BlastRadius, key: str, cause: dict[str, Any]) -> str:
    named = cause["from"]
    if cause["rule"] == "dependency":
        return f"{cause['relation']} {_with_state(named[0])}"
    listed = names([shown(one) for one in named])
    if cause["rule"] == "redundancy":
        return _group(radius, key, cause, listed)
    if cause["hangs_on"] is None:
        return say("cut off by {named}", named=listed)
    text = "hangs on {hangs_on} since {named} "
    text += "is down" if len(named) == 1 else "are down"
    return say(text, hangs_on=shown(cause["hangs_on"]), named=listed)


def _group(radius: BlastRadius, key: str, cause: dict[str, Any], named: str) -> str:
    snapshot = radius.snapshot
    members = snapshot.members(snapshot.known(key))[cause["group"]]
    states = {one["state"] for one in cause["from"] if "state" in one}
    words = {"at_risk": "not ok", "degraded": "degraded or worse"}
    return say(
        "group {group}: {count} of {all} {state}: {named}",
        group=cause["group"],
        count=len(cause["from"]),
        all=len(members),
        state=say(words.get(min(states, default="down"), "down")),
        named=named,
    )


def _with_state(one: dict[str, Any]) -> str:
    return f"{shown(one)} ({say(one['state'])})" if "state" in one else shown(one)


def shown(one: Any) -> str:
    """A key, or a CI the asker may not see."""
    if isinstance(one, dict):
        return one["key"] if "key" in one else say("hidden")
    return str(one)


def names(every: list[str]) -> str:
    """The first few names."""
    listed = ", ".join(every[:NAMED])
    if len(every) > NAMED:
        listed += ", " + say("… and {count} more", count=len(every) - NAMED)
    return listed


def _summary(summary: dict[str, Any]) -> Text:
    made = Text("\n")
    services = summary["services"]
    for title, counts in (("total", summary), ("services", services)):
        made.append("" if title == "total" else "   ").append(f"{say(title)}: ")
        parts = [state(name).append(f" {counts[name]}") for name in WORST_FIRST]
        made.append(Text(", ").join(parts))
    return made


def _confidence(seq: int, confidence: dict[str, int], count: int) -> Text:
    parts = [say("as of commit {seq}", seq=seq)]
    total, unconfirmed = count + confidence["hidden"], confidence["unconfirmed"]
    text = "rests on unconfirmed ground: {count} of {total}"
    parts.append(say(text, count=unconfirmed, total=total))
    for name, text in (
        ("hidden", "hidden from you: {count}"),
        (
            "connectivity_not_evaluated",
            "linked to no network root, not judged by connectivity: {count}",
        ),
    ):
        if confidence[name]:
            parts.append(say(text, count=confidence[name]))
    return _text("; ".join(parts), "dim")


def _text(text: str, style: str = "") -> Text:
    return Text(output.one_line(text), style=style)
