"""Who is asked to approve a ticket."""

from cmdb.services.ticketing import inform
from cmdb.services.ticketing.work import Work
from cmdb.tickets.configuration.approvals import ApprovalGroup, approving
from cmdb.tickets.parts import Panel
from cmdb.tickets.ticket import Ticket


def panels_for(work: Work, ticket: Ticket) -> tuple[Panel, ...]:
    """Who must approve a ticket: the groups for its kind and category, or as the catalogue says."""
    item = work.settings.catalogue.get(str(ticket.fields.get("item", "")))
    groups = work.settings.approval_groups
    if item is not None and item.approval == "manager":
        managers = inform.managers(work, inform.followers(ticket))
        return (Panel("manager", tuple(managers), 1),)
    if item is not None and item.group is not None and item.group in groups:
        return (_panel(work, groups[item.group]),)
    category = ticket.fields.get("category")
    return tuple(_panel(work, one) for one in approving(groups.values(), ticket.kind, category))


def _panel(work: Work, group: ApprovalGroup) -> Panel:
    members = [
        one.name
        for one in work.people.values()
        if one.active and (one.name in group.users or (group.role and group.role in one.roles))
    ]
    return Panel(group.name, tuple(sorted(members)), group.needed(len(members)))
