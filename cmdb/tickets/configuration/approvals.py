"""Approval groups: who decides, and when they have (the CAB of ITIL)."""

import math
from collections.abc import Collection, Iterable
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cmdb.tickets.configuration.values import Lines, Role, Rule


class ApprovalGroup(Rule):
    """People whose approval is needed for tickets of a kind and category."""

    users: Lines = Field((), description="Members by name.")
    role: Role | None = Field(None, description="Everybody with this role is a member, too.")
    rule: Literal["all", "any", "at_least", "share"] = Field(
        "all", description="How many members must approve."
    )
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = Field(
        None, description="How many, for the rule at_least."
    )
    share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="Which share of them, for the rule share."
    )
    kinds: Lines = Field((), description="Kinds of ticket that it approves; none: only by name.")
    categories: Lines = Field((), description="Categories of these; none: all.")

    @model_validator(mode="after")
    def _sound(self) -> "ApprovalGroup":
        if not self.users and self.role is None:
            raise ValueError("a group with members: users, or a role")
        if (self.rule == "at_least") != (self.count is not None):
            raise ValueError("a group with 'count' for the rule at_least, and only for that")
        if (self.rule == "share") != (self.share is not None):
            raise ValueError("a group with 'share' for the rule share, and only for that")
        if self.count is not None and self.role is None and self.count > len(set(self.users)):
            raise ValueError("a group with no more approvals than members")
        return self

    def needed(self, members: int) -> int:
        """How many of so many members must approve; never none."""
        match self.rule:
            case "any":
                return 1
            case "at_least":
                return self.count or 1
            case "share":  # what floats add to a whole number must not cost a vote
                return max(1, math.ceil((self.share or 1) * members - 1e-9))
        return max(1, members)

    def missing(self, members: Collection[str], approved: Collection[str]) -> int:
        """How many approvals are still missing, by the names of members and of who approved."""
        given = len(set(members) & set(approved))
        return max(0, self.needed(len(set(members))) - given)


def approving(
    groups: Iterable[ApprovalGroup], kind: str, category: str | None = None
) -> list[ApprovalGroup]:
    """The groups that approve such tickets, by name."""
    return sorted(
        (
            one
            for one in groups
            if one.active
            and kind in one.kinds
            and (not one.categories or category in one.categories)
        ),
        key=lambda one: one.name,
    )
