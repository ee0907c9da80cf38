"""Forms of tickets: what is sent."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.http.models.common import Form, Text, Values, Words
from cmdb.tickets.forms import MOST_TEXT

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


class ConversionForm(Form):
    """What a ticket is converted to."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "problem", "fields": {"description": "Again."}}]}
    )

    kind: Text = Field(description="The kind of the new ticket.")
    fields: TicketValues = Field(
        default_factory=dict, description="Fields of the new ticket, beside those they share."
    )


class AnswersForm(Form):
    """The form of an inspection, filled in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"answers": {"temperature": 21}}]})

    answers: TicketValues = Field(description="Answers by the names of the form's fields.")


class ChildrenForm(Form):
    """Tickets that are taken as one with another."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"children": ["INC-13"]}]})

    children: list[Text] = Field(min_length=1, max_length=200, description="Their numbers.")
