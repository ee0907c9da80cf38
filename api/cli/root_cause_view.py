"""A diagnosis as people read it: the candidates with what speaks for them, and the next look."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from api.cli import output
from api.cli.impact_view import names, shown
from api.cli.words import say

LEAST_SHOWN = 0.5
"""Factors that weigh less than this, as natural logarithms, are not named in the table."""


def view(found: dict[str, Any]) -> Iterator[RenderableType]:
    """The parts to print."""
    if found["candidates"]:
        columns = ("key", "name", "type", "state", "probability", "explains", "contradicts", "why")
        yield output.table(columns, [_row(one) for one in found["candidates"]])
    else:
        yield _text(say("nothing in the model explains it"), "bold")
    for one in found["candidates"]:
        for event in one["evidence"]:
            kind, at = say(event["kind"]), event["at"][:19]
            yield _text(f"{one['key']}: {kind} {event['key']} {at} {event['detail']}")
    for one in found["combinations"][:3]:
        keys = " + ".join(shown(key) for key in one["keys"])
        yield _text(say("together: {keys} ({score})", keys=keys, score=_percent(one["score"])))
    if found["next"]:
        yield from _next(found)
    yield _text("; ".join(_facts(found)), "dim")


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    all_ = len(one["explains"]) + len(one["unexplained"])
    weights = {factor["kind"]: factor["weight"] for factor in one["factors"]}
    why = [f"{_word(kind)} {w:+.1f}" for kind, w in weights.items() if abs(w) >= LEAST_SHOWN]
    return (
        one["key"],
        one["name"],
        one["type"],
        say(one["state"]),
        _percent(one["score"]),
        f"{len(one['explains'])}/{all_}",
        names(one["contradicts"]),
        ", ".join(why),
    )


def _word(kind: str) -> str:
    return say("failed as" if kind == "state" else kind)


def _next(found: dict[str, Any]) -> Iterator[RenderableType]:
    look = found["next"][0]
    text = "look next at {key}: {gain} bits of {doubt}, not well with {unhealthy}"
    gain, doubt = f"{look['gain']:.2f}", f"{found['doubt']:.2f}"
    unhealthy = _percent(look["unhealthy"])
    yield _text(say(text, key=look["key"], gain=gain, doubt=doubt, unhealthy=unhealthy), "bold")
    yield _text(say("tell what you found with --healthy KEY or --symptom KEY"), "dim")


def _facts(found: dict[str, Any]) -> Iterator[str]:
    rest, outside = _percent(found["rest"]), _percent(found["outside"])
    yield say("others: {rest}; outside the model: {outside}", rest=rest, outside=outside)
    searched = found["searched"]
    yield say("{computed} computed", computed=searched["computed"])
    if searched["not_computed"]:
        yield say("{count} less likely ones not computed", count=searched["not_computed"])
    if searched["hidden"]:
        yield say("hidden from you: {count}", count=searched["hidden"])
    yield say("as of commit {seq}", seq=found["seq"])


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _text(text: str, style: str = "") -> Text:
    return Text(output.one_line(text), style=style)
