"""What steps do by themselves: the effects that a process may name.

An effect changes the work of the commit that takes the step: it all happens, or nothing does.
"""

from collections.abc import Callable
from dataclasses import replace

from cmdb.errors import InvalidInput
from cmdb.identity.changes import Document
from cmdb.schema.records import Tie
from cmdb.services import maintenance
from cmdb.services.baselines import KIND as BASELINE
from cmdb.services.baselines import Baseline
from cmdb.services.items import said_by_hand
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing import impact, inform
from cmdb.services.ticketing.facts import children, is_open
from cmdb.services.ticketing.making import BY_ITSELF, made
from cmdb.services.ticketing.panels import panels_for
from cmdb.services.ticketing.targets import aimed
from cmdb.services.ticketing.work import Work
from cmdb.services.times import moment
from cmdb.tickets.configuration.catalogue import begun
from cmdb.tickets.configuration.priorities import priority_of
from cmdb.tickets.parts import Assessment

VERSIONS = ("version", "software_version", "os_version", "firmware_version")
"""Attributes that hold the version of a CI; the first that its type has is meant."""

Effect = Callable[[Work, str], None]


def prioritise(work: Work, number: str) -> None:
    """Derive the priority from impact and urgency (ITIL), and aim the clocks at it."""
    ticket = work.ticket(number)
    impact_, urgency = (ticket.fields.get(name) for name in ("impact", "urgency"))
    if impact_ is not None and urgency is not None:
        priority = priority_of(work.settings.priority_matrix, int(impact_), int(urgency))
        ticket = replace(ticket, fields={**ticket.fields, "priority": priority})
        work.put(aimed(work, ticket))


def assess_impact(work: Work, number: str) -> None:
    """Keep what the change would hit, as of now: the picture that will be approved."""
    ticket = work.ticket(number)
    snapshot = work.snapshot
    summary, keys = impact.summarised(work, snapshot, ticket)
    assessment = Assessment(snapshot.seq, work.at, summary, keys)
    work.put(replace(ticket, assessment=assessment))


def plan_maintenance(work: Work, number: str) -> None:
    """Announce the window of a change as maintenance of what it changes."""
    drop_maintenance(work, number)
    ticket = work.ticket(number)
    starts, ends = (moment(ticket.fields[name], number, name) for name in ("starts", "ends"))
    if ends <= starts:
        detail = "its window closes before it opens; give another 'starts' or 'ends'"
        raise InvalidInput(place=number, detail=detail)
    for position, key in enumerate(ticket.tied("changed")):
        body = {"key": key, "starts": starts, "ends": ends, "state": "down"}
        reason = {"reason": f"{number} {ticket.title}"}
        work.keep(Document(maintenance.KIND, f"{number}.{position}", {**body, **reason}))


def drop_maintenance(work: Work, number: str) -> None:
    """Take back the maintenance that was announced for a change."""
    for document in work.env.store.documents(maintenance.KIND):
        if document.name.startswith(f"{number}."):
            work.drop(maintenance.KIND, document.name)


def inform_children(work: Work, number: str) -> None:
    """Tell the tickets below what became of this one, and who asked for them."""
    ticket = work.ticket(number)
    state = work.process(ticket).state(ticket.state).label
    solution = str(ticket.fields.get("solution", ""))
    for child in children(work, number):
        if is_open(work, child):
            text = f"{number} {ticket.title}: {state}. {solution}".strip()
            work.note(child.number, text, public=True, about=number)
            names = [*inform.followers(child), *inform.workers(work, child)]
            inform.tell(work, "children_informed", child, names, text=text)


def notify_approvers(work: Work, number: str) -> None:
    """Ask all whose approval is needed."""
    ticket = work.ticket(number)
    panels = panels_for(work, ticket)
    work.put(replace(ticket, panels=panels, votes=()))
    names = [name for panel in panels for name in panel.people]
    inform.tell(work, "approval_wanted", ticket, names)


def notify_requester(work: Work, number: str) -> None:
    """Tell who asked for it how it stands."""
    ticket = work.ticket(number)
    kind = work.process(ticket).state(ticket.state).kind
    waiting = "ticket_waiting_for_user"
    template = {"waiting": waiting, "resolved": "ticket_resolved", "closed": "ticket_closed"}
    name = template.get(kind, "ticket_changed")
    text = str(ticket.fields.get("solution") or ticket.fields.get("reason") or "")
    inform.tell(work, name, ticket, inform.followers(ticket), text=text)


def notify_team(work: Work, number: str) -> None:
    """Tell who is to do it."""
    ticket = work.ticket(number)
    inform.tell(work, "ticket_assigned", ticket, inform.workers(work, ticket))


def notify_review(work: Work, number: str) -> None:
    """Tell who keeps it that it is to be looked through."""
    ticket = work.ticket(number)
    names = inform.workers(work, ticket) or [ticket.by]
    due = str(ticket.fields.get("review_due", ""))
    inform.tell(work, "article_review_due", ticket, names, due=due)


def open_tasks(work: Work, number: str) -> None:
    """Open the tasks by which the request is fulfilled, as the service catalogue says."""
    ticket = work.ticket(number)
    item = work.settings.catalogue.get(str(ticket.fields.get("item", "")))
    if item is not None and not ticket.tasks:
        work.put(replace(ticket, tasks=begun(item.tasks, work.at)))


def publish_known_error(work: Work, number: str) -> None:
    """Draft an article of a known error with its workaround, for those who meet it again."""
    ticket = work.ticket(number)
    values = {
        "title": ticket.title,
        "summary": str(ticket.fields["root_cause"]),
        "body": str(ticket.fields["workaround"]),
        "audience": "staff",
    }
    keys = ticket.tied("affected", "cause")
    article = made(work, "article", values, BY_ITSELF)
    items = tuple(Tie("documented", key) for key in keys)
    work.put(replace(article, items=items, links=(Tie("documents", number),)))


def record_baseline(work: Work, number: str) -> None:
    """Name the state of the CMDB as it is after this commit."""
    ticket = work.ticket(number)
    name = str(ticket.fields.get("baseline") or number)
    if work.document(BASELINE, name) is not None:
        name = f"{name} ({number})"  # what is named already stays
    made_ = Baseline(name, work.env.store.seq() + 1, work.at, work.who, ticket.title, number)
    work.keep(Document(BASELINE, name, made_.body()))


def update_versions(work: Work, number: str) -> None:
    """Give what was changed its new version, by hand as it were."""
    ticket = work.ticket(number)
    version = ticket.fields.get("product_version")
    items = work.env.store.items(ticket.tied("changed")) if version else {}
    catalog = work.env.catalog()
    for item in items.values():
        name = next((one for one in VERSIONS if one in catalog.attributes[item.type]), None)
        if name is not None:
            said = {"attributes": {name: version}}
            work.said.append(replace(said_by_hand(work.env, item, said), observed_at=work.at))


def survey(work: Work, number: str) -> None:
    """Ask who asked for it how it was."""
    ticket = work.ticket(number)
    inform.tell(work, "survey", ticket, inform.followers(ticket))


def verify_problem(work: Work, number: str) -> None:
    """Let the problems that this change resolves go on."""
    ticket = work.ticket(number)
    linked = work.env.store.tickets.find(
        TicketQuery(kinds=frozenset({"problem"}), fields={"resolving_change": number})
    )
    work.unsettled += [*ticket.linked("resolves"), *(one.number for one in linked)]


EFFECTS: dict[str, Effect] = {
    one.__name__: one
    for one in (
        *(prioritise, assess_impact, plan_maintenance, drop_maintenance, inform_children),
        *(notify_approvers, notify_requester, notify_review, notify_team, open_tasks),
        *(publish_known_error, record_baseline, update_versions, survey, verify_problem),
    )
}
"""The effects by name."""
