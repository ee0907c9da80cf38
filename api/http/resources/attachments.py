"""Files on tickets: sent as they are, and given out as files only, never as pages."""

import hashlib
from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    expected_seq,
)
from api.http.models.common import Form
from api.http.models.tickets import TicketRow
from api.http.routing import READING, REMOVING, WRITING, bounded_body, problems, router_at
from api.http.ticket_lists import answered
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing import attachments, finding
from cmdb.tickets.ticket import Ticket

router = router_at("/tickets/{number}/attachments", "tickets")

Number = Annotated[str, Path(description="Number of the ticket.", max_length=64)]
Id = Annotated[int, Path(ge=1, description="`id` of the file.")]
HARMLESS = "default-src 'none'; sandbox"
"""A browser that shows it all the same runs nothing of it."""

FILE = {"schema": {"type": "string", "format": "binary", "description": "The bytes."}}


class Sent(Form):
    """What a request with a file says, so that a repeated one is known."""

    name: str
    media_type: str
    digest: str


@router.post(
    "",
    summary="Attach a file",
    status_code=201,
    response_model=TicketRow,
    responses={**WRITING, **problems(404)},
    openapi_extra={"requestBody": {"required": True, "content": {"*/*": FILE}}},
)
async def attach(
    request: Request,
    call: Caller,
    number: Number,
    name: Annotated[str, Query(min_length=1, max_length=512, description="Name of the file.")],
    key: IdempotencyKey = None,
) -> Response:
    """Send the bytes as they are, with their media type as `Content-Type`.

    Size, number and media types are limited by the settings; the bytes must be what they are said
    to be.
    """
    limits = (await run_in_threadpool(settings, call.env)).attachment_limits
    data = await bounded_body(request, limits.file_bytes)
    media_type = request.headers.get("content-type", "")
    ticket = await run_in_threadpool(_attached, call, number, name, media_type, data, key)
    return await run_in_threadpool(answered, call, ticket, 201)


def _attached(
    call: Call, number: str, name: str, media_type: str, data: bytes, key: str | None
) -> Ticket:
    digest = hashlib.sha256(data).hexdigest()
    return call.once(
        key,
        Sent(name=name, media_type=media_type, digest=digest),
        lambda receipt: attachments.attach(
            call.actor, call.env, number, name, media_type, data, receipt
        ),
        lambda commit: finding.get_ticket(call.actor, call.env, number),
    )


@router.get(
    "/{id}",
    summary="Get a file",
    response_class=Response,
    responses={
        200: {"content": {"application/octet-stream": FILE}, "description": "The bytes."},
        304: {"description": "You have these bytes."},
        **READING,
        **problems(404),
    },
)
def show(call: Caller, number: Number, id: Id, known: IfNoneMatch = None) -> Response:
    """The bytes of a file, to be saved and not to be shown."""
    one, data = attachments.attachment(call.actor, call.env, number, id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name, safe='')}",
        "Content-Security-Policy": HARMLESS,
        "ETag": f'"{one.digest[:32]}"',
    }
    if known is not None and headers["ETag"] in known:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type="application/octet-stream")


@router.delete("/{id}", summary="Take a file off", **REMOVING)
def remove(
    call: Caller, number: Number, id: Id, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Take a file off a ticket; the log tells that it was there."""
    return call.remove_once(
        key,
        lambda receipt: attachments.detach(
            call.actor, call.env, number, id, receipt, expected=expected_seq(version)
        ),
    )
