"""GLPI inventories of scanned devices: every fact that the catalog has an attribute for."""

from typing import Any

from tests.glpi_reading import FABRIC, example, inventory, read


def test_every_fact_of_a_network_device():
    found = read(example("networkequipment_1"))
    machine = found.machine()
    assert (machine.key, machine.type) == (FABRIC, "network_device")
    facts = dict(machine.attributes)
    macs = facts.pop("mac_addresses")
    assert facts == {
        "hostname": "ucs6248up-cluster-pa3-B",
        "inventory_agent": "4.1",
        "vendor": "Cisco",
        "model": "UCS 6248UP 48-Port",
        "part_number": "UCS-FI-6248UP",
        "serial_number": "SSI1912014B",
        "firmware_version": "5.0(3)N2(4.02b)",
        "snmp_location": "paris.pa3",
        "snmp_contact": "noc@glpi-project.org",
        "ports": 163,
        "power_supplies": 2,
        "ip_addresses": ["10.2.5.10", "192.168.12.5"],
    }
    ports = example("networkequipment_1")["content"]["network_ports"]
    assert set(macs) == {"8c:60:4f:8d:ae:fc"} | {port["mac"] for port in ports}
    components = {k: v.attributes for k, v in found.items.items() if v.type == "component"}
    supply = {
        "kind": "power_supply",
        "vendor": "Cisco Systems, Inc.",
        "model": "UCS-PSU-6248UP-AC",
    }
    assert {k: v["serial_number"] for k, v in components.items()} == {
        f"{FABRIC}/module/foc19260bjm": "FOC19260BJM",
        f"{FABRIC}/power_supply/art191210rx": "ART191210RX",
        f"{FABRIC}/power_supply/art191110ta": "ART191110TA",
        f"{FABRIC}/fan/art191210rx": "ART191210RX",
        f"{FABRIC}/fan/art191110ta": "ART191110TA",
    }
    assert components[f"{FABRIC}/module/foc19260bjm"] == {
        "kind": "module",
        "vendor": "Cisco Systems, Inc.",
        "model": "UCS-FI-6248UP",
        "serial_number": "FOC19260BJM",
        "firmware_version": "5.0(3)N2(4.02b)",
    }
    assert components[f"{FABRIC}/power_supply/art191210rx"] == {
        **supply,
        "serial_number": "ART191210RX",
    }


def test_every_port_of_a_network_device():
    found = read(example("networkequipment_1"))
    assert found.attributes(f"{FABRIC}/interface/port-channel1") == {
        "if_name": "port-channel1",
        "if_index": 369098752,
        "if_alias": "U: Uplink",
        "interface_type": "virtual",
        "virtual": True,
        "mac_address": "8c:60:4f:8d:ae:b7",
        "speed": 40000,
        "mtu": 1500,
        "duplex": "full",
        "admin_status": "up",
        "oper_status": "up",
        "vlans": ["1 default"],
        "trunk": True,
    }
    assert found.attributes(f"{FABRIC}/interface/mgmt0") == {
        "if_name": "mgmt0",
        "if_index": 83886080,
        "interface_type": "ethernet",
        "mac_address": "8c:60:4f:8d:ae:a1",
        "speed": 1000,
        "mtu": 1500,
        "duplex": "unknown",
        "admin_status": "down",
        "oper_status": "down",
    }
    ports = example("networkequipment_1")["content"]["network_ports"]
    words = {1: "up", 2: "down"}
    assert len(ports) == 183
    for port in ports:
        facts = found.attributes(f"{FABRIC}/interface/{port['ifname'].lower()}")
        assert facts["if_name"] == port["ifname"]
        assert facts["if_index"] == port["ifnumber"]
        assert facts.get("if_alias") == port.get("ifalias")
        assert facts["mac_address"] == port["mac"]
        assert facts["mtu"] == port["ifmtu"]
        assert facts.get("speed", 0) * 1_000_000 == port["ifspeed"]
        assert facts["admin_status"] == words[port["ifinternalstatus"]]
        assert facts["oper_status"] == words[port["ifstatus"]]
        assert facts.get("trunk") == port.get("trunk")
        vlans = [f"{one['number']} {one['name']}" for one in port.get("vlans", ())]
        assert facts.get("vlans", []) == vlans
        known = {1: "unknown", 3: "full"}
        assert facts.get("duplex") == known.get(port.get("ifportduplex"))


def test_neighbours_that_ports_announce():
    found = read(example("networkequipment_1"))
    nexus = "Cisco Nexus Operating System (NX-OS) Software, Version 7.0(3)I7(6)"
    rows = (
        ("mgmt0", "FastEthernet0/2", "sw2-mgmt-eqnx"),
        ("Ethernet1/15", "Ethernet1/5", "n9k-2-pa3"),
        ("Ethernet1/16", "Ethernet1/6", "n9k-2-pa3"),
        ("Ethernet1/31", "Ethernet1/5", "n9k-1-pa3"),
        ("Ethernet1/32", "Ethernet1/6", "n9k-1-pa3"),
    )
    assert found.links() == {
        "–".join(sorted((local, remote))): (
            f"{FABRIC}/neighbour/{name}",
            {"ends": [FABRIC, f"{FABRIC}/neighbour/{name}"], "ports": [local, remote]},
            0.8,
        )
        for local, remote, name in rows
    }
    neighbour = found.items[f"{FABRIC}/neighbour/n9k-2-pa3"]
    assert (neighbour.type, neighbour.within, neighbour.confidence) == ("unclassified", None, 0.8)
    assert neighbour.attributes == {
        "hostname": "n9k-2-pa3",
        "ip_addresses": ["10.1.0.58"],
        "management_ip": "10.1.0.58",
        "model": "N9K-C9372PX",
        "description": nexus,
    }


def test_a_learned_address_is_a_neighbour_only_when_alone():
    found = read(example("networkequipment_3"))
    switch = "HP-2530-48G-2020-12-31-11-28-51"
    alone = f"{switch}/neighbour/34:64:a9:c8:6d:d3"
    assert found.items[alone].attributes == {"mac_addresses": ["34:64:a9:c8:6d:d3"]}
    assert found.items[alone].confidence == 0.5
    assert found.links()["4"] == (alone, {"ends": [switch, alone], "ports": ["4", None]}, 0.5)
    several = [{"mac": "00:1b:21:00:00:01"}, {"mac": ["00:1b:21:00:00:02"]}]
    document = inventory(
        "NetworkEquipment", network_ports=[{"ifname": "1", "connections": several}]
    )
    assert read(document).links() == {}


def test_a_name_that_is_no_host_name_is_no_host_name():
    found = read(example("networkequipment_3"))
    phone = "HP-2530-48G-2020-12-31-11-28-51/neighbour/38:1c:1a:b5:73:20"
    assert found.items[phone].name == "Cisco IP Phone SPA303"
    assert "hostname" not in found.attributes(phone)


def test_a_printer_and_its_pages():
    found = read(example("printer_1"))
    assert found.machine().type == "printer"
    assert found.machine().attributes == {
        "hostname": "NPIF2BE10",
        "inventory_agent": "missing",
        "vendor": "Hewlett-Packard",
        "model": "HP LaserJet M507",
        "serial_number": "PHCVN191TG",
        "firmware_version": "2409048_052887",
        "memory": 512,
        "ip_addresses": ["10.59.29.175"],
        "mac_addresses": ["00:68:eb:f2:be:10"],
        "management_ip": "10.59.29.175",
        "page_count": 1802,
        "page_count_duplex": 831,
    }
    names = [one.name or "" for one in found.items.values() if one.type == "network_interface"]
    assert [name.rpartition(" ")[2] for name in names] == ["#1", "#2"]  # both have one name


def test_a_phone():
    found = read(example("phone_1"))
    facts = found.machine().attributes
    assert found.machine().type == "phone"
    assert (facts["number"], facts["carrier"]) == ("+33632331095", "Free")
    assert facts["iccid"] == "8933150319050352521"
    assert (facts["vendor"], facts["model"], facts["memory"]) == ("Xiaomi", "Mi 9T Pro", 5523)
    assert (facts["cpu_cores"], facts["operating_system"]) == (8, "Q Android 10.0 api 29")
    assert "last_boot" not in facts  # its month is 54
    document = inventory("Phone", modems=[{"imei": ["356938035643809"]}])
    assert read(document).machine().attributes["imei"] == "356938035643809"


def test_a_stack():
    """The first unit is the device itself; the others are devices of their own."""
    units = [
        {"type": "chassis", "serial": f"FOC{n}AB", "model": "WS-C3750X", "stack_number": n}
        for n in (1, 2, 3)
    ]
    device = {"name": "stack", "serial": "FOC1AB", "manufacturer": "Cisco", "model": "3750 Switch"}
    found = read(inventory("NetworkEquipment", network_device=device, network_components=units))
    assert found.machine().type == "switch"
    assert found.machine().attributes["stack_members"] == 3
    assert found.machine().attributes["part_number"] == "WS-C3750X"
    assert found.of("part_of") == [("pc-1/unit/foc2ab", "pc-1"), ("pc-1/unit/foc3ab", "pc-1")]
    second = found.items["pc-1/unit/foc2ab"]
    assert (second.type, second.name, second.within) == ("switch", "stack 2", None)
    assert second.attributes["vendor"] == "Cisco"


def test_devices_that_a_nameless_scanner_saw_stay_apart():
    def scanned(serial: str) -> dict[str, Any]:
        device = {"serial": serial, "name": "p"}
        content = {"network_device": device}
        return {"deviceid": "foo", "itemtype": "Printer", "content": content}

    assert list(read([scanned("AB1"), scanned("AB2")]).items) == ["foo/ab1", "foo/ab2"]
