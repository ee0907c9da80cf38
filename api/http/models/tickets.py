"""Forms of tickets."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Shown, Text, Values, Words
from cmdb.tickets.ticket import MOST_TEXT

TicketValues = Annotated[Values, Field(max_length=200)]
LongText = Annotated[str, Field(max_length=MOST_TEXT)]
TICKET_FIELDS = "Fields of its form by name, such as `description`, `impact`, `urgency`, `team`."
TIES: dict[str, Any] = {"items": [{"key": "db-1", "role": "affected"}]}
EXAMPLE: dict[str, Any] = {
    "title": "Orders cannot be saved",
    "fields": {"description": "Since 9 o'clock.", "urgency": 1, "category": "database"},
    **TIES,
}


class ItemTie(Form):
    """A CI that a ticket concerns."""

    key: Text = Field(description="A CI by key, alias, `source:key` or unique name.")
    role: Text | None = Field(
        default=None,
        description="`affected`, `cause`, `changed`, `requested`, `inspected`, `covered`,"
        " `documented`, `impacted` or `not_impacted`; left out: the usual one of the kind.",
    )


class TicketLink(Form):
    """Another ticket that a ticket has to do with."""

    number: Text = Field(description="Its number.")
    role: Text = Field(
        default="related_to",
        description="`parent`, `duplicate_of`, `caused_by`, `resolves`, `part_of`,"
        " `converted_to`, `documents` or `related_to`.",
    )


class TicketForm(Form):
    """A new ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    title: Text | None = Field(default=None, description="What it is about.")
    fields: TicketValues = Field(default_factory=dict, description=TICKET_FIELDS)
    items: list[ItemTie] = Field(
        default_factory=list, max_length=1000, description="The CIs that it concerns."
    )
    links: list[TicketLink] = Field(
        default_factory=list, max_length=200, description="The tickets that it has to do with."
    )
    answers: TicketValues = Field(
        default_factory=dict,
        description="Answers to the form of the item of the service catalogue, for a request.",
    )
    foreign: dict[Text, Text] = Field(
        default_factory=dict, max_length=10, description="Its numbers in other systems, by system."
    )

    def values(self) -> dict[str, Any]:
        """Its fields, the title among them."""
        return {**self.fields, **({"title": self.title} if self.title else {})}


class TicketChange(Form):
    """Changes of a ticket: what is not mentioned stays; null empties a field."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fields": {"impact": 1}, **TIES}]})

    title: Text | None = Field(default=None, description="What it is about.")
    fields: TicketValues = Field(default_factory=dict, description=TICKET_FIELDS)
    items: list[ItemTie] | None = Field(
        default=None, max_length=1000, description="Instead of the CIs that it concerned."
    )
    links: list[TicketLink] | None = Field(
        default=None, max_length=200, description="Instead of the tickets it had to do with."
    )

    def values(self) -> dict[str, Any]:
        """The fields that it mentions."""
        return {**self.fields, **({"title": self.title} if self.title else {})}


class StepForm(Form):
    """A step, with the fields that it needs."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"fields": {"solution": "Restarted the database."}}]}
    )

    fields: TicketValues = Field(default_factory=dict, description="Fields to be filled with it.")


class NoteForm(Form):
    """What is written on a ticket."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "It is on its way.", "public": True}]}
    )

    text: LongText = Field(description="The text; it is shown as text, whatever it holds.")
    public: bool = Field(default=True, description="Whether the requester may read it.")


class VoteForm(Form):
    """A decision of somebody who is asked to approve."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"decision": "approved", "comment": "Well prepared."}]}
    )

    decision: Literal["approved", "rejected"] = Field(description="What was decided.")
    comment: LongText = Field(default="", description="Why; needed for a rejection.")


class TaskForm(Form):
    """A new task of a ticket."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Take a backup", "gate": False}]}
    )

    title: Text = Field(description="What is to be done.")
    team: Words = Field(default="", description="Whose it is; empty: the ticket's team.")
    assignee: Words = Field(default="", description="Who does it.")
    gate: bool = Field(
        default=False, description="Whether go or no-go is said here; later tasks wait for go."
    )


class TaskChange(Form):
    """What became of a task."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": "done", "result": "3 GB in 4 minutes."}]}
    )

    state: Literal["open", "done", "skipped"] = Field(
        default="done", description="`skipped` at a gate is no-go."
    )
    result: LongText = Field(default="", description="What came of it.")


class RatingForm(Form):
    """What the requester says of the work."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rating": 5, "comment": "Quick, thank you."}]}
    )

    rating: int = Field(ge=1, le=5, description="From 1, bad, to 5, good.")
    comment: LongText = Field(default="", description="In words.")


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
