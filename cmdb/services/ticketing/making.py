"""New tickets within a commit: filled in by rules, prioritised, their clocks started."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from cmdb.errors import UnknownName
from cmdb.schema.records import Tie
from cmdb.services.ticketing.impact import summarised
from cmdb.services.ticketing.targets import aimed
from cmdb.services.ticketing.work import Work
from cmdb.tickets.configuration.dispatch import Facts, dispatched
from cmdb.tickets.configuration.priorities import priority_of, proposed_impact
from cmdb.tickets.process import SYSTEM
from cmdb.tickets.ticket import Ticket, opened

BY_ITSELF = frozenset({SYSTEM})
LEVELLED = ("incident", "problem")
"""Kinds of ticket whose impact is proposed from the blast radius of their CIs."""


def made(
    work: Work,
    kind: str,
    values: Mapping[str, Any],
    roles: Collection[str],
    *,
    items: Iterable[Tie] = (),
    links: Iterable[Tie] = (),
    **parts: Any,
) -> Ticket:
    """A new ticket in this commit; `parts` are other attributes of the Ticket.

    Raises everything that is wrong with the values, or Forbidden.
    """
    processes = work.settings.processes
    if kind not in processes:
        raise UnknownName(place="ticket", kind="kind of ticket", name=kind, known=processes)
    process = processes[kind]
    ticket = opened(process, "new", values, roles, work.at)
    ticket = replace(ticket, items=tuple(items), links=tuple(links), by=work.who, **parts)
    ticket = _levelled(work, _filled(work, ticket))
    return work.put(replace(aimed(work, ticket), number=work.next_number(process.prefix)))


def _filled(work: Work, ticket: Ticket) -> Ticket:
    """What the dispatch rules say, where nobody has said it."""
    declared = {one.name for one in work.settings.processes[ticket.kind].fields}
    declared |= {"team", "assignee", "priority"}
    found = dispatched(work.settings.dispatch_rules.values(), _facts(work, ticket))
    fields = {name: value for name, value in found.items() if name in declared}
    return replace(ticket, fields={**fields, **ticket.fields})


def _facts(work: Work, ticket: Ticket) -> Facts:
    catalog, fields = work.env.catalog(), ticket.fields
    items = work.env.store.items({tie.name for tie in ticket.items})
    types = {name for one in items.values() for name in catalog.ancestors.get(one.type, ())}
    sites = {str(site) for one in items.values() if (site := one.attributes.get("site"))}
    requester = work.people.get(str(fields.get("requester", "")))
    sites.update(requester.sites if requester else ())
    text = f"{fields.get('title', '')}\n{fields.get('description', '')}"
    category, priority = fields.get("category"), fields.get("priority")
    return Facts(ticket.kind, types, set(items), sites, category, text, priority)


def _levelled(work: Work, ticket: Ticket) -> Ticket:
    """The ticket with the impact that the graph proposes, and the priority that follows."""
    fields = dict(ticket.fields)
    if ticket.kind in LEVELLED and "impact" not in fields and ticket.items:
        summary, _ = summarised(work, work.snapshot, ticket)
        if summary:
            fields["impact"] = proposed_impact(work.settings.impact_rules, summary)
    if "priority" not in fields and "impact" in fields and "urgency" in fields:
        matrix = work.settings.priority_matrix
        fields["priority"] = priority_of(matrix, int(fields["impact"]), int(fields["urgency"]))
    return replace(ticket, fields=fields)
