"""Ticks: start the runs that are due, and find those that somebody must go on with."""

from cmdb.errors import CMDBError, Conflict
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from discovery.job import Job
from discovery.jobs import JOB, read_stored
from discovery.runs import ENDED, RunState, all_runs, read_shards, start_run
from discovery.schedules import any_open


@authorised(Permission.OBSERVE)
def tick(actor: Actor, env: Environment) -> tuple[list[RunState], list[CMDBError]]:
    """Start a run of each job that is due; gives all runs that have work to be taken, and errors.

    Any number of processes may tick at once: each run is started by one of them.
    """
    runs = all_runs(env)
    started, errors = [], []
    for document in env.store.documents(JOB):
        try:
            job = read_stored(document)
            mine = (one for one in runs if one.job.name == job.name)
            latest = max(mine, key=_begun, default=None)
            if is_due(job, latest, env.clock()):
                seen = latest.id if latest else ""
                started.append(start_run(actor, env, job.name, "schedule", seen))
        except Conflict:
            continue  # its network is busy, or another process has started it
        except CMDBError as error:
            errors.append(error)
    return [*started, *(one for one in runs if _has_work(env, one))], errors


def is_due(job: Job, latest: RunState | None, now: float) -> bool:
    """Whether a job is to start now: by its schedule, once for all that was missed."""
    if job.schedule is None or job.paused or not any_open(job.windows, now):
        return False
    if latest is None:
        return True
    if latest.state not in ENDED or latest.ended is None:
        return False
    return job.schedule.due(job.name, latest.started, latest.ended) <= now


def _begun(run: RunState) -> float:
    return run.started


def _has_work(env: Environment, run: RunState) -> bool:
    """Whether a worker is to look at a run: a shard is free, or all have ended and it has not."""
    if run.state in ENDED:
        return False
    now = env.clock()
    if run.cancelled or now > run.started + run.job.deadline:
        return True
    if not any_open(run.job.windows, now):
        return False
    shards = read_shards(env, run.id)
    return any(one.free(now) for one in shards) or all(one.state in ENDED for one in shards)
