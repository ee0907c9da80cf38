"""nmap in the lab: all that is there is found, once, whatever changes, and nothing else is touched.

Each test changes the lab, scans again, and compares the store with what the lab then is.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.discovery.capture import Packet
from tests.discovery.lab import Lab
from tests.discovery.lab_estate import (
    RATE,
    WORKERS,
    Estate,
    allowed,
    fastest,
    targets,
    wrong_hosts,
    wrong_on,
    wrong_services,
)
from tests.discovery.lab_machine import SUBNETS
from tests.observed import reviews

SCANNER = str(SUBNETS["data"][254])


def wrong(lab: Lab, estate: Estate) -> list[str]:
    return wrong_hosts(lab, estate) + wrong_services(lab, estate)


def test_every_live_host_and_service_is_found_and_no_other(lab: Lab, estate: Estate) -> None:
    assert wrong(lab, estate) == []
    assert len(lab.live) >= 12
    assert len(estate.listening) >= 12


def test_a_machine_with_several_legs_is_proposed_not_guessed(lab: Lab, estate: Estate) -> None:
    gate = lab.machines["gate"]
    (review,) = [one for one in reviews(estate.env) if "ssh_host_key" in one]

    assert all(str(address) in review for address in gate.addresses.values())


def test_only_allowed_addresses_were_sent_anything(
    lab: Lab, first_scan: tuple[Estate, list[Packet]]
) -> None:
    sent = first_scan[1]
    live = {str(address) for machine in lab.live for address in machine.addresses.values()}

    assert live <= targets(sent) <= allowed(lab)
    assert {packet.kind for packet in sent} <= {"arp", "icmp", "tcp", "udp"}


def test_no_more_packets_were_sent_than_the_rate_allows(
    first_scan: tuple[Estate, list[Packet]],
) -> None:
    assert 100 < fastest(first_scan[1]) <= RATE * WORKERS


def test_three_more_runs_add_nothing(lab: Lab, estate: Estate) -> None:
    before = estate.numbers
    for _ in range(3):
        estate.scan(lab, "nmap")

    assert estate.numbers == before
    assert wrong(lab, estate) == []


def test_a_renamed_host_is_the_same(lab: Lab, estate: Estate) -> None:
    before = estate.numbers
    lab.rename("web1", "frontend1")
    estate.scan(lab, "nmap")

    assert estate.numbers == before
    assert wrong(lab, estate) == []


@pytest.mark.parametrize("name", ["db1", "web2"])
def test_a_host_with_another_network_card_is_the_same(lab: Lab, estate: Estate, name: str) -> None:
    before = estate.numbers
    lab.change_nic(name)
    estate.scan(lab, "nmap")

    assert estate.numbers == before
    assert wrong(lab, estate) == []


@pytest.fixture
def swapping(lab: Lab) -> Iterator[Callable[[], None]]:
    """Lets two machines exchange their addresses; afterwards they have their own again."""
    done = []

    def swap() -> None:
        lab.swap("db2", "cache1")
        done.append(True)

    yield swap
    if done:
        lab.swap("db2", "cache1")


def test_a_swap_of_addresses_makes_no_new_hosts(
    lab: Lab, tmp_path: Path, swapping: Callable[[], None]
) -> None:
    """What listened before at an address is told there until it counts as missed."""
    estate = Estate(tmp_path / "cmdb.db")
    subnet = {"networks": [str(SUBNETS["data"])], "deny": [str(SUBNETS["data"][66]), SCANNER]}
    estate.scan(lab, "nmap", **subnet)
    before = {one.key: one.number for one in estate.hosts}
    swapping()
    estate.scan(lab, "nmap", **subnet)

    assert {one.key: one.number for one in estate.hosts} == before
    for machine in (lab.machines["db2"], lab.machines["cache1"]):
        (host,) = estate.hosts_of(machine)
        found = estate.services(host)
        assert host.attributes["ip_addresses"] == [str(machine.addresses["eth0"])]
        assert wrong_on(machine, {port: found[port] for port in machine.services}) == []
    estate.env.close()
