"""Lists of tickets: the filters that they take, and how tickets are answered."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response

from api.http import paging
from api.http.calls import Call, etag_of
from cmdb.errors import InvalidInput
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing.finding import list_tickets
from cmdb.services.ticketing.viewing import view_ticket
from cmdb.services.times import moment
from cmdb.tickets.ticket import Ticket

NUMBERS = ("opened", "changed", "priority", "breach", "due")


class TicketFilters:
    """The query of a list of tickets."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=1000, description="Rows of a page.")] = 100,
        cursor: Annotated[
            str | None,
            Query(max_length=paging.MAX_CURSOR, description="`next` of the page before."),
        ] = None,
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
        fields = {"category": category, "source": source, "severity": severity}
        self.limit, self.cursor, self.sort, self.item = limit, cursor, sort, item
        self.plain = {
            "states": None if state is None else frozenset({state}),
            "open": open,
            "priority": priority,
            "team": team,
            "assignee": assignee,
            "requester": requester,
            "fields": {name: value for name, value in fields.items() if value is not None},
            "roles": None if role is None else frozenset({role}),
            "linked": linked,
        }
        self.times = {"from": opened_from, "to": opened_to, "breach": breach_by}

    def query(self, kind: str | None) -> TicketQuery:
        """The query of a page of tickets of a kind, or of all; raises what is wrong."""
        times = {n: moment(t, "filter", n) for n, t in self.times.items() if t is not None}
        opened = None
        if "from" in times or "to" in times:
            opened = (times.get("from", 0.0), times.get("to", 1e12))
        if self.plain["roles"] is not None and self.item is None:
            raise InvalidInput(place="filter", detail="'role' needs 'item'; name the CI, too")
        return TicketQuery(
            kinds=None if kind is None else frozenset({kind}),
            opened=opened,
            breach_by=times.get("breach"),
            sort=self.sort.removeprefix("-"),
            descending=self.sort.startswith("-"),
            after=self._after(kind),
            limit=self.limit,
            **self.plain,  # type: ignore[arg-type]
        )

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
    content = {"items": [shown(call, one) for one in found], "next": cursor}
    return call.answer(content, headers=paging.link(call.request, cursor))


def shown(call: Call, ticket: Ticket) -> dict[str, Any]:
    """A TicketRow."""
    return view_ticket(call.actor, call.env, ticket, call.request.state.language)


def answered(
    call: Call, ticket: Ticket, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A ticket as the answer, with its version."""
    etag = etag_of(ticket.seq)
    return call.answer(shown(call, ticket), status=status, etag=etag, headers=headers)
