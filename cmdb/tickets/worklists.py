"""What of a ticket waits for whom: approvals that are asked for, and tasks that can be done.

A worklist (WfMC) is what waits for one person, or for whoever of a team takes it first.
"""

from dataclasses import dataclass
from typing import Literal

from cmdb.tickets.parts import Task, approvals_of, gates_before, missing
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is asked: by which panel to approve, or which task; since when, on whose worklist."""

    worklist: str
    kind: Literal["approval", "task"]
    asked: str
    since: float
    task: int | None = None


def of_person(name: str) -> str:
    """The worklist of a person."""
    return f"person {name}"


def of_team(name: str) -> str:
    """The worklist of a team."""
    return f"team {name}"


def decidable(process: Process, ticket: Ticket) -> bool:
    """Whether a decision counts: it waits for some, or goes on meanwhile as emergencies do."""
    kind = process.state(ticket.state).kind
    return kind == "waiting" or (kind == "active" and missing(ticket.panels, ticket.votes) > 0)


def waiting(process: Process, ticket: Ticket) -> list[Waiting]:
    """All that waits for somebody while a ticket is open.

    A panel that has the approvals it needs asks nobody more. A task waits for its assignee, else
    for its team or the ticket's; one behind a gate waits for nobody yet.
    """
    if process.state(ticket.state).kind == "closed":
        return []
    tasks = [one for one in ticket.tasks if one.state == "open"]
    found = [_task(ticket, one) for one in tasks if not gates_before(ticket.tasks, one.id)]
    return _approvals(process, ticket) + [one for one in found if one is not None]


def _approvals(process: Process, ticket: Ticket) -> list[Waiting]:
    decided = {one.person for one in ticket.votes}
    return [
        Waiting(of_person(person), "approval", panel.name, ticket.entered)
        for panel in ticket.panels
        if decidable(process, ticket) and approvals_of(panel, ticket.votes) < panel.needed
        for person in panel.people
        if person not in decided
    ]


def _task(ticket: Ticket, task: Task) -> Waiting | None:
    team = task.team or str(ticket.fields.get("team", ""))
    if not (task.assignee or team):
        return None
    whose = of_person(task.assignee) if task.assignee else of_team(team)
    since = task.at or task.added or ticket.opened
    return Waiting(whose, "task", task.title, since, task.id)
