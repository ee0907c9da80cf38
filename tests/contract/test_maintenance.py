"""Maintenance windows, and questions at a time, on every store."""

import pytest

from cmdb.errors import (
    CMDBError,
    NotFound,
    PreconditionFailed,
    Rejected,
    UnknownReference,
)
from cmdb.services import items, maintenance
from cmdb.services.actor import Actor, Scope
from cmdb.services.environment import Environment
from cmdb.services.impact import Failure, blast_radius
from cmdb.services.ingest import ingest
from discovery.agents.estate import parse

ADMIN = Actor("test", frozenset({"administrator"}))
LIMITED = Actor("limited", frozenset({"editor"}), Scope(frozenset({"a"})))
ESTATE = {
    "cis": [
        {"key": "db", "type": "database", "name": "订单", "attributes": {"site": "a"}},
        {"key": "sw", "type": "server", "attributes": {"site": "b"}},
        {"key": "app", "type": "application", "attributes": {"site": "a"}},
    ],
    "relations": [
        {"from": "app", "type": "depends_on", "to": "db"},
        {"from": "app", "type": "uses", "to": "sw"},
    ],
}
NIGHT = {"starts": "2026-12-01T22:00:00Z", "ends": "2026-12-02T02:00:00+00:00"}
MIDNIGHT = "2026-12-02T00:00"


@pytest.fixture
def env(store):
    made = Environment(store, lambda: 1_800_000_000.0)
    ingest(ADMIN, made, parse(ESTATE), source="estate", reason="test")
    return made


def plan(env, key, actor=ADMIN, **values):
    return maintenance.create_window(actor, env, {"key": key, **NIGHT, **values})


def test_a_window_lives_in_the_log_and_the_store(env):
    made = plan(env, "订单", reason="更换磁盘")
    assert made.content() == {
        "id": made.id,
        "key": "db",
        "starts": "2026-12-01T22:00:00+00:00",
        "ends": "2026-12-02T02:00:00+00:00",
        "state": "down",
        "reason": "更换磁盘",
    }
    again = Environment(env.store, env.clock)
    assert maintenance.get_window(ADMIN, again, made.id) == made
    commit = env.store.log(env.store.seq() - 1)[0]
    assert (commit.actor, commit.reason) == ("test", "planned maintenance of db")
    assert maintenance.window_of(commit) == made
    changed = maintenance.update_window(
        ADMIN, env, made.id, {"state": "degraded", "ends": "2026-12-03"}, expected=made.version
    )
    assert (changed.state, changed.reason) == ("degraded", "更换磁盘")
    assert changed.version != made.version
    with pytest.raises(PreconditionFailed):
        maintenance.delete_window(ADMIN, env, made.id, expected=made.version)
    seq = env.store.seq()
    assert maintenance.update_window(ADMIN, env, made.id, {"state": "degraded"}) == changed
    assert env.store.seq() == seq
    maintenance.delete_window(ADMIN, env, made.id, expected=changed.version)
    with pytest.raises(NotFound):
        maintenance.get_window(ADMIN, env, made.id)
    assert maintenance.list_windows(ADMIN, env) == []


def test_lists(env):
    late = plan(env, "db", starts="2026-12-01T23:00:00Z")
    early = plan(env, "sw", ends="2026-12-01T23:00:00+00:00")
    assert maintenance.list_windows(ADMIN, env) == [early, late]
    assert maintenance.list_windows(ADMIN, env, key="订单") == [late]
    for at, expected in (
        ("2026-12-01T21:59:59Z", []),
        ("2026-12-01T22:00:00Z", [early]),
        ("2026-12-02T06:30:00+08:00", [early]),
        ("2026-12-01T23:00:00", [late]),
        ("2026-12-02T02:00:00Z", []),
    ):
        assert maintenance.list_windows(ADMIN, env, at=at) == expected


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"key": "no"}, ["key"]),
        ({"ends": NIGHT["starts"]}, ["ends"]),
        ({"state": "ok"}, ["state"]),
        ({"starts": "soon"}, ["window"]),
        ({"starts": "0001-01-01T00:00:00+23:00"}, ["window"]),
        ({"key": "no", "ends": "", "state": "x"}, ["key", "window", "state"]),
    ],
)
def test_what_is_wrong(env, values, places):
    with pytest.raises(CMDBError) as caught:
        plan(env, **{"key": "db", **values})
    error = caught.value
    errors = error.errors if isinstance(error, Rejected) else [error]
    assert [one.fields["place"] for one in errors] == places
    assert maintenance.list_windows(ADMIN, env) == []


def rows(radius):
    return {row["key"]: row["state"] for row in radius.rows()}


def test_windows_fail_at_their_time(env):
    window = plan(env, "db", reason="disks")
    radius = blast_radius(ADMIN, env, [], at=MIDNIGHT)
    head = radius.head()
    assert head["maintenance"] == [window.content()]
    assert head["at"] == MIDNIGHT
    assert head["failures"] == [{"key": "db", "state": "down"}]
    assert rows(radius) == {"app": "down"}
    nothing = blast_radius(ADMIN, env, [], at="2026-12-03")
    assert (nothing.head()["maintenance"], rows(nothing)) == ([], {})
    both = blast_radius(ADMIN, env, [Failure("sw")], at="2026-12-03")
    assert rows(both) == {"app": "degraded"}
    worse = blast_radius(ADMIN, env, [Failure("db", "at_risk")], at=MIDNIGHT)
    assert worse.head()["failures"] == [{"key": "db", "state": "down"}]


def test_windows_of_what_is_gone_mean_nothing(env):
    plan(env, "db")
    plan(env, "sw", state="degraded")
    items.update_item(ADMIN, env, "sw", {"status": "retired"})
    items.delete_item(ADMIN, env, "db")
    head = blast_radius(ADMIN, env, [], at=MIDNIGHT).head()
    assert (head["maintenance"], head["maintenance_outside"]) == ([], 2)
    seq = env.store.seq() - 2
    past = blast_radius(ADMIN, env, [], at=MIDNIGHT, as_of=seq)
    assert {one["key"] for one in past.head()["maintenance"]} == {"db", "sw"}
    assert past.head()["as_of"] == seq
    assert rows(past) == {"app": "down"}


def test_hidden_windows_take_part(env):
    hidden, mine = plan(env, "sw"), plan(env, "db", state="at_risk")
    assert maintenance.list_windows(LIMITED, env) == [mine]
    with pytest.raises(NotFound):
        maintenance.get_window(LIMITED, env, hidden.id)
    with pytest.raises(UnknownReference):
        plan(env, "sw", actor=LIMITED)
    with pytest.raises(NotFound):
        maintenance.delete_window(LIMITED, env, hidden.id)
    radius = blast_radius(LIMITED, env, [], at=MIDNIGHT)
    answer = radius.answer()
    assert sorted(answer["maintenance"], key=len) == [{"hidden": True}, mine.content()]
    assert answer["failures"] == [{"key": "db", "state": "at_risk"}]
    (row,) = answer["impacted"]
    assert (row["key"], row["state"]) == ("app", "degraded")
    assert row["path"] == [{"hidden": True}, "app"]
    assert "sw" not in str(answer)
