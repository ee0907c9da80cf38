"""Jobs: declared, shown and removed; documents of the store."""

from collections.abc import Mapping
from typing import Any

from cmdb.errors import NotFound, PreconditionFailed, WrongValue
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.observing import check_source
from cmdb.services.ports import Receipt, Signature
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


@authorised(Permission.READ)
def list_agents(actor: Actor) -> dict[str, Capabilities]:
    """All agents that scan, with what they can do."""
    return {name: readers.agent(name).capabilities for name in readers.scanning()}


@authorised(Permission.READ, everywhere=True)
def list_jobs(actor: Actor, env: Environment) -> list[Job]:
    """All jobs, by name."""
    return [read_stored(one) for one in env.store.documents(JOB)]


@authorised(Permission.READ, everywhere=True)
def get_job(actor: Actor, env: Environment, name: str) -> Job:
    """One job; NotFound when there is none."""
    return read_stored(_document(env, name))


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
    before = env.store.document(JOB, job.name)
    _expect(job.name, before, expected)
    after = Document(JOB, job.name, job.body())
    if before != after:
        _commit(actor, env, before, after, f"declared discovery job {job.name}", receipt)
    return job


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
    before = _document(env, name)
    _expect(name, before, expected)
    _commit(actor, env, before, None, f"removed discovery job {name}", receipt)


def _expect(name: str, before: Document | None, expected: str | None) -> None:
    """PreconditionFailed when the job is not at the version that the caller knows."""
    current = "" if before is None else read_stored(before).version
    if expected is not None and expected != current:
        raise PreconditionFailed(
            kind="discovery job", name=name, current=current or "none", expected=expected
        )


def _document(env: Environment, name: str) -> Document:
    found = env.store.document(JOB, name)
    if found is None:
        raise NotFound(kind="discovery job", name=name)
    return found


def _commit(
    actor: Actor,
    env: Environment,
    before: Document | None,
    after: Document | None,
    reason: str,
    receipt: Receipt | None,
) -> None:
    changes = ChangeSet(documents=[Change(before, after)])
    env.store.commit(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))
