"""What is done by the clock beside discovery: the one list of it. A new job is a line here.

Each runs on one of the workers of no site: in `cmdb serve` on one node, else in `cmdb worker`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from cmdb.bootstrap import open_senders
from cmdb.services.actor import Actor
from cmdb.services.alerting.retention import remove_old_alerts
from cmdb.services.alerting.triage import expire_alerts, match_again, triage_alerts
from cmdb.services.delivery import deliver_due
from cmdb.services.environment import Environment
from cmdb.services.ticketing.clockwork import tick_tickets
from cmdb.services.ticketing.inspections import open_inspections
from cmdb.services.ticketing.recurrence import propose_problems

CLOCK = Actor("clock", frozenset({"administrator"}))
"""Who the log says it was."""


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """What `run` does every so many seconds: fewer than 60, or whole minutes.

    Several processes may run it at the same time, as on several nodes without a queue, so it does
    what is due by commits. What takes long ends soon after the event that `periodic_jobs` got.
    """

    name: str
    seconds: int
    run: Callable[[], object]

    @property
    def cron(self) -> str:
        """The same as a line of cron, with a field for seconds at its end where it needs one."""
        if self.seconds < 60:
            return f"* * * * * */{self.seconds}"
        return f"*/{self.seconds // 60} * * * *"


def periodic_jobs(env: Environment, stop: threading.Event) -> tuple[PeriodicJob, ...]:
    """All that is done by the clock, until `stop` is set; InvalidInput for wrong settings."""
    senders = open_senders()
    return (
        PeriodicJob("delivery", 5, lambda: deliver_due(CLOCK, env, senders, stop)),
        PeriodicJob("alerts", 2, lambda: triage_alerts(env)),
        PeriodicJob("alert_expiry", 60, lambda: expire_alerts(env)),
        PeriodicJob("alert_matching", 60, lambda: match_again(env)),
        PeriodicJob("alert_retention", 600, lambda: remove_old_alerts(env)),
        PeriodicJob("tickets", 10, lambda: tick_tickets(env)),
        PeriodicJob("inspections", 60, lambda: open_inspections(env)),
        PeriodicJob("problems", 300, lambda: propose_problems(env)),
    )
