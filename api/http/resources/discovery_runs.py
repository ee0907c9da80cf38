"""Runs of discovery: what they look at, find and miss; `/runs` takes back what one has said."""

from typing import Annotated

from fastapi import Path, Query, Response

from api.discovery import run_content
from api.http import paging
from api.http.calls import Call, Caller, IdempotencyKey, IfNoneMatch, etag_of
from api.http.models.common import Page
from api.http.models.discovery import DiscoveryRun, DiscoveryRunRow
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from cmdb.services.versioned import version_of
from discovery import runs

router = router_at("/discovery/runs", "discovery")

Id = Annotated[str, Path(description="`id` of the run.")]


@router.get(
    "", summary="List discovery runs", response_model=Page[DiscoveryRunRow], responses=READING
)
def list_runs(
    call: Caller,
    job: Annotated[str | None, Query(description="Only those of this job.")] = None,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """One page of the runs that are kept, the latest first."""
    found = runs.list_runs(call.actor, call.env, job)
    rows, following = paging.page(
        "discovery runs",
        found,
        lambda one: (-float(one.started), one.id),
        (float, str),
        limit,
        cursor,
    )
    content = {"items": [run_content(one, None) for one in rows], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


@router.get(
    "/{id}",
    summary="Show a discovery run",
    response_model=DiscoveryRun,
    responses=SHOWING,
)
def show_run(call: Caller, id: Id, known: IfNoneMatch = None) -> Response:
    """A run with its shards: their progress, what they found, their errors and commands."""
    return _answer(call, id)


@router.post(
    "/{id}/cancel",
    summary="Cancel a discovery run",
    response_model=DiscoveryRun,
    responses={**WRITING, **problems(404)},
)
def cancel_run(call: Caller, id: Id, key: IdempotencyKey = None) -> Response:
    """Let a run end within seconds; what it has found stays. For editors.

    One that has ended stays as it is. `DELETE /runs/{id}` takes back what it found.
    """
    call.once(
        key,
        None,
        lambda receipt: runs.cancel_run(call.actor, call.env, id, receipt),
        lambda commit: None,
    )
    return _answer(call, id)


def _answer(call: Call, id: str) -> Response:
    content = run_content(*runs.get_run(call.actor, call.env, id))
    return call.answer(content, etag=etag_of(version_of(content)))
