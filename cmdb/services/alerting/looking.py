"""What triage looks at: the graph, the rules, and what is expected to be down, as of one moment."""

from functools import cached_property

from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import DEGRADED, STATES
from cmdb.root_cause.evidence import CHANGE, Event
from cmdb.services.environment import Environment
from cmdb.services.maintenance import every_window
from cmdb.services.ports import TicketQuery
from cmdb.services.recent_changes import recent_changes
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.facts import in_window
from cmdb.tickets.configuration.alerts import AlertRule, rule_for
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

MOST_CHANGES, DAY = 200, 86_400.0
CARRIED_OUT = frozenset({"implementing", "implemented", "rolled_back", "in_review"})
"""The states of changes in which something was done."""


class Look:
    """One look at everything."""

    def __init__(self, env: Environment) -> None:
        self.env, self.now, self.settings = env, env.clock(), settings(env)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The graph."""
        return self.env.snapshot()

    def rule(self, ticket: Ticket) -> AlertRule:
        """The rule for an alert."""
        return rule_for(self.settings.alert_rules.values(), str(ticket.fields.get("source", "")))

    def number(self, key: str) -> int | None:
        """The CI of a key, if it takes part in the graph."""
        found = self.snapshot.number(key)
        return found if found is not None and self.snapshot.in_graph(found) else None

    def suppressed(self, ticket: Ticket) -> bool:
        """Whether an alert is about what is maintained or changed now, or what suffers from it."""
        return any(key in self._maintained or self._suffers(key) for key in ticket.tied("affected"))

    def _suffers(self, key: str) -> bool:
        number = self.number(key) if self._maintained else None
        return number is not None and number in self._expected

    @cached_property
    def _maintained(self) -> dict[str, int]:
        """The CIs in an open window, or in a change that is implemented in its window; states."""
        found: dict[str, int] = {}
        for window in every_window(self.env):
            if window.open_at(self.now):
                found[window.key] = max(found.get(window.key, 0), STATES.index(window.state))
        query = TicketQuery(
            kinds=frozenset({"change"}), states=frozenset({"implementing"}), limit=MOST_CHANGES
        )
        for change in map(ticket_of, self.env.store.tickets.find(query)):
            if in_window(change, self.now):
                found |= dict.fromkeys(change.tied("changed"), STATES.index("down"))
        return found

    @cached_property
    def _expected(self) -> set[int]:
        """The CIs that are worse than at risk by that."""
        numbers = {self.number(key): state for key, state in self._maintained.items()}
        return self.reached({one: state for one, state in numbers.items() if one is not None})

    @cached_property
    def changes(self) -> list[Event]:
        """What was changed of late: as the log says, and by the changes of ITIL."""
        events = [
            Event(number, one.at, one.kind, one.ref, one.detail)
            for one in recent_changes(self.env, self.snapshot.seq)
            if (number := self.number(one.key)) is not None
        ]
        query = TicketQuery(
            kinds=frozenset({"change"}), sort="changed", descending=True, limit=MOST_CHANGES
        )
        for change in map(ticket_of, self.env.store.tickets.find(query)):
            if change.state in CARRIED_OUT and self.now - change.entered < DAY:
                events += [
                    Event(number, change.entered, CHANGE, change.number, change.title)
                    for key in change.tied("changed")
                    if (number := self.number(key)) is not None
                ]
        return events

    def reached(self, failed: dict[int, int], least: int = DEGRADED) -> set[int]:
        """The CIs that end at least in a state when these fail, themselves among them."""
        if not failed:
            return set()
        found = Propagation(self.snapshot, failed)
        return {*found.numbers[found.states >= least].tolist(), *failed}
