"""What tickets have to do with each other: correlation, conversion, what helps, inspections."""

from typing import Annotated

from fastapi import Path, Query, Response

from api.http import paging
from api.http.calls import Caller, IdempotencyKey, IfNoneMatch
from api.http.models.common import Page
from api.http.models.root_cause import TicketDiagnosisAnswer
from api.http.models.ticket_forms import AnswersForm, ChildrenForm, ConversionForm
from api.http.models.tickets import Correlations, Hitting, RelatedAnswer, TicketRow, WaitingRow
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from api.http.ticket_lists import answered, done_once, shown
from cmdb.services.ticketing import finding
from cmdb.services.ticketing.converting import convert
from cmdb.services.ticketing.correlation import correlations, join
from cmdb.services.ticketing.diagnosis import diagnose_ticket
from cmdb.services.ticketing.hitting import tickets_hitting
from cmdb.services.ticketing.inspections import answer_inspection
from cmdb.services.ticketing.related import related
from cmdb.services.ticketing.worklist import worklist

router = router_at("/tickets", "tickets")

Number = Annotated[str, Path(description="Number of the ticket.", max_length=64)]
CHANGING = {**WRITING, **problems(404, 412)}


@router.get(
    "/correlations",
    summary="What is one and the same",
    response_model=Correlations,
    responses=READING,
)
def show_correlations(call: Caller) -> Response:
    """Open tickets that are proposed as one: on the same CI, or in one blast radius."""
    groups = correlations(call.actor, call.env)
    rows = [
        {
            "rule": one.rule,
            "parent": shown(call, [one.parent])[0],
            "children": shown(call, one.children),
        }
        for one in groups
    ]
    return call.answer({"items": rows})


@router.get(
    "/waiting", summary="What waits for you", response_model=Page[WaitingRow], responses=READING
)
def show_waiting(
    call: Caller,
    teams: Annotated[bool, Query(description="Whether also what waits for your teams.")] = True,
    limit: Annotated[int, Query(ge=1, le=1000, description="Tickets of a page.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=paging.MAX_CURSOR, description="`next` of the page before.")
    ] = None,
) -> Response:
    """Approvals that you are asked for, and open tasks; tickets opened first come first."""
    position, name = None, f"waiting {teams}"
    if cursor is not None:
        opened, number = paging.decode(cursor, name, float, str)
        position = (opened, number)
    rows, following = worklist(call.actor, call.env, teams=teams, after=position, limit=limit)
    after = None if following is None else paging.encode(name, *following)
    return call.answer({"items": rows, "next": after}, headers=paging.link(call.request, after))


@router.get(
    "/hitting",
    summary="What hits a configuration item",
    response_model=Hitting,
    responses={**READING, **problems(404)},
)
def show_hitting(
    call: Caller,
    item: Annotated[str, Query(description="A CI by key, alias, `source:key` or unique name.")],
) -> Response:
    """Open tickets in whose blast radius the CI lies; its own are in `/tickets?item=`."""
    return call.answer({"items": shown(call, tickets_hitting(call.actor, call.env, item))})


@router.post(
    "/{number}/children",
    summary="Take tickets as one",
    response_model=TicketRow,
    responses=CHANGING,
)
def take_as_one(
    call: Caller, number: Number, body: ChildrenForm, key: IdempotencyKey = None
) -> Response:
    """Make this ticket the parent of others, which are told when it ends."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: join(call.actor, call.env, number, body.children, receipt),
    )


@router.post(
    "/{number}/conversion",
    summary="Convert a ticket",
    status_code=201,
    response_model=TicketRow,
    responses=CHANGING,
)
def convert_ticket(
    call: Caller, number: Number, body: ConversionForm, key: IdempotencyKey = None
) -> Response:
    """Open a ticket of another kind from it, with the same CIs and a link; gives the new one."""
    ticket = call.once(
        key,
        body,
        lambda receipt: convert(
            call.actor, call.env, number, body.kind, body.fields, receipt=receipt
        ),
        lambda commit: finding.current(call.env, finding.opened_by(commit)),
    )
    return answered(call, ticket, 201)


@router.post(
    "/{number}/answers",
    summary="Fill in an inspection",
    response_model=TicketRow,
    responses=CHANGING,
)
def answer(call: Caller, number: Number, body: AnswersForm, key: IdempotencyKey = None) -> Response:
    """Answer the form of an inspection, which ends it; a finding opens an incident."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: answer_inspection(
            call.actor, call.env, number, body.answers, receipt=receipt
        ),
    )


@router.get(
    "/{number}/root-cause",
    summary="What is the cause of a ticket?",
    response_model=TicketDiagnosisAnswer,
    responses=SHOWING,
)
def show_root_cause(
    call: Caller,
    number: Number,
    healthy: Annotated[
        list[str] | None, Query(max_length=1000, description="CIs that are known to be well.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="So many causes at most.")] = 10,
    known: IfNoneMatch = None,
) -> Response:
    """The likeliest causes of an incident and its children, and what is known along the way."""
    found = diagnose_ticket(call.actor, call.env, number, healthy or (), limit=limit)
    along = [
        {
            "key": one.key,
            "services": one.services,
            "changes": shown(call, one.changes),
            "known_errors": shown(call, one.known_errors),
            "past": shown(call, one.past),
        }
        for one in found.along
    ]
    return call.answer({**found.answer.content(), "along": along})


@router.get(
    "/{number}/related",
    summary="What helps with a ticket",
    response_model=RelatedAnswer,
    responses=SHOWING,
)
def show_related(call: Caller, number: Number, known: IfNoneMatch = None) -> Response:
    """Known errors, what was done before, articles, and emergency plans of what is hit."""
    found = related(call.actor, call.env, number)
    return call.answer(
        {
            "known_errors": shown(call, found.known_errors),
            "past": shown(call, found.past),
            "articles": shown(call, found.articles),
            "plans": shown(call, found.plans),
        }
    )
