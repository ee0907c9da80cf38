"""Tickets of all kinds: lists, search, and what is done with one."""

from typing import Annotated

from fastapi import Path, Query, Response

from api.http.calls import Caller, IdempotencyKey, IfMatch, IfNoneMatch, expected_seq
from api.http.models.common import Page
from api.http.models.ticket_forms import (
    NoteForm,
    RatingForm,
    StepForm,
    TaskChange,
    TaskForm,
    TicketChange,
    VoteForm,
)
from api.http.models.tickets import (
    Catalogue,
    Forecast,
    Found,
    TicketForms,
    TicketImpactAnswer,
    TicketRow,
    TimelineRow,
)
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from api.http.ticket_lists import Filters, answered, done_once, list_page, shown
from api.tickets import timeline_rows
from cmdb.services.ports import TicketQuery
from cmdb.services.ticketing import approvals, editing, finding, notes, surveys, tasks
from cmdb.services.ticketing.impact import ticket_impact
from cmdb.services.ticketing.steps import take_step
from cmdb.services.ticketing.viewing import catalogue, forms
from cmdb.services.times import moment

router = router_at("/tickets", "tickets")

Number = Annotated[str, Path(description="Number of the ticket.", max_length=64)]
Id = Annotated[int, Path(ge=1, description="`id` of it in the ticket.")]
CHANGING = {**WRITING, **problems(404, 412)}


@router.get("", summary="List tickets", response_model=Page[TicketRow], responses=READING)
def list_all(call: Caller, filters: Filters) -> Response:
    """One page of the tickets of all kinds that you may see; of a CI with `item`."""
    return list_page(call, filters, None)


@router.get("/search", summary="Search tickets", response_model=Found, responses=READING)
def search(
    call: Caller,
    text: Annotated[str, Query(min_length=1, max_length=1000, description="Words to find.")],
    kind: Annotated[str | None, Query(description="Only tickets of this kind.")] = None,
    every: Annotated[bool, Query(description="Whether every word must be there.")] = True,
    limit: Annotated[int, Query(ge=1, le=200, description="So many at most.")] = 20,
) -> Response:
    """Tickets by words in fields and notes you may read, the best first, in English and Chinese.

    With `kind=article` and `every=false` it suggests articles while a ticket is written.
    """
    query = TicketQuery(kinds=None if kind is None else frozenset({kind}), limit=limit)
    found = finding.search_tickets(call.actor, call.env, text, query, every=every)
    rows = shown(call, [one for _, one in found])
    scored = zip(rows, found, strict=True)
    return call.answer({"items": [{**row, "score": score} for row, (score, _) in scored]})


@router.get(
    "/forecast", summary="What is about to be late", response_model=Forecast, responses=READING
)
def forecast(
    call: Caller,
    until: Annotated[str, Query(description="A time in ISO 8601.")],
    limit: Annotated[int, Query(ge=1, le=1000, description="So many at most.")] = 200,
) -> Response:
    """Open tickets whose next service level is missed by then, the next first."""
    when = moment(until, "filter", "until")
    found = finding.forecast(call.actor, call.env, until=when, limit=limit)
    return call.answer({"items": shown(call, [one for _, one in found])})


@router.get("/forms", summary="What may be opened", response_model=TicketForms, responses=READING)
def show_forms(call: Caller) -> Response:
    """The kinds of ticket that you may open, with the fields of their forms."""
    return call.answer({"items": forms(call.actor, call.env, call.request.state.language)})


@router.get(
    "/catalogue", summary="What may be ordered", response_model=Catalogue, responses=READING
)
def show_catalogue(call: Caller) -> Response:
    """The items of the service catalogue that you may order, with their forms."""
    return call.answer({"items": catalogue(call.actor, call.env, call.request.state.language)})


@router.get("/{number}", summary="Show a ticket", response_model=TicketRow, responses=SHOWING)
def show_ticket(call: Caller, number: Number, known: IfNoneMatch = None) -> Response:
    """One ticket; its `ETag` is its version."""
    return answered(call, finding.get_ticket(call.actor, call.env, number))


@router.patch("/{number}", summary="Change a ticket", response_model=TicketRow, responses=CHANGING)
def change_ticket(
    call: Caller,
    number: Number,
    body: TicketChange,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Change its fields, its CIs and its links; its clocks follow another priority."""
    items, links = (
        None if rows is None else [one.model_dump() for one in rows]
        for rows in (body.items, body.links)
    )
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: editing.edit_ticket(
            call.actor,
            call.env,
            number,
            body.values(),
            items=items,
            links=links,
            expected=expected_seq(version),
            receipt=receipt,
        ),
    )


@router.post(
    "/{number}/steps/{step}",
    summary="Take a step",
    response_model=TicketRow,
    responses={**WRITING, **problems(404, 412)},
)
def step(
    call: Caller,
    number: Number,
    step: Annotated[str, Path(description="Name of the step.", max_length=64)],
    body: StepForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Take a step of its process, such as `resolve`; `steps` of a ticket are those you may take."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: take_step(
            call.actor,
            call.env,
            number,
            step,
            body.fields,
            expected=expected_seq(version),
            receipt=receipt,
        ),
    )


@router.get(
    "/{number}/timeline",
    summary="What happened to a ticket",
    response_model=Page[TimelineRow],
    responses=SHOWING,
)
def show_timeline(
    call: Caller,
    number: Number,
    after: Annotated[int, Query(ge=0, description="Only what came after this commit.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="So many at most.")] = 200,
    known: IfNoneMatch = None,
) -> Response:
    """Every change and note, from the log; work notes only for who works on tickets."""
    found = finding.timeline(call.actor, call.env, number, after=after, limit=limit)
    return call.answer({"items": timeline_rows(found), "next": None})


@router.post(
    "/{number}/notes", summary="Write on a ticket", response_model=TicketRow, responses=CHANGING
)
def note(call: Caller, number: Number, body: NoteForm, key: IdempotencyKey = None) -> Response:
    """Add a comment, or with `public` false a work note."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: notes.write_note(
            call.actor, call.env, number, body.text, public=body.public, receipt=receipt
        ),
    )


@router.post(
    "/{number}/votes", summary="Approve or reject", response_model=TicketRow, responses=CHANGING
)
def vote(
    call: Caller,
    number: Number,
    body: VoteForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Decide, as somebody whose approval is asked for; a later word replaces the earlier one."""
    ticket = call.once(
        key,
        body,
        lambda receipt: approvals.vote(
            call.actor,
            call.env,
            number,
            body.decision,
            body.comment,
            expected=expected_seq(version),
            receipt=receipt,
        ),
        lambda commit: finding.current(call.env, number),
    )
    return answered(call, ticket)


@router.post("/{number}/tasks", summary="Add a task", response_model=TicketRow, responses=CHANGING)
def add_task(call: Caller, number: Number, body: TaskForm, key: IdempotencyKey = None) -> Response:
    """Add a task at the end."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: tasks.add_task(call.actor, call.env, number, body.model_dump(), receipt),
    )


@router.patch(
    "/{number}/tasks/{id}", summary="Finish a task", response_model=TicketRow, responses=CHANGING
)
def finish_task(
    call: Caller,
    number: Number,
    id: Id,
    body: TaskChange,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Say that a task is done, skipped, or open again."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: tasks.finish_task(
            call.actor,
            call.env,
            number,
            id,
            body.state,
            body.result,
            expected=expected_seq(version),
            receipt=receipt,
        ),
    )


@router.post(
    "/{number}/rating", summary="Rate a ticket", response_model=TicketRow, responses=CHANGING
)
def rate(call: Caller, number: Number, body: RatingForm, key: IdempotencyKey = None) -> Response:
    """Say how it was, as its requester, once it is over."""
    return done_once(
        call,
        number,
        key,
        body,
        lambda receipt: surveys.rate(
            call.actor, call.env, number, body.rating, body.comment, receipt
        ),
    )


@router.get(
    "/{number}/impact",
    summary="What follows from a ticket",
    response_model=TicketImpactAnswer,
    responses=SHOWING,
)
def show_impact(
    call: Caller,
    number: Number,
    as_assessed: Annotated[
        bool, Query(description="As the graph was when it was assessed, not as it is.")
    ] = False,
    known: IfNoneMatch = None,
) -> Response:
    """The blast radius of its CIs, as of now, with what people have corrected."""
    found = ticket_impact(call.actor, call.env, number, as_assessed=as_assessed)
    answer = None if found.radius is None else found.radius.answer()
    return call.answer({"impact": answer, "added": found.added, "excluded": found.excluded})
