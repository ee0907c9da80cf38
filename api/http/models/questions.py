"""Forms of the impact questions."""

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, SkipValidation

from api.assumption import assumption
from api.http.models.common import Form, Text
from api.http.models.items import CIForm
from api.http.models.relations import REFERENCE, RelationForm
from cmdb.errors import MissingField
from cmdb.services.assumptions import Assumption
from cmdb.services.impact import Failure
from cmdb.services.scenarios import MAX_SCENARIOS, Scenario

MAX_FAILURES = 10_000
TIME = "an ISO 8601 time, UTC without a zone"
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

    failures: list[FailureForm] | None = Field(
        default=None,
        description="What has failed; may be left out when `at` is given.",
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
        if self.failures is None and self.at is None:
            raise MissingField(place="body", name="failures")
        return [Failure(one.key, one.state) for one in self.failures or ()]

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
