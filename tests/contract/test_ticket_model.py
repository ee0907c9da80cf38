"""Tickets against a simple model: several people, all processes, random ones, and time."""

import itertools
from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from cmdb.errors import CMDBError
from cmdb.services.ticket_configuration import put_setting
from cmdb.services.ticket_configuration import settings as in_force
from cmdb.services.ticketing.approvals import vote
from cmdb.services.ticketing.attachments import attach
from cmdb.services.ticketing.clockwork import tick_tickets
from cmdb.services.ticketing.editing import edit_ticket
from cmdb.services.ticketing.notes import write_note
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.services.ticketing.surveys import rate
from cmdb.services.ticketing.tasks import add_task, finish_task
from cmdb.services.times import moment
from cmdb.tickets.clocks import used
from cmdb.tickets.defaults import default_processes
from cmdb.tickets.parts import missing
from cmdb.tickets.record import ticket_of
from tests.contract.ticket_world import (
    ADMIN,
    PEOPLE,
    Clock,
    actor,
    by_itself,
    peopled,
    processes,
    takes,
)

COUNT = itertools.count()
DAY = 86_400.0
RANDOM = "random"
LETTERS = str.maketrans("0123456789", "ABCDEFGHIJ")
FRESH = ("open_tasks", "approvals", "rejections", "missing_approvals")
"""Facts that what was done last has changed."""
NAMES = st.sampled_from(sorted(PEOPLE))
ANY = st.integers(0, 99)
MOSTLY = st.integers(0, 9).map(bool)


def iso(at):
    return datetime.fromtimestamp(at, UTC).isoformat()


class Tickets(RuleBasedStateMachine):
    """What people do with tickets; `known` is how each ticket stood after the last of it."""

    def __init__(self, env, clock, kind):
        super().__init__()
        self.env, self.clock, self.kind = env, clock, kind
        self.known, self.spans = {}, {}
        self.kinds = []

    # What people do

    @initialize(data=st.data())
    def declare(self, data):
        self.kinds = [self.kind, "change"] if self.kind == "problem" else [self.kind]
        if self.kind != RANDOM:
            return
        number = next(COUNT)
        kind, prefix = f"kind{number}", "K" + f"{number:05}".translate(LETTERS)
        values = data.draw(processes(kind, prefix))
        put_setting(ADMIN, self.env, "process", kind, values)
        for clock, within in (("respond", 300), ("resolve", 4000)):
            level = {"clock": clock, "within": within, "calendar": "always", "kinds": [kind]}
            put_setting(ADMIN, self.env, "service_level", f"{kind}_{clock}", level)
        self.kinds = [kind]

    @precondition(lambda self: sum(map(self._open_now, self.known)) < 3)
    @rule(name=NAMES, kind=ANY, full=MOSTLY)
    def open(self, name, kind, full):
        self._open(name, self.kinds[kind % len(self.kinds)], full)

    def _open(self, name, kind, full):
        process, who = in_force(self.env).processes[kind], actor(name)
        values = {one: self._value(process, one) for one in process.required} if full else {}
        opening = Opening(kind, {"title": "it is down", "urgency": 2, **values})
        allowed = not process.opening.isdisjoint({*who.roles, "requester"})
        seq = self.env.store.seq()
        try:
            made = open_ticket(who, self.env, opening)
        except CMDBError:
            assert not allowed or (process.required and not full)
            assert self.env.store.seq() == seq
            return
        assert allowed
        assert not process.required or full
        assert made.fields["requester"] == name
        self.known[made.number] = None
        values = {"title": "it is down", "urgency": 2, "requester": name, **values}
        self._follow(made.number, values, entered=process.states[:1])

    @precondition(lambda self: self.known)
    @rule(ticket=ANY, step=st.integers(0, 79))
    def go_on(self, ticket, step):
        self._step("ann", ticket, step, True, True, False)

    @precondition(lambda self: self.known)
    @rule(name=NAMES, ticket=ANY, step=ANY, able=MOSTLY, full=MOSTLY, more=st.booleans())
    def take(self, name, ticket, step, able, full, more):
        self._step(name, ticket, step, able, full, more)

    def _step(self, name, ticket, step, able, full, more):
        (ticket, process), who = self._some(ticket), actor(name)
        steps = [one for one in process.steps if ticket.state in one.sources]
        steps = (steps if step < 80 and steps else process.steps) or process.steps
        if step % 4:
            steps = [o for o in steps if process.state(o.target).kind != "closed"] or steps
        step = steps[step % len(steps)]
        if able:
            named = [one for one in sorted(PEOPLE) if not step.roles.isdisjoint(PEOPLE[one])]
            who = actor((named or [name])[0])
        values = {one: self._value(process, one) for one in step.requires} if full else {}
        values |= {"description": "more"} if more else {}
        roles = self._roles(who, ticket)
        facts, fields = self._facts(ticket), {**ticket.fields, **values, **step.sets}
        good = (
            self._sees(who, ticket)
            and ticket.state in step.sources
            and not step.roles.isdisjoint(roles)
            and (not process.editing.isdisjoint(roles) or values.keys() <= set(step.requires))
            and takes(step, {**values, **fields}, facts)
            and not values.get("template")  # there is none for a change of nothing
        )
        if self._try(lambda: take_step(who, self.env, ticket.number, step.name, values), good):
            self._follow(ticket.number, values, step)

    @precondition(lambda self: self.known)
    @rule(name=NAMES, ticket=ANY, field=ANY, emptied=st.booleans())
    def edit(self, name, ticket, field, emptied):
        (ticket, process), who = self._some(ticket), actor(name)
        names = ["priority", "team", *(one.name for one in process.fields)]
        field = names[field % len(names)]
        values = {field: None if emptied else self._value(process, field)}
        good = (
            self._sees(who, ticket)
            and name not in ("bob", "rob")
            and not process.editing.isdisjoint(self._roles(who, ticket))
            and process.state(ticket.state).kind != "closed"
            and not (emptied and field in process.required)
            and not values.get("template")
        )
        if self._try(lambda: edit_ticket(who, self.env, ticket.number, values), good):
            self._follow(ticket.number, values)

    @precondition(lambda self: self.known)
    @rule(name=NAMES, ticket=ANY, approved=st.booleans())
    def vote(self, name, ticket, approved):
        (ticket, process), who = self._some(ticket), actor(name)
        asked = {one for panel in ticket.panels for one in panel.people}
        kind = process.state(ticket.state).kind
        lacking = kind == "active" and missing(ticket.panels, ticket.votes) > 0
        waiting = kind == "waiting" or lacking
        decision = "approved" if approved else "rejected"
        done = self._try(
            lambda: vote(who, self.env, ticket.number, decision, "because"),
            name in asked and waiting,
        )
        if done:
            self._follow(ticket.number, {})

    @precondition(lambda self: self.known)
    @rule(name=NAMES, ticket=ANY, what=st.sampled_from(["add", "done", "skipped", "open"]))
    def task(self, name, ticket, what):
        (ticket, process), who = self._some(ticket), actor(name)
        closed = process.state(ticket.state).kind == "closed"
        staff = name not in ("bob", "rob") and self._sees(who, ticket) and not closed
        edits = not process.editing.isdisjoint(self._roles(who, ticket))
        teams, task = ("network",) if name in ("fay", "cho") else (), [*ticket.tasks, None][0]
        given = task is not None and (
            task.assignee == name
            or (not task.assignee and (task.team or ticket.fields.get("team")) in teams)
        )
        good = staff and (edits or (what != "add" and given))
        if what == "add":
            done = self._try(
                lambda: add_task(who, self.env, ticket.number, {"title": "a task"}), good
            )
        else:
            done = self._try(
                lambda: finish_task(who, self.env, ticket.number, 1, what),
                good and bool(ticket.tasks),
            )
        if done:
            self._follow(ticket.number, {}, settles=what != "add")

    @precondition(lambda self: self.known)
    @rule(name=NAMES, ticket=ANY, what=st.sampled_from(["note", "file", "rating"]))
    def say(self, name, ticket, what):
        (ticket, process), who = self._some(ticket), actor(name)
        number, good = ticket.number, self._sees(who, ticket)
        kind = process.state(ticket.state).kind
        own = ticket.fields.get("requester") == name and kind in ("resolved", "closed")
        act, allowed = {
            "note": (lambda: write_note(who, self.env, number, "hello"), good),
            "file": (lambda: attach(who, self.env, number, "a.txt", "text/plain", b"x"), good),
            "rating": (lambda: rate(who, self.env, number, 4), own),
        }[what]
        if what == "file" and len(ticket.attachments) >= 20:
            allowed = False
        if self._try(act, allowed):
            self._follow(number, {"rating": 4} if what == "rating" else {}, settles=False)

    @rule(seconds=st.sampled_from([1.0, 100.0, DAY, 4 * DAY]))
    def wait(self, seconds):
        self.clock.now += seconds
        tick_tickets(self.env)
        for number, before in self.known.items():
            after = self._after(number, before)
            told = {name: set(clock.told) for name, clock in before.clocks.items()}
            for name, clock in after.clocks.items():
                assert len(set(clock.told)) == len(clock.told)
                assert told[name] <= set(clock.told)

    def _after(self, number, before):
        """Follow a ticket after some time."""
        for step in self._process(before).offered(before.state):
            at = before.fields.get(step.at)
            due = inf if at is None else moment(at, number, step.at)
            if step.after is not None:
                due = before.entered + step.after
            if self.clock.now >= due:
                return self._follow(number, {}, step)
        return self._follow(number, {}, settles=False)

    # What must be so

    @invariant()
    def nothing_else_has_changed(self):
        for number, before in self.known.items():
            now = self._now(number)
            if now.seq == before.seq:
                assert now == before
            else:  # a problem whose change is done, a child that was told
                self._follow(number, {})

    @invariant()
    def the_log_is_the_ticket(self):
        for number in self.known:
            last, record = None, self.env.store.tickets.tickets([number])[number]
            seqs = []
            for commit in self.env.store.tickets.timeline(number, 0, 10_000):
                entries = [one for one in commit.entries if one.kind == "ticket"]
                assert len(entries) <= 1
                for entry in entries:
                    assert entry.before == last
                    last = entry.after
                    seqs.append(commit.seq)
            assert last == record.content()
            assert seqs[-1] == record.seq

    # How it is known

    def _open_now(self, number):
        ticket = self.known[number]
        return self._process(ticket).state(ticket.state).kind != "closed"

    def _now(self, number):
        return ticket_of(self.env.store.tickets.tickets([number])[number])

    def _some(self, index):
        numbers = sorted(self.known)
        ticket = self._now(numbers[index % len(numbers)])
        return ticket, self._process(ticket)

    def _process(self, ticket):
        return in_force(self.env).versions[ticket.kind, ticket.version]

    def _roles(self, who, ticket):
        own = ticket.fields.get("requester") == who.user
        return (who.roles - {"requester"}) | ({"requester"} if own else set())

    def _sees(self, who, ticket):
        asked = any(who.user in one.people for one in ticket.panels)
        public = (
            ticket.kind == "article"
            and ticket.state in ("published", "under_review")
            and ticket.fields.get("audience") == "end_user"
        )
        staff = who.user not in ("bob", "rob")
        return staff or asked or public or ticket.fields.get("requester") == who.user

    def _try(self, act, good):
        """Do it; nothing at all has happened where it is refused, as it is unless it is good."""
        seq = self.env.store.seq()
        try:
            act()
        except CMDBError as error:
            refusal = str(error)
        else:
            refusal = ""
        assert good == (not refusal), refusal
        assert good or self.env.store.seq() == seq
        return good

    def _value(self, process, name):
        known = {one.name: one for one in process.fields}.get(name)
        now = self.clock.now
        special = {
            **{"priority": 1, "impact": 2, "urgency": 1, "starts": iso(now - 60)},
            **{"ends": iso(now + 7200), "item": "laptop", "category": "normal"},
            **{"team": "network", "assignee": "fay", "template": "x"},
        }
        if name == "category" and process.kind != "change":
            return known.choices[0]
        if name in special:
            return special[name]
        if known.many:
            return ["x"]
        numbers = sorted(self.known)
        return {
            **{"flag": True, "number": 3, "moment": iso(now), "text": "x", "words": "x"},
            "choice": known.choices[0] if known.choices else "",
            "ticket": numbers[0] if numbers else "",
        }[known.type]

    def _facts(self, ticket):
        lacking = sum(
            max(
                0,
                one.needed
                - len(
                    {
                        v.person
                        for v in ticket.votes
                        if v.decision == "approved" and v.person in one.people
                    }
                ),
            )
            for one in ticket.panels
        )
        try:
            window = (
                moment(ticket.fields["starts"], "", "")
                <= self.clock.now
                < moment(ticket.fields["ends"], "", "")
            )
        except (KeyError, CMDBError):
            window = False
        resolving = ticket.fields.get("resolving_change")
        return {
            "open_tasks": sum(one.state == "open" for one in ticket.tasks),
            "approvals": sum(one.decision == "approved" for one in ticket.votes),
            "rejections": sum(one.decision == "rejected" for one in ticket.votes),
            "missing_approvals": lacking,
            "in_window": window,
            "days_in_state": (self.clock.now - ticket.entered) / DAY,
            "open_changes": 0,
            "open_children": 0,
            "answered": bool(ticket.answers),
            "approval_wanted": False,
            "change_closed": bool(resolving)
            and self._process(self._now(resolving)).state(self._now(resolving).state).kind
            == "closed",
        }

    def _follow(self, number, values, step=None, *, entered=(), settles=True):
        """Check that a ticket has gone this way, and then by itself as far as it goes."""
        before, now = self.known[number], self._now(number)
        process, entered, seen = self._process(now), list(entered), set()
        fields = {**(before.fields if before else {}), **values}
        state = before.state if before else process.states[0].name
        facts = self._facts(now if before is None or now.state == before.state else before)
        facts |= {one: self._facts(now)[one] for one in FRESH}
        while True:
            if step is not None:
                fields, state = {**fields, **step.sets}, step.target
                entered.append(process.state(state))
                facts["days_in_state"] = 0.0
            fields = {name: value for name, value in fields.items() if value is not None}
            if not settles or state in seen:
                break
            seen.add(state)
            step = by_itself(process, state, fields, facts)
            if step is None:
                break
        assert now.state == state, (number, [one.name for one in entered])
        computed = {"priority", "impact"}
        assert {k: v for k, v in now.fields.items() if k not in computed} == {
            k: v for k, v in fields.items() if k not in computed
        }
        assert now.entered == (self.clock.now if entered else before.entered)
        self._clocks(number, now, entered)
        self.known[number] = now
        return now

    def _clocks(self, number, now, entered):
        """Each clock has counted the seconds in which it ran."""
        spans = self.spans.setdefault(number, {})
        for name, clock in now.clocks.items():
            ran = spans.setdefault(name, ["running", clock.started, 0.0, 0.0])
            state, since, total, stopped = ran
            for declared in entered:
                move = declared.clocks.get(name, "stop" if declared.kind == "closed" else None)
                length = self.clock.now - since
                total += length if state == "running" else 0.0
                stopped += length if state == "stopped" else 0.0
                since = self.clock.now
                if (move, state) in (("pause", "running"), ("resume", "paused")):
                    state = "paused" if move == "pause" else "running"
                elif move == "stop" and state != "stopped":
                    state, stopped = "stopped", 0.0
                elif move == "restart" and state == "stopped":
                    state, total = "running", total + stopped
            spans[name] = [state, since, total, stopped]
            assert state == (
                "stopped" if clock.stopped is not None else "paused" if clock.paused else "running"
            )
            if clock.target.calendar == "always":
                running = self.clock.now - since if state == "running" else 0.0
                counted = used(clock, self.clock.now, in_force(self.env).working_times)
                assert abs(counted - total - running) < 1e-3


@pytest.mark.parametrize("kind", [*sorted(default_processes()), RANDOM])
def test_tickets_keep_to_their_processes(store, backend, kind):
    clock = Clock()
    env = peopled(store, clock)
    count = 1 if backend.kind == "neo4j" else 15
    run(
        lambda: Tickets(env, clock, kind),
        settings=settings(
            max_examples=count * (4 if kind == RANDOM else 1),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
