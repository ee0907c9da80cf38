"""Forms of the impact question and its answer."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, SkipValidation

from api.assumption import assumption
from api.http.models.common import Form, Shown, Text
from api.http.models.items import CIForm
from api.http.models.relations import REFERENCE, RelationForm
from cmdb.services.assumptions import Assumption
from cmdb.services.impact import Failure
from cmdb.services.scenarios import MAX_SCENARIOS, Scenario

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


AsOf = Annotated[Any, BeforeValidator(_moment)]
AS_OF_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]
}


class RemovedRelationForm(Form):
    """Relations that are to go: all that fit."""

    from_key: Text = Field(alias="from", description=REFERENCE)
    type: Text = Field(description="Name of the relation type.")
    to_key: Text = Field(alias="to", description=REFERENCE)
    group: Text | None = Field(default=None, description="Only those of this group.")
    id: Text | None = Field(default=None, description="Only the one with this `id`.")


class RemoveForm(Form):
    """What is to go."""

    cis: list[Text] = Field(default_factory=list, description="CIs, by any reference.")
    relations: list[RemovedRelationForm] = Field(default_factory=list, description="Relations.")


class AssumeForm(Form):
    """What is assumed for the question only; nothing is written."""

    cis: list[CIForm] = Field(
        default_factory=list,
        description="CIs in the estate form: a key that exists is changed, another one is added.",
    )
    relations: list[RelationForm] = Field(
        default_factory=list, description="Relations that are added, or get another strength."
    )
    remove: RemoveForm | None = Field(default=None, description="What is to go.")


class QuestionForm(Form):
    """What has failed, when to ask about, and what to assume."""

    failures: list[FailureForm] = Field(
        default_factory=list,
        description="What has failed; may be empty when `at` is given.",
        max_length=MAX_FAILURES,
    )
    as_of: AsOf = Field(default=None, description=AS_OF, json_schema_extra=AS_OF_SCHEMA)
    at: Text | None = Field(
        default=None,
        description="CIs with a maintenance window open at this ISO 8601 time have failed, too.",
    )
    assume: SkipValidation[AssumeForm] | None = Field(
        default=None, description="What-if: a change of the estate, for this question only."
    )

    def failed(self) -> list[Failure]:
        """The failures, as the service takes them."""
        return [Failure(one.key, one.state) for one in self.failures]

    def assumption(self) -> Assumption | None:
        """What to assume; read as an import is, with every error at once."""
        return None if self.assume is None else assumption(self.assume)


class ImpactForm(QuestionForm):
    """What has failed, when to ask about, and what to assume."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"failures": [{"key": "sw-1", "state": "down"}], "as_of": None},
                {
                    "failures": [{"key": "sw-1"}],
                    "at": "2026-12-01T22:00:00Z",
                    "assume": {
                        "cis": [{"key": "sw-9", "type": "switch"}],
                        "relations": [{"from": "db-1", "type": "connects_to", "to": "sw-9"}],
                        "remove": {
                            "cis": ["sw-2"],
                            "relations": [{"from": "app-1", "type": "depends_on", "to": "db-1"}],
                        },
                    },
                },
            ]
        }
    )


class ScenarioForm(QuestionForm):
    """One of several questions."""

    name: Text | None = Field(default=None, description="Its name; its number without it.")


class ScenariosForm(Form):
    """Questions to be answered side by side, on one snapshot."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "scenarios": [
                        {"name": "today", "failures": [{"key": "sw-1"}]},
                        {
                            "name": "with a second uplink",
                            "failures": [{"key": "sw-1"}],
                            "assume": {
                                "relations": [{"from": "db-1", "type": "connects_to", "to": "sw-2"}]
                            },
                        },
                    ]
                }
            ]
        }
    )

    scenarios: list[ScenarioForm] = Field(
        description="The questions.", min_length=1, max_length=MAX_SCENARIOS
    )

    def asked(self) -> list[Scenario]:
        """The scenarios, as the service takes them."""
        return [
            Scenario(one.name or str(i), one.failed(), one.as_of, one.at, one.assumption())
            for i, one in enumerate(self.scenarios, 1)
        ]


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
