"""A network to discover: fifteen machines in three subnets, with real services and LLDP.

    with Lab() as lab:
        with lab.capture() as capture, lab.scanner.entered():
            ...                               # the product runs here, with a leg in each subnet
        lab.swap("db2", "cache1")             # what DHCP may do
        lab.machines["db2"].addresses         # the truth, at any time
        capture.packets                       # all that the product has sent

Each subnet is a bridge, so that the scanner sees the MAC addresses; LLDP goes over cables that join
machines directly. `vault` is live and denied: nothing may ever be sent to it.
"""

from __future__ import annotations

import ipaddress
import shutil
import socket
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from discovery.scope import Network, Scope
from tests.discovery.capture import Capture
from tests.discovery.lab_machine import DELL, LINKS, PLANS, SUBNETS, Link, Machine, Plan, mac
from tests.discovery.lab_services import awaited
from tests.discovery.namespaces import Namespace, NamespaceError, bridge, cable

SITE = "lab"
SCANNER_NUMBER = 254
ECHO_REQUEST = b"\x08\x00\x00\x00\x00\x00\x00\x01lab"
LAST = ("snmpd", "lldpd")
"""Services that others wait for: each registers with the one before it."""


class Lab:
    """The network; a context manager, which starts it all and leaves nothing behind."""

    def __init__(self, plans: Iterable[Plan] = PLANS, links: Iterable[Link] = LINKS) -> None:
        self._links = tuple(links)
        self._plans = tuple(plans)
        self.machines: dict[str, Machine] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="cmdb-lab-"))
            self.folder.chmod(0o711)
            stack.callback(shutil.rmtree, self.folder)
            self._switch = stack.enter_context(Namespace("switch"))
            self.scanner = stack.enter_context(Namespace("scanner"))
            for card, (subnet, network) in enumerate(SUBNETS.items()):
                bridge(self._switch, subnet)
                address = mac(DELL, SCANNER_NUMBER, card)
                self._plug(self.scanner, subnet, subnet, address, network[SCANNER_NUMBER])
            for number, plan in enumerate(self._plans, 1):
                folder = self.folder / plan.name
                machine = Machine(plan, number, self._ports(plan.name), folder)
                self.machines[plan.name] = machine
                stack.callback(machine.cut)
            self._switch_on(list(self.machines.values()))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # --- the truth

    @property
    def live(self) -> list[Machine]:
        """The machines that are to be found: those switched on, and not denied."""
        return [one for one in self.machines.values() if one.on and not one.plan.denied]

    @property
    def links(self) -> set[Link]:
        """The cables, all with LLDP, between machines that are switched on."""
        on = {name for name, machine in self.machines.items() if machine.on}
        return {link for link in self._links if {link.one, link.other} <= on}

    @property
    def denied(self) -> tuple[Network, ...]:
        """What may not be scanned: the vault, and the scanner itself."""
        closed = [one for one in self.machines.values() if one.plan.denied]
        addresses = [address for one in closed for address in one.addresses.values()]
        addresses += [network[SCANNER_NUMBER] for network in SUBNETS.values()]
        return tuple(ipaddress.ip_network(address) for address in sorted(addresses))

    @property
    def scope(self) -> Scope:
        """The subnets without what is denied."""
        return Scope(allow=tuple(SUBNETS.values()), deny=self.denied, site=SITE)

    def capture(self) -> Capture:
        """A capture of all that leaves the scanner."""
        return Capture(self.scanner)

    def pings(self, machine: Machine) -> bool:
        """Whether a machine answers an echo request of the scanner."""
        kind = (socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
        with self.scanner.entered(), socket.socket(*kind) as client:
            client.settimeout(1)
            try:
                client.sendto(ECHO_REQUEST, (str(machine.addresses["eth0"]), 0))
                return client.recv(100).endswith(b"lab")
            except OSError:
                return False

    def known_macs(self) -> dict[str, str]:
        """What the scanner has learnt by ARP: MAC address by address."""
        lines = self.scanner.run("ip", "-4", "neigh", "show").splitlines()
        words = (line.split() for line in lines)
        return {word[0]: word[word.index("lladdr") + 1] for word in words if "lladdr" in word}

    # --- what happens to it

    def stop(self, name: str) -> None:
        """Switch a machine off."""
        self.machines[name].switch_off()
        self._settle()

    def start(self, name: str) -> None:
        """Switch a machine on again."""
        self._switch_on([self.machines[name]])

    def swap(self, one: str, other: str) -> None:
        """Let two machines of a subnet exchange their addresses, as DHCP may do."""
        first, second = self.machines[one], self.machines[other]
        address = first.addresses["eth0"]
        first.set_address("eth0", second.addresses["eth0"])
        second.set_address("eth0", address)
        self._restart(first, second)

    def rename(self, name: str, hostname: str) -> None:
        """Give a machine another host name, which SNMP and LLDP tell."""
        self.machines[name].set_hostname(hostname)
        self._restart(self.machines[name])

    def change_nic(self, name: str) -> str:
        """Put another network card into a machine; returns its MAC address."""
        address = self.machines[name].change_card("eth0")
        self._restart(self.machines[name])
        return address

    # --- how it is made

    def _ports(self, name: str) -> list[str]:
        ends = [(link.one, link.port) for link in self._links]
        ends += [(link.other, link.other_port) for link in self._links]
        return [port for machine, port in ends if machine == name]

    def _plug(
        self,
        machine: Namespace,
        leg: str,
        subnet: str,
        address: str,
        ip: ipaddress.IPv4Address,
    ) -> None:
        port = f"{subnet}{machine.pid}"
        cable(machine, leg, self._switch, port, address)
        self._switch.ip(f"link set {port} master {subnet} up")
        length = SUBNETS[subnet].prefixlen
        machine.ip(f"addr add {ip}/{length} dev {leg}", f"link set {leg} up")

    def _join(self, link: Link) -> None:
        one, other = self.machines[link.one], self.machines[link.other]
        macs = one.macs[link.port], other.macs[link.other_port]
        cable(one.namespace, link.port, other.namespace, link.other_port, *macs)
        one.namespace.ip(f"link set {link.port} up")
        other.namespace.ip(f"link set {link.other_port} up")

    def _switch_on(self, machines: list[Machine]) -> None:
        for machine in machines:
            machine.switch_on()
            for leg, subnet in machine.legs.items():
                address = machine.addresses[leg]
                self._plug(machine.namespace, leg, subnet, machine.macs[leg], address)
        names = {machine.name for machine in machines}
        for link in self.links:
            if names & {link.one, link.other}:
                self._join(link)
        early = [
            (machine, name)
            for machine in machines
            for name in machine.plan.services
            if name not in LAST
        ]
        _start(early)
        self._start_last(machines)

    def _restart(self, *machines: Machine) -> None:
        """Let SNMP and LLDP see at once what they would notice in time."""
        for machine in machines:
            for name in reversed(LAST):
                if name in machine.programs:
                    machine.programs[name].end()
        self._start_last(machines)

    def _start_last(self, machines: Iterable[Machine]) -> None:
        for name in LAST:
            _start([(one, name) for one in machines if name in one.plan.services])
        self._settle()

    def _settle(self) -> None:
        """Return when all neighbours know each other by LLDP, and the scanner knows no one."""
        self.scanner.ip("neigh flush all")
        wrong: dict[str, object] = {}

        def settled() -> bool:
            wrong.clear()
            for machine in self.machines.values():
                if machine.on and "lldpd" in machine.plan.services:
                    seen, there = machine.neighbours(), self._neighbours(machine)
                    if seen != there:
                        wrong[machine.name] = (seen, there)
                        return False
            return True

        if not awaited(settled):
            raise NamespaceError(f"LLDP sees other neighbours than there are: {wrong}")

    def _neighbours(self, machine: Machine) -> set[tuple[str, str, str, str]]:
        """What `machine.neighbours()` is to be."""
        ends = [(one.one, one.port, one.other, one.other_port) for one in self.links]
        ends += [(name, port, one, own) for one, own, name, port in ends]
        return {
            (own, there.hostname, there.macs["eth0"], port)
            for name, own, other, port in ends
            if name == machine.name
            for there in [self.machines[other]]
        }


def _start(wanted: list[tuple[Machine, str]]) -> None:
    """Start services of machines side by side, and return when all are ready."""
    for machine, name in wanted:
        machine.start(name)
    for machine, name in wanted:
        machine.await_ready(name)
