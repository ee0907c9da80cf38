"""Templates of messages: what they say, and other words for it."""

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
from api.http.models.notifications import TemplateForm, TemplateRow
from api.http.routing import READING, REMOVING, SHOWING, WRITING, problems, router_at
from cmdb.services import message_templates

router = router_at("/message-templates", "notifications")

Name = Annotated[str, Path(description="Name of the template.", min_length=1, max_length=128)]


@router.get("", summary="List templates", response_model=Page[TemplateRow], responses=READING)
def list_templates(call: Caller) -> Response:
    """All templates by name, with the words in force; for administrators."""
    rows = message_templates.list_templates(call.actor, call.env)
    return call.answer({"items": rows, "next": None})


@router.get(
    "/{name}",
    summary="Show a template",
    response_model=TemplateRow,
    responses=SHOWING,
)
def show_template(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One template with the words in force; for administrators."""
    row = message_templates.get_template(call.actor, call.env, name)
    return call.answer(row, etag=etag_of(row["version"]))


@router.put(
    "/{name}",
    summary="Change a template",
    response_model=TemplateRow,
    responses={**WRITING, **problems(404, 412)},
)
def override_template(
    call: Caller,
    name: Name,
    body: TemplateForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Let a message say something else; an unknown placeholder is refused. For administrators."""
    expected = expected_version(version)
    call.once(
        key,
        body,
        lambda receipt: message_templates.override_template(
            call.actor, call.env, name, body.values(), receipt, expected
        ),
        lambda commit: None,
    )
    row = message_templates.get_template(call.actor, call.env, name)
    return call.answer(row, etag=etag_of(row["version"]))


@router.delete("/{name}", summary="Reset a template", **REMOVING)
def reset_template(
    call: Caller, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Let a message say again what it said at first. For administrators."""
    expected = expected_version(version)
    return call.remove_once(
        key,
        lambda receipt: message_templates.reset_template(
            call.actor, call.env, name, receipt, expected
        ),
    )
