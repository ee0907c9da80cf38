"""Webhooks: who is called when something happens."""

from typing import Annotated

from fastapi import Path, Response

from api.http.calls import (
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expected_version,
)
from api.http.models.common import Page
from api.http.models.notifications import DeclaredWebhook, WebhookForm, WebhookRow
from api.http.routing import READING, REMOVING, SHOWING, WRITING, problems, router_at
from cmdb.services import webhooks

router = router_at("/webhooks", "notifications")

Name = Annotated[str, Path(description="Name of the webhook.", min_length=1, max_length=128)]


@router.get("", summary="List webhooks", response_model=Page[WebhookRow], responses=READING)
def list_webhooks(call: Caller) -> Response:
    """All webhooks by name, without their secrets; for administrators."""
    rows = [one.content() for one in webhooks.list_targets(call.actor, call.env)]
    return call.answer({"items": rows, "next": None})


@router.get(
    "/{name}",
    summary="Show a webhook",
    response_model=WebhookRow,
    responses=SHOWING,
)
def show_webhook(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One webhook, without its secret; for administrators."""
    found = webhooks.get_target(call.actor, call.env, name)
    return call.answer(found.content(), etag=etag_of(found.version))


@router.put(
    "/{name}",
    summary="Declare a webhook",
    response_model=DeclaredWebhook,
    responses={**WRITING, **problems(412)},
)
def put_webhook(
    call: Caller, name: Name, body: WebhookForm, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Add a webhook, or replace it; for administrators.

    It is called by POST with JSON, signed as Standard Webhooks has it, until it answers 2xx.
    """
    expected = expected_version(version)
    made = call.once(
        key,
        call.untold(key, body, body.secret),
        lambda receipt: webhooks.put_target(
            call.actor,
            call.env,
            name,
            body.url,
            events=body.events,
            plain_http=body.plain_http,
            secret=body.secret,
            receipt=receipt,
            expected=expected,
        ),
        lambda commit: None,
    )
    found = webhooks.get_target(call.actor, call.env, name)
    return call.answer({**found.content(), "secret": made}, etag=etag_of(found.version))


@router.delete("/{name}", summary="Remove a webhook", **REMOVING)
def delete_webhook(
    call: Caller, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Call it no more; what waits for it is given up. For administrators."""
    expected = expected_version(version)
    return call.remove_once(
        key, lambda receipt: webhooks.delete_target(call.actor, call.env, name, receipt, expected)
    )
