"""What is offered: items of the service catalogue, and templates of standard changes."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from cmdb.tickets import parts
from cmdb.tickets.configuration.values import (
    FormFields,
    Line,
    Lines,
    Name,
    Role,
    Roles,
    Rule,
    Task,
    Words,
    missing_names,
)
from cmdb.tickets.forms import MOST_TEXT

Tasks = Annotated[tuple[Task, ...], Field(max_length=100)]
PLANS = ("benefit", "risk", "implementation_plan", "test_plan", "back_out_plan")


def begun(tasks: Tasks, at: float) -> tuple[parts.Task, ...]:
    """Declared tasks as those of a ticket."""
    return tuple(
        parts.Task(n, one.title, one.team or "", added=at) for n, one in enumerate(tasks, 1)
    )


class ChangeTemplate(Rule):
    """A standard change: approved beforehand for CIs of some types (ITIL)."""

    title: Line = Field(description="Title of the changes made from it.")
    ci_types: Annotated[Lines, Field(min_length=1)] = Field(
        description="Types, with those below, of the CIs that may be changed so."
    )
    benefit: Words = Field(description="What it is good for.")
    risk: Words = Field(description="What may go wrong.")
    implementation_plan: Words = Field(description="How it is done.")
    test_plan: Words = Field(description="How it is seen that it worked.")
    back_out_plan: Words = Field(description="How it is taken back.")
    tasks: Tasks = Field((), description="Its steps.")
    valid_until: date | None = Field(None, description="Its last day; null: no end.")

    def usable(self, day: date, types: Collection[str]) -> bool:
        """Whether it may be used on a day for a CI of these types (its own and those above)."""
        in_time = self.valid_until is None or day <= self.valid_until
        return self.active and in_time and any(one in types for one in self.ci_types)

    def values(self) -> dict[str, Any]:
        """What a change made from it is filled with."""
        filled = {name: getattr(self, name) for name in ("title", *PLANS)}
        return {**filled, "category": "standard", "template": self.name}


class CatalogueItem(Rule):
    """A service that users may order."""

    label: Line = Field(description="What it is called in English.")
    label_zh: Line = Field(description="What it is called in Chinese.")
    description: str = Field("", max_length=MOST_TEXT, description="What it is, in English.")
    description_zh: str = Field("", max_length=MOST_TEXT, description="What it is, in Chinese.")
    form: FormFields = Field((), description="What is asked of who orders it.")
    required: Lines = Field((), description="Fields of the form that must be filled.")
    approval: Literal["none", "manager", "group"] = Field(
        "none", description="Who must approve an order."
    )
    group: Name | None = Field(None, description="The approval group, where it is one.")
    team: Line | None = Field(None, description="Who fulfils it; null: as dispatch rules say.")
    tasks: Tasks = Field((), description="What is to be done to fulfil it.")
    service_levels: Annotated[tuple[Name, ...], Field(max_length=2)] = Field(
        (), description="Service levels for it, instead of those that would fit."
    )
    roles: Roles = Field((), description="Who may order it, by role; none: everybody.")
    teams: Lines = Field((), description="Who may order it, by team; none: everybody.")

    @model_validator(mode="after")
    def _sound(self) -> "CatalogueItem":
        if (self.approval == "group") != (self.group is not None):
            raise ValueError("an item with 'group' where a group approves it, and only there")
        if unknown := missing_names(self.required, self.form):
            raise ValueError(f"an item whose form has the field '{unknown[0]}', as it is required")
        return self

    def orderable(self, roles: Collection[Role], teams: Collection[str]) -> bool:
        """Whether somebody with these roles in these teams may order it."""
        by_role = not self.roles or any(one in roles for one in self.roles)
        return self.active and by_role and (not self.teams or any(t in teams for t in self.teams))
