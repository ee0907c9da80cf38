"""When jobs are due, and when they may run."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from discovery.schedules import Schedule, Window, any_open

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(text, zone=SHANGHAI):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_an_interval_counts_from_the_end_of_the_last_run():
    assert Schedule(every=3600).due("job", 1000.0, 5000.0) == 5000 + 3600


def test_jitter_is_a_lasting_share_and_spreads_jobs():
    schedule = Schedule(every=60, jitter=600)
    dues = {schedule.due(f"job-{n}", 0.0, 0.0) for n in range(50)}
    assert len(dues) == 50
    assert all(60 <= due <= 660 for due in dues)
    assert schedule.due("job-1", 0.0, 0.0) == schedule.due("job-1", 0.0, 0.0)


def test_cron_is_of_its_time_zone():
    schedule = Schedule(cron="30 2 * * *", zone="Asia/Shanghai")
    assert schedule.due("job", at("2026-03-01 02:30"), 0.0) == at("2026-03-02 02:30")


def test_no_run_comes_twice_or_never_when_clocks_change():
    schedule = Schedule(cron="30 2 * * *", zone="Europe/Berlin")
    moment, found = at("2026-10-23 12:00", BERLIN), []
    for _ in range(4):
        moment = schedule.due("job", moment, 0.0)
        found.append(datetime.fromtimestamp(moment, BERLIN).strftime("%d"))
    assert found == ["24", "25", "26", "27"]
    moment, found = at("2026-03-27 12:00", BERLIN), []
    for _ in range(4):
        moment = schedule.due("job", moment, 0.0)
        found.append(datetime.fromtimestamp(moment, BERLIN).strftime("%d"))
    assert found == ["28", "29", "30", "31"]


@given(started=st.floats(1.7e9, 1.9e9), jitter=st.integers(0, 86_400))
def test_the_next_time_is_later_and_not_skipped(started, jitter):
    schedule = Schedule(cron="*/7 3 * * 1-5", zone="America/New_York", jitter=jitter)
    due = schedule.due("job", started, 0.0)
    assert started < due <= started + 4 * 86_400


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"every": 60, "cron": "* * * * *"},
        {"every": 5},
        {"cron": "61 * * * *"},
        {"cron": "nonsense"},
        {"cron": "0 0 * * *", "zone": "Mars/Olympus"},
        {"cron": "0 0 * * *", "zone": "../../etc/passwd"},
        {"every": 60, "jitter": -1},
        {"every": 60, "more": 1},
    ],
)
def test_what_is_no_schedule_is_refused(wrong):
    with pytest.raises(ValidationError):
        Schedule(**wrong)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-27 21:59", False),  # a Friday
        ("2026-11-27 22:00", True),
        ("2026-11-28 05:59", True),  # the night of Friday
        ("2026-11-28 06:00", False),
        ("2026-11-28 23:00", False),
        ("2026-11-29 03:00", False),
    ],
)
def test_a_window_may_go_on_past_midnight(when, is_open):
    window = Window(days=("fri",), start="22:00", end="06:00", zone="Asia/Shanghai")
    assert window.open_at(at(when)) == is_open
    assert any_open([window], at(when)) == is_open
    assert any_open([], at(when))
