"""Forms of reviews and decisions."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Words
from api.http.models.observations import EffectRow, StepRow

CLAIM = "as `source:key`"
MOST = 1000

REVIEW: dict[str, Any] = {
    "id": "5f2c9a10d3e4b6f8",
    "rule": "serial",
    "value": "640HP72 dell",
    "reasons": ["uuid"],
    "since": "2026-03-01T08:00:00+00:00",
    "claims": ["glpi:pc-17", "netbox:device:9"],
    "proposal": "keep apart",
}
EVIDENCE: dict[str, Any] = {
    "claim": "glpi:pc-17",
    "ci": "pc-17",
    "observed_at": "2026-03-01T08:00:00+00:00",
    "confirmed_at": "2026-03-02T08:00:00+00:00",
    "withdrawn": False,
    "says": {"type": "server", "attributes.serial_number": "640HP72"},
    "equal": ["attributes.serial_number"],
    "unlike": [],
}
DECISION: dict[str, Any] = {
    "id": "8c1f0e2b9a7d",
    "kind": "merge",
    "claims": ["glpi:pc-17", "netbox:device:9"],
    "others": [],
    "rule": None,
    "value": None,
    "reason": "the board was replaced",
}


class ReviewRow(Shown):
    """A disputed identifier: claims that have an equal value and disagree in something else."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVIEW]})

    id: str = Field(description="Names the review.")
    rule: str = Field(description="The identifier, such as `serial`, `mac` or `alias`.")
    value: str = Field(description="Its equal value.")
    reasons: list[str] = Field(
        description="In what the claims disagree: identifiers, `record` for two keys of one"
        " source, `decision`, or `common` for a value that too many claims have."
    )
    since: str = Field(description="Since when it waits, ISO 8601.")
    claims: list[str] = Field(description=f"The claims that have the value, {CLAIM}.")
    proposal: str = Field(description="`merge`, `ignore` or `keep apart`.")


class EvidenceRow(Shown):
    """What one claim of a review says."""

    claim: str = Field(description=f"The claim, {CLAIM}.")
    ci: str | None = Field(description="Key of the CI it is about now, where it is about one.")
    observed_at: str = Field(description="When it last changed, ISO 8601.")
    confirmed_at: str = Field(description="When it was last said, ISO 8601.")
    withdrawn: bool = Field(description="Whether its source no longer says it.")
    says: dict[str, Any] = Field(description="Its fields; attributes as `attributes.NAME`.")
    equal: list[str] = Field(description="The fields in which the claims are equal.")
    unlike: list[str] = Field(description="The fields in which they disagree.")


class ChoiceRow(Shown):
    """An answer to a review, and what it would do."""

    kind: Literal["merge", "split", "pin", "ignore"] = Field(description="The decision's kind.")
    claims: list[str] = Field(description=f"The claims it is about, {CLAIM}.")
    steps: list[StepRow] = Field(description="Everything that would change.")
    effects: list[EffectRow] = Field(description="What that means to business services.")
    complete: bool = Field(description="Whether all effects were looked at.")


class Review(ReviewRow):
    """A review with its evidence."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**REVIEW, "evidence": [EVIDENCE], "choices": None}]}
    )

    evidence: list[EvidenceRow] = Field(description="The claims, side by side.")
    choices: list[ChoiceRow] | None = Field(
        description="The answers, where `choices=true` was asked for; else null."
    )


class DecisionForm(Form):
    """A decision about identity.

    - `merge`: the `cis` are one
    - `split`: these `claims` of the one CI in `cis` are about another one
    - `pin`: the one claim in `claims` is about the one CI in `cis`
    - `ignore`: the `claims` do not count, or the value of the `review` identifies nothing
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"kind": "merge", "cis": ["pc-17", "srv-9"], "reason": "the board was replaced"},
                {"kind": "ignore", "review": "5f2c9a10d3e4b6f8", "reason": "cloned image"},
            ]
        }
    )

    kind: Literal["merge", "split", "pin", "ignore"] = Field(description="What is decided.")
    cis: list[Text] = Field(
        default_factory=list,
        max_length=MOST,
        description="CIs by key, alias, `source:key` or unique name.",
    )
    claims: list[Text] = Field(
        default_factory=list, max_length=MOST, description=f"Claims, {CLAIM}."
    )
    review: Text | None = Field(default=None, description="`id` of a review.")
    reason: Words = Field(default="", description="Why; stands in the log.")


class DecisionRow(Shown):
    """A decision in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [DECISION]})

    id: str = Field(description="Names the decision.")
    kind: Literal["merge", "split", "pin", "ignore"] = Field(description="What was decided.")
    claims: list[str] = Field(description=f"The claims it is about, {CLAIM}.")
    others: list[str] = Field(
        description="Of a split the claims of the other CI; of a pin what the claim is pinned to."
    )
    rule: str | None = Field(description="The identifier of which a value is ignored.")
    value: str | None = Field(description="That value.")
    reason: str = Field(description="Why.")
