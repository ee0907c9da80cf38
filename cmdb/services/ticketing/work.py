"""What one commit does with tickets: those it has read, how it leaves them, and what goes with it.

Every use case works on a `Work` while nobody else can commit, so it sees what it will change, and
all of it is done or nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from cmdb.errors import NotFound
from cmdb.identity.changes import Change, ChangeSet, Content, Document, Note
from cmdb.identity.claims import MANUAL
from cmdb.identity.observation import ObservedItem
from cmdb.identity.plan import Run
from cmdb.impact.snapshot import Snapshot
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem, TicketRecord
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.external_systems import SYSTEMS, System
from cmdb.services.planning import planner_for
from cmdb.services.ports import ItemQuery, Receipt, Signature
from cmdb.services.ticket_configuration import settings
from cmdb.services.ticketing.access import may_see
from cmdb.services.users import User, people
from cmdb.services.versioned import expect
from cmdb.services.webhooks import TARGETS, Target
from cmdb.tickets.configuration.in_force import TicketSettings
from cmdb.tickets.process import SYSTEM, Process
from cmdb.tickets.record import record_of, ticket_of
from cmdb.tickets.ticket import Ticket
from cmdb.tickets.words import indexed

COUNTER = "ticket_counter"
MOST_TEAMS = 1000
Result = TypeVar("Result")

NOBODY = Actor(SYSTEM, frozenset({SYSTEM}))
"""Who does what happens by itself."""


class SnapshotWanted(Exception):
    """What is planned needs the graph, which nobody asked for before."""


class Work:
    """The tickets of one commit in the making, as `actor` asks for them at the moment `at`."""

    def __init__(self, actor: Actor, env: Environment, snapshot: Snapshot | None = None) -> None:
        self.actor, self.env, self.at = actor, env, env.clock()
        self._snapshot = snapshot
        self.settings: TicketSettings = settings(env)
        self.notes: list[Note] = []
        self.contents: list[Content] = []
        self.said: list[ObservedItem] = []
        self.unsettled: list[str] = []
        """Other tickets that may now take a step by themselves."""
        self.origin = ("", "")
        """The external system that asks for this, and its number of the ticket: it knows."""
        self._documents: dict[tuple[str, str], Change[Document]] = {}
        self._before: dict[str, TicketRecord | None] = {}
        self._after: dict[str, Ticket | None] = {}
        self._touched: set[str] = set()
        self._items: dict[str, ConfigurationItem | None] = {}

    @property
    def who(self) -> str:
        """The name of the actor, as tickets have it."""
        return self.actor.user or self.actor.name

    @property
    def snapshot(self) -> Snapshot:
        """The graph as it was just before this commit.

        Who makes a snapshot may have to wait for all commits to end. So it is not made while one is
        planned, but before, and what is done here is done again.
        """
        if self._snapshot is None:
            raise SnapshotWanted
        return self._snapshot

    @cached_property
    def people(self) -> Mapping[str, User]:
        """All users by name."""
        return people(self.env)

    @cached_property
    def teams(self) -> set[str]:
        """All teams: of users, of the settings, and those that are CIs."""
        of_users = {name for one in self.people.values() for name in one.teams}
        query = ItemQuery(types=frozenset({"team"}), limit=MOST_TEAMS)
        items = self.env.store.find_items(query)
        return of_users | self.settings.teams | {one.key for one in items}

    @cached_property
    def systems(self) -> list[System]:
        """The external systems that are declared."""
        return SYSTEMS.all(self.env)

    @cached_property
    def catalog(self) -> Catalog:
        """The types of CI."""
        return self.env.catalog()

    @cached_property
    def targets(self) -> list[Target]:
        """The webhooks that may want to hear of it."""
        return TARGETS.all(self.env)

    def items(self, keys: Collection[str]) -> dict[str, ConfigurationItem]:
        """The CIs of these keys that there are; each is read once."""
        missing = [key for key in keys if key not in self._items]
        if missing:
            self._items |= {**dict.fromkeys(missing), **self.env.store.items(missing)}
        return {key: item for key in keys if (item := self._items[key]) is not None}

    def take(self, change: Change[Document]) -> None:
        """Have a change of a document done with this commit."""
        known = change.after or change.before
        if known is not None:
            self._documents[known.kind, known.name] = change

    def load(self, numbers: Iterable[str]) -> dict[str, Ticket]:
        """The tickets of these numbers that there are, as they stand in this commit."""
        wanted = list(dict.fromkeys(numbers))
        missing = [number for number in wanted if number not in self._before]
        found = self.env.store.tickets.tickets(missing) if missing else {}
        for number in missing:
            record = found.get(number)
            self._before[number] = record
            self._after[number] = None if record is None else ticket_of(record)
        return {n: ticket for n in wanted if (ticket := self._after[n]) is not None}

    def ticket(self, number: str) -> Ticket:
        """A ticket, whoever asks; NotFound."""
        found = self.load([number]).get(number)
        if found is None:
            raise NotFound(kind="ticket", name=number)
        return found

    def seen(self, number: str, expected: int | None = None) -> Ticket:
        """A ticket that the actor may see, in the version that he knows, if he says which."""
        ticket = self.ticket(number)
        if not may_see(self.actor, self.env, ticket):
            raise NotFound(kind="ticket", name=number)
        expect("ticket", number, ticket.seq, expected)
        return ticket

    def process(self, ticket: Ticket) -> Process:
        """The process that a ticket follows, in the version it began with."""
        return self.settings.versions[ticket.kind, ticket.version]

    def put(self, ticket: Ticket) -> Ticket:
        """Have a ticket stand like this."""
        self._before.setdefault(ticket.number, None)
        self._after[ticket.number] = ticket
        return ticket

    def remove(self, number: str) -> None:
        """Have a ticket that was loaded be no more; the log keeps it."""
        self._after[number] = None

    def touch(self, number: str) -> None:
        """Have what is derived of a ticket derived anew, as when a calendar was changed."""
        self._touched.add(number)

    def differs(self, ticket: Ticket) -> bool:
        """Whether the store keeps something else of a ticket, or derives something else of it."""
        record = self._before.get(ticket.number)
        return record is None or self._record(ticket, record.changed, record.seq) != record

    def _record(self, ticket: Ticket, changed: float, seq: int) -> TicketRecord:
        calendars = self.settings.working_times
        return replace(record_of(self.process(ticket), ticket, changed, calendars), seq=seq)

    def next_number(self, prefix: str) -> str:
        """A number that no ticket ever had."""
        known = self.document(COUNTER, prefix)
        last = (0 if known is None else int(known.body["last"])) + 1
        self.keep(Document(COUNTER, prefix, {"last": last}))
        return f"{prefix}-{last}"

    def document(self, kind: str, name: str) -> Document | None:
        """A document as it stands in this commit."""
        change = self._documents.get((kind, name))
        return change.after if change else self.env.store.document(kind, name)

    def keep(self, document: Document) -> None:
        """Have a document stand like this."""
        self._documents[document.kind, document.name] = Change(
            self._stored(document.kind, document.name), document
        )

    def drop(self, kind: str, name: str) -> None:
        """Remove a document, if there is one."""
        self._documents[kind, name] = Change(self._stored(kind, name), None)

    def _stored(self, kind: str, name: str) -> Document | None:
        change = self._documents.get((kind, name))
        return change.before if change else self.env.store.document(kind, name)

    def note(self, number: str, text: str, *, public: bool, **more: Any) -> None:
        """Write on a ticket; what is not public is for those who work on it."""
        said = {"text": text, "public": public, "by": self.who, **more}
        self.notes.append(Note(number, said, indexed([text])))

    def changed(self) -> list[tuple[Ticket | None, Ticket]]:
        """The tickets that this commit changes, before and after."""
        made = []
        for number, after in self._after.items():
            record = self._before[number]
            before = None if record is None else ticket_of(record)
            if after is not None and (after != before or number in self._touched):
                made.append((before, after))
        return made

    def changes(self) -> ChangeSet:
        """Everything as one change set."""
        made = ChangeSet()
        if self.said:
            planner = planner_for(self.env, Run("", MANUAL, self.at))
            planner.hear(self.said)
            made = planner.finish().changes
        for _, after in self.changed():
            record = self._record(after, self.at, after.seq)
            made.tickets.append(Change(self._before[after.number], record))
        gone = [one for n, one in self._before.items() if one and self._after[n] is None]
        made.tickets += [Change(one, None) for one in gone]
        made.documents += [one for one in self._documents.values() if one.before != one.after]
        made.notes += self.notes
        made.contents += self.contents
        return made


def commit(
    actor: Actor,
    env: Environment,
    reason: str,
    do: Callable[[Work], Result],
    receipt: Receipt | None = None,
) -> Result:
    """Do something with tickets as one commit; its result, and tickets with their new version.

    The snapshot may have to wait for a commit, and so is never made within one: what asks for it is
    planned again with it.
    """
    made: list[Result] = []
    snapshot: Snapshot | None = None

    def plan() -> ChangeSet:
        work = Work(actor, env, snapshot)
        made[:] = [do(work)]
        return work.changes()

    signature = Signature(actor.name, env.clock(), reason, receipt=receipt)
    while True:
        try:
            env.store.commit_planned(plan, signature)
            return made[0]
        except SnapshotWanted:
            snapshot = env.snapshot()
