"""Threads of this process (APScheduler): enough for one node."""

import logging
import threading
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from cmdb.errors import CMDBError
from cmdb.services.environment import Environment
from discovery.ticking import tick
from discovery.workers import TICK_SECONDS, WORKER
from discovery.workers.periodic import PeriodicJob, periodic_jobs
from discovery.working import work

AT_ONCE = 4
"""Runs that one process works at."""

log = logging.getLogger(__name__)


class LocalWorkers:
    """Ticks, and works at what is due, until `close`; for jobs of one site of workers, or of none.

    Those of no site also do the periodic jobs. Several processes on one store do not get in each
    other's way, as shards are taken by commits.
    """

    def __init__(self, env: Environment, site: str | None = None, at_once: int = AT_ONCE) -> None:
        self._env, self._site = env, site
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._periodic = periodic_jobs(env, self._stop) if site is None else ()
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1), "runs": ThreadPoolExecutor(at_once)}
            | {job.name: ThreadPoolExecutor(1) for job in self._periodic},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin to tick."""
        now = datetime.now(UTC)
        self._scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, next_run_time=now)
        for job in self._periodic:
            self._scheduler.add_job(
                self._by_the_clock,
                "interval",
                args=[job],
                seconds=job.seconds,
                next_run_time=now,
                id=job.name,
                executor=job.name,
            )
        self._scheduler.start()

    def tick(self) -> None:
        """Start what is due, and hand to the threads what has work."""
        try:
            runs, errors = tick(WORKER, self._env)
        except CMDBError as error:  # such as a store that does not answer: the next may do better
            log.error("tick: %s", error)
            return
        for wrong in errors:
            log.error("%s", wrong)
        for run in runs:
            with self._lock:
                if run.id in self._busy or run.job.worker_site != self._site:
                    continue
                self._busy.add(run.id)
            self._scheduler.add_job(self._work, args=[run.id], id=run.id, executor="runs")

    def _by_the_clock(self, job: PeriodicJob) -> None:
        try:
            job.run()
        except CMDBError as error:  # the next time may do better
            log.error("%s: %s", job.name, error)

    def _work(self, run: str) -> None:
        try:
            work(WORKER, self._env, run, self._stop)
        except CMDBError as error:
            log.error("run %s: %s", run, error)
        finally:
            with self._lock:
                self._busy.discard(run)

    def close(self) -> None:
        """Stop: what is under way ends within seconds, keeps what it found, and waits."""
        self._stop.set()
        self._scheduler.shutdown(wait=True)
