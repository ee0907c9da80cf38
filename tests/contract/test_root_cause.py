"""Root causes on every store: what changed lately, what is in maintenance, and who may see what."""

import pytest

from cmdb.errors import InvalidInput, OutsideGraph, Rejected, UnknownReference
from cmdb.services import items, maintenance
from cmdb.services.actor import Actor, Scope
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.recent_changes import MOST_OF_RUN, Happening, recent_changes
from cmdb.services.root_cause import Complaint, root_cause
from cmdb.services.times import iso
from discovery.agents.estate import parse

ADMIN = Actor("test", frozenset({"administrator"}))
LIMITED = Actor("limited", frozenset({"viewer"}), Scope(frozenset({"a"})))
START = 1_800_000_000.0
HOUR = 3_600.0


def machine(key, kind, site, **attributes):
    return {"key": key, "type": kind, "attributes": {"site": site, **attributes}}


ESTATE = {
    "cis": [
        machine("db", "database", "a", version="15"),
        machine("host", "server", "b"),
        machine("app", "application", "a"),
        machine("other", "application", "a"),
        *(machine(f"web-{i}", "web_server", "a") for i in range(4)),
        {"key": "old", "type": "server", "status": "retired"},
    ],
    "relations": [
        {"from": "app", "type": "depends_on", "to": "db"},
        {"from": "other", "type": "depends_on", "to": "db"},
        {"from": "db", "type": "runs_on", "to": "host"},
        *({"from": f"web-{i}", "type": "depends_on", "to": "app"} for i in range(3)),
        {"from": "web-3", "type": "depends_on", "to": "other"},
    ],
}
SYMPTOMS = [Complaint(f"web-{i}") for i in range(3)]


class Clock:
    """A clock that tests set."""

    now = START

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def env(store, clock):
    made = Environment(store, clock)
    ingest(ADMIN, made, parse(ESTATE), source="estate", reason="test")
    return made


def see(env, run, *cis):
    report = ingest(ADMIN, env, parse({"cis": list(cis)}), source="scan", reason=run)
    assert report.errors == []


def ask(env, symptoms=SYMPTOMS, healthy=(), actor=ADMIN, **rest):
    return root_cause(actor, env, symptoms, healthy, **rest).content()


def rows(found):
    return {one["key"]: one for one in found["candidates"]}


def test_the_answer(env):
    found = ask(env, healthy=["web-3"])
    assert found["seq"] == env.store.seq()
    best = found["candidates"][0]
    assert (best["key"], best["type"], best["name"]) == ("app", "application", "app")
    assert best["explains"] == ["web-0", "web-1", "web-2"]
    assert best["paths"]["web-0"] == ["app", "web-0"]
    assert rows(found)["db"]["contradicts"] == ["web-3"]
    assert rows(found)["host"]["paths"]["web-1"] == ["host", "db", "app", "web-1"]
    whole = sum(one["score"] for one in found["candidates"]) + found["rest"] + found["outside"]
    assert whole == pytest.approx(1.0)
    assert found["searched"] == {
        "computed": len(found["candidates"]),
        "not_computed": 0,
        "hidden": 0,
        "complete": True,
    }
    short = ask(env, healthy=["web-3"], limit=1)
    assert short["candidates"] == found["candidates"][:1]
    assert short["rest"] > found["rest"]


def test_a_first_import_is_no_evidence(env):
    assert recent_changes(env, env.store.seq()) == []
    assert all(one["evidence"] == [] for one in ask(env)["candidates"])


def test_changes_by_hand_and_seen_by_a_source(env, clock):
    before = rows(ask(env))
    items.update_item(ADMIN, env, "db", {"attributes": {"version": "16"}})
    see(env, "scanned", machine("host", "server", "b", serial_number="X-77123"))
    clock.now += HOUR
    found = rows(ask(env))
    (change,) = found["db"]["evidence"][-1:]
    assert (change["kind"], change["key"], change["at"]) == ("change", "db", iso(START))
    assert "version" in change["detail"]
    assert change["ref"].startswith("commit ")
    assert found["db"]["score"] > before["db"]["score"]
    # what is below counts, too
    assert [one["key"] for one in found["app"]["evidence"]] == ["db"]
    assert "changes_below" in {one["kind"] for one in found["app"]["factors"]}
    kinds = {(one["kind"], one["key"]) for one in found["db"]["evidence"]}
    assert kinds <= {("change", "db"), ("discovery", "host")}
    clock.now += 30 * 86_400
    assert rows(ask(env))["db"]["evidence"] == []


def test_what_changed_after_the_onset_is_no_cause(env, clock):
    since = iso(START)
    clock.now += HOUR
    items.update_item(ADMIN, env, "db", {"attributes": {"version": "17"}})
    found = rows(ask(env, [Complaint("web-0", "down", since), Complaint("web-1", None, since)]))
    assert found["db"]["evidence"] == []


def test_a_mass_change_tells_nothing(env, clock):
    cis = [machine(f"s-{i}", "server", "b") for i in range(MOST_OF_RUN + 1)]
    see(env, "first", *cis)
    for one in cis:
        one["name"] = f"renamed {one['key']}"
    see(env, "renamed", *cis)
    assert recent_changes(env, env.store.seq()) == []


def test_recent_changes_keep_up_with_the_log(env, clock):
    items.update_item(ADMIN, env, "db", {"attributes": {"version": "16"}})
    first = recent_changes(env, env.store.seq())
    assert [(one.key, one.kind) for one in first] == [("db", "change")]
    clock.now += HOUR
    items.update_item(ADMIN, env, "app", {"name": "shop"})
    later = recent_changes(env, env.store.seq())
    assert [one.key for one in later] == ["db", "app"]
    again = Environment(env.store, clock)
    assert recent_changes(again, env.store.seq()) == later
    clock.now += 8 * 86_400
    assert recent_changes(env, env.store.seq()) == []


def test_maintenance_and_what_else_is_known(env, clock):
    before = rows(ask(env))["db"]["score"]
    window = maintenance.create_window(
        ADMIN, env, {"key": "db", "starts": iso(START - 60), "ends": iso(START + 60)}
    )
    found = rows(ask(env))["db"]
    assert found["score"] > before
    assert [(one["kind"], one["ref"]) for one in found["evidence"]] == [("maintenance", window.id)]
    clock.now += HOUR
    assert rows(ask(env))["db"]["evidence"] == []
    alert = Happening("db", clock.now, "alert", "A-1", "disk slow")
    gone = Happening("nosuch", clock.now, "alert")
    found = rows(ask(env, happenings=[alert, gone]))["db"]
    assert [one["ref"] for one in found["evidence"]] == ["A-1"]
    assert found["score"] > before


def test_the_look_that_helps(env):
    found = ask(env, SYMPTOMS[:2])
    look = found["next"][0]
    assert look["gain"] > 0
    assert look["key"] not in {"web-0", "web-1"}
    after = ask(env, SYMPTOMS[:2], healthy=[look["key"]])
    assert after["doubt"] != found["doubt"]


def test_what_may_not_be_seen(env):
    found = ask(env, actor=LIMITED)
    assert "host" not in rows(found)
    assert found["searched"]["hidden"] == 1
    assert all(look["key"] != "host" for look in found["next"])
    whole = ask(env)
    assert found["rest"] == pytest.approx(whole["rest"] + rows(whole)["host"]["score"])
    assert rows(found)["db"] == rows(whole)["db"]
    for one in found["combinations"]:
        assert "host" not in one["keys"]
    with pytest.raises(UnknownReference):
        ask(env, [Complaint("host")], actor=LIMITED)


def test_every_error_at_once(env):
    with pytest.raises(Rejected) as caught:
        ask(
            env,
            [
                Complaint("nosuch"),
                Complaint("web-0", "bad", "yesterday"),
                Complaint("old"),
            ],
            ["web-0", "old", "missing"],
        )
    assert [str(one) for one in caught.value.errors] == [
        "symptoms[0]: no configuration item has the key, alias or name 'nosuch'",
        "symptoms[1]: unknown state 'bad'",
        "symptoms[1]: 'since' is 'yesterday', but must be an ISO 8601 time such as"
        " 2026-12-01T22:00:00Z",
        "symptoms[2]: 'old' has status retired and is outside the impact graph",
        "healthy[0]: it is among the symptoms, too",
        "healthy[1]: 'old' has status retired and is outside the impact graph",
        "healthy[2]: no configuration item has the key, alias or name 'missing'",
    ]
    with pytest.raises(InvalidInput, match="symptoms: name at least one configuration item"):
        ask(env, [])
    with pytest.raises(InvalidInput, match="limit: it must be 1 to 100"):
        ask(env, limit=0)
    with pytest.raises(OutsideGraph):
        ask(env, [Complaint("old")])


def test_one_ci_named_twice_is_one_symptom(env):
    once = ask(env, [Complaint("web-0", "down", iso(START)), Complaint("web-1")])
    twice = ask(
        env,
        [
            Complaint("web-0"),
            Complaint("web-1"),
            Complaint("web-0", "degraded", iso(START + 60)),
            Complaint("web-0", "down", iso(START)),
        ],
        [],
    )
    assert twice == once
