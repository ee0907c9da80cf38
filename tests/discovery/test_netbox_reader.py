"""The NetBox reader: on a small dump of our own, and on the demo data of NetBox."""

import copy
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from discovery import documents
from discovery.agents import netbox
from discovery.agents.netbox.tables import ROLES, lifecycle, type_of_role
from tests.shared_data import shared_data

OWN = Path(__file__).parents[1] / "data" / "netbox-power.json"


@dataclass
class Reading:
    items: dict[str, ObservedItem]
    relations: list[ObservedRelation]
    errors: list[str]

    def of(self, relation: str, *keys: str) -> list[tuple[str, str]]:
        return sorted(
            (one.from_key, one.to_key)
            for one in self.relations
            if one.type == relation and (not keys or {one.from_key, one.to_key} & set(keys))
        )

    def links(self, *keys: str) -> dict[str, dict[str, Any]]:
        """The `connects_to` relations between two things, by id."""
        return {
            one.id or "": one.attributes
            for one in self.relations
            if one.type == "connects_to" and (one.from_key, one.to_key) == keys
        }


def read(document: Any) -> Reading:
    found = list(netbox.parse(document))
    items = [one for one in found if isinstance(one, ObservedItem)]
    assert len({one.key for one in items}) == len(items)
    return Reading(
        {one.key: one for one in items},
        [one for one in found if isinstance(one, ObservedRelation)],
        [str(one) for one in found if isinstance(one, CMDBError)],
    )


def row(model: str, pk: int, /, **fields: Any) -> dict[str, Any]:
    return {"model": model, "pk": pk, "fields": fields}


@pytest.fixture(scope="module")
def own() -> Reading:
    return read(documents.load(OWN))


@pytest.fixture(scope="module")
def demo() -> Reading:
    return read(documents.load(shared_data("netbox-demo/netbox-demo.json")))


@pytest.mark.parametrize("which", ["own", "demo"])
def test_the_catalog_accepts_everything(which, request):
    reading, catalog = request.getfixturevalue(which), builtin_catalog()
    errors: list[CMDBError] = []
    for item in reading.items.values():
        catalog.check_attributes(item.type, item.attributes, item.place, errors)
    assert errors == []
    for one in reading.relations:
        ends = tuple((key, reading.items[key].type) for key in (one.from_key, one.to_key))
        catalog.check_join(catalog.relation_type(one.type, one.place), ends, one.place)
    identities = Counter(
        (one.from_key, one.type, one.to_key, one.group, one.id) for one in reading.relations
    )
    assert max(identities.values()) == 1


def test_devices_and_their_names(own):
    names = {key: item.name for key, item in own.items.items() if key.startswith("dcim.device:")}
    assert names["dcim.device:9"] == "Switch 48 in rack R1 U12"
    assert names["dcim.device:7"] == names["dcim.device:8"] == "sw"
    host = own.items["dcim.device:1"]
    assert (host.type, host.status) == ("hypervisor", "live")
    assert host.attributes == {
        **{"site": "dcim.site:1", "serial_number": "SN-1", "rack_position": 20, "face": "front"},
        **{"vendor": "Acme", "model": "Host 2000", "rack_height": 2, "power_supplies": 2},
        **{"platform": "Debian 12", "role": "Hypervisor"},
        # The address of role vip is another machine's as well, and identifies none.
        **{"management_ip": "10.1.2.3", "ip_addresses": ["10.1.2.3"]},
    }
    assert own.items["dcim.device:9"].status == "in_deployment"
    assert own.items["dcim.device:10"].status == "in_maintenance"
    assert own.items["dcim.device:10"].type == "device"


def test_power_comes_from_two_sides(own):
    powered = [one for one in own.relations if one.type == "powered_by"]
    by_device: dict[str, list[tuple[str, str | None]]] = {}
    for one in powered:
        assert one.group is None  # the default group of powered_by
        by_device.setdefault(one.from_key, []).append((one.to_key, one.id))
    assert by_device == {
        "dcim.powerfeed:1": [("dcim.powerpanel:1", None)],
        "dcim.powerfeed:2": [("dcim.powerpanel:2", None)],
        "dcim.device:3": [("dcim.powerfeed:1", "Inlet")],
        "dcim.device:4": [("dcim.powerfeed:2", "Inlet")],
        "dcim.device:1": [("dcim.device:3", "PSU1"), ("dcim.device:4", "PSU2")],
        # Two supplies on one PDU are two relations to one member: no redundancy.
        "dcim.device:2": [("dcim.device:3", "PSU1"), ("dcim.device:3", "PSU2")],
        "dcim.device:10": [("dcim.powerfeed:2", "PSU1")],
    }
    cord = next(one for one in powered if one.id == "PSU2" and one.from_key == "dcim.device:1")
    assert cord.attributes == {"ports": ["PSU2", "1"], "cables": [4]}


def test_places(own):
    located = dict(own.of("located_in"))
    assert located["dcim.site:1"] == "dcim.region:1"
    assert located["dcim.location:1"] == "dcim.site:1"
    assert located["dcim.rack:1"] == "dcim.location:1"
    assert located["dcim.device:1"] == "dcim.rack:1"
    assert located["dcim.device:10"] == "dcim.location:1"
    assert located["dcim.powerpanel:1"] == "dcim.location:1"
    assert located["dcim.powerpanel:2"] == "dcim.site:1"
    assert located["dcim.powerfeed:1"] == "dcim.rack:1"
    assert located["virtualization.cluster:1"] == "dcim.site:1"


def test_clusters_and_machines(own):
    assert own.of("member_of") == [
        ("dcim.device:1", "virtualization.cluster:1"),
        ("dcim.device:2", "virtualization.cluster:1"),
        ("dcim.device:7", "dcim.virtualchassis:1"),
        ("dcim.device:8", "dcim.virtualchassis:1"),
    ]
    hosted = {one.from_key[-1]: one for one in own.relations if one.type == "hosted_on"}
    assert [hosted[pk].to_key for pk in "123"] == [
        *("virtualization.cluster:1", "virtualization.cluster:1", "dcim.device:10"),
    ]
    assert hosted["1"].attributes == {"host": "dcim.device:1"}
    machine = own.items["virtualization.virtualmachine:1"]
    assert machine.attributes["ip_addresses"] == ["192.0.2.1"]
    assert machine.attributes["memory"] == 4096


def test_panels_are_passed_by_position(own):
    # eth0 of host1 – F1 of PP1 – position 1 of the rear cable – F1 of PP2 – p1 of switch 8
    assert own.links("dcim.device:1", "dcim.device:8") == {
        "eth0–p1": {
            "panels": ["dcim.device:5", "dcim.device:6"],
            "cables": [11, 10, 13],
            "ends": ["dcim.device:1", "dcim.device:8"],
            "ports": ["eth0", "p1"],
            "path": ["dcim.device:5", "dcim.device:6"],
        }
    }
    # p1 of switch 7 – F2 of PP1 – position 2 of the same rear cable – F2 of PP2 – p1 of switch 9
    assert own.links("dcim.device:7", "dcim.device:9")["p1–p1"]["cables"] == [12, 10, 14]
    # F3 of PP2 has position 3, and the rear port of PP1 has only two: the path is lost.
    assert own.of("connects_to", "dcim.device:10") == []


def test_circuits_are_stops_of_a_path(own):
    whole = {
        "ends": ["dcim.device:7", "dcim.device:8"],
        "ports": ["p2", "p2"],
        "path": ["circuits.circuit:1"],
    }
    assert own.links("circuits.circuit:1", "dcim.device:7") == {
        "A–p2": {"panels": [], "cables": [20], **whole}
    }
    assert own.links("circuits.circuit:1", "dcim.device:8") == {
        "Z–p2": {"panels": [], "cables": [21], **whole}
    }
    assert own.links("circuits.circuit:2", "circuits.providernetwork:1") == {"Z": {}}
    assert own.links("circuits.circuit:2", "dcim.device:8")["A–p4"]["ends"] == [
        *("dcim.device:8", "circuits.providernetwork:1"),
    ]
    assert own.items["circuits.circuit:2"].status == "in_maintenance"


def test_other_cables(own):
    # Cable 30 splits to two switches, cable 31 is planned, 40 and 41 go in a circle for ever.
    assert set(own.links("dcim.device:7", "dcim.device:8")) == {"p3–p3"}
    assert set(own.links("dcim.device:7", "dcim.device:9")) == {"p1–p1", "p3–p3"}
    assert own.links("dcim.device:2", "dcim.device:9")["ipmi–p5"]["management"] is True
    assert len(own.of("connects_to")) == 9


def test_addresses_pass_no_trouble_on(own):
    assert own.of("part_of") == [
        ("ipam.ipaddress:1", "ipam.prefix:2"),  # the narrowest prefix of the same table
        ("ipam.ipaddress:2", "ipam.prefix:3"),
        ("ipam.ipaddress:3", "ipam.prefix:2"),
        ("ipam.prefix:2", "ipam.vlan:1"),
    ]
    assert not any(one.to_key.startswith("ipam.ipaddress:") for one in own.relations)
    assert own.items["ipam.ipaddress:2"].status == "planned"


def test_people_and_owners(own):
    assert ("dcim.device:1", "tenancy.tenant:1") in own.of("owned_by")
    (contact,) = (one for one in own.relations if one.to_key == "tenancy.contact:1")
    assert (contact.from_key, contact.type, contact.id) == (
        "dcim.site:1",
        "supported_by",
        "On call",
    )
    assert ("circuits.circuit:1", "circuits.provider:1") in own.of("supported_by")


def test_bad_rows_are_told_and_the_others_go_on(own):
    remedy = "which is not in the dump; dump that model too, or clear the field"
    start = len(documents.load(OWN)) - 14
    assert sorted(own.errors) == sorted(
        [
            f"rows[{start}]: it is int, but must be a row with 'model'",
            f"rows[{start + 1}]: required field 'model' is missing",
            f"rows[{start + 2}] dcim.site: required field 'pk' is missing",
            f"rows[{start + 3}] dcim.site:90: required field 'fields' is missing",
            f"rows[{start + 4}] dcim.site:91: 'fields' is list, but must be an object",
            f"rows[{start + 5}] dcim.site: 'pk' is float, but must be a number or a string",
            f"rows[{start + 6}]: dcim.site:1 was already given at rows[1]; keep one of them",
            f"dcim.device:90: field 'rack' refers to dcim.rack:99, {remedy}",
            f"dcim.device:91: field 'role' refers to dcim.devicerole:99, {remedy}",
            "dcim.device:91: 'position' is 'high', but must be a number",
            "dcim.device:92: unknown NetBox status 'exploded'; nearest known name: 'planned'",
            "dcim.device:92: 'serial' is 5, but must be a string",
            "dcim.site:92: required field 'name' is missing",
            f"dcim.site:92: 'region' is '{'x' * 56}…, but must be the primary key of a dcim.region",
            "ipam.ipaddress:90: 'address' is '10.1.2/24', "
            "but must be an IP address with prefix length",
            f"dcim.cabletermination:990: field 'cable' refers to dcim.cable:999, {remedy}",
            "dcim.cabletermination:991: 'cable_end' is 'C', but must be 'A' or 'B'",
        ]
    )
    assert {f"dcim.device:{pk}" for pk in (90, 91, 92)} <= set(own.items)
    assert own.items["dcim.device:92"].status is None
    assert "ipam.ipaddress:90" not in own.items


def test_equipment_that_powers_others():
    reading = read(
        [
            row("dcim.devicerole", 1, name="Blade chassis", slug="blade-chassis"),
            row("dcim.devicerole", 2, name="Blade", slug="blade"),
            row("dcim.device", 1, role=1, name="chassis"),
            row("dcim.device", 2, device_role=2, name="blade"),
            row("dcim.device", 3, name="strip"),
            row("dcim.device", 4, role=2, name=None),
            row("dcim.devicebay", 1, device=1, name="Bay 1", installed_device=4),
            row("dcim.poweroutlet", 1, device=1, name="o"),
            row("dcim.poweroutlet", 2, device=3, name="o"),
            row("dcim.powerport", 1, device=2, name="a"),
            row("dcim.powerport", 2, device=2, name="b"),
            row("dcim.cable", 1, status="connected"),
            row("dcim.cable", 2),
            row("contenttypes.contenttype", 7, app_label="dcim", model="powerport"),
            *[
                row("dcim.cabletermination", pk, cable=cable, cable_end=end, **termination)
                for pk, cable, end, termination in [
                    (1, 1, "A", {"termination_type": "dcim.poweroutlet", "termination_id": 1}),
                    (2, 1, "B", {"termination_type": 7, "termination_id": 1}),
                    (3, 2, "A", {"termination_type": ["dcim", "powerport"], "termination_id": 2}),
                    (4, 2, "B", {"termination_type": ["dcim", "poweroutlet"], "termination_id": 2}),
                ]
            ],
        ]
    )
    assert reading.errors == []
    assert reading.items["dcim.device:3"].type == "pdu"  # of unknown role, but with outlets
    assert [(one.type, one.to_key, one.group, one.id) for one in reading.relations] == [
        ("part_of", "dcim.device:1", None, None),
        ("depends_on", "dcim.device:1", "power", "a"),  # the chassis is no facility
        ("powered_by", "dcim.device:3", None, "b"),
    ]
    assert reading.items["dcim.device:4"].name == "(unnamed device) in chassis Bay 1"


def test_newer_dumps():
    reading = read(
        [
            row("dcim.site", 1, name="S"),
            row("dcim.location", 1, name="L", site=1),
            row("virtualization.cluster", 1, name="C", **scope("dcim.location", 1)),
            row("ipam.prefix", 1, prefix="2001:db8::/32", **scope("dcim.site", 1)),
            row("circuits.circuit", 1, cid="X"),
            row(
                *("circuits.circuittermination", 1),
                **{"circuit": 1, "term_side": "A"},
                **{"termination_type": ["dcim", "site"], "termination_id": 1},
            ),
            row("virtualization.virtualmachine", 1, name="vm"),
            row("virtualization.vminterface", 1, virtual_machine=1, name="eth0"),
            row(
                *("dcim.macaddress", 1),
                mac_address="00:00:5E:00:53:01",
                assigned_object_type=["virtualization", "vminterface"],
                assigned_object_id=1,
            ),
        ]
    )
    assert reading.errors == []
    assert ("virtualization.cluster:1", "dcim.location:1") in reading.of("located_in")
    for key in ("virtualization.cluster:1", "ipam.prefix:1"):
        assert reading.items[key].attributes["site"] == "dcim.site:1"
    assert reading.items["circuits.circuit:1"].attributes["a_side"] == "S"
    machine = reading.items["virtualization.virtualmachine:1"]
    assert machine.attributes == {"mac_addresses": ["00:00:5E:00:53:01"]}


def scope(model: str, pk: int) -> dict[str, Any]:
    return {"scope_type": model.split("."), "scope_id": pk}


@pytest.mark.parametrize("document", [None, {}, {"results": []}, "x", [1, 2], [{"cis": []}]])
def test_another_form_is_refused_as_a_whole(document):
    with pytest.raises(UnreadableInput, match="dumpdata"):
        list(netbox.parse(document))


def test_junk_in_any_field_never_stops_the_reading():
    rows = [one for one in documents.load(OWN) if isinstance(one, dict)]
    junk: list[Any] = [-1, "x" * 2000, True, [], {"a": [1]}, 1e300, [["a"], {}], 10**400, "\x00"]
    turn = 0
    for position, one in enumerate(rows):
        for name in one["fields"] if isinstance(one.get("fields"), dict) else ():
            turn += 1
            changed = copy.copy(rows)
            changed[position] = {**one, "fields": {**one["fields"], name: junk[turn % len(junk)]}}
            for found in netbox.parse(changed):
                assert isinstance(found, ObservedItem | ObservedRelation | CMDBError)
    assert turn > 500


@pytest.mark.parametrize(
    ("role", "ci_type"),
    [
        *[("Core Switch", "switch"), ("edge-router", "router"), ("ToR", "switch")],
        *[("Firewalls", "firewall"), ("Load Balancer", "load_balancer"), ("rack_pdu", "pdu")],
        *[("Console Server", "appliance"), ("Patch Panel", "appliance"), ("SAN", "storage")],
        *[("SAN Switch", "switch"), ("Storage Server", "storage"), ("IP Phone", "phone")],
        *[("Access Point", "access_point"), ("ESXi host", "hypervisor"), ("UPS", "ups")],
        *[("Database Server", "server"), ("CRAC", "cooling"), ("Printers", "printer")],
        *[("Workstation", "endpoint"), ("Camera", "camera"), ("Groups", "device"), ("", "device")],
        *[("Blade chassis", "appliance"), ("Wireless controller", "appliance")],
    ],
)
def test_roles(role, ci_type):
    assert type_of_role(role) == ci_type


def test_tables_name_types_of_the_catalog():
    assert {ci_type for _, ci_type in ROLES} <= set(builtin_catalog().ci_types)


def test_statuses():
    assert lifecycle("dcim.device", "decommissioning") == "retired"
    assert lifecycle("dcim.site", "decommissioning") == "in_maintenance"
    assert lifecycle("dcim.rack", "reserved") == "live"
    assert lifecycle("ipam.ipaddress", "reserved") == "planned"
    assert lifecycle("dcim.device", "failed") == "live"
    assert lifecycle("dcim.device", "mine") is None


def test_demo_in_figures(demo):
    assert demo.errors == []
    by_model = Counter(key.partition(":")[0] for key in demo.items)
    for model, count in {
        **{"dcim.region": 67, "dcim.site": 24, "dcim.location": 4, "dcim.rack": 42},
        **{"dcim.device": 72, "virtualization.virtualmachine": 180},
        **{"virtualization.cluster": 32, "dcim.virtualchassis": 4, "circuits.circuit": 29},
        **{"dcim.powerfeed": 48, "dcim.powerpanel": 4, "ipam.prefix": 90, "ipam.vlan": 63},
    }.items():
        assert by_model[model] == count, model
    types = Counter(item.type for key, item in demo.items.items() if key.startswith("dcim.device:"))
    assert types == {"switch": 26, "appliance": 19, "router": 13, "pdu": 13, "server": 1}
    assert all(item.name for item in demo.items.values())
    # 26 cables router – switch, 26 router – circuit, 13 circuit – provider network, and 12 paths
    # through two panels and a circuit, of two relations each
    assert len(demo.of("connects_to")) == 26 + 26 + 13 + 12 * 2


def test_demo_path_through_two_panels_and_a_circuit(demo):
    """Worked out by hand from the rows of the file.

    interface 1066 (device 97 ncsu-coreswitch2, xe-0/0/0)
      cable 106: termination 173 A interface 1066, 174 B frontport 1299
    frontport 1299 (device 88 PP:B117, Port 3) is position 3 of rearport 1250 (48 positions)
      cable 89: termination 162 B rearport 1250, 161 A circuittermination 38
    circuittermination 38 is side A of circuit 29, its side Z is circuittermination 39
      cable 90: termination 163 A circuittermination 39, 164 B rearport 1253
    rearport 1253 (device 91 PP:MDF, 48 positions) has frontport 1443 (Port 3) at position 3
      cable 118: termination 198 B frontport 1443, 197 A interface 918
    interface 918 (device 94 ncsu117-distswitch1, xe-0/0/2)
    """
    whole = {
        "ends": ["dcim.device:94", "dcim.device:97"],
        "ports": ["xe-0/0/2", "xe-0/0/0"],
        "path": ["dcim.device:91", "circuits.circuit:29", "dcim.device:88"],
    }
    assert demo.links("circuits.circuit:29", "dcim.device:97")["A–xe-0/0/0"] == {
        "panels": ["dcim.device:88"],
        "cables": [89, 106],
        **whole,
    }
    assert demo.links("circuits.circuit:29", "dcim.device:94")["Z–xe-0/0/2"] == {
        "panels": ["dcim.device:91"],
        "cables": [90, 118],
        **whole,
    }


def test_demo_path_through_a_circuit(demo):
    """Worked out by hand from the rows of the file.

    interface 1 (device 1 dmi01-akron-rtr01, GigabitEthernet0/0/0)
      cable 7: termination 14 B interface 1, 13 A circuittermination 1
    circuittermination 1 is side Z of circuit 1, its side A is circuittermination 48,
    which has no cable and ends in provider network 1 (Level3 MPLS)
    """
    assert demo.links("circuits.circuit:1", "dcim.device:1") == {
        "Z–GigabitEthernet0/0/0": {
            "panels": [],
            "cables": [7],
            "ends": ["dcim.device:1", "circuits.providernetwork:1"],
            "ports": ["GigabitEthernet0/0/0", None],
            "path": ["circuits.circuit:1"],
        }
    }
    assert demo.links("circuits.circuit:1", "circuits.providernetwork:1") == {"A": {}}
