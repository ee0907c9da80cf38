"""Service levels through the services: golden cases by a wall calendar, and what is in the way."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from cmdb.services.ticket_configuration import put_setting, remove_setting
from cmdb.services.ticketing import clockwork, reaiming
from cmdb.services.ticketing.clockwork import tick_tickets
from cmdb.services.ticketing.editing import edit_ticket
from cmdb.services.ticketing.opening import Opening, open_ticket
from cmdb.services.ticketing.steps import take_step
from cmdb.services.ticketing.viewing import view_ticket
from tests.contract.ticket_world import ADMIN, Clock, actor, peopled

HOUR = 3600.0
ANN, FAY, BOB = actor("ann"), actor("fay"), actor("bob")
BERLIN = {
    "zone": "Europe/Berlin",
    "country": "DE-BE",
    "hours": {day: ["08:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
}
"""The working hours of `business` in Berlin; a day is nine hours."""


class Golden:
    """An environment whose clock is set by dates in Berlin."""

    def __init__(self, store):
        self.clock = Clock()
        self.at("2026-11-20 08:00")
        self.env = peopled(store, self.clock)
        put_setting(ADMIN, self.env, "calendar", "business", BERLIN)

    def at(self, text):
        moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))
        self.clock.now = moment.timestamp()

    def opened(self, **fields):
        values = {"title": "it is down", "category": "network", "team": "network", **fields}
        values.setdefault("requester", "bob")
        return open_ticket(ANN, self.env, Opening("incident", values)).number

    def step(self, who, number, name, **fields):
        return take_step(who, self.env, number, name, fields)

    def clock_of(self, number, name="resolve"):
        ticket = self.env.store.tickets.tickets([number])
        from cmdb.tickets.record import ticket_of

        shown = view_ticket(ANN, self.env, ticket_of(ticket[number]))
        return shown["clocks"][name]

    def due(self, number, name="resolve"):
        due = datetime.fromisoformat(self.clock_of(number, name)["due"])
        return due.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d %H:%M")

    def told(self):
        """What was told since: (template, clock, share) for each message, in its order."""
        found = [
            (one.body["template"], one.body["parameters"].get("clock"), one.body["recipient"])
            for one in self.env.store.documents("outbox")
            if one.body["template"].startswith("sla_")
        ]
        return sorted(found)


@pytest.fixture
def golden(store):
    return Golden(store)


def test_a_priority_that_rises_in_mid_flight_counts_from_the_start(golden):
    golden.at("2026-11-24 10:00")  # a Tuesday
    number = golden.opened(impact=3, urgency=3)
    assert golden.due(number) == "2026-11-27 10:00"  # three days of nine hours
    assert golden.due(number, "respond") == "2026-11-24 14:00"
    golden.step(ANN, number, "accept", assignee="fay")
    golden.at("2026-11-24 16:00")
    edit_ticket(ANN, golden.env, number, {"impact": 1, "urgency": 1})
    clock = golden.clock_of(number)
    assert (clock["target"], clock["used"], clock["breached"]) == (4 * HOUR, 6 * HOUR, True)
    assert golden.due(number) == "2026-11-24 14:00"  # by `always` now, since ten o'clock
    tick_tickets(golden.env)
    said = golden.told()
    assert {one[0] for one in said} == {"sla_breached"}
    tick_tickets(golden.env)
    assert golden.told() == said
    edit_ticket(ANN, golden.env, number, {"priority": 3})
    assert golden.due(number) == "2026-11-27 10:00"
    assert not golden.clock_of(number)["breached"]


def test_a_pause_over_a_weekend_puts_off_only_what_it_takes(golden):
    golden.at("2026-11-27 15:00")  # a Friday
    number = golden.opened(impact=2, urgency=2)
    assert golden.due(number) == "2026-11-30 15:00"
    golden.step(ANN, number, "accept", assignee="fay")
    golden.at("2026-11-27 16:30")
    golden.step(FAY, number, "wait_for_user", waiting_for="a screenshot")
    assert golden.clock_of(number)["due"] is None
    golden.at("2026-11-29 12:00")
    assert golden.clock_of(number)["used"] == 1.5 * HOUR
    tick_tickets(golden.env)
    assert golden.told() == []
    golden.at("2026-11-30 09:00")
    golden.step(BOB, number, "resume")
    assert golden.due(number) == "2026-11-30 16:30"  # an hour and a half later, not a weekend
    golden.at("2026-11-30 16:00")
    golden.step(FAY, number, "resolve", solution="a new cable")
    assert golden.clock_of(number)["used"] == 8.5 * HOUR
    assert not golden.clock_of(number)["breached"]


def test_what_is_reopened_was_never_resolved(golden):
    golden.at("2026-11-24 08:00")
    number = golden.opened(impact=2, urgency=2)
    golden.step(ANN, number, "accept", assignee="fay")
    golden.at("2026-11-24 12:00")
    golden.step(FAY, number, "resolve", solution="restarted")
    golden.at("2026-11-24 18:00")
    tick_tickets(golden.env)
    assert not golden.clock_of(number)["breached"]
    golden.at("2026-11-25 10:00")
    golden.step(BOB, number, "reopen", reason="down again")
    clock = golden.clock_of(number)
    assert (clock["state"], clock["used"], clock["breached"]) == ("running", 11 * HOUR, True)
    assert golden.due(number) == "2026-11-24 17:00"
    assert golden.clock_of(number, "respond")["state"] == "stopped"


def test_a_clock_that_begins_late_is_as_its_state_would_have_left_it(golden):
    for level in ("other_respond", "p3_respond"):
        values = {"clock": "respond", "within": "4h", "kinds": ["incident"], "active": False}
        put_setting(ADMIN, golden.env, "service_level", level, values)
    number = golden.opened(impact=3, urgency=3)
    golden.step(ANN, number, "accept", assignee="fay")
    golden.clock.now += HOUR
    edit_ticket(ANN, golden.env, number, {"priority": 1})
    clock = golden.clock_of(number, "respond")
    assert (clock["state"], clock["used"]) == ("stopped", 0.0)


def test_clocks_outlive_their_calendar(golden):
    put_setting(ADMIN, golden.env, "calendar", "night", {"hours": {"sat": ["22:00-24:00"]}})
    level = {"clock": "resolve", "within": "2h", "calendar": "night", "kinds": ["incident"]}
    put_setting(ADMIN, golden.env, "service_level", "mine", {**level, "priority": 2, "order": -1})
    number = golden.opened(impact=2, urgency=2)
    assert golden.clock_of(number)["calendar"] == "night"
    remove_setting(ADMIN, golden.env, "service_level", "mine")
    remove_setting(ADMIN, golden.env, "calendar", "night")
    golden.clock.now += 3 * HOUR
    assert golden.clock_of(number)["breached"]
    tick_tickets(golden.env)
    assert golden.step(ANN, number, "accept", assignee="fay").state == "in_progress"


def test_open_clocks_follow_changed_settings(golden, monkeypatch):
    monkeypatch.setattr(reaiming, "AT_ONCE", 2)
    golden.at("2026-11-24 10:00")  # a Tuesday
    numbers = [golden.opened(impact=3, urgency=3) for _ in range(5)]
    for number in numbers:
        golden.step(ANN, number, "accept", assignee="fay")
    ended = golden.opened(impact=3, urgency=3)
    golden.step(ANN, ended, "accept", assignee="fay")
    golden.step(FAY, ended, "resolve", solution="x")
    golden.step(ANN, ended, "confirm")
    tick_tickets(golden.env)
    assert {golden.due(one) for one in numbers} == {"2026-11-27 10:00"}
    seq = golden.env.store.seq()
    assert tick_tickets(golden.env) == 0
    assert golden.env.store.seq() == seq  # nothing was changed, so nothing is written
    put_setting(ADMIN, golden.env, "calendar", "business", {**BERLIN, "closed": ["2026-11-26"]})
    before = golden.env.store.tickets.tickets([ended])
    monkeypatch.setattr(reaiming, "SHARES", 1)
    assert [tick_tickets(golden.env) for _ in range(4)] == [2, 2, 1, 0]  # whoever goes on
    assert {golden.due(one) for one in numbers} == {"2026-11-30 10:00"}
    assert golden.env.store.tickets.tickets([ended]) == before
    breaches = {one.breach for one in golden.env.store.tickets.tickets(numbers).values()}
    assert len(breaches) == 1
    level = {"clock": "resolve", "within": "1h", "calendar": "business", "kinds": ["incident"]}
    put_setting(ADMIN, golden.env, "service_level", "strict", {**level, "priority": 3, "order": -1})
    assert tick_tickets(golden.env) == 2
    remove_setting(ADMIN, golden.env, "service_level", "strict")
    assert tick_tickets(golden.env) == 2  # it begins again
    put_setting(ADMIN, golden.env, "service_level", "strict", {**level, "priority": 3, "order": -1})
    golden.at("2026-11-24 11:30")
    monkeypatch.setattr(reaiming, "SHARES", 20)
    tick_tickets(golden.env)
    assert {golden.due(one) for one in numbers} == {"2026-11-24 11:00"}
    assert "sla_breached" in {one[0] for one in golden.told()}


def test_one_that_cannot_be_aimed_keeps_no_other_back(golden, monkeypatch, caplog):
    numbers = [golden.opened(impact=3, urgency=3) for _ in range(3)]
    for number in numbers:
        golden.step(ANN, number, "accept", assignee="fay")
    tick_tickets(golden.env)
    put_setting(ADMIN, golden.env, "calendar", "business", {**BERLIN, "closed": ["2026-11-23"]})
    right = reaiming.aimed

    def broken(work, ticket):
        if ticket.number == numbers[0]:
            raise ValueError("no such thing")
        return right(work, ticket)

    monkeypatch.setattr(reaiming, "aimed", broken)
    assert reaiming.aim_anew(golden.env) == 2
    assert f"{numbers[0]} cannot be aimed anew" in caplog.text


def test_one_that_cannot_be_looked_after_keeps_no_other_back(golden, monkeypatch, caplog):
    numbers = [golden.opened(impact=2, urgency=2) for _ in range(3)]
    golden.clock.now += 40 * 24 * HOUR
    warned = clockwork._warned

    def broken(work, ticket):
        if ticket.number == numbers[0]:
            raise ValueError("no such thing")
        return warned(work, ticket)

    monkeypatch.setattr(clockwork, "_warned", broken)
    assert tick_tickets(golden.env) == 2
    assert f"{numbers[0]} cannot be looked after" in caplog.text
    monkeypatch.undo()
    assert tick_tickets(golden.env) == 1
    assert tick_tickets(golden.env) == 0


def test_answers_that_do_not_come_close_what_was_resolved_once(golden):
    golden.at("2026-11-24 08:00")
    number = golden.opened(impact=2, urgency=2)
    golden.step(ANN, number, "accept", assignee="fay")
    golden.step(FAY, number, "resolve", solution="restarted")
    golden.clock.now += 3 * 24 * HOUR - 1
    assert tick_tickets(golden.env) == 0
    golden.clock.now += 1
    assert tick_tickets(golden.env) == 1
    assert tick_tickets(golden.env) == 0
    assert golden.env.store.tickets.tickets([number])[number].state == "closed"
    assert "sla_breached" not in {one[0] for one in golden.told()}
