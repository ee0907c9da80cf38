"""Inspections: opened by their plans when they are due; findings become incidents."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, Rejected
from cmdb.identity.changes import Document
from cmdb.schema.records import Tie
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import ItemQuery, Receipt
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import inform
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.finding import current
from cmdb.services.ticketing.making import BY_ITSELF, made
from cmdb.services.ticketing.steps import advance, settle
from cmdb.services.ticketing.work import NOBODY, Work, commit
from cmdb.tickets.configuration.inspections import InspectionPlan
from cmdb.tickets.forms import form_errors
from cmdb.tickets.ticket import Ticket

KIND = "inspection"
TURN = "inspection_turn"
"""Documents that say when an inspection of a plan was due last, by the name of the plan."""

MOST_ITEMS = 1000


def open_inspections(env: Environment) -> int:
    """Open the inspections that are due, each once however many workers there are."""
    opened = 0
    for plan in settings(env).inspection_plans.values():
        turn = env.store.document(TURN, plan.name)
        if plan.active and (turn is None or _is_due(plan, turn, env.clock())):
            opened += commit(NOBODY, env, "inspection due", partial(_opened, plan=plan))
    return opened


def _is_due(plan: InspectionPlan, turn: Document, now: float) -> bool:
    return turn.body["plan"] != _digest(plan) or plan.due(float(turn.body["last"])) <= now


def _opened(work: Work, plan: InspectionPlan) -> int:
    """Open the inspection of a plan if it is due; of several that were missed one."""
    turn = work.document(TURN, plan.name)
    if turn is None or turn.body["plan"] != _digest(plan):
        work.keep(Document(TURN, plan.name, {"last": work.at, "plan": _digest(plan)}))
        return 0
    if not _is_due(plan, turn, work.at):
        return 0
    last = float(turn.body["last"])
    while (following := plan.due(last)) <= work.at:
        last = following
    work.keep(Document(TURN, plan.name, {**turn.body, "last": last}))
    keys = _items(work, plan)
    values = {"title": plan.title, "plan": plan.name, "team": plan.team}
    if plan.assignee:
        values["assignee"] = plan.assignee
    ties = tuple(Tie("inspected", key) for key in keys)
    ticket = made(work, KIND, values, BY_ITSELF, items=ties)
    inform.tell(work, "inspection_due", ticket, inform.workers(work, ticket))
    return 1


def _digest(plan: InspectionPlan) -> str:
    """What changes with the schedule of a plan, which then begins anew."""
    said = f"{plan.every_days} {plan.cron} {plan.zone}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _items(work: Work, plan: InspectionPlan) -> list[str]:
    keys = list(work.env.store.items(plan.cis))
    if plan.ci_types:
        catalog = work.env.catalog()
        types = frozenset().union(
            *(catalog.below(one) for one in plan.ci_types if one in catalog.ci_types)
        )
        sites = frozenset(plan.sites) or None
        query = ItemQuery(types=types, sites=sites, limit=MOST_ITEMS)
        keys += [one.key for one in work.env.store.find_items(query)]
    return list(dict.fromkeys(keys))


@authorised(Permission.TICKETS)
def answer_inspection(
    actor: Actor,
    env: Environment,
    number: str,
    answers: Mapping[str, Any],
    *,
    expected: int | None = None,
    receipt: Receipt | None = None,
) -> Ticket:
    """Fill in the form of an inspection, which ends it; a finding opens an incident.

    Rejected with everything that is wrong with the answers.
    """

    def do(work: Work) -> None:
        ticket = work.seen(number, expected)
        plan = _plan(work, ticket)
        errors: list[CMDBError] = form_errors(plan.form, answers, number, plan.required)
        if errors:
            raise Rejected(errors)
        ticket = work.put(replace(ticket, answers=dict(answers)))
        findings = plan.found(answers)
        roles = roles_in(actor, ticket)
        if findings:
            text = "; ".join(findings)
            advance(work, ticket, "report", {"finding": text}, roles)
            _incident(work, work.ticket(number), plan, text)
        else:
            advance(work, ticket, "complete", {}, roles)

    commit(actor, env, f"{number}: inspected", do, receipt)
    return current(env, number)


def _plan(work: Work, ticket: Ticket) -> InspectionPlan:
    plans = work.settings.inspection_plans
    name = str(ticket.fields.get("plan", ""))
    if ticket.kind != KIND or name not in plans:
        detail = "it follows no inspection plan that there is; end it by its steps"
        raise InvalidInput(place=ticket.number, detail=detail)
    return plans[name]


def _incident(work: Work, ticket: Ticket, plan: InspectionPlan, finding: str) -> None:
    """Open the incident of a finding."""
    opens = plan.opens
    values = {
        "title": f"{plan.title}: {finding}"[:500],
        "description": finding,
        "impact": opens.impact,
        "urgency": opens.urgency,
        **({"category": opens.category} if opens.category else {}),
    }
    items = tuple(Tie("affected", key) for key in ticket.tied("inspected"))
    links = (Tie("caused_by", ticket.number),)
    incident = made(work, "incident", values, BY_ITSELF, items=items, links=links)
    settle(work, incident.number)
