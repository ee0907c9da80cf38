"""The lab itself: its machines are real, change as real ones do, and leave nothing behind."""

import os
import select
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.discovery.lab import Lab
from tests.discovery.lab_machine import SUBNETS, Link, Machine, Plan
from tests.discovery.lab_services import LLDP_SYSTEM_NAME, SYSTEM_NAME, snmp_text

ROOT = Path(__file__).resolve().parents[2]
POSTGRES_START = b"\x00\x00\x00\x17\x00\x03\x00\x00user\x00postgres\x00\x00"
SMALL = (
    Plan("one", {"core": 11}, ("snmpd", "lldpd", "redis")),
    Plan("two", {"core": 12}, ("snmpd", "lldpd", "postgres")),
)
SMALL_LINKS = (Link("one", "port1", "two", "port1"),)
HOLD = """
import sys
from tests.discovery.lab import Lab
from tests.discovery.test_lab import SMALL, SMALL_LINKS
with Lab(SMALL, SMALL_LINKS) as lab:
    print(lab.folder, *(machine.namespace.pid for machine in lab.live), flush=True)
    sys.stdin.read()
"""


def said(lab: Lab, machine: Machine, port: int, question: bytes = b"") -> str:
    """What a machine answers the scanner on a TCP port."""
    with lab.scanner.entered():
        client = socket.create_connection((str(machine.addresses["eth0"]), port), timeout=10)
    with client:
        client.sendall(question)
        return client.recv(4096).decode(errors="replace")


def told(lab: Lab, name: str, oid: tuple[int, ...]) -> str | None:
    """What the SNMP agent of a machine tells the scanner."""
    with lab.scanner.entered():
        return snmp_text(str(lab.machines[name].addresses["eth0"]), oid)


def test_there_are_at_least_twelve_machines_in_three_subnets(lab: Lab) -> None:
    addresses = [address for machine in lab.live for address in machine.addresses.values()]

    assert len(lab.live) >= 12
    assert all(any(address in network for address in addresses) for network in SUBNETS.values())
    assert len({address for machine in lab.live for address in machine.macs.values()}) == sum(
        len(machine.macs) for machine in lab.live
    )


def test_every_machine_answers_as_it_is_to_and_shows_its_mac(lab: Lab) -> None:
    answers = {machine.name: lab.pings(machine) for machine in lab.live}
    known = lab.known_macs()

    assert answers == {m.name: m.plan.answers != "arp" for m in lab.live}
    assert {m.name: known[str(m.addresses["eth0"])] for m in lab.live} == {
        m.name: m.macs["eth0"] for m in lab.live
    }


def test_every_service_answers_with_the_version_that_is_installed(lab: Lab) -> None:
    asked = {
        22: (b"", "SSH-2.0-dropbear_{}"),
        80: (b"GET / HTTP/1.0\r\n\r\n", "Server: nginx/{}"),
        6379: (b"INFO server\r\n", "redis_version:{}"),
        5432: (POSTGRES_START, "SCRAM-SHA-256"),  # PostgreSQL tells no stranger its version
    }
    found = {}
    for machine in lab.live:
        for port, service in machine.services.items():
            if port == 161:
                found[machine.name, port] = told(lab, machine.name, SYSTEM_NAME) == machine.hostname
            else:
                question, answer = asked[port]
                text = said(lab, machine, port, question)
                found[machine.name, port] = answer.format(service.version) in text

    assert len(found) >= 15
    assert found == dict.fromkeys(found, True)


def test_versions_are_those_of_the_packages(lab: Lab) -> None:
    packages = {
        "Dropbear": "dropbear-bin",
        "nginx": "nginx-light",
        "PostgreSQL": "postgresql-[1-9]*",
        "Redis": "redis-server",
        "Net-SNMP": "snmpd",
    }
    services = {s.product: s.version for m in lab.live for s in m.services.values()}

    assert services.keys() == packages.keys()
    for product, version in services.items():
        query = ("dpkg-query", "-W", "-f", "${Version}\n", packages[product])
        done = subprocess.run(query, capture_output=True, text=True, check=True)
        assert any(version in line for line in done.stdout.splitlines()), product


def test_machines_without_services_refuse_or_are_silent(lab: Lab) -> None:
    with pytest.raises(ConnectionRefusedError):
        said(lab, lab.machines["desk1"], 22)
    with lab.scanner.entered(), socket.socket() as client:
        client.setblocking(False)
        client.connect_ex((str(lab.machines["sensor"].addresses["eth0"]), 22))
        answered = select.select([], [client], [], 0.5)[1]

    assert not answered


def test_neighbours_see_each_other_by_lldp(lab: Lab) -> None:
    seen = {
        Link(machine.name, port, other, other_port)
        for machine in lab.live
        if "lldpd" in machine.plan.services
        for port, other, _, other_port in machine.neighbours()
    }
    both = {Link(link.other, link.other_port, link.one, link.port) for link in lab.links}

    assert len(lab.links) == 5
    assert seen == lab.links | both
    assert told(lab, "gate", LLDP_SYSTEM_NAME) == "gate"


def test_a_swap_gives_each_the_address_of_the_other(lab: Lab) -> None:
    one, other = lab.machines["db2"], lab.machines["cache1"]
    before = (dict(one.addresses), dict(other.addresses))
    lab.swap("db2", "cache1")

    assert (one.addresses, other.addresses) == before[::-1]
    assert lab.pings(one)
    assert lab.pings(other)
    known = lab.known_macs()
    assert known[str(before[0]["eth0"])] == other.macs["eth0"]
    assert known[str(before[1]["eth0"])] == one.macs["eth0"]
    assert "redis_version" in said(lab, other, 6379, b"INFO server\r\n")


def test_a_machine_of_another_name_tells_it(lab: Lab) -> None:
    lab.rename("core2", "spine2")

    assert told(lab, "core2", SYSTEM_NAME) == "spine2"
    assert ("port1", "spine2") in {n[:2] for n in lab.machines["core1"].neighbours()}
    assert socket.gethostname() != "spine2"


def test_another_network_card_has_another_mac_and_the_same_keys(lab: Lab) -> None:
    machine = lab.machines["core1"]
    old, key = machine.macs["eth0"], machine.host_key
    new = lab.change_nic("core1")

    assert lab.pings(machine)
    assert lab.known_macs()[str(machine.addresses["eth0"])] == new != old
    assert machine.host_key == key
    assert "dropbear" in said(lab, machine, 22)


def test_a_machine_that_is_off_is_away_and_comes_back_as_it_was(lab: Lab) -> None:
    machine, links = lab.machines["core1"], lab.links
    key = machine.host_key
    lab.stop("core1")

    assert machine not in lab.live
    assert len(lab.links) == len(links) - 3
    assert not lab.pings(machine)
    assert "port1" not in {neighbour[0] for neighbour in lab.machines["core2"].neighbours()}

    lab.start("core1")

    assert lab.pings(machine)
    assert (lab.links, machine.host_key) == (links, key)


def test_data_outlive_a_restart(lab: Lab) -> None:
    lab.stop("db2")
    lab.start("db2")

    assert "SCRAM" in said(lab, lab.machines["db2"], 5432, POSTGRES_START)


def test_a_capture_has_what_was_sent_and_whereto(lab: Lab) -> None:
    web, empty = lab.machines["web2"], "10.20.1.99"
    with lab.capture() as capture:
        said(lab, web, 80, b"GET / HTTP/1.0\r\n\r\n")
        with lab.scanner.entered():
            snmp_text(empty, SYSTEM_NAME)

    sent = {(packet.kind, str(packet.target), packet.port) for packet in capture.packets}
    address = str(web.addresses["eth0"])
    assert {("tcp", address, 80), ("arp", empty, None)} <= sent
    assert {target for _, target, _ in sent} == {address, empty}


def test_a_capture_of_nothing_is_empty(lab: Lab) -> None:
    with lab.capture() as capture:
        pass

    assert capture.packets == []


def test_denied_are_the_vault_and_the_scanner(lab: Lab) -> None:
    vault = lab.machines["vault"]

    assert lab.pings(vault)
    assert not lab.scope.permits(vault.addresses["eth0"])
    assert all(lab.scope.permits(a) for m in lab.live for a in m.addresses.values())
    assert not lab.scope.permits(SUBNETS["core"][254])


# --- nothing is left


def kept_by(pids: list[int]) -> set[str]:
    """The networks and the sets of processes of some machines."""
    kept = set()
    for pid in pids:
        for kind in ("net", "pid"):
            try:
                kept.add(str(Path(f"/proc/{pid}/ns/{kind}").readlink()))
            except OSError:  # it has ended meanwhile
                continue
    return kept


def left() -> set[str]:
    """All networks and sets of processes that any process is in."""
    return kept_by([int(path.name) for path in Path("/proc").glob("[0-9]*")])


def interfaces() -> set[str]:
    """Those of the real machine."""
    return {path.name for path in Path("/sys/class/net").iterdir()}


@pytest.mark.parametrize("failing", [False, True])
def test_a_lab_leaves_nothing(failing: bool) -> None:
    real = interfaces()
    lab = Lab(SMALL, SMALL_LINKS)
    with suppress(ZeroDivisionError), lab:
        mine = kept_by([machine.namespace.pid for machine in lab.live] + [lab.scanner.pid])
        there = len(mine & left()), lab.folder.is_dir()
        assert failing is False or 1 / 0

    assert there == (6, True)
    assert not mine & left()
    assert not lab.folder.exists()
    assert interfaces() == real


def test_a_lab_that_cannot_start_leaves_nothing() -> None:
    lab = Lab((*SMALL, Plan("three", {"core": 13}, ("no-such-service",))))
    with pytest.raises(KeyError), lab:
        pass

    assert not [machine for machine in lab.machines.values() if machine.on]
    assert not lab.folder.exists()


def test_a_killed_owner_leaves_no_process() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    with owner:
        folder, *words = owner.stdout.readline().decode().split()
        pids = [int(word) for word in words]
        mine = kept_by(pids)
        handles = [os.pidfd_open(pid) for pid in pids]
        owner.kill()
        for handle in handles:  # readable when the process has ended, and all that it kept
            assert select.select([handle], [], [], 10)[0]
            os.close(handle)

    shutil.rmtree(folder)
    assert len(mine) == 4
    assert not mine & left()
