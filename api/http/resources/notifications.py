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
from api.http.routing import READING, REMOVING, SHOWING, WRITING, problems, router_at
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
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """One page: what was given up, then what waits, by age; for administrators.

    What was delivered is in the log only.
    """
    found = outbox.list_notifications(call.actor, call.env, state)
    rows, following = paging.page(
        "notifications", found, lambda one: one.order, (bool, float, str), limit, cursor
    )
    content = {"items": [one.content() for one in rows], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


@router.get(
    "/{number}",
    summary="Show a notification",
    response_model=NotificationRow,
    responses=SHOWING,
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


@router.delete("/{number}", summary="Discard a notification", **REMOVING)
def discard(
    call: Caller, number: Id, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Drop a message without delivering it; it stays in the log. For administrators."""
    expected = expected_version(version)
    return call.remove_once(
        key, lambda receipt: outbox.discard(call.actor, call.env, number, receipt, expected)
    )


def _answer(call: Call, found: Notification) -> Response:
    return call.answer(found.content(), etag=etag_of(found.version))
