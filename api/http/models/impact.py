"""Forms of the answers to impact questions."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Shown

State = Literal["at_risk", "degraded", "down"]


class HiddenCI(Shown):
    """A CI you may not see."""

    hidden: Literal[True]


class FailureRow(Shown):
    """A CI and a state."""

    key: str = Field(description="Key of the CI.")
    state: State = Field(description="Its state.")


class CauseRow(Shown):
    """One reason that alone gives the state."""

    rule: Literal["dependency", "redundancy", "connectivity"] = Field(description="The rule.")
    relation: str | None = Field(default=None, description="Of a dependency: the relation type.")
    group: str | None = Field(default=None, description="Of redundancy: the group.")
    from_: list[FailureRow | HiddenCI] = Field(alias="from", description="What it comes from.")
    hangs_on: str | HiddenCI | None = Field(
        default=None, description="Of connectivity: the CI that now lies on every path."
    )


class Confirmed(Shown):
    """How fresh the ground is that a row stands on."""

    at: datetime | None = Field(
        description="Oldest confirmation of the CI and the relations on its path; null for never."
    )
    source: str | None = Field(description="The source that gave it.")


class ImpactRow(Shown):
    """A CI that ends higher than the state it was given."""

    key: str = Field(description="Key of the CI.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")
    state: State = Field(description="The state it ends in.")
    distance: int = Field(description="The round in which it got that state.")
    causes: list[CauseRow] = Field(description="Why.")
    path: list[str | HiddenCI] = Field(description="From a failed CI to this one.")
    confirmed: Confirmed = Field(description="The oldest confirmation it rests on.")


class Counts(Shown):
    """How many CIs end in which state."""

    down: int = Field(description="Out of work.")
    degraded: int = Field(description="Working less well.")
    at_risk: int = Field(description="One more failure away from trouble.")


class Summary(Counts):
    """Counts of the rows of the whole answer."""

    services: Counts = Field(description="Those of type `service` or below.")


class Confidence(Shown):
    """What the answer says of itself."""

    hidden: int = Field(description="Impacted CIs that you may not see.")
    unconfirmed: int = Field(description="Impacted CIs not confirmed lately, or by their path.")
    connectivity_not_evaluated: int = Field(description="Linked CIs that reach no network root.")


class RelationCounts(Shown):
    """How many relations were assumed."""

    added: int = Field(description="Added.")
    changed: int = Field(description="With another strength.")
    removed: int = Field(description="Removed, beside those of removed CIs.")


class Assumed(Shown):
    """What was assumed, by key."""

    added: list[str] = Field(description="CIs that do not exist.")
    changed: list[str] = Field(description="CIs that are otherwise.")
    removed: list[str] = Field(description="CIs that exist.")
    relations: RelationCounts = Field(description="The same of relations.")


class WindowRow(Shown):
    """A maintenance window that takes part."""

    id: str = Field(description="Names the window in URLs.")
    key: str = Field(description="Key of the CI.")
    starts: datetime = Field(description="When it opens (UTC).")
    ends: datetime = Field(description="When it is over (UTC).")
    state: State = Field(description="The state of the CI meanwhile.")
    reason: str = Field(description="Why.")


class Answered(Shown):
    """What every answer to an impact question says of the question."""

    seq: int = Field(description="The commit it was computed at.")
    as_of: int | str | None = Field(description="As in the question.")
    failures: list[FailureRow] = Field(
        description="What fails, by key; with what is in maintenance then."
    )
    assumed: Assumed | None = Field(default=None, description="What was assumed, if anything.")
    at: str | None = Field(default=None, description="As in the question, when it was given.")
    maintenance_outside: int | None = Field(
        default=None,
        description="With `at`: open windows of CIs outside the graph, which have no effect.",
    )
    maintenance: list[WindowRow | HiddenCI] | None = Field(
        default=None, description="The windows open `at` that time."
    )
    summary: Summary = Field(description="Counts of the whole answer.")
    confidence: Confidence = Field(description="What the whole answer says of itself.")


class ImpactAnswer(Answered):
    """The blast radius: one page of rows, and the summary of all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1234,
                    "as_of": None,
                    "failures": [{"key": "sw-1", "state": "down"}],
                    "impacted": [
                        {
                            "key": "db-1",
                            "type": "database",
                            "name": "orders db",
                            "state": "down",
                            "distance": 1,
                            "causes": [
                                {
                                    "rule": "connectivity",
                                    "from": [{"key": "sw-1", "state": "down"}],
                                    "hangs_on": None,
                                }
                            ],
                            "path": ["sw-1", "db-1"],
                            "confirmed": {"at": "2026-03-01T08:00:00+00:00", "source": "netbox"},
                        }
                    ],
                    "summary": {
                        "down": 1,
                        "degraded": 0,
                        "at_risk": 0,
                        "services": {"down": 0, "degraded": 0, "at_risk": 0},
                    },
                    "confidence": {
                        "hidden": 0,
                        "unconfirmed": 0,
                        "connectivity_not_evaluated": 0,
                    },
                    "next": None,
                }
            ]
        }
    )

    impacted: list[ImpactRow] = Field(description="Worst first, then by distance and key.")
    next: str | None = Field(description="`cursor` of the next page; null on the last.")


class ServiceRow(Shown):
    """A service that is hit."""

    key: str = Field(description="Key of the service.")
    name: str = Field(description="Its name.")
    state: State = Field(description="The state it ends in.")


class ScenarioAnswer(Answered):
    """The answer to one of the questions, in short."""

    name: str = Field(description="Name of the scenario.")
    services: list[ServiceRow] = Field(description="Services hit: worst first, then as impacted.")


class ComparisonRow(Shown):
    """A service that does not end in the same state in all scenarios."""

    key: str = Field(description="Key of the service.")
    type: str = Field(description="Its type.")
    name: str = Field(description="Its name.")
    states: list[Literal["ok", "at_risk", "degraded", "down"] | None] = Field(
        description="Its state in each scenario; null where it is no part of the graph."
    )


SCENARIO_EXAMPLE: dict[str, Any] = {
    "name": "today",
    "seq": 1234,
    "as_of": None,
    "failures": [{"key": "sw-1", "state": "down"}],
    "summary": {
        "down": 2,
        "degraded": 0,
        "at_risk": 0,
        "services": {"down": 1, "degraded": 0, "at_risk": 0},
    },
    "confidence": {"hidden": 0, "unconfirmed": 0, "connectivity_not_evaluated": 0},
    "services": [{"key": "pay", "name": "Payments", "state": "down"}],
}


class ScenariosAnswer(Shown):
    """Several questions side by side."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 1234,
                    "scenarios": [SCENARIO_EXAMPLE],
                    "comparison": [
                        {
                            "key": "pay",
                            "type": "business_service",
                            "name": "Payments",
                            "states": ["down"],
                        }
                    ],
                }
            ]
        }
    )

    seq: int = Field(description="The commit of all scenarios without an `as_of` of their own.")
    scenarios: list[ScenarioAnswer] = Field(description="In the order of the question.")
    comparison: list[ComparisonRow] = Field(
        description="The services that differ, the worst first, then by key."
    )
