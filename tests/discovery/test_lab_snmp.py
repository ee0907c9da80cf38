"""SNMP and GLPI in the lab, after nmap: the links of LLDP, and all three know the same CIs."""

from collections.abc import Iterator

import pytest

from cmdb.schema.records import ConfigurationItem
from cmdb.sealing import new_key
from discovery.agents import glpi
from discovery.credentials import put_credential
from tests.discovery.capture import Packet
from tests.discovery.lab import Lab
from tests.discovery.lab_estate import (
    ROOT,
    Estate,
    allowed,
    targets,
    wrong_hosts,
    wrong_services,
)
from tests.discovery.lab_machine import Machine
from tests.discovery.lab_services import AUTHENTICATION, COMMUNITY, PRIVACY, USER

V2C = {"community": COMMUNITY}
V3 = {
    "user": USER,
    "auth": "sha",
    "auth_key": AUTHENTICATION,
    "privacy": "aes",
    "privacy_key": PRIVACY,
}
Scanned = tuple[Estate, dict[str, int], list[Packet]]


@pytest.fixture(scope="module")
def scanned(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanned]:
    """A store after nmap and SNMP, the CIs it had after nmap, and what SNMP has sent."""
    estate = Estate(tmp_path_factory.mktemp("lab") / "cmdb.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CMDB_CREDENTIALS_KEY", new_key())
        put_credential(ROOT, estate.env, "v2c", "snmp_v2c", V2C)
        put_credential(ROOT, estate.env, "v3", "snmp_v3", V3)
        estate.scan(lab, "nmap")
        before = estate.numbers
        with lab.capture() as capture:
            ask(lab, estate)
        yield estate, before, capture.packets
    estate.env.close()


def ask(lab: Lab, estate: Estate, credential: str = "v2c") -> None:
    estate.scan(lab, "snmp", credentials=[credential])


def wrong(lab: Lab, estate: Estate) -> list[str]:
    return wrong_hosts(lab, estate, legs_told=True) + wrong_services(lab, estate)


def agents(lab: Lab) -> list[Machine]:
    """The machines that tell by SNMP."""
    return [machine for machine in lab.live if "snmpd" in machine.plan.services]


def host(estate: Estate, machine: Machine) -> ConfigurationItem:
    """The one CI of a machine."""
    (found,) = estate.hosts_of(machine)
    return found


def test_every_lldp_link_is_found_once_and_no_other(lab: Lab, scanned: Scanned) -> None:
    assert scanned[0].links(lab) == sorted(lab.links)
    assert len(lab.links) == 5


def test_both_sources_know_the_same_hosts(lab: Lab, scanned: Scanned) -> None:
    estate, before, _ = scanned

    assert wrong(lab, estate) == []
    assert {one.key: one.number for one in estate.hosts}.items() <= before.items()
    for machine in lab.live:
        known = {"nmap", "snmp"} if machine in agents(lab) else {"nmap"}
        assert estate.sources(host(estate, machine)) == known


def test_devices_tell_their_names_and_interfaces(lab: Lab, scanned: Scanned) -> None:
    for machine in agents(lab):
        found = host(scanned[0], machine)
        parts = scanned[0].parts(found, "network_interface")
        cards = {(one.attributes["if_name"], one.attributes.get("mac_address")) for one in parts}
        each = len(machine.legs)  # which tell of the cards for themselves

        assert found.attributes["hostname"] == machine.hostname
        assert set(machine.macs.values()) == set(found.attributes["mac_addresses"])
        assert cards == {*machine.macs.items(), ("lo", None)}
        assert len(cards) <= len(parts) <= each * len(cards)


def test_only_allowed_addresses_were_asked(lab: Lab, scanned: Scanned) -> None:
    sent = scanned[2]
    asked = {str(machine.addresses["eth0"]) for machine in agents(lab)}

    assert asked <= targets(sent) <= allowed(lab)
    assert {(packet.kind, packet.port) for packet in sent} == {("arp", None), ("udp", 161)}


def test_three_more_runs_add_nothing(lab: Lab, scanned: Scanned) -> None:
    estate = scanned[0]
    before = estate.numbers
    for credential in ("v2c", "v3", "v3"):
        ask(lab, estate, credential)

    assert estate.numbers == before
    assert estate.links(lab) == sorted(lab.links)


def test_a_renamed_device_is_the_same(lab: Lab, scanned: Scanned) -> None:
    estate = scanned[0]
    before = estate.numbers
    lab.rename("core2", "spine3")
    ask(lab, estate)

    assert estate.numbers == before
    assert host(estate, lab.machines["core2"]).attributes["hostname"] == "spine3"
    assert estate.links(lab) == sorted(lab.links)


def test_a_host_with_another_network_card_is_the_same(lab: Lab, scanned: Scanned) -> None:
    estate = scanned[0]
    before = estate.numbers
    lab.change_nic("web1")
    ask(lab, estate)
    estate.scan(lab, "nmap")

    assert estate.numbers == before
    assert estate.links(lab) == sorted(lab.links)
    assert wrong(lab, estate) == []


def test_an_inventory_of_glpi_is_of_the_same_host(lab: Lab, scanned: Scanned) -> None:
    estate, machine = scanned[0], lab.machines["db1"]
    before = estate.numbers
    postgres = machine.services[5432].version
    inventory = {
        "deviceid": "db1-2024-05-01-10-00-00",
        "itemtype": "Computer",
        "content": {
            "hardware": {"name": "db1", "uuid": "4c4c4544-0034-3010-8048-b6c04f503788"},
            "bios": {"smanufacturer": "Supermicro", "ssn": "S123456X7890123"},
            "networks": [
                {
                    "description": "eth0",
                    "mac": machine.macs["eth0"],
                    "ipaddress": str(machine.addresses["eth0"]),
                    "ipmask": "255.255.255.0",
                }
            ],
            "databases_services": [{"name": "PostgreSQL", "version": postgres, "port": 5432}],
        },
    }
    estate.hear("glpi", glpi.parse(inventory))

    found = host(estate, machine)
    assert estate.numbers == before
    assert estate.sources(found) == {"nmap", "glpi"}
    assert found.attributes["serial_number"] == "S123456X7890123"
    assert estate.services(found)[5432] == [("PostgreSQL", postgres)]


def test_after_a_swap_of_addresses_each_is_the_ci_it_was(lab: Lab, scanned: Scanned) -> None:
    estate = scanned[0]
    machines = [lab.machines[name] for name in ("core2", "store1")]
    before = {one.key: one.number for one in estate.hosts}
    numbers = [host(estate, machine).number for machine in machines]
    lab.swap("core2", "store1")
    try:
        ask(lab, estate)
        estate.scan(lab, "nmap")

        assert {one.key: one.number for one in estate.hosts} == before
        assert [host(estate, machine).number for machine in machines] == numbers
        assert wrong_hosts(lab, estate, legs_told=True) == []
        assert estate.links(lab) == sorted(lab.links)
    finally:
        lab.swap("core2", "store1")
