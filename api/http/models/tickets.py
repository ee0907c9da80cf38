"""Tickets as they are answered."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Shown
from api.http.models.ticket_forms import EXAMPLE, ItemTie, TicketLink

TICKET_EXAMPLE: dict[str, Any] = {
    "number": "INC-12",
    "kind": "incident",
    "title": EXAMPLE["title"],
    "state": "in_progress",
    "state_label": "In progress",
    "open": True,
    "opened": "2026-12-01T08:05:00+00:00",
    "entered": "2026-12-01T08:20:00+00:00",
    "by": "li",
    "fields": {"category": "database", "impact": 1, "priority": 1, "urgency": 1},
    "answers": {},
    "items": [{"key": "db-1", "role": "affected"}],
    "hidden_items": 0,
    "links": [],
    "clocks": {
        "resolve": {
            "target": 14400.0,
            "used": 900.0,
            "calendar": "always",
            "state": "running",
            "started": "2026-12-01T08:05:00+00:00",
            "stopped": None,
            "due": "2026-12-01T12:05:00+00:00",
            "breached": False,
        }
    },
    "steps": [{"name": "resolve", "label": "Resolve", "requires": ["solution"]}],
    "approvals": {"panels": [], "votes": [], "missing": 0},
    "tasks": [],
    "attachments": [],
    "assessment": None,
    "foreign": {},
    "version": 731,
}


class TicketRow(Shown):
    """A ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [TICKET_EXAMPLE]})

    number: str = Field(description="Its number; it stays for life.")
    kind: str = Field(description="Its kind, such as `incident`.")
    title: str = Field(description="What it is about.")
    state: str = Field(description="Its state in its process.")
    state_label: str = Field(description="The state in the language of the request.")
    open: bool = Field(description="Whether it has not ended.")
    opened: str = Field(description="When it was opened.")
    entered: str = Field(description="When it came into its state.")
    by: str = Field(description="Who opened it.")
    fields: dict[str, Any] = Field(description="The fields that are filled, by name.")
    answers: dict[str, Any] = Field(description="Answers to the form of what was ordered.")
    items: list[ItemTie] = Field(description="The CIs that it concerns, with their roles.")
    hidden_items: int = Field(description="How many more there are outside your scope.")
    links: list[TicketLink] = Field(description="The tickets that it has to do with.")
    clocks: dict[str, dict[str, Any]] = Field(
        description="Its service levels by name: `target` and `used` in seconds of working time,"
        " `due` as a time, `state`, `breached`."
    )
    steps: list[dict[str, Any]] = Field(description="The steps that you may take now.")
    approvals: dict[str, Any] = Field(description="Who is asked, and what they have decided.")
    tasks: list[dict[str, Any]] = Field(description="Its tasks in their order.")
    attachments: list[dict[str, Any]] = Field(description="Its files; their bytes by `id`.")
    assessment: dict[str, Any] | None = Field(
        description="What it would hit, as it was assessed, as of commit `seq`."
    )
    foreign: dict[str, str] = Field(description="Its numbers in other systems.")
    version: int = Field(description="The commit that last changed it; its ETag.")


class FoundTicket(TicketRow):
    """A ticket that a search has found."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**TICKET_EXAMPLE, "score": 3.2}]})

    score: float = Field(description="How well it fits (BM25); the greater is the better.")


class Found(Shown):
    """What a search has found, the best first."""

    items: list[FoundTicket] = Field(description="The tickets.")


class WaitingRow(Shown):
    """What waits for somebody."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **{"number": "CHG-7", "kind": "change", "title": "New firmware"},
                    **{"state": "implementing", "what": "task", "asked": "Take a backup"},
                    **{"task": 1, "person": None, "team": "network"},
                    **{"since": "2026-12-01T08:20:00+00:00", "due": None},
                }
            ]
        }
    )

    number: str = Field(description="The ticket.")
    kind: str = Field(description="Its kind, such as `change`.")
    title: str = Field(description="What it is about.")
    state: str = Field(description="Its state in its process.")
    what: Literal["approval", "task"] = Field(description="What is asked for.")
    asked: str = Field(description="The panel that is asked to approve, or what is to be done.")
    task: int | None = Field(description="`id` of the task.")
    person: str | None = Field(description="Whom it waits for.")
    team: str | None = Field(description="Or which team.")
    since: str = Field(description="Since when.")
    due: str | None = Field(description="When the next service level of the ticket is missed.")


class Hitting(Shown):
    """Open tickets that hit a CI, the latest first."""

    items: list[TicketRow] = Field(description="The tickets.")


class Forecast(Shown):
    """Open tickets whose service level will be, or is, missed; the next first."""

    items: list[TicketRow] = Field(description="The tickets.")


class TimelineRow(Shown):
    """Something that happened to a ticket."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 731,
                    "at": "2026-12-01T08:20:00+00:00",
                    "by": "wang",
                    "kind": "change",
                    "reason": "INC-12: accept",
                    "changes": {"state": ["assigned", "in_progress"]},
                }
            ]
        }
    )

    seq: int = Field(description="The commit.")
    at: str = Field(description="When.")
    by: str = Field(description="Who.")
    kind: Literal["note", "change"] = Field(description="What it is.")
    reason: str = Field(description="What was done.")
    changes: dict[str, Any] | None = Field(
        default=None, description="What changed: name → value before and after."
    )
    text: str | None = Field(default=None, description="What was written.")
    public: bool | None = Field(default=None, description="Whether the requester may read it.")


class TicketForms(Shown):
    """Kinds of ticket that you may open, with their forms."""

    items: list[dict[str, Any]] = Field(description="Kinds with their fields.")


class Catalogue(Shown):
    """What you may order."""

    items: list[dict[str, Any]] = Field(description="Items of the service catalogue.")


class TicketImpactAnswer(Shown):
    """What follows from the CIs of a ticket."""

    impact: dict[str, Any] | None = Field(
        description="The answer of impact analysis, for its CIs as failures; null without any."
    )
    added: list[str] = Field(description="CIs that people have added by hand.")
    excluded: list[str] = Field(description="CIs of which people have said that they are not hit.")


class GroupRow(Shown):
    """Tickets that are proposed as one."""

    rule: str = Field(description="The correlation rule that proposes it.")
    parent: TicketRow = Field(description="The one that explains most.")
    children: list[TicketRow] = Field(description="The others.")


class Correlations(Shown):
    """What is proposed to be taken as one."""

    items: list[GroupRow] = Field(description="Groups; each child stands in one.")


class RelatedAnswer(Shown):
    """What helps with a ticket; the best of each first."""

    known_errors: list[TicketRow] = Field(description="Problems whose cause is known.")
    past: list[TicketRow] = Field(description="Tickets that ended, with what was done.")
    articles: list[TicketRow] = Field(description="Articles of the knowledge base.")
    plans: list[TicketRow] = Field(description="Emergency plans of the services that are hit.")
