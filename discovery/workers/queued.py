"""Many workers and sites: Procrastinate on PostgreSQL.

Each tick happens once, one network is scanned by one worker at a time, and what a killed worker had
is taken up by another.
"""

import asyncio
import hashlib
import logging
import signal
import threading
from contextlib import suppress

import procrastinate
from procrastinate import exceptions
from procrastinate.jobs import Status

from cmdb.services.environment import Environment
from discovery.runs import RunState
from discovery.ticking import tick
from discovery.workers import TICK_SECONDS, WORKER
from discovery.workers.periodic import PeriodicJob, periodic_jobs
from discovery.working import work

QUEUE, CLOCK_QUEUE = "discovery", "clock"
"""The queues of runs and of what goes by the clock: long runs must not hold that up."""

CLOCK_AT_ONCE = 8
HEARTBEAT, STALLED = 5.0, 30.0
"""Seconds between signs of life, and without one until a worker is taken to be dead."""

log = logging.getLogger(__name__)


def queue_of(site: str | None) -> str:
    """The queue of the workers of a site, or of those of none."""
    return QUEUE if site is None else f"{QUEUE}:{site}"


def queued(address: str, env: Environment, stop: threading.Event) -> procrastinate.App:
    """The application of one worker on the queue at `address`, a PostgreSQL connection string."""
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=address))

    @app.task(name="discovery.work", queue=QUEUE)
    def work_at(run: str) -> None:
        work(WORKER, env, run, stop)

    @app.periodic(cron=f"* * * * * */{TICK_SECONDS}")
    @app.task(name="discovery.tick", queue=CLOCK_QUEUE, queueing_lock="discovery.tick")
    async def ticks(timestamp: int) -> None:
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            log.warning("job %s was left by a worker that is gone", job.id)
            with suppress(exceptions.ConnectorException):  # another tick was faster
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        runs, errors = await asyncio.to_thread(tick, WORKER, env)
        for error in errors:
            log.error("%s", error)
        for run in runs:
            with suppress(exceptions.AlreadyEnqueued):
                await work_at.configure(
                    queue=queue_of(run.job.worker_site),
                    lock=_lock(run),
                    queueing_lock=run.id,
                ).defer_async(run=run.id)

    for job in periodic_jobs(env, stop):
        _add(app, job)
    return app


def _add(app: procrastinate.App, job: PeriodicJob) -> None:
    """Let a job be done by the clock, once for all workers and never twice at a time."""
    name = f"clock.{job.name}"

    @app.periodic(cron=job.cron)
    @app.task(name=name, queue=CLOCK_QUEUE, queueing_lock=name, lock=name)
    def run(timestamp: int) -> None:
        job.run()


def _lock(run: RunState) -> str:
    """Equal for runs of equal networks; the store refuses runs of others that overlap."""
    words = "\n".join((run.job.site or "", *sorted(run.job.networks), run.job.address))
    return hashlib.sha256(words.encode()).hexdigest()


async def serve(address: str, env: Environment, site: str | None, at_once: int) -> None:
    """Work until a signal ends it; makes the queue's tables where there are none."""
    stop = threading.Event()
    app = queued(address, env, stop)
    async with app.open_async():
        if not await app.check_connection_async():
            with suppress(exceptions.ConnectorException):  # another worker has made them
                await app.schema_manager.apply_schema_async()
        queues = {queue_of(site): at_once} | ({CLOCK_QUEUE: CLOCK_AT_ONCE} if site is None else {})
        working = asyncio.gather(*(_worker(app, *one) for one in queues.items()))

        def end() -> None:
            stop.set()  # what is under way ends soon, and says so
            working.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, end)
        with suppress(asyncio.CancelledError):
            await working


async def _worker(app: procrastinate.App, queue: str, at_once: int) -> None:
    """Work at what comes into a queue, until it is cancelled."""
    await app.run_worker_async(
        queues=[queue],
        concurrency=at_once,
        fetch_job_polling_interval=TICK_SECONDS,
        update_heartbeat_interval=HEARTBEAT,
        stalled_worker_timeout=STALLED,
        install_signal_handlers=False,
    )
