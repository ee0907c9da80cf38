"""A synthetic estate seen by four sources, with the truth: which device each source key means.

`netbox` keeps records: its own ids, names, serials, makers, addresses, sites. `glpi` is an agent on
computers and virtual machines. `snmp` asks network gear and printers, `nmap` scans; their keys are
addresses within a site, and so may come to mean another device.

How the rates were chosen: of the optional fields of each observation a fifth is missing, as the
requirement says; `lasting` is harder than that: what a source does not tell of a device in one
round it tells in none. Of what was renamed or moved each source still has the old word with an even
chance. A tenth of the DNS names end in a dot. Serials of SNMP
devices are readable in 88 % (measured on 1,200 recordings). `identity_devices` has the others.

There are three daily rounds: one before renaming, moving and swapping, two after. Three, and MAC
addresses in NetBox, were chosen so that the identifiers told suffice for the bar at all: with two
rounds `attainable_recall` is 0.984 (0.963 without these addresses). No rate was fitted to matching.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from benchmarks.identity_devices import KINDS, Device, devices_of
from cmdb.identity.claims import Name
from cmdb.identity.observation import ObservedItem

SOURCES = ("netbox", "glpi", "snmp", "nmap")
MISSING, STALE, DOTTED, AT_DOCK, WITH_SERIAL = 0.20, 0.50, 0.10, 0.50, 0.88
ROUNDS = tuple(1_767_225_600.0 + 86_400 * day for day in range(3))  # from 2026-01-01 on


@dataclass(slots=True)
class Feed:
    """What was seen, in time: (source, observations); and what it was.

    `truth` gives the number of the device a source's key means by its `last` observation.
    """

    devices: list[Device]
    loads: list[tuple[str, list[ObservedItem]]] = field(default_factory=list)
    truth: dict[Name, int] = field(default_factory=dict)
    last: dict[Name, ObservedItem] = field(default_factory=dict)


def feed(size: int, seed: int, lasting: bool = False) -> Feed:
    """The whole feed; the same for the same arguments."""
    chance = Random(seed)
    made = Feed(devices_of(size, chance))
    views = _Views(chance, lasting)
    for number, at in enumerate(ROUNDS):
        seen: dict[str, list[ObservedItem]] = defaultdict(list)
        for device in made.devices:
            for source in KINDS[device.kind].sources:
                for observed in views.of(device, source, number, at):
                    seen[source].append(observed)
                    made.last[source, observed.key] = observed
                    made.truth[source, observed.key] = device.number
        seen["nmap"] += _virtual(made.devices, at)
        made.loads += sorted(seen.items(), key=lambda _: chance.random())
    return made


def first_round(size: int, part: int) -> dict[str, list[ObservedItem]]:
    """What each source sees of one part of a larger estate at first, at sites of its own."""
    chance = Random(part)
    views = _Views(chance, lasting=True)
    seen: dict[str, list[ObservedItem]] = defaultdict(list)
    for device in devices_of(size, chance, part * size, f"{part}"):
        for source in KINDS[device.kind].sources:
            seen[source] += views.of(device, source, 0, ROUNDS[0])
    return seen


def _virtual(devices: list[Device], at: float) -> Iterator[ObservedItem]:
    """What a scan sees at addresses that two routers share: no one's, so without a truth."""
    for site, mac, address in sorted({(d.site, *d.virtual) for d in devices if d.virtual}):
        seen = {"site": site, "ip_addresses": [address], "mac_addresses": [mac]}
        yield _item("nmap", f"{site}/{address}", "device", None, seen, at)


def _item(
    source: str, key: str, kind: str, name: str | None, attributes: dict[str, Any], at: float
) -> ObservedItem:
    place = f"{source} {key}"
    return ObservedItem(key, kind, place, name=name, attributes=attributes, observed_at=at)


Fields = dict[str, Any]
View = tuple[str, str, Fields, Fields]
"""(key, type, fields that are always there, fields that may be missing: a value or some fields)."""


class _Views:
    """How each source sees a device."""

    def __init__(self, chance: Random, lasting: bool) -> None:
        self.chance, self.lasting = chance, lasting
        self._drawn: dict[tuple[int, str, str], float] = {}

    def _draw(self, device: Device, source: str, what: str) -> float:
        """A chance that stays the same for a device in a source."""
        place = (device.number, source, what)
        if place not in self._drawn:
            self._drawn[place] = self.chance.random()
        return self._drawn[place]

    def of(self, device: Device, source: str, number: int, at: float) -> Iterator[ObservedItem]:
        """What a source sees of a device in a round: one observation, or none."""
        turn = int(number > 0)
        name = device.names[turn and self._draw(device, source, "name") >= STALE]
        address = device.addresses[turn and self._draw(device, source, "address") >= STALE]
        if source == "glpi" and (name, address) != (device.names[turn], device.addresses[turn]):
            return  # the agent has not reported since
        if source in ("snmp", "nmap"):
            address = device.addresses[turn]
        view = getattr(self, f"_{source}")
        key, kind, known, optional = view(device, name, address, turn)
        known["site"] = device.site
        for group, value in optional.items():
            missing = self._draw(device, source, group if self.lasting else f"{group} {number}")
            if value and missing >= MISSING:
                known |= value if isinstance(value, dict) else {group: value}
            elif value:
                device.marks.add("missing")
        yield _item(source, key, kind, name if source == "netbox" else None, known, at)

    def _netbox(self, device: Device, name: str, address: str, turn: int) -> View:
        virtual = device.kind == "virtual_machine"
        key = f"{'virtualization.virtualmachine' if virtual else 'dcim.device'}:{device.number + 1}"
        known = {"hostname": name}
        optional: Fields = {
            "address": {"management_ip": address, "ip_addresses": [address]},
            "mac_addresses": device.macs[:1],
        }
        if not virtual:
            known |= {"vendor": device.maker.netbox, "model": f"{device.maker.netbox} M1"}
            optional["serial_number"] = device.serial
        return key, device.kind, known, optional

    def _glpi(self, device: Device, name: str, address: str, turn: int) -> View:
        anew = turn and "reinstalled" in device.marks
        key = (
            f"{device.names[0]}.{device.site}-2025-{11 if anew else 3:02}-07-09-12-{device.number}"
        )
        uuid = device.uuid
        if turn and "turned UUID" in device.marks:
            uuid = str(UUID(bytes=UUID(uuid).bytes_le))
        optional: Fields = {
            "uuid": uuid.upper(),
            "serial_number": device.serial,
            "vendor": device.maker.glpi,
            "mac_addresses": [*device.macs, *([device.dock] if device.dock else [])],
            "ip_addresses": [address],
            "fqdn": f"{name}.{device.site}.example.com",
            "ssh_host_keys": device.host_keys,
        }
        return key, device.kind, {"hostname": name.upper()}, optional

    def _snmp(self, device: Device, name: str, address: str, turn: int) -> View:
        macs, addresses = list(device.macs), [address]
        if device.virtual is not None:
            macs.append(device.virtual[0])
            addresses.append(device.virtual[1])
        optional: Fields = {
            "snmp_engine_id": device.engine_id,
            "mac_addresses": [mac.replace(":", "-") for mac in macs],
            "hostname": name,
            "addresses": {"ip_addresses": [*addresses, *device.more]},
            "vendor": device.maker.snmp,
        }
        if device.kind != "printer":
            optional["chassis_id"] = device.macs[0]
        if self._draw(device, "snmp", "readable") < WITH_SERIAL:
            optional["serial_number"] = device.serial
        return f"{device.site}/{address}", device.kind, {"ip_addresses": addresses}, optional

    def _nmap(self, device: Device, name: str, address: str, turn: int) -> View:
        mac = device.macs[0]
        if device.dock and self._draw(device, "nmap", f"dock {turn}") < AT_DOCK:
            mac = device.dock
        dot = "." if self._draw(device, "nmap", "dot") < DOTTED else ""
        kind = KINDS[device.kind]
        optional: Fields = {
            "dns": {"hostname": name, "fqdn": f"{name}.{device.site}.example.com{dot}"},
            "mac_addresses": [mac.upper()] if kind.near else [],
            "ssh_host_keys": device.host_keys,
            "open_ports": ["tcp/22"],
        }
        return f"{device.site}/{address}", kind.scanned_as, {"ip_addresses": [address]}, optional
