"""The machines of the lab: what they are to be, and what they are now."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.discovery import lab_services
from tests.discovery.lab_services import SERVICES, Service
from tests.discovery.namespaces import Namespace, NamespaceError, Program

SUBNETS = {
    "office": ipaddress.IPv4Network("10.20.1.0/24"),
    "data": ipaddress.IPv4Network("10.20.2.0/24"),
    "core": ipaddress.IPv4Network("10.20.3.0/24"),
}
DELL, SUPERMICRO, CISCO, INTEL = "00:14:22", "00:25:90", "00:1b:0c", "00:1b:21"
SILENCED = {"all": (), "ping": ("tcp", "udp"), "arp": ("tcp", "udp", "icmp")}
"""Protocols that a machine does not answer, by what it answers."""


@dataclass(frozen=True)
class Plan:
    """A machine to be made: its legs, as subnet and number in it, and what runs on it.

    It answers `all`; or only `ping`; or not even that, only `arp`. A denied one is not to be found.
    """

    name: str
    legs: dict[str, int]
    services: tuple[str, ...] = ()
    maker: str = DELL
    answers: str = "all"
    denied: bool = False


@dataclass(frozen=True, order=True)
class Link:
    """A cable between ports of two machines, in the order of their names."""

    one: str
    port: str
    other: str
    other_port: str


SWITCHING = ("snmpd", "lldpd")
PLANS = (
    Plan("web1", {"office": 11}, ("nginx", "dropbear", "snmpd")),
    Plan("web2", {"office": 12}, ("nginx",)),
    Plan("desk1", {"office": 21}),
    Plan("desk2", {"office": 22}),
    Plan("sensor", {"office": 31}, answers="ping"),
    Plan("db1", {"data": 11}, ("postgres", "dropbear"), SUPERMICRO),
    Plan("db2", {"data": 12}, ("postgres",), SUPERMICRO),
    Plan("cache1", {"data": 21}, ("redis", "dropbear"), SUPERMICRO),
    Plan("shy", {"data": 31}, answers="arp"),
    Plan("vault", {"data": 66}, ("redis",), denied=True),
    Plan("core1", {"core": 11}, ("dropbear", *SWITCHING), CISCO),
    Plan("core2", {"core": 12}, SWITCHING, CISCO),
    Plan("access1", {"core": 13}, SWITCHING, CISCO),
    Plan("store1", {"core": 21}, ("nginx", *SWITCHING)),
    Plan("gate", {"office": 1, "data": 1, "core": 1}, ("dropbear", *SWITCHING), CISCO),
)
LINKS = (
    Link("core1", "port1", "core2", "port1"),
    Link("access1", "port1", "core1", "port2"),
    Link("access1", "port2", "core2", "port2"),
    Link("access1", "port3", "store1", "port1"),
    Link("core1", "port3", "gate", "port1"),
)


def mac(maker: str, number: int, card: int) -> str:
    """A globally administered address; that of a machine's card is the same in each run."""
    return f"{maker}:20:{number:02x}:{card:02x}"


class Machine:
    """A machine of the lab as it is now."""

    def __init__(self, plan: Plan, number: int, ports: Iterable[str], folder: Path) -> None:
        self.plan = plan
        self.name = self.hostname = plan.name
        self.folder = folder
        self.programs: dict[str, Program] = {}
        self.legs = {f"eth{i}": subnet for i, subnet in enumerate(plan.legs)}
        self.addresses = {leg: SUBNETS[name][plan.legs[name]] for leg, name in self.legs.items()}
        self.macs = {
            name: mac(plan.maker, number, card) for card, name in enumerate((*self.legs, *ports))
        }
        self._number = number
        self._cards = len(self.macs)
        self._namespace: Namespace | None = None
        folder.mkdir()

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return self._namespace is not None

    @property
    def namespace(self) -> Namespace:
        """Its namespace; NamespaceError when it is switched off."""
        if self._namespace is None:
            raise NamespaceError(f"{self.name} is switched off")
        return self._namespace

    @property
    def services(self) -> dict[int, Service]:
        """What listens on it, by port, as installed."""
        known = (SERVICES[name] for name in self.plan.services)
        return {service.port: service for service in known if service.port is not None}

    @property
    def host_key(self) -> str | None:
        """Its public SSH key, if it has one: kind and value."""
        has = "dropbear" in self.plan.services
        return lab_services.host_key(self.folder / "dropbear") if has else None

    def switch_on(self) -> None:
        """Make its namespace, without any interface yet."""
        self._namespace = Namespace(self.hostname)
        if silenced := SILENCED[self.plan.answers]:
            rules = (f"rule add pref 10 ipproto {one} iif eth0 type blackhole" for one in silenced)
            self._namespace.ip("rule add pref 100 table local", "rule del pref 0", *rules)

    def switch_off(self) -> None:
        """End all its programs in order, and remove its namespace."""
        for name in self.programs:
            self.programs[name].end()
        self.cut()

    def cut(self) -> None:
        """Remove its namespace at once, as when power fails."""
        namespace, self._namespace = self._namespace, None
        if namespace is not None:
            namespace.close()

    def start(self, name: str) -> None:
        """Start one of its services, which need not be ready yet."""
        folder = self.folder / name
        self.programs[name] = lab_services.start(name, self.namespace, folder)

    def await_ready(self, name: str) -> None:
        """Return when a service answers."""
        program = self.programs[name]
        lab_services.await_ready(name, self.namespace, self.folder / name, program)

    def set_address(self, leg: str, address: ipaddress.IPv4Address) -> None:
        """Give a leg another address."""
        old, self.addresses[leg] = self.addresses[leg], address
        length = SUBNETS[self.legs[leg]].prefixlen
        self.namespace.ip(
            f"addr del {old}/{length} dev {leg}", f"addr add {address}/{length} dev {leg}"
        )

    def change_card(self, name: str) -> str:
        """Put in another network card; returns its address."""
        address = self.macs[name] = mac(INTEL, self._number, self._cards)
        self._cards += 1
        orders = ("down", f"address {address}", "up")
        self.namespace.ip(*(f"link set {name} {order}" for order in orders))
        return address

    def set_hostname(self, name: str) -> None:
        """Give it another name."""
        self.hostname = name
        self.namespace.run("hostname", name)

    def neighbours(self) -> set[tuple[str, str, str, str]]:
        """What its lldpd sees: its own port; the neighbour's name, MAC address and port."""
        told = json.loads(self.namespace.run("lldpcli", "-f", "json0", "show", "neighbors"))
        return {
            (port["name"], *(_first(chassis, n) for n in ("name", "id")), _first(there, "descr"))
            for part in told["lldp"]
            for port in part.get("interface", ())
            for chassis in port["chassis"]
            for there in port["port"]
        }


def _first(told: dict[str, list[dict[str, str]]], name: str) -> str:
    return told.get(name, [{}])[0].get("value", "")
