"""What belongs to a ticket beside its fields: approvals, tasks, attachments, an assessment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Decision = Literal["approved", "rejected"]
TaskState = Literal["open", "done", "skipped"]


@dataclass(frozen=True, slots=True)
class Panel:
    """Who is asked to approve, as the CAB is: `needed` of the people must."""

    name: str
    people: tuple[str, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class Vote:
    """What one of them has decided."""

    person: str
    decision: Decision
    at: float
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A step of the work: of a change, or of the fulfilment of a request.

    A `gate` is where somebody says go or no-go: skipping it is a no-go. It was `added` then.
    """

    id: int
    title: str
    team: str = ""
    assignee: str = ""
    gate: bool = False
    state: TaskState = "open"
    at: float | None = None
    by: str = ""
    result: str = ""
    added: float | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file; its bytes are kept under their digest (SHA-256)."""

    id: int
    name: str
    media_type: str
    size: int
    digest: str
    by: str
    at: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a change would hit, as it was when it was assessed: as of which commit."""

    seq: int
    at: float
    summary: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[str, ...] = ()


def missing(panels: tuple[Panel, ...], votes: tuple[Vote, ...]) -> int:
    """How many approvals are still needed."""
    return sum(max(0, one.needed - approvals_of(one, votes)) for one in panels)


def approvals_of(panel: Panel, votes: tuple[Vote, ...]) -> int:
    """How many of the people of a panel have approved."""
    given = {one.person for one in votes if one.decision == "approved"}
    return len(given.intersection(panel.people))


def gates_before(tasks: tuple[Task, ...], id: int) -> list[Task]:
    """The gates before a task at which go is not said."""
    return [one for one in tasks if one.gate and one.id < id and one.state != "done"]
