"""Undoing runs: in any order, as if they had never been made."""

import tempfile
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.services.environment import Environment
from cmdb.services.run_log import UNDONE
from cmdb.services.runs import get_run, undo_run
from cmdb.stores.sqlite import SQLiteStore
from tests.identity_world import ROOT, World
from tests.undoing import History, Told, check_undoing, claims, histories, said

MEMORY = Path("/dev/shm")


@contextmanager
def embedded(clock):
    folder = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(dir=folder) as place:
        env = Environment(SQLiteStore(Path(place) / "cmdb.db"), clock)
        try:
            yield env
        finally:
            env.close()


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "cmdb.db")
    yield made
    made.env.close()


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
def test_undone_runs_are_as_if_they_had_never_been_made(history):
    check_undoing(embedded, history)


def test_of_two_claims_on_one_ci_that_a_run_repeated_one_moved_since():
    card, serial = ["00:1a:2b:00:00:00"], {"serial_number": "S1001", "vendor": "Dell"}
    name, engine = {"fqdn": "h1.x.y"}, {"snmp_engine_id": "80001f88aabb01"}

    def item(key, type_name="device", aliases=(), **attributes):
        return ObservedItem(key, type_name, key, attributes=attributes, aliases=aliases)

    twice = item("b", mac_addresses=card, **serial), item("a", mac_addresses=card, **name)
    other = (Alias("netbox", "a"),)
    apart = (
        item("b", "server", other, mac_addresses=card, **name, **engine),
        item("a", "server", **serial, **name),
    )
    runs = Told("glpi", twice), Told("glpi", twice), Told("netbox", apart)
    for order in ((0, 1, ~0, 2, ~1), (0, 1, 2, ~1, ~0), (0, 1, 2, ~2, ~0, ~1)):
        check_undoing(embedded, History(runs, order))


def tell(world, run, **attributes):
    world.now += 60.0
    world.hear("csv", "s1", run=run, attributes=attributes)


def undo(world, *runs):
    return [undo_run(ROOT, world.env, run) for run in runs]


def told(world):
    """What the source says of its only thing; None where it says nothing."""
    claim = world.env.store.claims("ci", "csv", ["s1"]).get("s1")
    return None if claim is None or claim.body is None else claim.body["attributes"]


def test_what_a_run_repeated_goes_with_the_last_run_that_said_it(world):
    tell(world, "first", os_version="1")
    tell(world, "second", os_version="1")
    undo(world, "first")
    assert told(world) == {"os_version": "1"}
    (claim,) = claims(world.env)
    assert claim.since(("attributes", "os_version")) == claim.observed_at == world.now
    undo(world, "second")
    assert list(said(world.env)) == []


@pytest.mark.parametrize("order", [*permutations("123")])
def test_values_that_followed_one_another_are_undone_in_any_order(world, order):
    for value in "123":
        tell(world, value, os_version=value)
    left = set("123")
    for run in order:
        undo(world, run)
        left.discard(run)
        assert told(world) == ({"os_version": max(left)} if left else None)


def test_a_part_that_another_run_told_later_stays(world):
    tell(world, "first", os_version="1", asset_tag="a")
    tell(world, "second", os_version="2")
    tell(world, "third", asset_tag="b")
    undo(world, "second")
    assert told(world) == {"os_version": "1", "asset_tag": "b"}
    undo(world, "third")
    assert told(world) == {"os_version": "1", "asset_tag": "a"}
    undo(world, "first")
    assert told(world) is None


def test_a_withdrawal_is_undone_after_the_word_that_followed_it(world):
    tell(world, "first", os_version="1", asset_tag="a")
    world.now += 60.0
    world.all("csv", run="left out", complete=True, vanish=True)
    tell(world, "anew", os_version="2")
    undo(world, "anew")
    (claim,) = claims(world.env)
    assert (claim.withdrawn, told(world)) == (True, {"os_version": "1", "asset_tag": "a"})
    undo(world, "left out")
    (claim,) = claims(world.env)
    assert (claim.withdrawn, told(world)) == (False, {"os_version": "1", "asset_tag": "a"})


def test_what_was_gone_already_is_withdrawn_by_the_next_complete_run_only(world):
    tell(world, "first", os_version="1")
    everything = {"complete": True, "vanish": True}
    for run in ("second", "third"):
        world.now += 60.0
        world.all("csv", run=run, **everything)
    undo(world, "second")  # the third had nothing to withdraw
    assert [claim.withdrawn for claim in claims(world.env)] == [False]
    world.now += 60.0
    world.all("csv", run="fourth", **everything)
    assert [claim.withdrawn for claim in claims(world.env)] == [True]


def test_a_relation_that_a_run_repeated_goes_with_it(world):
    ends = [ObservedItem(key, "server", key) for key in "ab"]
    link = ObservedRelation("a", "depends_on", "b", "link")
    world.all("csv", *ends, run="ends")
    for run in ("first", "second"):
        world.now += 60.0
        world.all("csv", link, run=run)
    undo(world, "first")
    assert [one[0] for one in said(world.env)] == ["ci", "ci", "relation"]
    undo(world, "second")
    assert [one[0] for one in said(world.env)] == ["ci", "ci"]


def test_what_a_run_repeated_is_found_when_it_is_part_of_another_ci_since(world):
    world.hear("old", "x", run="old")
    tell(world, "first", asset_tag="a")
    tell(world, "second", asset_tag="a")
    other = world.env.store.claims("ci", "csv", ["s1"])["s1"].subject
    world.hear("glpi", "g", aliases=(Alias("csv", "s1"), Alias("old", "x")), run="joins")
    assert world.env.store.claims("ci", "csv", ["s1"])["s1"].subject != other
    undo(world, "first", "second")
    assert told(world) is None


def test_what_a_run_repeated_is_found_where_it_was_withdrawn_and_moved_since(world):
    world.hear("old", "x", run="old")
    tell(world, "first", asset_tag="a")
    tell(world, "second", asset_tag="a")
    world.now += 60.0
    world.all("csv", run="left out", complete=True, vanish=True)
    world.hear("glpi", "g", aliases=(Alias("csv", "s1"), Alias("old", "x")), run="joins")
    undo(world, "first", "second")
    assert told(world) is None


def test_what_is_within_a_thing_that_an_undone_run_told_is_its_own_again(world):
    same = {"fqdn": "h1.x.y", "snmp_engine_id": "80001f88aabb01"}
    inside = ObservedItem("db", "database", "db", within="a", attributes={"port": 5432})
    world.all("glpi", inside, run="glpi")
    world.all("netbox", inside, ObservedItem("a", "server", "a", attributes=same), run="netbox")
    names = ("glpi", "db"), ("netbox", "db")
    assert not world.same(*names)
    world.hear("glpi", "a", attributes=same, run="host")
    assert world.same(*names)
    undo(world, "host")
    assert not world.same(*names)


def test_a_run_that_is_undone_twice_changes_nothing_more(world):
    tell(world, "first", os_version="1")
    tell(world, "second", os_version="2")
    undo(world, "first")
    seq = world.env.store.seq()
    (plan,) = undo(world, "first")
    assert (plan.steps, world.env.store.seq()) == ([], seq)
    assert get_run(ROOT, world.env, "first").commits == (1,)


def test_a_run_that_speaks_again_counts_again_until_it_is_undone_again(world):
    tell(world, "first", os_version="1")
    undo(world, "first")
    tell(world, "first", os_version="1")
    tell(world, "second", os_version="2")
    undo(world, "second")
    assert told(world) == {"os_version": "1"}
    tell(world, "second", os_version="1")
    undo(world, "first")
    assert told(world) == {"os_version": "1"}
    undo(world, "second")
    assert told(world) is None
    assert [one.name for one in world.env.store.documents(UNDONE)] == ["first", "second"]


def sight(world, run, *hours, **how):
    world.now += 60.0
    seen = ObservedRelation(
        "a", "depends_on", "b", "link", confidence=0.3, evidence={"sightings": list(hours)}
    )
    world.all("connections", seen, run=run, waiting=True, **how)


def sightings(world):
    found = world.env.store.claims_of("relation", "connections")
    return [claim.body["evidence"]["sightings"] for claim in found]


def test_sightings_of_an_undone_run_are_taken_out_of_later_words(world):
    sight(world, "first", "08", "09")
    sight(world, "second", "10")
    undo(world, "first")
    assert sightings(world) == [["10"]]
    undo(world, "second")
    assert sightings(world) == []


def test_sightings_that_a_later_run_told_again_stay_with_it(world):
    sight(world, "first", "08", "09")
    sight(world, "second", "08", "09")
    undo(world, "first")
    assert sightings(world) == [["08", "09"]]
    undo(world, "second")
    assert sightings(world) == []
