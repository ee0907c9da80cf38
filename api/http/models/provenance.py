"""Forms of explanations and runs: where what the CMDB says comes from."""

from typing import Any

from pydantic import ConfigDict, Field

from api.http.models.common import Shown

SAYING: dict[str, Any] = {
    "claim": "netbox:device:9",
    "value": "Dell Inc.",
    "since": "2026-03-01T08:00:00+00:00",
    "said_at": "2026-03-02T08:00:00+00:00",
    "fresh": True,
    "confidence": 1.0,
    "wins": True,
    "why": "rank",
}


class SayingRow(Shown):
    """What one source says of a field."""

    claim: str = Field(description="The claim, as `source:key`.")
    value: Any = Field(description="What it says.")
    since: str = Field(description="Since when it says so, ISO 8601.")
    said_at: str = Field(description="When it last said so, ISO 8601.")
    fresh: bool = Field(description="Whether that is within the limit of freshness.")
    confidence: float = Field(description="How sure the source is, from 0 to 1.")
    wins: bool = Field(description="Whether it is what holds.")
    why: str | None = Field(
        description="By what the winner weighs more than the next: `manual`, `fresher`,"
        " `precedence`, `rank`, `confidence`, `later`, `order`; `only` where nobody else says"
        " anything, `union` for a list put together from several."
    )


class FieldRow(Shown):
    """A field of a CI with its value, and all that sources say of it."""

    field: str = Field(description="The field; an attribute as `attributes.NAME`.")
    value: Any = Field(description="What holds.")
    sayings: list[SayingRow] = Field(description="The winner first.")


class ExplanationAnswer(Shown):
    """Every field of a CI that some source speaks of."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "fields": [
                        {"field": "attributes.vendor", "value": "Dell Inc.", "sayings": [SAYING]}
                    ]
                }
            ]
        }
    )

    fields: list[FieldRow] = Field(description="By name.")


class RunRow(Shown):
    """A run: one import, or one scan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "5f2c9a10d3e4b6f8",
                    "actor": "scanner (token 8c1f0e2b9a7d)",
                    "reason": "observations of scanner",
                    "at": "2026-03-01T08:00:00+00:00",
                    "commits": [12, 13],
                }
            ]
        }
    )

    id: str = Field(description="Names the run.")
    actor: str = Field(description="Who ran it.")
    reason: str = Field(description="Why.")
    at: str = Field(description="When it began, ISO 8601.")
    commits: list[int] = Field(description="The numbers of its commits.")
