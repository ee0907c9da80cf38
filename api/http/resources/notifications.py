"""Notifications that wait for delivery, and those that were given up."""

from typing import Annotated

from fastapi import Path, Query, Response

from api.http import paging
from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expected_version,
)
from api.http.models.common import Page
from api.http.models.notifications import NotificationRow
from api.http.routing import READING, WRITING, problems, router_at
from cmdb.services import outbox
from cmdb.services.outbox import Notification, State

router = router_at("/notifications", "notifications")

Id = Annotated[str, Path(description="`id` of the message.", max_length=64)]


@router.get(
    "", summary="List notifications", response_model=Page[NotificationRow], responses=READING
)
def list_notifications(
    call: Caller,
    state: Annotated[
        State | None, Query(description="Only `pending` ones, or only `dead` ones.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Rows of a page.")] = 100,
    cursor: Annotated[
        str | None, Query(max_length=paging.MAX_CURSOR, description="`next` of the page before.")
    ] = None,
) -> Response:
    """One page: what was given up, then what waits, by age; for administrators.

    What was delivered is in the log only.
    """
    found = outbox.list_notifications(call.actor, call.env, state)
    if cursor is not None:
        after = tuple(paging.decode(cursor, "notifications", bool, float, str))
        found = [one for one in found if one.order > after]
    following = None
    if len(found) > limit:
        following = paging.encode("notifications", *found[limit - 1].order)
    content = {"items": [one.content() for one in found[:limit]], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


@router.get(
    "/{number}",
    summary="Show a notification",
    response_model=NotificationRow,
    responses={304: {"description": "You have this version."}, **READING, **problems(404)},
)
def show_notification(call: Caller, number: Id, known: IfNoneMatch = None) -> Response:
    """One message that is not delivered; for administrators."""
    return _answer(call, outbox.get_notification(call.actor, call.env, number))


@router.post(
    "/{number}/retry",
    summary="Try a notification again",
    response_model=NotificationRow,
    responses={**WRITING, **problems(404)},
)
def retry(call: Caller, number: Id, key: IdempotencyKey = None) -> Response:
    """Let a message be tried at once, and as often as a new one; for administrators."""
    found = call.once(
        key,
        None,
        lambda receipt: outbox.retry(call.actor, call.env, number, receipt),
        outbox.retried,
    )
    return _answer(call, found)


@router.delete(
    "/{number}",
    summary="Discard a notification",
    status_code=204,
    response_class=Response,
    responses={**READING, **problems(404, 409, 412)},
)
def discard(
    call: Caller, number: Id, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Drop a message without delivering it; it stays in the log. For administrators."""
    expected = expected_version(version)
    call.once(
        key,
        None,
        lambda receipt: outbox.discard(call.actor, call.env, number, receipt, expected),
        lambda commit: None,
    )
    return call.nothing()


def _answer(call: Call, found: Notification) -> Response:
    return call.answer(found.content(), etag=etag_of(found.version))
