"""Dispatch rules: what a new ticket says by itself of its team, category and line."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, model_validator

from cmdb.tickets.configuration.values import Line, Lines, Order, Rule

HIGHEST, LOWEST = 1, 3
RESULTS = ("team", "category", "line", "assignee")


class DispatchRule(Rule):
    """What is filled in for tickets of a kind; every condition that is given must hold.

    Rules are taken by their order, then by name; a field has what the first rule that fits gives.
    """

    order: Order = Field(0, description="The lesser comes first.")
    kinds: Lines = Field((), description="Kinds of ticket; none: all.")
    ci_types: Lines = Field((), description="Types, with those below, of a CI that it concerns.")
    cis: Lines = Field((), description="Keys of CIs, one of which it concerns.")
    sites: Lines = Field((), description="Sites, one of which a CI or its requester is at.")
    categories: Lines = Field((), description="Categories, one of which it has.")
    words: Lines = Field(
        (), description="Words or phrases, one of which stands in its title or description."
    )
    team: Line | None = Field(None, description="Team that it is given to.")
    category: Line | None = Field(None, description="Category that it has.")
    line: Annotated[int, Field(ge=1, le=9, strict=True)] | None = Field(
        None, description="Support line."
    )
    assignee: Line | None = Field(None, description="Name of the user who does it.")
    raise_priority: Annotated[int, Field(ge=-2, le=2, strict=True)] = Field(
        0, description="By how much its priority is raised; lowered, where it is below 0."
    )

    @model_validator(mode="after")
    def _does_something(self) -> "DispatchRule":
        given = (self.team, self.category, self.line, self.assignee, self.raise_priority or None)
        if all(one is None for one in given):
            raise ValueError(
                "a rule with a team, category, line or assignee, or that raises the priority"
            )
        return self


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules ask of a ticket. `types` are those of its CIs, with the types above them."""

    kind: str
    types: Collection[str] = ()
    cis: Collection[str] = ()
    sites: Collection[str] = ()
    category: str | None = None
    text: str = ""
    priority: int | None = None


def dispatched(rules: Iterable[DispatchRule], facts: Facts) -> dict[str, Any]:
    """The fields that the rules fill in."""
    values: dict[str, Any] = {}
    text = normal(facts.text)
    for rule in sorted(rules, key=lambda one: (one.order, one.name)):
        if not (rule.active and _holds(rule, facts, text)):
            continue
        for name in RESULTS:
            value = getattr(rule, name)
            if value is not None:
                values.setdefault(name, value)
        if rule.raise_priority and facts.priority is not None:
            raised = facts.priority - rule.raise_priority
            values.setdefault("priority", min(max(raised, HIGHEST), LOWEST))
    return values


def _holds(rule: DispatchRule, facts: Facts, text: str) -> bool:
    return (
        (not rule.kinds or facts.kind in rule.kinds)
        and (not rule.ci_types or any(one in facts.types for one in rule.ci_types))
        and (not rule.cis or any(one in facts.cis for one in rule.cis))
        and (not rule.sites or any(one in facts.sites for one in rule.sites))
        and (not rule.categories or facts.category in rule.categories)
        and (not rule.words or any(stands_in(normal(one), text) for one in rule.words))
    )


def normal(text: str) -> str:
    """A text as it is compared: forms of characters, case and white space do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def stands_in(words: str, text: str) -> bool:
    """Whether words stand in a text, whole; in Chinese, which parts no words, anywhere."""
    start = text.find(words)
    while start >= 0:
        end = start + len(words)
        before, after = text[max(start - 1, 0) : start], text[end : end + 1]
        if not (_joined(before, words[:1]) or _joined(words[-1:], after)):
            return True
        start = text.find(words, start + 1)
    return False


def _joined(left: str, right: str) -> bool:
    """Whether two characters belong to one word of a script that parts words."""
    return _of_word(left) and _of_word(right)


def _of_word(sign: str) -> bool:
    return sign.isalnum() and unicodedata.category(sign) != "Lo"
