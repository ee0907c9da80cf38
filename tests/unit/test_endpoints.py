"""Ends of relations that are known by where they answer, and relations seen again and again."""

import time
from itertools import permutations

import pytest

from cmdb.bootstrap import open_environment
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.identity.sightings import MOST, certainty
from cmdb.services.actor import Actor
from cmdb.services.ingest import ingest
from cmdb.services.ports import RelationQuery
from cmdb.services.runs import undo_run

ROOT = Actor("root", frozenset({"administrator"}))
DATABASE = "endpoint:10.0.0.5/tcp/5432@hq"


@pytest.fixture
def env(tmp_path):
    made = open_environment(f"sqlite:///{tmp_path / 'cmdb.db'}")
    yield made
    made.close()


def machine(key="b", address="10.0.0.5", mac="00:14:22:00:00:05", site="hq", **more):
    attributes = {"ip_addresses": [address], "mac_addresses": [mac], "site": site}
    return ObservedItem(key, "server", "p", name=key, attributes=attributes, **more)


def service(host="b", port=5432):
    return ObservedItem(
        f"{host}/{port}", "database", "p", name="db", within=host, attributes={"port": port}
    )


def seen(*hours, to=DATABASE, confidence=0.25, **more):
    return ObservedRelation(
        "app", "depends_on", to, "p", confidence=confidence,
        evidence={"sightings": [f"2026-01-31T{hour:02}Z" for hour in hours]}, **more,
    )  # fmt: skip


APP = ObservedItem("app", "application", "p", name="app")


def hear(env, source, *said, waiting=True, run=None):
    report = ingest(ROOT, env, said, source=source, reason="test", waiting=waiting, run=run)
    assert report.errors == []
    return report


def relations(env):
    found = env.store.find_relations(RelationQuery(limit=100))
    return sorted((one.from_key, one.to_key) for one in found)


@pytest.mark.parametrize("waiting", [True, False])
def test_an_endpoint_is_what_listens_there_whoever_told_of_it(env, waiting):
    hear(env, "nmap", machine(), service(), service(port=80))
    hear(env, "connections", APP, seen(1, 2, 3), waiting=waiting)
    assert relations(env) == [("app", "b/5432")]


def test_an_endpoint_of_an_unknown_port_is_the_machine(env):
    hear(env, "nmap", machine(), service(port=80))
    hear(env, "connections", APP, seen(1, 2, 3))
    assert relations(env) == [("app", "b")]


@pytest.mark.parametrize("waiting", [True, False])
def test_an_endpoint_where_nobody_is_known_waits_and_makes_no_thing(env, waiting):
    report = hear(env, "connections", APP, seen(1, 2, 3), waiting=waiting)
    assert (relations(env), report.waiting) == ([], 1)
    assert set(env.store.items(["app", DATABASE])) == {"app"}
    hear(env, "nmap", machine(site="branch"), service())
    hear(env, "connections", APP, seen(4), waiting=waiting)
    assert relations(env) == []
    hear(env, "nmap", machine("c", mac="00:14:22:00:00:06"), service("c"))
    hear(env, "connections", APP, seen(5), waiting=waiting)
    assert relations(env) == [("app", "c/5432")]


def test_after_a_swap_of_addresses_whoever_was_seen_there_last_is_meant(env):
    hear(env, "nmap", machine(observed_at=100.0), service())
    hear(env, "nmap", machine("c", mac="00:14:22:00:00:06", observed_at=200.0), service("c"))
    hear(env, "netbox", machine("b", observed_at=300.0))  # a list of records may be old
    hear(env, "connections", APP, seen(1, 2, 3))
    assert relations(env) == [("app", "c/5432")]


def test_a_relation_is_a_proposal_until_it_was_seen_often_enough(env):
    hear(env, "nmap", machine(), service())
    for hours, there in (((1,), False), ((1,), False), ((2,), False), ((2, 3), True), ((1,), True)):
        hear(env, "connections", APP, seen(*hours))
        assert bool(relations(env)) is there
    (claim,) = env.store.claims_of("relation", "connections")
    assert certainty(claim.body) == pytest.approx(1 - 0.75**3)


def test_a_proposal_that_a_person_says_too_is_a_fact(env):
    hear(env, "nmap", machine(), service())
    hear(env, "connections", APP, seen(1))
    assert relations(env) == []
    hear(env, "manual", ObservedRelation("app", "depends_on", "b/5432", "p"), waiting=False)
    assert relations(env) == [("app", "b/5432")]


def test_the_order_of_sightings_does_not_matter(tmp_path):
    now = time.time()
    words = [
        seen(*hours, observed_at=now + at)
        for at, hours in ((-30, (1,)), (-20, (2, 1)), (-10, (3,)))
    ]
    bodies = []
    for number, order in enumerate(permutations(words)):
        env = open_environment(f"sqlite:///{tmp_path / f'{number}.db'}")
        hear(env, "nmap", machine(), service())
        for word in order:
            hear(env, "connections", APP, word, run="r")
        (claim,) = env.store.claims_of("relation", "connections")
        bodies.append({**claim.body["evidence"], "at": claim.confirmed_at})
        assert relations(env) == [("app", "b/5432")]
        env.close()
    assert bodies == [bodies[0]] * len(bodies)


def test_what_is_sure_is_not_changed_by_more_sightings(env):
    hear(env, "nmap", machine(), service())
    hear(env, "connections", APP, seen(*range(MOST)))
    before = env.store.seq()
    (claim,) = env.store.claims_of("relation", "connections")
    report = hear(env, "connections", APP, seen(20))
    assert report.relations.unchanged == 1
    (after,) = env.store.claims_of("relation", "connections")
    assert after.body == claim.body
    assert after.confirmed_at > claim.confirmed_at
    changed = [entry for commit in env.store.log(before) for entry in commit.entries]
    assert not [one for one in changed if one.kind != "confirmation"]


def test_an_undone_run_takes_its_sightings_back(env):
    hear(env, "nmap", machine(), service())
    hear(env, "connections", APP, seen(1, 2), run="first")
    hear(env, "connections", APP, seen(3), run="second")
    assert relations(env) == [("app", "b/5432")]
    undo_run(ROOT, env, "second")
    assert relations(env) == []


def test_a_connection_that_is_not_seen_any_more_fades(env):
    hear(env, "nmap", machine(), service())
    old = time.time() - 91 * 86_400
    hear(env, "connections", APP, seen(1, 2, 3, observed_at=old))
    assert relations(env) == []
    hear(env, "connections", APP, seen(1, observed_at=time.time()))
    assert relations(env) == [("app", "b/5432")]
