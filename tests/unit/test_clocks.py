"""Working time and the clocks of service levels, by golden cases and minute by minute."""

from datetime import date, datetime, time, timedelta
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.tickets.calendars import DAYS, Calendar, WorkingTime, is_country, joined
from cmdb.tickets.clocks import (
    Clock,
    Target,
    breached,
    forecast,
    moment_of,
    next_moment,
    to_tell,
    used,
)

SHANGHAI, BERLIN, NEW_YORK = map(ZoneInfo, ("Asia/Shanghai", "Europe/Berlin", "America/New_York"))
HOUR = 3600.0
OFFICE = dict.fromkeys(DAYS[:5], ((time(8), time(17)),))
CALENDARS = {
    "always": Calendar("always"),
    "office": Calendar("office", "Asia/Shanghai", OFFICE, "CN"),
    "berlin": Calendar("berlin", "Europe/Berlin", OFFICE, "DE"),
    "lunch": Calendar(
        "lunch",
        "America/New_York",
        dict.fromkeys(DAYS, ((time(9), time(12)), (time(13), time(0)))),
        closed=frozenset({date(2026, 3, 9)}),
    ),
    "nights": Calendar("nights", "Europe/Berlin", dict.fromkeys(DAYS, ((time(0), time(6)),))),
}
WORKED = {name: WorkingTime(calendar) for name, calendar in CALENDARS.items()}


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def clock(started, hours, calendar="office", **more):
    return Clock(Target(hours * HOUR, calendar), started, **more)


def test_a_friday_night_to_a_monday_morning():
    start, end = at("2026-11-27 21:00"), at("2026-11-30 09:30")
    assert WORKED["office"].between(start, end) == 1.5 * HOUR
    assert WORKED["always"].between(start, end) == 60.5 * HOUR


def test_national_day_and_the_days_that_are_worked_for_it():
    office = WORKED["office"]
    start = at("2026-09-30 16:00")
    assert datetime.fromtimestamp(office.after(start, 2 * HOUR), SHANGHAI).isoformat() == (
        "2026-10-08T09:00:00+08:00"
    )
    saturday = at("2026-10-10 00:00")
    assert office.between(saturday, saturday + 24 * HOUR) == 9 * HOUR
    sunday = at("2026-09-20 00:00")
    assert office.between(sunday, sunday + 24 * HOUR) == 9 * HOUR
    assert office.between(at("2026-10-01 00:00"), at("2026-10-08 00:00")) == 0
    assert office.between(at("2026-02-15 00:00"), at("2026-02-24 00:00")) == 0


def test_the_organisation_s_own_days():
    own = Calendar(
        "own",
        "Asia/Shanghai",
        OFFICE,
        "CN",
        closed=frozenset({date(2026, 11, 25)}),
        open=frozenset({date(2026, 10, 3), date(2026, 10, 2)}),
    )
    worked = WorkingTime(own)
    assert worked.between(at("2026-11-25 00:00"), at("2026-11-26 00:00")) == 0
    assert worked.between(at("2026-10-02 00:00"), at("2026-10-04 00:00")) == 18 * HOUR


@pytest.mark.parametrize(
    ("zone", "calendar", "day", "hours"),
    [
        (BERLIN, "nights", "2026-10-25", 7),  # 02:00 comes twice
        (BERLIN, "nights", "2026-03-29", 5),  # and here never
        (NEW_YORK, "lunch", "2026-03-08", 14),
        (NEW_YORK, "lunch", "2026-03-09", 0),
        (NEW_YORK, "lunch", "2026-11-01", 14),
    ],
)
def test_clocks_that_are_put_forward_and_back(zone, calendar, day, hours):
    start = at(f"{day} 00:00", zone)
    end = at(f"{date.fromisoformat(day) + timedelta(days=1)} 00:00", zone)
    assert WORKED[calendar].between(start, end) == hours * HOUR


def test_a_pause_over_a_weekend_costs_what_was_worked_in_it():
    made = clock(at("2026-11-27 15:00"), 4).pause(at("2026-11-27 16:00"))
    assert (made.paused, moment_of(made, 1.0, WORKED)) == (True, inf)
    assert used(made, at("2026-12-05 00:00"), WORKED) == HOUR
    made = made.resume(at("2026-11-30 09:00"))
    assert moment_of(made, 1.0, WORKED) == at("2026-11-30 12:00")
    made = made.stop(at("2026-11-30 11:00"))
    assert used(made, at("2026-12-05 00:00"), WORKED) == 3 * HOUR
    assert not breached(made, at("2026-12-05 00:00"), WORKED)
    again = made.restart()
    assert used(again, at("2026-11-30 12:30"), WORKED) == 4.5 * HOUR


def test_a_priority_that_is_raised_in_mid_flight_counts_from_the_start():
    made = clock(at("2026-11-27 16:00"), 27)
    now = at("2026-11-30 10:00")
    assert to_tell(made, now, WORKED) == []
    raised = made.aimed(Target(4 * HOUR, "always"))
    assert moment_of(raised, 1.0, WORKED) == at("2026-11-27 20:00")
    assert to_tell(raised, now, WORKED) == [0.5, 0.75, 0.9, 1.0]
    assert breached(raised, now, WORKED)


def test_what_was_told_is_not_told_again():
    made = clock(at("2026-11-27 08:00"), 8)
    assert to_tell(made, at("2026-11-27 14:30"), WORKED) == [0.5, 0.75]
    told = Clock(made.target, made.started, told=(0.5, 0.75))
    assert next_moment(told, WORKED) == at("2026-11-27 15:12")
    assert next_moment(told.pause(at("2026-11-27 15:00")), WORKED) == inf
    assert next_moment(told.stop(at("2026-11-27 15:30")), WORKED) == at("2026-11-27 15:12")


def test_pausing_and_stopping_twice_changes_nothing():
    made = clock(0.0, 1).pause(10.0)
    assert made.pause(20.0) == made
    assert made.resume(30.0).resume(40.0).pauses == ((10.0, 30.0),)
    stopped = made.stop(30.0)
    assert stopped.stop(50.0) == stopped.pause(60.0) == stopped.resume(70.0) == stopped


def test_a_clock_of_another_host_that_is_behind_counts_nothing_twice():
    made = clock(0.0, 1, "always").pause(100.0).resume(200.0).pause(150.0).resume(160.0)
    assert made.pauses == ((100.0, 200.0), (200.0, 200.0))
    assert used(made, 300.0, WORKED) == 200.0


def minute_by_minute(calendar, start, end):
    """Working seconds between two whole minutes, counted a minute at a time."""
    zone, total = ZoneInfo(calendar.zone), 0
    for moment in range(int(start), int(end), 60):
        now = datetime.fromtimestamp(moment, zone)
        hours = calendar.hours.get(calendar._kind(now.date()), ())
        clock_time = now.time()
        if any(a <= clock_time and (clock_time < b or b == time(0)) for a, b in hours):
            total += 60
    return float(total)


MINUTES = st.integers(int(at("2026-01-01 00:00") / 60), int(at("2026-12-20 00:00") / 60))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["office", "berlin", "lunch", "nights"]),
    start=MINUTES,
    length=st.integers(0, 12 * 24 * 60),
)
def test_working_time_is_what_counting_minutes_gives(name, start, length):
    first, last = start * 60.0, (start + length) * 60.0
    assert WORKED[name].between(first, last) == minute_by_minute(CALENDARS[name], first, last)


@settings(deadline=None)
@given(
    name=st.sampled_from(sorted(CALENDARS)),
    start=st.floats(1.7e9, 1.9e9),
    seconds=st.floats(1, 400 * HOUR),
)
def test_after_is_the_first_moment_with_so_much_between(name, start, seconds):
    worked = WORKED[name]
    end = worked.after(start, seconds)
    assert worked.between(start, end) == pytest.approx(seconds, abs=1e-3)
    assert worked.between(start, end - 1) < seconds


EVENTS = st.lists(
    st.tuples(st.sampled_from(["pause", "resume", "stop", "restart"]), st.integers(1, 3000)),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(["office", "lunch", "always"]),
    start=MINUTES,
    events=EVENTS,
    later=st.integers(0, 5000),
)
def test_a_clock_counts_the_minutes_in_which_it_runs(name, start, events, later):
    now = since = start * 60.0
    made, state, spans = Clock(Target(HOUR, name), now), "running", []
    for kind, minutes in [*events, ("end", later)]:
        now += minutes * 60.0
        spans.append((state, since, now))
        since = now
        if kind == "restart" and state == "stopped":
            spans = [("running" if one == "stopped" else one, a, b) for one, a, b in spans]
        moves = {
            ("pause", "running"): "paused",
            ("resume", "paused"): "running",
            ("stop", "running"): "stopped",
            ("stop", "paused"): "stopped",
            ("restart", "stopped"): "running",
        }
        state = moves.get((kind, state), state)
        if kind != "end":
            made = made.restart() if kind == "restart" else getattr(made, kind)(now)
    calendar = CALENDARS[name]
    counted = [(a, b) for one, a, b in spans if one == "running"]
    total = sum(minute_by_minute(calendar, a, b) if calendar.hours else b - a for a, b in counted)
    assert used(made, now, WORKED) == total


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(MINUTES, st.sampled_from(sorted(CALENDARS)), EVENTS), max_size=20))
def test_the_forecast_of_all_is_that_of_each(drawn):
    clocks = []
    for start, name, events in drawn:
        made, now = clock(start * 60.0, 5, name), start * 60.0
        for kind, minutes in events:
            now += minutes * 60.0
            made = made.restart() if kind == "restart" else getattr(made, kind)(now)
        clocks.append(made)
    wanted = [moment_of(one, 1.0, WORKED) if one.running else inf for one in clocks]
    assert forecast(clocks, WORKED).tolist() == pytest.approx(wanted)


def test_a_calendar_in_which_nobody_works_never_breaches():
    never = WorkingTime(Calendar("never", "UTC", {"mon": ()}))
    assert never.between(0.0, 1e9) == 0
    assert never.after(1e9, 60.0) == inf


def test_spans_that_overlap_count_once():
    assert joined([(5, 7), (1, 3), (2, 4), (4, 5), (9, 9)]) == [(1, 7)]


def test_countries():
    assert [is_country(one) for one in ("CN", "DE-BY", "XX", "DE-XX")] == [True, True, False, False]
