"""Reviews, plans, effects and explanations as people read them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from api.cli.output import table
from api.cli.words import say

SHOWN_STEPS = 100
SHOWN_FIELDS = 5
EQUAL, UNLIKE = "=", "≠"


def cell(value: Any) -> str:
    """A value as people write it; nothing for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def second(time: str) -> str:
    """An ISO 8601 time in UTC, to the second."""
    return f"{time[:19]}Z"


def disputed(review: dict[str, Any]) -> str:
    """The disputed identifier and its value."""
    return f"{review['rule']} {review['value']}"


def reasons(review: dict[str, Any]) -> str:
    """Why nobody could decide it without people."""
    return ", ".join(say(one) for one in review["reasons"])


def review_parts(
    review: dict[str, Any], evidence: list[dict[str, Any]], choices: list[dict[str, Any]]
) -> Iterator[RenderableType]:
    """One review: the evidence side by side, what is proposed, and what each answer would do."""
    words = say("{disputed} is equal, but: {reasons}", **_disputed(review))
    if review["reasons"] == ["common"]:
        words = say("{disputed}: too many claims have it", **_disputed(review))
    yield Text(words, style="bold")
    if evidence:
        yield _side_by_side(evidence)
    yield Text(say("proposed: {proposal}", proposal=say(review["proposal"])))
    for one in choices:
        yield Text("")
        yield Text(say(one["kind"]), style="bold")
        yield from plan_parts(one["steps"], one)


def _disputed(review: dict[str, Any]) -> dict[str, str]:
    return {"disputed": disputed(review), "reasons": reasons(review)}


def _side_by_side(evidence: list[dict[str, Any]]) -> RenderableType:
    """A column a claim, a row a field; a sign marks what is equal, and what is not."""
    marks: dict[str, str] = {}
    for one in evidence:
        marks |= dict.fromkeys(one["equal"], EQUAL) | dict.fromkeys(one["unlike"], UNLIKE)
    fields = sorted({name for one in evidence for name in one["says"]})
    rows = [
        ("", say("configuration item"), *(cell(one["ci"]) for one in evidence)),
        ("", say("said at"), *(second(one["confirmed_at"]) for one in evidence)),
    ]
    for name in sorted(fields, key=lambda name: name not in marks):
        values = (cell(one["says"].get(name)) for one in evidence)
        rows.append((marks.get(name, ""), name, *values))
    return table(("", "field", *(one["claim"] for one in evidence)), rows)


def plan_parts(
    steps: Sequence[dict[str, Any]], effects: dict[str, Any] | None
) -> Iterator[RenderableType]:
    """What a plan does, step by step, and what it changes for business services."""
    if not steps:
        yield Text(say("nothing changes"))
    else:
        columns = ("action", "what", "key", "type", "identifier", "source", "detail")
        yield table(columns, [_step(one) for one in steps[:SHOWN_STEPS]])
    if len(steps) > SHOWN_STEPS:
        yield Text(say("… and {count} more", count=len(steps) - SHOWN_STEPS))
    if effects is None:
        return
    if effects["effects"]:
        rows = [
            (one["key"], one["service"], say(one["before"]), say(one["after"]))
            for one in effects["effects"]
        ]
        yield table(("when this fails", "business service", "before", "after"), rows)
    else:
        yield Text(say("no business service is affected otherwise than before"))
    if not effects["complete"]:
        yield Text(say("so much changes that only a part of the effects was looked at"))


def _step(one: dict[str, Any]) -> tuple[str, ...]:
    kinds = {"ci": "configuration item", "relation": "relation", "review": "review"}
    said = (say(one["action"]), say(kinds[one["kind"]]))
    return (*said, one["key"], one["type"], one["rule"], one["source"], _detail(one))


def _detail(one: dict[str, Any]) -> str:
    """Changed fields with their values before and after, or what a CI is merged into."""
    detail = one["detail"]
    if one["kind"] == "review":
        claims = ", ".join(":".join(name) for name in detail["claims"])
        return f"{one['name']}: {', '.join(say(r) for r in detail['reasons'])} ({claims})"
    if one["action"] == "merge":
        return f"→ {detail['into']}"
    shown = [
        f"{name}: {cell(before)} → {cell(after)}"
        for name, (before, after) in list(detail.items())[:SHOWN_FIELDS]
    ]
    more = len(detail) - len(shown)
    return "; ".join(shown) + (f"; {say('… and {count} more', count=more)}" if more else "")


def explanation_parts(fields: Sequence[dict[str, Any]]) -> Iterator[RenderableType]:
    """Every field with its value, and below it who says what, since when, and why it holds."""
    rows: list[tuple[str, ...]] = []
    for one in fields:
        for place, saying in enumerate(one["sayings"]):
            first = (one["field"], cell(one["value"])) if place == 0 else ("", "")
            why = say(saying["why"]) if saying["why"] else say("wins") if saying["wins"] else ""
            stale = "" if saying["fresh"] else say("not fresh")
            times = (second(saying["since"]), second(saying["said_at"]))
            note = ", ".join(word for word in (why, stale) if word)
            rows.append((*first, saying["claim"], cell(saying["value"]), *times, note))
    yield table(("field", "value", "source", "says", "since", "said at", "why"), rows)
