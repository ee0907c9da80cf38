"""`cmdb discover job`: what is scanned, by which agent, how carefully, and when."""

from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say, wrong
from discovery import documents, jobs
from discovery.job import Job

group = typer.Typer(help="Declare, show, plan, pause and remove discovery jobs.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the job.")]


@group.command("set")
def set_(
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON or YAML: one job, or a list of them.")
    ],
    store: session.StoreOption = None,
) -> int:
    """Declare jobs, or replace them; see `docs/reference/discovery.md` for the fields."""
    read = documents.load(path)
    listed = read if isinstance(read, list) else [read]
    if not all(isinstance(one, dict) for one in listed):
        raise wrong(path, "a job must be an object")
    with session.environment(store) as env:
        for values in listed:
            job = jobs.put_job(session.actor(), env, values)
            output.note(say("job {name} is set", name=job.name))
    return 0


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show the jobs."""
    with session.environment(store) as env:
        found = jobs.list_jobs(session.actor(), env)
    if form is session.Form.json:
        output.put_json({"jobs": [content(one) for one in found]})
    else:
        columns = ("name", "agent", "site", "targets", "schedule", "paused")
        output.put_rich(output.table(columns, [_row(one) for one in found]))
    return 0


@group.command()
def show(name: Name, store: session.StoreOption = None) -> int:
    """Show all of a job, as JSON that `set` takes."""
    with session.environment(store) as env:
        output.put_json(content(jobs.get_job(session.actor(), env, name)))
    return 0


@group.command()
def plan(name: Name, store: session.StoreOption = None) -> int:
    """Show what a run would look at, shard by shard, and look at nothing."""
    with session.environment(store) as env:
        shards = jobs.get_job(session.actor(), env, name).shards()
    rows = [(one.id, one.profile, ", ".join(one.targets)) for one in shards]
    output.put_rich(output.table(("shard", "profile", "targets"), rows))
    return 0


@group.command()
def pause(name: Name, store: session.StoreOption = None) -> int:
    """Start no more runs by the schedule of a job."""
    return _pause(name, store, True)


@group.command()
def resume(name: Name, store: session.StoreOption = None) -> int:
    """Start runs by the schedule of a job again."""
    return _pause(name, store, False)


@group.command()
def remove(name: Name, store: session.StoreOption = None) -> int:
    """Remove a job; what it found stays."""
    with session.environment(store) as env:
        jobs.delete_job(session.actor(), env, name)
    output.note(say("job {name} is removed", name=name))
    return 0


def content(job: Job) -> dict[str, Any]:
    """A job as it is shown: what it says, and not what it leaves to the defaults."""
    said = job.model_dump(mode="json", exclude_defaults=True)
    return {"name": job.name, **said}


def _pause(name: str, store: str | None, paused: bool) -> int:
    with session.environment(store) as env:
        jobs.pause_job(session.actor(), env, name, paused)
    text = (
        say("job {name} is paused", name=name) if paused else say("job {name} goes on", name=name)
    )
    output.note(text)
    return 0


def _row(job: Job) -> tuple[str, ...]:
    schedule = job.schedule
    when = ""
    if schedule is not None:
        when = schedule.cron or say("every {seconds} s", seconds=schedule.every)
    targets = job.address or ", ".join(job.networks)
    return (job.name, job.agent, job.site or "", targets, when, say("yes") if job.paused else "")
