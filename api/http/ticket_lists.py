"""Lists of tickets: the filters that they take, and how tickets are answered."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from api.http import paging
from api.http.calls import Call, etag_of
from api.tickets import ticket_query
from cmdb.services.ports import Receipt, TicketQuery
from cmdb.services.ticketing.finding import get_ticket, list_tickets
from cmdb.services.ticketing.viewing import view_tickets
from cmdb.tickets.ticket import Ticket

NUMBERS = ("opened", "changed", "priority", "breach", "due")


class TicketFilters:
    """The query of a list of tickets."""

    def __init__(
        self,
        limit: paging.Limit = 100,
        cursor: paging.Cursor = None,
        sort: Annotated[
            str,
            Query(
                description="`opened`, `changed`, `priority`, `breach`, `due` or `number`;"
                " `-` before it turns it round."
            ),
        ] = "-opened",
        state: Annotated[str | None, Query(description="Only this state.")] = None,
        open: Annotated[bool | None, Query(description="Only open ones, or ended ones.")] = None,
        priority: Annotated[int | None, Query(ge=1, le=9, description="Only this one.")] = None,
        team: Annotated[str | None, Query(description="Only of this team.")] = None,
        assignee: Annotated[str | None, Query(description="Only of this assignee.")] = None,
        requester: Annotated[str | None, Query(description="Only of this requester.")] = None,
        category: Annotated[str | None, Query(description="Only of this category.")] = None,
        source: Annotated[str | None, Query(description="Only alerts of this source.")] = None,
        severity: Annotated[str | None, Query(description="Only alerts as bad as this.")] = None,
        item: Annotated[str | None, Query(description="Only those of this CI.")] = None,
        role: Annotated[
            str | None, Query(description="With `item`: only those in which it has this role.")
        ] = None,
        linked: Annotated[
            str | None, Query(description="Only those that are linked to this ticket.")
        ] = None,
        opened_from: Annotated[str | None, Query(description="Opened then or later.")] = None,
        opened_to: Annotated[str | None, Query(description="Opened then or before.")] = None,
        breach_by: Annotated[
            str | None, Query(description="Whose service level is missed by then.")
        ] = None,
    ) -> None:
        self.limit, self.cursor, self.sort, self.item = limit, cursor, sort, item
        self.said = {
            **{"state": state, "open": open, "priority": priority, "team": team},
            **{"assignee": assignee, "requester": requester, "category": category},
            **{"item": item, "role": role, "linked": linked, "breach_by": breach_by},
            **{"opened_from": opened_from, "opened_to": opened_to},
            **{"source": source, "severity": severity},
        }

    def query(self, kind: str | None) -> TicketQuery:
        """The query of a page of tickets of a kind, or of all; raises what is wrong."""
        after = self._after(kind)
        return ticket_query(kind, self.said, sort=self.sort, limit=self.limit, after=after)

    def _after(self, kind: str | None) -> tuple[Any, str] | None:
        if self.cursor is None:
            return None
        value, number = paging.decode(self.cursor, self.list_of(kind), str, str)
        if self.sort.removeprefix("-") not in NUMBERS:
            return value, number
        try:
            return float(value), number
        except ValueError:
            raise paging.foreign() from None

    def list_of(self, kind: str | None) -> str:
        """What a cursor of this list says that it is of."""
        return f"tickets {kind or ''} {self.sort}"


Filters = Annotated[TicketFilters, Depends()]


def list_page(call: Call, filters: TicketFilters, kind: str | None) -> Response:
    """One page of tickets."""
    query = filters.query(kind)
    found, following = list_tickets(call.actor, call.env, query, item=filters.item)
    cursor = None
    if following is not None:
        cursor = paging.encode(filters.list_of(kind), str(following[0]), following[1])
    content = {"items": shown(call, found), "next": cursor}
    return call.answer(content, headers=paging.link(call.request, cursor))


def shown(call: Call, tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    """TicketRows."""
    return view_tickets(call.actor, call.env, tickets, call.request.state.language)


def answered(
    call: Call, ticket: Ticket, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A ticket as the answer, with its version."""
    etag = etag_of(ticket.seq)
    return call.answer(shown(call, [ticket])[0], status=status, etag=etag, headers=headers)


def done_once(
    call: Call,
    number: str,
    key: str | None,
    body: BaseModel | None,
    act: Callable[[Receipt | None], Ticket],
) -> Response:
    """Do something with a ticket, once for an Idempotency-Key; the ticket is the answer."""
    ticket = call.once(key, body, act, lambda commit: get_ticket(call.actor, call.env, number))
    return answered(call, ticket)
