"""Jobs: declared, shown and removed; documents of the store."""

from collections.abc import Mapping
from typing import Any

from cmdb.errors import WrongValue
from cmdb.identity.changes import Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.observing import check_source
from cmdb.services.ports import Receipt
from cmdb.services.versioned import Documents
from discovery import readers
from discovery.agent import Capabilities
from discovery.job import Job, job_from

JOB = "discovery_job"


def read_job(values: Mapping[str, Any]) -> Job:
    """A job from data; Rejected with everything that is wrong."""
    job = job_from(values)
    agent = readers.agent(job.agent)
    if bool(job.networks) != (agent.capabilities.targets == "networks"):
        wanted = agent.capabilities.targets
        detail = "a list of networks" if wanted == "networks" else "the address of a service"
        raise WrongValue(place="job", name=wanted, value="missing", expected=detail)
    check_source(job.source_name, "source")
    job.shards()
    return job


def read_stored(document: Document) -> Job:
    """A job as the store keeps it."""
    return job_from({"name": document.name, **document.body})


JOBS = Documents(JOB, "discovery job", read_stored)


@authorised(Permission.READ)
def list_agents(actor: Actor) -> dict[str, Capabilities]:
    """All agents that scan, with what they can do."""
    return {name: readers.agent(name).capabilities for name in readers.scanning()}


@authorised(Permission.READ, everywhere=True)
def list_jobs(actor: Actor, env: Environment) -> list[Job]:
    """All jobs, by name."""
    return JOBS.all(env)


@authorised(Permission.READ, everywhere=True)
def get_job(actor: Actor, env: Environment, name: str) -> Job:
    """One job; NotFound when there is none."""
    return JOBS.get(env, name)


@authorised(Permission.ADMINISTER, everywhere=True)
def put_job(
    actor: Actor,
    env: Environment,
    values: Mapping[str, Any],
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> Job:
    """Declare a job, or replace it; `expected` is the version the caller knows."""
    job = read_job(values)
    reason = f"declared discovery job {job.name}"
    return JOBS.put(env, actor, job.name, lambda _: job, reason, receipt=receipt, expected=expected)


@authorised(Permission.ADMINISTER, everywhere=True)
def pause_job(actor: Actor, env: Environment, name: str, paused: bool = True) -> Job:
    """Let a job start no more runs by its schedule, or start them again."""
    job = get_job(actor, env, name)
    return put_job(actor, env, {"name": name, **job.body(), "paused": paused})


@authorised(Permission.ADMINISTER, everywhere=True)
def delete_job(
    actor: Actor,
    env: Environment,
    name: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Remove a job; its runs and what they found stay."""
    reason = f"removed discovery job {name}"
    JOBS.remove(env, actor, name, reason, receipt=receipt, expected=expected)
