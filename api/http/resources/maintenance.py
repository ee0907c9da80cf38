"""Maintenance windows."""

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
from api.http.models.maintenance import VersionedWindow, WindowChange, WindowForm, shown
from api.http.models.questions import TIME
from api.http.routing import READING, REMOVING, SHOWING, WRITING, problems, router_at
from cmdb.services import maintenance
from cmdb.services.maintenance import Window

router = router_at("/maintenance", "maintenance windows")

Id = Annotated[str, Path(description="`id` of the window.")]


@router.get(
    "",
    summary="List maintenance windows",
    response_model=Page[VersionedWindow],
    responses=READING,
)
def list_windows(
    call: Caller,
    at: Annotated[str | None, Query(description=f"Only those open then: {TIME}.")] = None,
    key: Annotated[str | None, Query(description="Only those of this CI.")] = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """One page of the windows of CIs you may see, by their start."""
    found = maintenance.list_windows(call.actor, call.env, at=at, key=key)
    rows, following = paging.page(
        "maintenance", found, lambda one: (float(one.starts), one.id), (float, str), limit, cursor
    )
    content = {"items": [shown(one) for one in rows], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


@router.post(
    "",
    summary="Plan maintenance",
    status_code=201,
    response_model=VersionedWindow,
    responses=WRITING,
)
def create_window(call: Caller, body: WindowForm, key: IdempotencyKey = None) -> Response:
    """Say when a CI will not be in its usual state; impact questions take it `at` that time."""
    window = call.once(
        key,
        body,
        lambda receipt: maintenance.create_window(call.actor, call.env, body.values(), receipt),
        maintenance.window_of,
    )
    path = call.request.url.path.rstrip("/")
    return _answer(call, window, 201, {"Location": f"{path}/{window.id}"})


@router.get(
    "/{number}",
    summary="Show a maintenance window",
    response_model=VersionedWindow,
    responses=SHOWING,
)
def show_window(call: Caller, number: Id, known: IfNoneMatch = None) -> Response:
    """One window; its `ETag` is its version."""
    return _answer(call, maintenance.get_window(call.actor, call.env, number))


@router.patch(
    "/{number}",
    summary="Change a maintenance window",
    response_model=VersionedWindow,
    responses={**WRITING, **problems(404, 412)},
)
def change_window(
    call: Caller,
    number: Id,
    body: WindowChange,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Change what the body mentions."""
    expected = expected_version(version)
    window = call.once(
        key,
        body,
        lambda receipt: maintenance.update_window(
            call.actor, call.env, number, body.values(), expected=expected, receipt=receipt
        ),
        maintenance.window_of,
    )
    return _answer(call, window)


@router.delete("/{number}", summary="Remove a maintenance window", **REMOVING)
def delete_window(
    call: Caller, number: Id, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Remove a window; it stays in the log."""
    expected = expected_version(version)
    return call.remove_once(
        key,
        lambda receipt: maintenance.delete_window(
            call.actor, call.env, number, expected=expected, receipt=receipt
        ),
    )


def _answer(
    call: Call, window: Window, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    etag = etag_of(window.version)
    return call.answer(shown(window), status=status, etag=etag, headers=headers)
