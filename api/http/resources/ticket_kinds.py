"""The kinds of ticket as resources: incidents, problems, changes, releases, requests, …"""

from typing import Annotated

from fastapi import Path, Response

from api.http.calls import Caller, IdempotencyKey, IfNoneMatch
from api.http.models.common import Page
from api.http.models.ticket_forms import TicketForm
from api.http.models.tickets import TicketRow
from api.http.routing import READING, SHOWING, WRITING, router_at
from api.http.ticket_lists import Filters, answered, list_page
from api.tickets import KINDS
from cmdb.errors import NotFound
from cmdb.services.ticketing.finding import current, get_ticket, opened_by
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.tickets.alerts import KIND as ALERT

router = router_at("", "tickets")

Number = Annotated[str, Path(description="Number of the ticket.", max_length=64)]


def _mount(path: str, kind: str) -> None:
    """The routes of one kind."""
    words = kind.replace("_", " ")
    name = path.replace("-", "_")

    def listed(call: Caller, filters: Filters) -> Response:
        return list_page(call, filters, kind)

    listed.__doc__ = f"One page of the {path.replace('-', ' ')} that you may see."
    router.get(
        f"/{path}",
        summary=f"List {path.replace('-', ' ')}",
        name=f"list_{name}",
        response_model=Page[TicketRow],
        responses=READING,
    )(listed)

    if kind != ALERT:  # alerts are sent, and not opened
        _mount_opening(path, kind)

    def shown(call: Caller, number: Number, known: IfNoneMatch = None) -> Response:
        ticket = get_ticket(call.actor, call.env, number)
        if ticket.kind != kind:
            raise NotFound(kind=words, name=number)
        return answered(call, ticket)

    shown.__doc__ = f"One ticket ({words}); its `ETag` is its version."
    router.get(
        f"/{path}/{{number}}",
        summary=f"Show: {words}",
        name=f"show_{name}",
        response_model=TicketRow,
        responses=SHOWING,
    )(shown)


def _mount_opening(path: str, kind: str) -> None:
    """The route by which one is opened."""
    words, name = kind.replace("_", " "), path.replace("-", "_")

    def opened(call: Caller, body: TicketForm, key: IdempotencyKey = None) -> Response:
        items, links = ([one.model_dump() for one in rows] for rows in (body.items, body.links))
        opening = Opening(kind, body.values(), items, links, body.answers, body.foreign)
        ticket = call.once(
            key,
            body,
            lambda receipt: open_ticket(call.actor, call.env, opening, receipt),
            lambda commit: current(call.env, opened_by(commit)),
        )
        here = call.request.url.path.rstrip("/")
        return answered(call, ticket, 201, {"Location": f"{here}/{ticket.number}"})

    opened.__doc__ = f"Open one ({words}); it is yours unless `requester` says whose it is."
    router.post(
        f"/{path}",
        summary=f"Open: {words}",
        name=f"open_{name}",
        status_code=201,
        response_model=TicketRow,
        responses=WRITING,
    )(opened)


for _path, _kind in KINDS.items():
    _mount(_path, _kind)
