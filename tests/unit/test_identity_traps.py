"""Identification where values are shared, cloned or out of date."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import InvalidInput
from cmdb.identity.claims import MANUAL
from cmdb.identity.groups import differ
from cmdb.identity.observation import Alias, ObservedItem
from cmdb.services import decisions
from cmdb.services.reviews import list_reviews
from cmdb.services.runs import undo_run
from tests.identity_world import DAY, DELL, ROOT, World, attributes

SAME = (Alias("other", "same"),)


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "cmdb.db")
    yield made
    made.env.close()


def test_a_shared_mac_address_joins_nothing_of_another_site_and_name(world):
    dock = ["a0:ce:c8:00:00:01"]
    here = {"site": "wuhan", "fqdn": "pc-1.wuhan.example.com"}
    there = {"site": "beijing", "fqdn": "pc-2.beijing.example.com"}
    world.hear("glpi", "pc-1", "endpoint", **attributes(mac_addresses=dock, **here))
    moved = here | {"site": "beijing"}
    world.hear("nmap", "beijing/10.0.0.6", "device", **attributes(mac_addresses=dock, **moved))
    assert world.same(("glpi", "pc-1"), ("nmap", "beijing/10.0.0.6"))
    world.hear("nmap", "beijing/10.0.0.5", "device", **attributes(mac_addresses=dock, **there))
    assert not world.same(("glpi", "pc-1"), ("nmap", "beijing/10.0.0.5"))


def test_a_clonable_identifier_joins_nothing_of_another_site(world):
    engine = {"snmp_engine_id": "80000009b86ca22d74d3dfcd"}
    world.hear("snmp", "wuhan/10.0.0.1", "printer", **attributes(site="wuhan", **engine))
    world.hear("snmp", "beijing/10.0.0.1", "printer", **attributes(site="beijing", **engine))
    assert not world.same(("snmp", "wuhan/10.0.0.1"), ("snmp", "beijing/10.0.0.1"))


def test_what_a_scan_sees_elsewhere_now_has_left_the_address_it_had(world):
    mac, other = ["00:1a:2b:00:00:01"], {"open_ports": ["tcp/22"]}
    world.hear("netbox", "1", **attributes(mac_addresses=mac))
    world.hear("nmap", "10.0.0.5", "device", **attributes(mac_addresses=mac))
    world.now += DAY
    world.hear("nmap", "10.0.0.5", "device", **attributes(**other))
    assert world.same(("netbox", "1"), ("nmap", "10.0.0.5"))  # most likely it is the same still
    world.hear("nmap", "10.0.0.6", "device", **attributes(mac_addresses=mac))
    assert world.same(("netbox", "1"), ("nmap", "10.0.0.6"))
    assert not world.same(("netbox", "1"), ("nmap", "10.0.0.5"))


def test_two_things_that_come_apart_at_once_do_not_take_a_third_one_s_key(world):
    mac, engine = ["00:1a:2b:00:00:00"], "80001f88aabb01"
    said = {"mac_addresses": mac, "snmp_engine_id": engine}
    known = attributes(serial_number="S1001", fqdn="h2.x.y", snmp_engine_id=engine, **DELL)
    world.hear("netbox", "a", "device", **known)
    world.hear("glpi", "c", **attributes(fqdn="h1.x.y", **said))
    world.hear("netbox", "c", **attributes(snmp_engine_id=engine))
    world.hear("netbox", "a", "device", **attributes(**said))
    last = attributes(serial_number="S1002", mac_addresses=mac, **DELL)
    world.hear("nmap", "c", "device", **last)
    keys = [world.key(*name) for name in (("netbox", "a"), ("netbox", "c"), ("nmap", "c"))]
    assert len(set(keys)) == 3


def test_a_pin_that_another_pin_would_break_is_refused(world):
    for key in "abc":
        world.hear("csv", key)
    decisions.pin(ROOT, world.env, "csv:a", "c")
    with pytest.raises(InvalidInput, match="undo that pin first"):
        decisions.pin(ROOT, world.env, "csv:c", "b")
    assert world.same(("csv", "a"), ("csv", "c"))
    decisions.pin(ROOT, world.env, "csv:b", "c")
    assert world.same(("csv", "a"), ("csv", "b"), ("csv", "c"))


def test_what_a_merge_had_joined_has_its_keys_again_in_whatever_order_it_is_undone(world):
    for key in "abz":
        world.hear("csv", key)
    first = decisions.merge(ROOT, world.env, ["a", "b"])
    second = decisions.merge(ROOT, world.env, ["b", "z"])
    decisions.undo_decision(ROOT, world.env, first.id)
    decisions.undo_decision(ROOT, world.env, second.id)
    assert [world.key("csv", key) for key in "abz"] == ["a", "b", "z"]


def test_undoing_a_split_brings_back_the_merge_it_replaced(world):
    world.hear("csv", "a")
    world.hear("csv", "b")
    merged = decisions.merge(ROOT, world.env, ["a", "b"])
    split = decisions.split(ROOT, world.env, "a", ["csv:b"])
    assert [one.kind for one in decisions.list_decisions(ROOT, world.env)] == ["split"]
    decisions.undo_decision(ROOT, world.env, split.id)
    assert [one.id for one in decisions.list_decisions(ROOT, world.env)] == [merged.id]
    assert [world.key("csv", key) for key in "ab"] == ["a", "a"]
    decisions.undo_decision(ROOT, world.env, merged.id)
    assert [world.key("csv", key) for key in "ab"] == ["a", "b"]


def test_a_name_that_too_many_state_joins_nothing_but_what_people_say(world):
    def told(first, last, run):
        rows = [ObservedItem(f"n{i}", "server", f"n{i}", aliases=SAME) for i in range(first, last)]
        world.all("nmap", *rows, run=run)
        reasons = [one.reasons for one in list_reviews(ROOT, world.env)]
        return len({world.key("nmap", f"n{i}") for i in range(last)}), reasons

    assert told(0, 40, "some") == (1, [])
    assert told(40, 50, "more") == (1, [])
    assert told(50, 55, "many") == (55, [("common",)])
    world.hear("nmap", "n7", **attributes(os_version="2"))
    assert told(55, 60, "all") == (60, [("common",)])
    world.hear("other", "same")
    world.hear(MANUAL, "mine", aliases=SAME)
    assert world.same(("other", "same"), (MANUAL, "mine"))
    for run in ("many", "more", "all"):
        undo_run(ROOT, world.env, run)
    assert world.same(("other", "same"), ("nmap", "n0"), ("nmap", "n39"), (MANUAL, "mine"))
    assert list_reviews(ROOT, world.env) == []


@given(st.lists(st.frozensets(st.sampled_from("abcd"), min_size=1), max_size=6))
def test_sets_differ_where_any_two_do(sets):
    assert differ(sets) == any(one.isdisjoint(other) for one, other in combinations(sets, 2))


def test_what_is_pinned_takes_along_what_is_pinned_to_it(world):
    for key in "abc":
        world.hear("csv", key)
    first = decisions.pin(ROOT, world.env, "csv:a", "c")
    second = decisions.pin(ROOT, world.env, "csv:a", "b")
    decisions.pin(ROOT, world.env, "csv:c", "b")
    decisions.undo_decision(ROOT, world.env, second.id)
    assert first.id in {one.id for one in decisions.list_decisions(ROOT, world.env)}
    assert world.same(("csv", "a"), ("csv", "b"), ("csv", "c"))
