"""Discovery jobs: declare them, see what a run would look at, and start one."""

from typing import Annotated

from fastapi import Path, Response

from api.discovery import plan_content, run_content
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
from api.http.models.discovery import DiscoveryRunRow, JobForm, JobRow, Plan
from api.http.routing import READING, REMOVING, SHOWING, WRITING, problems, router_at
from cmdb.services.versioned import version_of
from discovery import jobs, runs
from discovery.job import Job

router = router_at("/discovery/jobs", "discovery")

Name = Annotated[str, Path(description="Name of the job.", min_length=1, max_length=128)]


@router.get("", summary="List jobs", response_model=Page[JobRow], responses=READING)
def list_jobs(call: Caller) -> Response:
    """All jobs, by name."""
    rows = [_content(one) for one in jobs.list_jobs(call.actor, call.env)]
    return call.answer({"items": rows, "next": None})


@router.get("/{name}", summary="Show a job", response_model=JobRow, responses=SHOWING)
def show_job(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One job; its `ETag` is its version."""
    return _answer(call, jobs.get_job(call.actor, call.env, name))


@router.put(
    "/{name}",
    summary="Declare a job",
    response_model=JobRow,
    responses={**WRITING, **problems(412)},
)
def put_job(
    call: Caller, name: Name, body: JobForm, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Add a job, or replace it; for administrators. Everything wrong with it is told at once.

    Runs that are under way go on with the job as it was.
    """
    expected = expected_version(version)
    values = {"name": name, **body.model_dump()}
    job = call.once(
        key,
        body,
        lambda receipt: jobs.put_job(call.actor, call.env, values, receipt, expected),
        lambda commit: jobs.get_job(call.actor, call.env, name),
    )
    return _answer(call, job)


@router.delete("/{name}", summary="Remove a job", **REMOVING)
def delete_job(
    call: Caller, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Remove a job; its runs and what they found stay. For administrators."""
    expected = expected_version(version)
    return call.remove_once(
        key, lambda receipt: jobs.delete_job(call.actor, call.env, name, receipt, expected)
    )


@router.get(
    "/{name}/plan", summary="Show what a run would look at", response_model=Plan, responses=SHOWING
)
def plan_job(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """The shards of a run that would start now; nothing is looked at for it."""
    job = jobs.get_job(call.actor, call.env, name)
    content = plan_content(job, job.shards())
    return call.answer(content, etag=etag_of(version_of(content)))


@router.post(
    "/{name}/runs",
    summary="Run a job now",
    status_code=202,
    response_model=DiscoveryRunRow,
    responses={**WRITING, **problems(404)},
)
def start_run(call: Caller, name: Name, key: IdempotencyKey = None) -> Response:
    """Start a run, which the workers take up at once; for editors.

    409 while another run is at one of its networks. A paused job runs all the same; one with
    windows waits for the next of them.
    """
    run = call.once(
        key,
        None,
        lambda receipt: runs.start_run(call.actor, call.env, name, "by hand", receipt=receipt),
        lambda commit: runs.get_run(call.actor, call.env, runs.run_of(commit))[0],
    )
    base = call.request.url.path.partition("/jobs/")[0]
    headers = {"Location": f"{base}/runs/{run.id}"}
    return call.answer(run_content(run, None), status=202, headers=headers)


def _content(job: Job) -> dict[str, object]:
    return {"name": job.name, **job.body()}


def _answer(call: Call, job: Job) -> Response:
    return call.answer(_content(job), etag=etag_of(job.version))
