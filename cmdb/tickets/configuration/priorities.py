"""From impact and urgency to a priority, and from a blast radius to an impact."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from cmdb.schema.strict import Strict
from cmdb.tickets.configuration.values import Level, Setting

Measure = Literal[
    "services_down",
    "services_degraded",
    "services_at_risk",
    "services",
    "down",
    "degraded",
    "at_risk",
    "impacted",
]
STATES = ("down", "degraded", "at_risk")
Row = Annotated[tuple[Level, ...], Field(min_length=3, max_length=3)]


class PriorityMatrix(Setting):
    """The priority of each impact and urgency; 1 is the greatest of each."""

    rows: Annotated[tuple[Row, ...], Field(min_length=3, max_length=3)] = Field(
        description="A row for each impact from 1 to 3, with a priority for each urgency."
    )


class ImpactRule(Strict):
    """So much hit is at least of this impact."""

    impact: Level = Field(description="The impact that is proposed.")
    measure: Measure = Field(
        description="What is counted: services by their state or all of them, or all that is"
        " impacted, by state or together."
    )
    at_least: Annotated[int, Field(ge=1, strict=True)] = Field(description="How many of it.")


class ImpactRules(Setting):
    """Which impact is proposed for a blast radius: the greatest of those that fit."""

    rules: Annotated[tuple[ImpactRule, ...], Field(max_length=50)] = Field(
        description="From when on which impact is proposed."
    )
    otherwise: Level = Field(3, description="The impact where none fits.")


def priority_of(matrix: PriorityMatrix, impact: int, urgency: int) -> int:
    """The priority of an impact and an urgency, each from 1 to 3."""
    return matrix.rows[impact - 1][urgency - 1]


def proposed_impact(rules: ImpactRules, summary: Mapping[str, Any]) -> int:
    """The impact of a blast radius with this summary, which impact analysis gives."""
    counts = measured(summary)
    return min(
        (one.impact for one in rules.rules if counts[one.measure] >= one.at_least),
        default=rules.otherwise,
    )


def measured(summary: Mapping[str, Any]) -> dict[str, int]:
    """All that rules may ask of a summary."""
    services = summary["services"]
    counts = {state: int(summary[state]) for state in STATES}
    counts |= {f"services_{state}": int(services[state]) for state in STATES}
    counts["services"] = sum(int(services[state]) for state in STATES)
    counts["impacted"] = sum(int(summary[state]) for state in STATES)
    return counts
