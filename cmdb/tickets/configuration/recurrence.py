"""Incidents that belong together: those that come again, and those that come at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Literal

from pydantic import Field

from cmdb.tickets.configuration.values import Lines, Rule

DAY = 24 * 3600
Subject = Literal["ci", "type", "service", "category"]
INCIDENT = ("incident",)


class ProblemRule(Rule):
    """So many incidents within so many days that have this in common: a problem is proposed."""

    kinds: Lines = Field(INCIDENT, description="Kinds of ticket that are counted.")
    categories: Lines = Field((), description="Categories that are counted; none: all.")
    same: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=4)] = Field(
        ("ci",), description="What they have in common, all of it."
    )
    count: Annotated[int, Field(ge=2, le=1000, strict=True)] = Field(3, description="How many.")
    days: Annotated[int, Field(ge=1, le=366, strict=True)] = Field(
        7, description="Within how many days."
    )


class CorrelationRule(Rule):
    """Incidents that come within a time, and hang together, are proposed as one."""

    kinds: Lines = Field(INCIDENT, description="Kinds of ticket.")
    by: Literal["ci", "blast_radius"] = Field(
        "ci", description="On the same CI, or in the blast radius of one failure."
    )
    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60, strict=True)] = Field(
        30, description="How many minutes may lie between the first and the last."
    )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An incident, for rules that count: what it is about, and when it was opened."""

    number: str
    kind: str
    opened: float
    category: str = ""
    cis: Collection[str] = ()
    types: Collection[str] = ()
    services: Collection[str] = ()

    def subjects(self, same: Iterable[Subject]) -> set[tuple[str, ...]]:
        """All that it may have in common with others."""
        known: dict[str, Collection[str]] = {
            "ci": self.cis,
            "type": self.types,
            "service": self.services,
            "category": [self.category] if self.category else [],
        }
        return set(product(*(known[one] for one in same)))


def recurring(
    rule: ProblemRule, occurrences: Iterable[Occurrence], now: float
) -> dict[tuple[str, ...], list[str]]:
    """What came so often up to now, each with the numbers of its incidents, the oldest first."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in sorted(occurrences, key=lambda one: (one.opened, one.number)):
        counted = not rule.categories or one.category in rule.categories
        if counted and one.kind in rule.kinds and now - rule.days * DAY < one.opened <= now:
            for subject in one.subjects(rule.same):
                found[subject].append(one.number)
    many = {subject: names for subject, names in found.items() if len(names) >= rule.count}
    return many if rule.active else {}
