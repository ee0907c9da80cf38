"""Forms of external ticket systems."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Values, Words

MAPPING: dict[str, Any] = {
    "fields": {"sys_id": "id", "short_description": "title", "cmdb_ci": "item"},
    "states": {"In Progress": "in_progress", "Resolved": "resolved"},
    "priorities": {"1 - Critical": 1},
}
SETTINGS: dict[str, Any] = {
    "mapping": MAPPING,
    "target": "snow",
    "events": ["ticket_opened", "ticket_changed", "comment_added"],
    "unlinked": False,
    "roles": ["fulfiller", "service_desk"],
}
SHOWN: dict[str, Any] = {
    "name": "servicenow",
    **SETTINGS,
    "at": "2026-12-01T08:00:00+00:00",
    "version": "5f2c9a10d3e4b6f8",
}
READ = "How its tickets read as ours, and back; see the reference of tickets."
TARGET = "Name of the webhook that tells it of ours; empty: none."
TOLD = "What it is told of, such as `ticket_changed`."
UNLINKED = "Whether it is also told of tickets that it has no number for."
ROLES = "As what it takes part in tickets: the steps of these roles are its."
ANSWER: dict[str, Any] = {
    "event": "evt_1",
    "id": "INC0010023",
    "result": "updated",
    "number": "INC-12",
    "state": "in_progress",
    "wishes": [{"wish": "be resolved", "reason": "INC-12: required field 'solution' is missing"}],
    "unmatched": ["srv-unknown"],
}


class SystemForm(Form):
    """An external system, whose name is in the path."""

    model_config = ConfigDict(hide_input_in_errors=True, json_schema_extra={"examples": [SETTINGS]})

    mapping: Values = Field(default_factory=dict, description=READ)
    target: Words = Field(default="", description=TARGET)
    events: list[Text] | None = Field(default=None, max_length=100, description=TOLD)
    unlinked: bool = Field(default=False, description=UNLINKED)
    roles: list[Text] | None = Field(default=None, max_length=20, description=ROLES)
    secret: Text | None = Field(
        default=None,
        description="`whsec_` and 24 to 64 bytes in Base64. Without it the system keeps the one it"
        " has, and a new one gets a random one.",
        json_schema_extra={"writeOnly": True},
    )

    def values(self) -> dict[str, Any]:
        """What is declared, without the secret."""
        return self.model_dump(exclude={"secret"}, exclude_none=True)


class SystemRow(Shown):
    """An external system, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [SHOWN]})

    name: str = Field(description="Its name.")
    mapping: dict[str, Any] = Field(description=READ)
    target: str = Field(description=TARGET)
    events: list[str] = Field(description=TOLD)
    unlinked: bool = Field(description=UNLINKED)
    roles: list[str] = Field(description=ROLES)
    at: str = Field(description="When it was declared, ISO 8601.")
    version: str = Field(description="Changes whenever it is declared; its ETag.")


class DeclaredSystem(SystemRow):
    """An external system that was declared just now."""

    secret: str | None = Field(
        default=None,
        description="The random secret of a new system, to sign with (Standard Webhooks). It is"
        " shown only now.",
    )


class EventAnswer(Shown):
    """What became of an event; a repeated one gets the same answer."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER]})

    event: str = Field(description="Its `webhook-id`.")
    id: str = Field(description="Number of the ticket there.")
    result: Literal["created", "updated", "ignored"] = Field(description="What was done.")
    number: str = Field(description="Number of the ticket here.")
    state: str | None = Field(default=None, description="Its state here, after that.")
    reason: str | None = Field(default=None, description="Why it was ignored.")
    wishes: list[dict[str, str]] = Field(
        default_factory=list, description="What our rules did not allow, and why; it is noted."
    )
    unmatched: list[str] = Field(
        default_factory=list, description="References to CIs that are unknown here."
    )


class UnmatchedRow(Shown):
    """A reference to a CI that nobody knows here."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "INC0010023",
                    "number": "INC-12",
                    "reference": "srv-unknown",
                    "why": "event: no configuration item has the key, alias or name 'srv-unknown'",
                    "at": "2026-12-01T08:00:00+00:00",
                }
            ]
        }
    )

    id: str = Field(description="Number of the ticket there.")
    number: str = Field(description="Number of the ticket here.")
    reference: str = Field(description="What it says.")
    why: str = Field(description="What is wrong with it.")
    at: str = Field(description="Since when.")


class TiedAnswer(Shown):
    """How many references were found."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"found": 3}]})

    found: int = Field(description="References whose CI is known by now.")
