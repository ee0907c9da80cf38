"""The kinds of ticket as resources: incidents, problems, changes, releases, requests, …"""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.http.calls import Caller, IdempotencyKey, IfNoneMatch
from api.http.models.common import Page
from api.http.models.ticket_forms import TicketForm
from api.http.models.tickets import TicketRow
from api.http.routing import READING, WRITING, problems, router_at
from api.http.ticket_lists import Filters, answered, list_page
from api.tickets import KINDS
from cmdb.errors import NotFound
from cmdb.services.ticketing.finding import current, get_ticket, opened_by
from cmdb.services.ticketing.opening import Opening, open_ticket

router = APIRouter()

Number = Annotated[str, Path(description="Number of the ticket.", max_length=64)]


def _mount(path: str, kind: str) -> None:
    """The routes of one kind."""
    words = kind.replace("_", " ")
    routes = router_at(f"/{path}", path.replace("-", " "))
    name = path.replace("-", "_")

    def listed(call: Caller, filters: Filters) -> Response:
        return list_page(call, filters, kind)

    listed.__doc__ = f"One page of the {path.replace('-', ' ')} that you may see."
    routes.get(
        "",
        summary=f"List {path.replace('-', ' ')}",
        name=f"list_{name}",
        response_model=Page[TicketRow],
        responses=READING,
    )(listed)

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
    routes.post(
        "",
        summary=f"Open: {words}",
        name=f"open_{name}",
        status_code=201,
        response_model=TicketRow,
        responses=WRITING,
    )(opened)

    def shown(call: Caller, number: Number, known: IfNoneMatch = None) -> Response:
        ticket = get_ticket(call.actor, call.env, number)
        if ticket.kind != kind:
            raise NotFound(kind=words, name=number)
        return answered(call, ticket)

    shown.__doc__ = f"One ticket ({words}); its `ETag` is its version."
    routes.get(
        "/{number}",
        summary=f"Show: {words}",
        name=f"show_{name}",
        response_model=TicketRow,
        responses={304: {"description": "You have this version."}, **READING, **problems(404)},
    )(shown)
    router.include_router(routes)


for _path, _kind in KINDS.items():
    _mount(_path, _kind)
