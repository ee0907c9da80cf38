"""Circuits, subnets, VLANs and addresses, and the organizations and people behind them."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from cmdb.errors import WrongValue
from cmdb.identity.observation import Observation
from discovery.agents.netbox.build import observed, related
from discovery.agents.netbox.dump import Dump, Row
from discovery.agents.netbox.tables import SHARED_ADDRESS_ROLES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Interface = ipaddress.IPv4Interface | ipaddress.IPv6Interface

MACHINES = {
    "dcim.interface": ("device", "dcim.device"),
    "virtualization.vminterface": ("virtual_machine", "virtualization.virtualmachine"),
}
"""Models of interfaces → field and model of the machine they belong to."""


def machine_of(interface: Row) -> Row | None:
    """The device or virtual machine of an interface."""
    field, model = MACHINES[interface.model]
    return interface.ref(field, model)


class Addresses:
    """The addresses of all machines, by the key of the machine."""

    def __init__(self, dump: Dump) -> None:
        self.ip_addresses: defaultdict[str, list[str]] = defaultdict(list)
        self.mac_addresses: defaultdict[str, list[str]] = defaultdict(list)
        for row in dump.rows("ipam.ipaddress"):
            address = parsed_address(row)
            if address is not None and row.text("role") not in SHARED_ADDRESS_ROLES:
                self._keep(self.ip_addresses, assigned_interface(row), str(address.ip))
        for row in dump.rows(*MACHINES):
            self._keep(self.mac_addresses, row, row.text("mac_address"))
        for row in dump.rows("dcim.macaddress"):
            self._keep(self.mac_addresses, assigned_interface(row), row.text("mac_address"))

    def primary(self, machine: Row) -> str | None:
        """The address a machine is managed by."""
        return self.one(machine, "primary_ip4") or self.one(machine, "primary_ip6")

    def one(self, machine: Row, name: str) -> str | None:
        """The address a field of a machine refers to, without prefix length."""
        row = machine.ref(name, "ipam.ipaddress")
        address = parsed_address(row) if row else None
        return str(address.ip) if address else None

    @staticmethod
    def _keep(lists: dict[str, list[str]], interface: Row | None, value: str | None) -> None:
        machine = machine_of(interface) if interface is not None else None
        if machine is not None and value is not None and value not in lists[machine.key]:
            lists[machine.key].append(value)


def assigned_interface(row: Row) -> Row | None:
    """The interface an address is set on."""
    found = row.generic("assigned_object_type", "assigned_object_id")
    return found if found is not None and found.model in MACHINES else None


def parsed_address(row: Row) -> Interface | None:
    """The address of an ipam.ipaddress."""
    text = row.required_text("address")
    try:
        return ipaddress.ip_interface(text) if text else None
    except ValueError:
        _not_a(row, "address", "an IP address with prefix length")
        return None


def _not_a(row: Row, name: str, expected: str) -> None:
    value = repr(row.fields[name][:60])
    error = WrongValue(place=row.key, name=f"'{name}'", value=value, expected=expected)
    row.dump.note(row, name, error)


class Prefixes:
    """Finds the narrowest prefix around an address, within its routing table."""

    def __init__(self, dump: Dump) -> None:
        self._by_length: dict[tuple[Any, int], dict[int, dict[int, Row]]] = {}
        for row in dump.rows("ipam.prefix"):
            network = parsed_prefix(row)
            if network is not None:
                table = self._by_length.setdefault(self._table(row, network.version), {})
                lengths = table.setdefault(network.prefixlen, {})
                lengths.setdefault(int(network.network_address), row)

    def around(self, row: Row, address: Interface) -> Row | None:
        """The narrowest prefix that holds an address."""
        table = self._by_length.get(self._table(row, address.version), {})
        bits, number = address.max_prefixlen, int(address.ip)
        for length in sorted(table, reverse=True):
            shift = bits - length
            found = table[length].get(number >> shift << shift)
            if found is not None:
                return found
        return None

    @staticmethod
    def _table(row: Row, version: int) -> tuple[Any, int]:
        vrf = row.ref("vrf", "ipam.vrf")
        return (vrf.pk if vrf else None), version


def parsed_prefix(row: Row) -> Network | None:
    """The network of an ipam.prefix."""
    text = row.required_text("prefix")
    try:
        return ipaddress.ip_network(text) if text else None
    except ValueError:
        _not_a(row, "prefix", "an IP network such as 10.0.0.0/24")
        return None


def observations(dump: Dump) -> Iterator[Observation]:
    """All items of this module's kinds, each followed by its relations."""
    yield from _parties(dump)
    yield from _circuits(dump)
    for row in dump.rows("ipam.vlan"):
        yield from _vlan(row)
    for row in dump.rows("ipam.prefix"):
        yield from _prefix(row)
    prefixes = Prefixes(dump)
    for row in dump.rows("ipam.ipaddress"):
        yield from _ip_address(row, prefixes)


def _parties(dump: Dump) -> Iterator[Observation]:
    for model, kind in (("tenancy.tenant", "tenant"), ("circuits.provider", "carrier")):
        for row in dump.rows(model):
            attributes = {"code": row.text("slug"), "kind": kind}
            yield from observed(row, "organization", row.required_text("name"), attributes)
    for row in dump.rows("tenancy.contact"):
        attributes = {name: row.text(name) for name in ("title", "phone", "email")}
        yield from observed(row, "person", row.required_text("name"), attributes)
    for row in dump.rows("tenancy.contactassignment"):
        yield from _assignment(row)


ITEM_MODELS = frozenset(
    (
        *("circuits.circuit", "circuits.provider", "circuits.providernetwork", "dcim.device"),
        *("dcim.location", "dcim.powerfeed", "dcim.powerpanel", "dcim.rack", "dcim.region"),
        *("dcim.site", "dcim.virtualchassis", "ipam.ipaddress", "ipam.prefix", "ipam.vlan"),
        *("tenancy.tenant", "virtualization.cluster", "virtualization.virtualmachine"),
    )
)
"""Models whose rows become items that a person can be assigned to."""


def _assignment(row: Row) -> Iterator[Observation]:
    type_field = "object_type" if "object_type" in row.fields else "content_type"
    subject = row.generic(type_field, "object_id")
    person = row.ref("contact", "tenancy.contact")
    role = row.label("role", "tenancy.contactrole")
    if subject is not None and subject.model in ITEM_MODELS:
        priority = row.text("priority")
        yield from related(subject, "supported_by", person, role, role=role, priority=priority)


def _circuits(dump: Dump) -> Iterator[Observation]:
    sides: dict[tuple[str, str], Row] = {}
    for row in dump.rows("circuits.circuittermination"):
        circuit, side = row.ref("circuit", "circuits.circuit"), row.text("term_side")
        if circuit is not None and side is not None:
            sides.setdefault((circuit.key, side), row)
    for row in dump.rows("circuits.providernetwork"):
        yield from observed(row, "network", row.required_text("name"))
        yield from related(row, "supported_by", row.ref("provider", "circuits.provider"))
    for row in dump.rows("circuits.circuit"):
        provider = row.ref("provider", "circuits.provider")
        attributes = {
            "circuit_id": row.text("cid"),
            "provider": provider.text("name") if provider else None,
            "circuit_type": row.label("type", "circuits.circuittype"),
            "bandwidth": row.number("commit_rate"),
            "install_date": row.text("install_date"),
            "termination_date": row.text("termination_date"),
            "a_side": _end_name(sides.get((row.key, "A"))),
            "z_side": _end_name(sides.get((row.key, "Z"))),
        }
        yield from observed(row, "circuit", row.required_text("cid"), attributes)
        yield from related(row, "supported_by", provider)


def _end_name(termination: Row | None) -> str | None:
    end = circuit_end(termination) if termination else None
    return end.text("name") if end else None


def circuit_end(termination: Row) -> Row | None:
    """The site, provider network or other place at which a circuit ends."""
    return (
        termination.ref("provider_network", "circuits.providernetwork")
        or termination.ref("site", "dcim.site")
        or termination.generic("termination_type", "termination_id")
    )


def _vlan(row: Row) -> Iterator[Observation]:
    name, number = row.required_text("name"), row.number("vid")
    attributes = {
        "vlan_id": number,
        "vlan_group": row.label("group", "ipam.vlangroup"),
        "role": row.label("role", "ipam.role"),
    }
    yield from observed(row, "vlan", f"{name} ({number})" if name else None, attributes)


def _prefix(row: Row) -> Iterator[Observation]:
    network, vlan = parsed_prefix(row), row.ref("vlan", "ipam.vlan")
    if network is None:
        return
    attributes = {
        "prefix": str(network),
        "vlan_id": vlan.number("vid") if vlan else None,
        "vrf": row.label("vrf", "ipam.vrf"),
        "role": row.label("role", "ipam.role"),
        "is_pool": row.flag("is_pool"),
    }
    yield from observed(row, "network", str(network), attributes)
    yield from related(row, "part_of", vlan)


def _ip_address(row: Row, prefixes: Prefixes) -> Iterator[Observation]:
    address, interface = parsed_address(row), assigned_interface(row)
    if address is None:
        return
    inside = row.ref("nat_inside", "ipam.ipaddress")
    translated = parsed_address(inside) if inside else None
    attributes = {
        "address": str(address),
        "dns_name": row.text("dns_name"),
        "vrf": row.label("vrf", "ipam.vrf"),
        "role": row.text("role"),
        "interface": interface.text("name") if interface else None,
        "nat_inside": str(translated.ip) if translated else None,
    }
    yield from observed(row, "ip_address", str(address), attributes)
    # An address hangs on its network, and nothing hangs on it: it passes no trouble on.
    yield from related(row, "part_of", prefixes.around(row, address))
