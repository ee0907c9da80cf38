"""Forms of the impact question and its answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from api.http.models.common import Form, Shown, Text

MAX_FAILURES = 10_000
State = Literal["at_risk", "degraded", "down"]
AS_OF = "An earlier moment: a commit number, or an ISO 8601 time (UTC without a zone)."


def _moment(value: Any) -> Any:
    if value is None or type(value) is int or (isinstance(value, str) and len(value) <= 64):
        return value
    raise ValueError("a commit number or an ISO 8601 time")


class FailureForm(Form):
    """A CI that has failed, or is thought to."""

    key: Text = Field(description="A CI by key, alias, `source:key` or unique name.")
    state: Text = Field(default="down", description="`down`, `degraded` or `at_risk`.")


class ImpactForm(Form):
    """What has failed, and when to ask about."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"failures": [{"key": "sw-1", "state": "down"}], "as_of": None}]
        }
    )

    failures: list[FailureForm] = Field(description="What has failed.", max_length=MAX_FAILURES)
    as_of: Annotated[Any, BeforeValidator(_moment)] = Field(
        default=None,
        description=AS_OF,
        json_schema_extra={"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
    )


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


class ImpactAnswer(Shown):
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

    seq: int = Field(description="The commit it was computed at.")
    as_of: int | str | None = Field(description="As in the question.")
    failures: list[FailureRow] = Field(description="The failures, by key.")
    impacted: list[ImpactRow] = Field(description="Worst first, then by distance and key.")
    summary: Summary = Field(description="Counts of the whole answer.")
    confidence: Confidence = Field(description="What the whole answer says of itself.")
    next: str | None = Field(description="`cursor` of the next page; null on the last.")
