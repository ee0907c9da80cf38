"""External ticket systems: how they are declared, and the way in for what they tell."""

from typing import Annotated

import orjson
from fastapi import Path, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.calls import (
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expected_version,
)
from api.http.models.common import Page
from api.http.models.external_systems import (
    DeclaredSystem,
    EventAnswer,
    SystemForm,
    SystemRow,
    TiedAnswer,
    UnmatchedRow,
)
from api.http.routing import (
    MIB,
    READING,
    REMOVING,
    SHOWING,
    WRITING,
    bounded_body,
    problems,
    router_at,
)
from cmdb.services import external_systems as systems
from cmdb.services.ticketing import inbound, unmatched
from cmdb.services.versioned import version_of

router = router_at("/external-systems", "external systems")

Name = Annotated[str, Path(description="Name of the system.", min_length=1, max_length=64)]
MOST_EVENT = MIB
"""Bytes of an event: nobody known has sent it before it is read."""

EVENT = {
    "requestBody": {
        "required": True,
        "description": "`{type, timestamp, data}` as Standard Webhooks has it; at most 1 MiB.",
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "What is said of a ticket."}
            }
        },
    },
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, description in (
            ("webhook-id", "Names the event; the same again gets the same answer."),
            ("webhook-timestamp", "When it is sent, in seconds since 1970."),
            ("webhook-signature", "`v1,` and the HMAC-SHA256 of ID.TIMESTAMP.BODY in Base64."),
        )
    ],
}


@router.get("", summary="List external systems", response_model=Page[SystemRow], responses=READING)
def list_systems(call: Caller) -> Response:
    """All external systems by name, without their secrets; for administrators."""
    rows = [one.content() for one in systems.list_systems(call.actor, call.env)]
    return call.answer({"items": rows, "next": None})


@router.get(
    "/{name}", summary="Show an external system", response_model=SystemRow, responses=SHOWING
)
def show_system(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One external system, without its secret; for administrators."""
    found = systems.get_system(call.actor, call.env, name)
    return call.answer(found.content(), etag=etag_of(found.version))


@router.put(
    "/{name}",
    summary="Declare an external system",
    response_model=DeclaredSystem,
    responses={**WRITING, **problems(404, 412)},
)
def put_system(
    call: Caller, name: Name, body: SystemForm, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Add an external system, or replace it; everything wrong is told. For administrators."""
    expected = expected_version(version)
    made = call.once(
        key,
        call.untold(key, body, body.secret),
        lambda receipt: systems.put_system(
            call.actor,
            call.env,
            name,
            body.values(),
            secret=body.secret,
            receipt=receipt,
            expected=expected,
        ),
        lambda commit: None,
    )
    found = systems.get_system(call.actor, call.env, name)
    return call.answer({**found.content(), "secret": made}, etag=etag_of(found.version))


@router.delete("/{name}", summary="Remove an external system", **REMOVING)
def remove_system(
    call: Caller, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Take nothing more from it, and tell it nothing; its tickets stay. For administrators."""
    expected = expected_version(version)
    return call.remove_once(
        key, lambda receipt: systems.remove_system(call.actor, call.env, name, receipt, expected)
    )


@router.get(
    "/{name}/unmatched",
    summary="List unknown CIs",
    response_model=Page[UnmatchedRow],
    responses=SHOWING,
)
def list_unmatched(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """The references to CIs that it makes and nobody knows here; for administrators."""
    rows = unmatched.list_unmatched(call.actor, call.env, name)
    content = {"items": rows, "next": None}
    return call.answer(content, etag=etag_of(version_of(content)))


@router.post(
    "/{name}/unmatched",
    summary="Tie what is known by now",
    response_model=TiedAnswer,
    responses={**WRITING, **problems(404)},
)
def tie_unmatched(call: Caller, name: Name, key: IdempotencyKey = None) -> Response:
    """Tie its tickets to the CIs that are known by now; the rest stays. For administrators."""
    found = call.once(
        key,
        None,
        lambda receipt: unmatched.tie_unmatched(call.actor, call.env, name),
        lambda commit: 0,
    )
    return call.answer({"found": found})


@router.post(
    "/{name}/events",
    summary="Tell of a ticket",
    response_model=EventAnswer,
    responses={**WRITING, **problems(404)},
    openapi_extra=EVENT,
)
async def take_event(request: Request, name: Name) -> Response:
    """What an external system tells of a ticket, signed with its secret; it needs no token.

    Its ticket is opened or changed here, tied to our CIs, and goes on by our rules; what these do
    not allow is noted, and told in the answer. An older word than the last one is ignored.
    """
    env, headers = request.app.state.env, dict(request.headers)
    await run_in_threadpool(inbound.expected_of, env, name, headers)
    body = await bounded_body(request, MOST_EVENT)
    answer = await run_in_threadpool(inbound.receive, env, name, headers, body)
    return Response(orjson.dumps(answer), media_type="application/json")
