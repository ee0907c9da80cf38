"""Identification and reconciliation by example: what joins, what is asked, whose word counts."""

import pytest

from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.services import decisions, sources
from cmdb.services.items import update_item
from cmdb.services.ports import RelationQuery
from cmdb.services.provenance import explain_item
from cmdb.services.reviews import list_reviews
from tests.identity_world import DAY, DELL, ROOT, World, attributes


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "cmdb.db")
    yield made
    made.env.close()


def test_two_sources_meet_in_a_serial_number_however_it_is_spelt(world):
    world.hear("netbox", "1", **attributes(serial_number="abc-123 4", vendor="Hewlett-Packard"))
    world.hear("glpi", "pc", **attributes(serial_number="ABC1234", vendor="HP"))
    assert world.same(("netbox", "1"), ("glpi", "pc"))
    assert world.item("glpi:pc").key == "1"


@pytest.mark.parametrize(
    "serial", ["To be filled by O.E.M.", "None", "0", "0000000", "Default string"]
)
def test_placeholders_join_nothing(world, serial):
    world.hear("netbox", "1", **attributes(serial_number=serial, **DELL))
    world.hear("glpi", "pc", **attributes(serial_number=serial, **DELL))
    assert not world.same(("netbox", "1"), ("glpi", "pc"))


def test_shared_and_made_up_addresses_join_nothing(world):
    for number, mac in enumerate(("00:00:5e:00:01:0a", "02:1a:2b:3c:4d:5e", "00:00:0c:07:ac:01")):
        world.hear("snmp", f"a{number}", "router", **attributes(mac_addresses=[mac]))
        world.hear("nmap", f"b{number}", "device", **attributes(mac_addresses=[mac]))
        assert not world.same(("snmp", f"a{number}"), ("nmap", f"b{number}"))


def test_an_address_alone_joins_nothing_and_sites_keep_apart(world):
    place = {"ip_addresses": ["10.0.0.5"], "hostname": "pc-1"}
    world.hear("a", "1", **attributes(ip_addresses=["10.0.0.5"], site="x"))
    world.hear("b", "1", **attributes(ip_addresses=["10.0.0.5"], site="x"))
    assert not world.same(("a", "1"), ("b", "1"))
    world.hear("a", "2", **attributes(**place, site="x"))
    world.hear("b", "2", **attributes(**place, site="x"))
    world.hear("c", "2", **attributes(**place, site="y"))
    assert world.same(("a", "2"), ("b", "2"))
    assert not world.same(("a", "2"), ("c", "2"))


def test_two_strong_identifiers_that_disagree_are_asked_and_not_merged(world):
    one = "4c4c4544-0044-4810-8031-b4c04f333331"
    other = "4c4c4544-0044-4810-8031-b4c04f333332"
    world.hear("netbox", "1", **attributes(serial_number="S100", uuid=one, **DELL))
    report = world.hear("glpi", "pc", **attributes(serial_number="S100", uuid=other, **DELL))
    assert (report.items.created, report.items.conflicts) == (1, 1)
    (review,) = list_reviews(ROOT, world.env)
    assert (review.rule, review.reasons) == ("serial", ("uuid",))
    assert set(review.claims) == {("netbox", "1"), ("glpi", "pc")}
    merged = decisions.merge(ROOT, world.env, ["netbox:1", "glpi:pc"], "the board was changed")
    assert world.same(("netbox", "1"), ("glpi", "pc"))
    assert list_reviews(ROOT, world.env) == []
    world.hear(
        "glpi", "pc", **attributes(serial_number="S100", uuid=other, os_version="12", **DELL)
    )
    assert world.same(("netbox", "1"), ("glpi", "pc"))
    decisions.undo_decision(ROOT, world.env, merged.id)
    assert not world.same(("netbox", "1"), ("glpi", "pc"))
    assert len(list_reviews(ROOT, world.env)) == 1


def test_a_claim_that_fits_two_records_is_asked(world):
    world.hear("netbox", "1", **attributes(mac_addresses=["00:1a:2b:00:00:01"]))
    world.hear("netbox", "2", **attributes(mac_addresses=["00:1a:2b:00:00:02"]))
    both = ["00:1a:2b:00:00:01", "00:1a:2b:00:00:02"]
    world.hear("nmap", "10.0.0.5", "device", **attributes(mac_addresses=both))
    assert (
        len({world.key(*n) for n in (("netbox", "1"), ("netbox", "2"), ("nmap", "10.0.0.5"))}) == 3
    )
    assert {review.reasons for review in list_reviews(ROOT, world.env)} == {("record",)}


def test_cloned_keys_join_only_where_nothing_else_disagrees(world):
    keys = {"ssh_host_keys": ["SHA256:image"]}
    world.hear("glpi", "a", **attributes(**keys, mac_addresses=["00:1a:2b:00:00:01"]))
    world.hear("nmap", "b", **attributes(**keys, mac_addresses=["00:1a:2b:00:00:02"]))
    world.hear("snmp", "c", **attributes(ssh_host_keys=["SHA256:own"], fqdn="c.example.org"))
    world.hear("nmap", "c", **attributes(ssh_host_keys=["SHA256:own"]))
    assert not world.same(("glpi", "a"), ("nmap", "b"))
    assert world.same(("snmp", "c"), ("nmap", "c"))


def test_after_a_dhcp_swap_the_address_is_of_another_host(world):
    world.hear("glpi", "a", "endpoint", **attributes(mac_addresses=["00:1a:2b:00:00:0a"]))
    world.hear("glpi", "b", "endpoint", **attributes(mac_addresses=["00:1a:2b:00:00:0b"]))
    world.hear("nmap", "10.0.0.5", "device", **attributes(mac_addresses=["00:1a:2b:00:00:0a"]))
    assert world.same(("glpi", "a"), ("nmap", "10.0.0.5"))
    world.now += 60
    report = world.hear(
        "nmap", "10.0.0.5", "device", **attributes(mac_addresses=["00:1a:2b:00:00:0b"])
    )
    assert world.same(("glpi", "b"), ("nmap", "10.0.0.5"))
    assert (world.key("glpi", "a"), world.key("glpi", "b")) == ("a", "b")
    assert report.items.created == 0


def test_a_renamed_machine_with_a_new_network_card_stays_the_same(world):
    strong = {"serial_number": "S100", **DELL}
    old = {"mac_addresses": ["00:1a:2b:00:00:01"], "fqdn": "old.example.org"}
    world.hear("netbox", "1", **attributes(**strong, **old))
    new = {"mac_addresses": ["00:1a:2b:00:00:02"], "fqdn": "new.example.org"}
    world.hear("glpi", "pc", "endpoint", **attributes(**strong, **new))
    assert world.same(("netbox", "1"), ("glpi", "pc"))
    assert set(world.item("1").attributes["mac_addresses"]) == {
        "00:1a:2b:00:00:01",
        "00:1a:2b:00:00:02",
    }


def test_a_type_becomes_more_and_less_special_and_the_ci_stays(world):
    mac = {"mac_addresses": ["00:1a:2b:00:00:01"]}
    world.hear("nmap", "10.0.0.1", "unclassified", **attributes(**mac))
    world.hear("arp", "x", "device", **attributes(**mac))
    assert world.item("10.0.0.1").type == "device"
    world.hear("snmp", "10.0.0.1", "switch", **attributes(**mac))
    assert world.item("10.0.0.1").type == "switch"
    world.now += 60
    world.hear("snmp", "10.0.0.1", "device", **attributes(**mac))
    assert world.item("10.0.0.1").type == "device"
    assert len(world.env.store.items_by_number(range(10))) == 1


def test_a_database_is_identified_within_its_host(world):
    for host, serial in (("h1", "S1000"), ("h2", "S2000")):
        for source in ("glpi", "nmap"):
            world.all(
                source,
                ObservedItem(host, "server", host, attributes={"serial_number": serial, **DELL}),
                ObservedItem(
                    f"{host}/db", "database", "db", within=host, attributes={"port": 5432}
                ),
            )
    assert world.same(("glpi", "h1/db"), ("nmap", "h1/db"))
    assert not world.same(("glpi", "h1/db"), ("glpi", "h2/db"))
    decisions.merge(ROOT, world.env, ["glpi:h1", "glpi:h2"])
    assert not world.same(("glpi", "h1/db"), ("glpi", "h2/db"))  # one source's keys within a host


def test_values_that_too_many_have_identify_nothing(world):
    same = {"snmp_engine_id": "80001f8880aabbccdd", "site": "x"}
    for number in range(60):
        world.hear("snmp", f"10.0.0.{number}", "switch", **attributes(**same))
    assert len({world.key("snmp", f"10.0.0.{number}") for number in range(60)}) == 60
    assert [review.reasons for review in list_reviews(ROOT, world.env)] == [("common",)]


def test_the_better_source_wins_until_it_is_silent_too_long(world):
    strong = {"serial_number": "S100", **DELL}
    world.hear("netbox", "1", **attributes(**strong, role="database server"))
    world.now += DAY
    world.hear("nmap", "10.0.0.5", **attributes(**strong, role="web server"))
    assert world.item("1").attributes["role"] == "database server"
    (role,) = [e for e in explain_item(ROOT, world.env, "1") if e.field == "attributes.role"]
    assert [(s.source, s.wins, s.why) for s in role.sayings] == [
        ("netbox", True, "rank"),
        ("nmap", False, ""),
    ]
    world.now += 29.5 * DAY
    assert sources.settle(ROOT, world.env) == 1
    assert world.item("1").attributes["role"] == "web server"
    world.hear("netbox", "1", **attributes(**strong, role="database server"))
    assert world.item("1").attributes["role"] == "database server"


def test_a_precedence_holds_for_its_type_and_attribute(world):
    strong = {"serial_number": "S100", **DELL}
    world.hear("netbox", "1", **attributes(**strong, role="a", model="m1"))
    world.hear("glpi", "pc", **attributes(**strong, role="b", model="m2"))
    rule = {"type": "computer", "attribute": "model", "sources": ["glpi", "netbox"]}
    sources.put_precedence(ROOT, world.env, rule)
    kept = world.item("1").attributes
    assert (kept["role"], kept["model"]) == ("a", "m2")
    sources.put_precedence(ROOT, world.env, {**rule, "sources": []})
    assert world.item("1").attributes["model"] == "m1"


def test_manual_values_win_until_they_are_released(world):
    world.hear("netbox", "1", **attributes(role="a"))
    update_item(ROOT, world.env, "1", {"attributes": {"role": "mine"}})
    world.now += 500 * DAY
    world.hear("netbox", "1", **attributes(role="b"))
    assert world.item("1").attributes["role"] == "mine"
    update_item(ROOT, world.env, "1", {"attributes": {"role": None}})
    assert world.item("1").attributes["role"] == "b"


def test_null_erases_only_where_the_source_may(world):
    strong = {"serial_number": "S100", **DELL}
    world.hear("netbox", "1", **attributes(**strong, role=None))
    world.hear("nmap", "10.0.0.5", **attributes(**strong, role="web server"))
    assert world.item("1").attributes["role"] == "web server"
    sources.put_source(ROOT, world.env, {"name": "netbox", "may_erase": True})
    assert "role" not in world.item("1").attributes


def test_confidence_decides_between_sources_of_one_rank(world):
    strong = {"serial_number": "S100", **DELL}
    sure = {"attribute_confidence": {"operating_system": 0.9}}
    guess = {"attribute_confidence": {"operating_system": 0.4}}
    world.hear("a", "1", **attributes(**strong, operating_system="Debian 12"), **sure)
    world.now += 60
    world.hear("b", "1", **attributes(**strong, operating_system="Linux 5.x"), **guess)
    assert world.item("a:1").attributes["operating_system"] == "Debian 12"


def link(a, kind, b, **fields):
    return ObservedRelation(a, kind, b, f"{a} {kind} {b}", **fields)


def test_a_relation_goes_where_its_ends_go(world):
    world.all(
        "netbox", ObservedItem("db", "database", "db"), ObservedItem("app", "application", "a")
    )
    world.all("cmdb", ObservedItem("pay", "application", "p", aliases=(Alias("netbox", "app"),)))
    world.all("netbox", link("app", "depends_on", "db"))
    relations = world.env.store.find_relations
    assert [r.from_key for r in relations(RelationQuery())] == ["app"]
    decisions.split(ROOT, world.env, "app", ["cmdb:pay"])
    decisions.merge(ROOT, world.env, ["db", "cmdb:pay"])
    assert [(r.from_key, r.to_key) for r in relations(RelationQuery())] == [("app", "db")]
    assert world.same(("netbox", "db"), ("cmdb", "pay"))


def test_a_relation_fades_by_the_rule_of_its_source_and_comes_back(world):
    sources.put_source(ROOT, world.env, {"name": "flows", "fades": int(DAY)})
    said = (ObservedItem("a", "server", "a"), ObservedItem("b", "server", "b"))
    world.all("flows", *said, link("a", "depends_on", "b"))
    world.now += 2 * DAY
    assert sources.settle(ROOT, world.env) == 1
    assert world.env.store.find_relations(RelationQuery()) == []
    world.all("flows", *said, link("a", "depends_on", "b"))
    assert len(world.env.store.find_relations(RelationQuery())) == 1


def test_a_complete_run_does_not_let_too_much_vanish(world):
    many = [ObservedItem(f"s{n}", "server", f"row {n}") for n in range(50)]
    world.all("scan", *many)
    world.now += 60
    report = world.all("scan", *many[:30], complete=True)
    assert report.frozen
    assert (report.items.withdrawn, "20 of 50" in str(report.warnings[0])) == (0, True)
    report = world.all("scan", *many[:30], complete=True, vanish=True)
    assert (report.frozen, report.items.retired) == (False, 20)


def test_a_complete_run_does_not_let_too_many_relations_vanish(world):
    things = [ObservedItem(f"s{n}", "server", f"row {n}") for n in range(20)]
    links = [link("s0", "depends_on", f"s{n}") for n in range(1, 20)]
    world.all("scan", *things, *links)
    world.now += 60
    report = world.all("scan", *things, *links[:4], complete=True)
    assert (report.frozen, report.relations.withdrawn) == (True, 0)
    assert "15 of 19" in str(report.warnings[0])
    assert "'s0 depends_on s10'" in str(report.warnings[0])
    report = world.all("scan", *things, *links[:4], complete=True, vanish=True)
    assert (report.frozen, report.relations.withdrawn) == (False, 15)


def test_a_complete_run_leaves_what_another_source_says(world):
    shared = {"serial_number": "S100", **DELL}
    world.hear("netbox", "1", **attributes(**shared, role="a"))
    world.hear("scan", "x", **attributes(**shared))
    world.now += 60
    report = world.all("scan", ObservedItem("y", "server", "y"), complete=True)
    assert (report.items.withdrawn, report.items.retired) == (1, 0)
    assert (world.item("1").status, world.item("1").attributes["role"]) == ("live", "a")


def test_a_whole_inventory_withdraws_what_was_within_and_a_part_does_not(world):
    def package(name):
        return ObservedItem(f"pc/{name}", "software_package", name, name=name, within="pc")

    whole = ObservedItem("pc", "endpoint", "pc", coverage="whole")
    world.all("glpi", whole, package("one"), package("two"))
    world.now += 60
    world.all("glpi", ObservedItem("pc", "computer", "pc", coverage="part"), package("three"))
    assert {world.item(f"pc/{name}").status for name in ("one", "two", "three")} == {"live"}
    assert world.item("pc").type == "endpoint"
    world.now += 60
    world.all("glpi", whole, package("two"), package("three"))
    states = {name: world.item(f"pc/{name}").status for name in ("one", "two", "three")}
    assert states == {"one": "retired", "two": "live", "three": "live"}


def test_pin_and_ignore(world):
    world.hear("netbox", "1", **attributes(mac_addresses=["00:1a:2b:00:00:01"]))
    world.hear("netbox", "2", **attributes(serial_number="S200", **DELL))
    world.hear("nmap", "10.0.0.5", "device", **attributes(mac_addresses=["00:1a:2b:00:00:01"]))
    assert world.same(("netbox", "1"), ("nmap", "10.0.0.5"))
    pinned = decisions.pin(ROOT, world.env, "nmap:10.0.0.5", "netbox:2")
    assert world.same(("netbox", "2"), ("nmap", "10.0.0.5"))
    world.now += 60
    world.hear("nmap", "10.0.0.5", "device", **attributes(mac_addresses=["00:1a:2b:00:00:01"]))
    assert world.same(("netbox", "2"), ("nmap", "10.0.0.5"))
    decisions.undo_decision(ROOT, world.env, pinned.id)
    assert world.same(("netbox", "1"), ("nmap", "10.0.0.5"))
    ignored = decisions.ignore(ROOT, world.env, claims=["nmap:10.0.0.5"])
    assert world.item("1").type == "server"
    decisions.undo_decision(ROOT, world.env, ignored.id)
    assert world.same(("netbox", "1"), ("nmap", "10.0.0.5"))


def test_of_one_batch_the_first_row_is_the_oldest(world):
    rows = [ObservedItem(key, "server", key) for key in ("first", "second", "third")]
    planned = world.all("csv", *rows, dry_run=True)
    assert [step.key for step in planned.steps] == ["first", "second", "third"]
    world.all("csv", *rows)
    decisions.merge(ROOT, world.env, ["third", "second", "first"])
    assert world.key("csv", "third") == "first"


def test_a_word_that_is_repeated_with_a_new_one_weighs_with_its_new_time(world):
    name = {"fqdn": "h.example.org"}
    world.hear("nmap", "a", "switch", **attributes(**name))
    world.now += 60
    times = {"b": world.now - 20, "a": world.now - 10}
    kinds = {"b": "server", "a": "switch"}
    seen = [
        ObservedItem(key, kinds[key], key, attributes=name, observed_at=at)
        for key, at in times.items()
    ]
    world.all("nmap", *seen)
    assert world.same(("nmap", "a"), ("nmap", "b"))
    assert world.item("a").type == "switch"
