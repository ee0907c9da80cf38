"""A synthetic estate of devices, and what befell them between two rounds of discovery.

How the rates were chosen. Renamed, moved, swapped, cloned engine ids and placeholder serials are
those of the requirement, each drawn independently as a share of all devices. The others are what a
mixed estate shows: half of the routers and firewalls stand in VRRP pairs; a twentieth of the
virtual machines keep the SSH host keys of their image; a fifth of the endpoints are laptops at
shared docking stations; a twentieth of the endpoints use random MAC addresses, a fifth of the
servers show the address of Docker's bridge; a twentieth of the agents were installed anew, and
of the computers tell their UUID in the other byte order later. None was fitted to matching.

Private addresses overlap: every site uses the same ones, and the same names for printers, phones
and cameras.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from uuid import UUID

SITES = ("beijing", "shanghai", "shenzhen", "chengdu", "wuhan")
RENAMED, MOVED, SWAPPED, CLONED_ENGINE, PLACEHOLDER = 0.05, 0.10, 0.05, 0.01, 0.10
VRRP, CLONED_KEYS, DOCKED, RANDOM_MAC, DOCKER = 0.50, 0.05, 0.20, 0.05, 0.20
REINSTALLED, TURNED_UUID = 0.05, 0.05
PORTS, SPREAD = 8, 40_503
"""MAC addresses set aside for a device, and an odd number that spreads them: each is given once."""

CLONES = 4
"""Devices that share a cloned engine id, image or docking station, at most."""

PLACEHOLDERS = (
    *("To Be Filled By O.E.M.", "Default string", "System Serial Number", "Not Specified", "0"),
    *("None", "N/A", "0123456789", "123456789", "INVALID", "xxxxxxxxxx", "Not Applicable"),
    *("Chassis Serial Number", "00000000", ".......", "Unknown", "empty", "SerNum"),
)


class Maker(NamedTuple):
    """A maker as NetBox, firmware and SNMP spell it, and the first half of its MAC addresses."""

    netbox: str
    glpi: str
    snmp: str
    oui: str


HP = Maker("HP", "Hewlett-Packard", "Hewlett-Packard Company", "3c:d9:2b")
HPE = Maker("HPE", "HP", "Hewlett Packard Enterprise", "94:18:82")
DELL = Maker("Dell", "Dell Inc.", "Dell Inc", "f8:bc:12")
LENOVO = Maker("Lenovo", "LENOVO", "Lenovo Group Limited", "8c:16:45")
CISCO = Maker("Cisco", "Cisco Systems, Inc.", "cisco Systems", "00:1b:54")
HUAWEI = Maker("Huawei", "Huawei", "Huawei Technologies Co., Ltd.", "00:e0:fc")
H3C = Maker("H3C", "New H3C", "New H3C Technologies Co., Ltd.", "58:6a:b1")
FORTINET = Maker("Fortinet", "Fortinet", "Fortinet, Inc.", "90:6c:ac")
VMWARE = Maker("VMware", "VMware, Inc.", "VMware, Inc.", "00:50:56")
HIKVISION = Maker("Hikvision", "Hikvision", "Hangzhou Hikvision", "44:19:b6")


class Kind(NamedTuple):
    """A type of device: its share of all, who makes it, and how it is seen.

    `near` says whether a scanner stands in its network, and so sees MAC addresses; `plain` that
    its names do not tell the site.
    """

    share: float
    prefix: str
    makers: tuple[Maker, ...]
    sources: tuple[str, ...]
    scanned_as: str
    macs: int = 1
    near: bool = True
    plain: bool = False


ALL, NETWORK, OTHERS = ("netbox", "glpi", "nmap"), ("netbox", "snmp", "nmap"), ("netbox", "nmap")
KINDS = {
    "endpoint": Kind(0.44, "pc", (HP, DELL, LENOVO), ALL, "unclassified", macs=2),
    "virtual_machine": Kind(0.22, "vm", (VMWARE,), ALL, "unclassified"),
    "server": Kind(0.10, "srv", (HPE, DELL, LENOVO), ALL, "device", macs=4),
    "switch": Kind(0.06, "sw", (CISCO, HUAWEI, H3C), NETWORK, "device", macs=8),
    "router": Kind(0.015, "rt", (CISCO, HUAWEI), NETWORK, "device", macs=4),
    "firewall": Kind(0.01, "fw", (FORTINET, CISCO), NETWORK, "device", macs=4),
    "printer": Kind(0.045, "prt", (HP, LENOVO), NETWORK, "unclassified", near=False, plain=True),
    "phone": Kind(0.07, "tel", (CISCO,), OTHERS, "unclassified", near=False, plain=True),
    "camera": Kind(0.04, "cam", (HIKVISION,), OTHERS, "unclassified", plain=True),
}
GEAR = ("switch", "router", "firewall", "printer")


@dataclass(slots=True)
class Device:
    """A device as it is; `names` and `addresses` before and after, `marks` what befell it."""

    number: int
    kind: str
    site: str
    maker: Maker
    names: tuple[str, str]
    addresses: tuple[str, str]
    macs: list[str]
    serial: str | None = None
    uuid: str = ""
    engine_id: str = ""
    host_keys: list[str] = field(default_factory=list)
    dock: str | None = None
    virtual: tuple[str, str] | None = None  # (MAC, address) of its VRRP group
    more: tuple[str, ...] = ()  # further addresses
    marks: set[str] = field(default_factory=set)


def devices_of(size: int, chance: Random, first: int = 0, region: str = "") -> list[Device]:
    """Devices numbered from `first` on, at sites of a region; the same for equal arguments."""
    numbers: dict[tuple[str, str], int] = defaultdict(int)

    def address(kind: str, site: str) -> str:
        place = (kind, site)
        numbers[place] += 1
        return f"10.{list(KINDS).index(kind) + 1}.{numbers[place] >> 8}.{numbers[place] & 255}"

    devices = []
    kinds = chance.choices(list(KINDS), [kind.share for kind in KINDS.values()], k=size)
    for number, kind in enumerate(kinds, first):
        site = chance.choice(SITES) + region
        own = address(kind, site)
        place = "" if KINDS[kind].plain else f"{site[:5]}-"
        name = f"{KINDS[kind].prefix}-{place}{numbers[kind, site]:04}"
        maker = chance.choice(KINDS[kind].makers)
        devices.append(Device(number, kind, site, maker, (name,) * 2, (own,) * 2, []))
        _equip(devices[-1], chance)
    for one in _some(devices, RENAMED, chance, "renamed"):
        one.names = (one.names[0], f"{one.names[0]}-{chance.choice('abcd')}")
    for one in _some(devices, MOVED, chance, "moved"):
        one.addresses = (one.addresses[0], address(one.kind, one.site))
    _confuse(devices, chance)
    return devices


def _equip(one: Device, chance: Random) -> None:
    kind = KINDS[one.kind]
    first = one.number * SPREAD * PORTS % (1 << 24)
    tails = [f"{first + port:06x}" for port in range(kind.macs)]
    one.macs = [f"{one.maker.oui}:{t[:2]}:{t[2:4]}:{t[4:]}" for t in tails]
    one.serial = "".join(chance.choices("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=10))
    one.uuid = str(UUID(int=chance.getrandbits(128), version=4))
    one.engine_id = f"80000009{chance.getrandbits(96):024x}"
    if one.kind in ("server", "virtual_machine"):
        one.host_keys = [f"SHA256:{chance.getrandbits(250):x}"]
    if one.kind in ("router", "firewall", "switch"):
        vlans = chance.sample(range(30, 250), 3)
        one.more = tuple(f"172.16.{vlan}.{chance.randrange(4, 250)}" for vlan in vlans)


def _some(devices: list[Device], share: float, chance: Random, mark: str) -> list[Device]:
    """Each of the devices with this chance, marked."""
    drawn = [one for one in devices if chance.random() < share]
    for one in drawn:
        one.marks.add(mark)
    return drawn


def _confuse(devices: list[Device], chance: Random) -> None:
    """All that makes devices look alike, or unlike themselves."""
    by_kind: dict[str, list[Device]] = defaultdict(list)
    for one in devices:
        by_kind[one.kind].append(one)
    size, computers = len(devices), by_kind["server"] + by_kind["virtual_machine"]
    for one in _some(devices, PLACEHOLDER, chance, "placeholder"):
        one.serial = chance.choice(PLACEHOLDERS)
    swapping = [one for one in by_kind["endpoint"] if "moved" not in one.marks]
    chance.shuffle(swapping)
    swapping = sorted(swapping[: int(SWAPPED * size)], key=lambda one: one.site)
    for a, b in zip(swapping[::2], swapping[1::2], strict=False):
        if a.site == b.site:
            first, second = a.addresses[0], b.addresses[0]
            a.addresses, b.addresses = (first, second), (second, first)
            a.marks.add("swapped")
            b.marks.add("swapped")
    gear = [one for kind in GEAR for one in by_kind[kind]]
    for group in _groups(gear, CLONED_ENGINE * size / len(gear), chance, "cloned engine"):
        for one in group:
            one.engine_id = group[0].engine_id
    for group in _groups(by_kind["virtual_machine"], CLONED_KEYS, chance, "cloned host key"):
        for one in group:
            one.host_keys = group[0].host_keys
    for group in _groups(by_kind["endpoint"], DOCKED, chance, "docked"):
        for one in group:
            one.dock = f"a0:ce:c8:{group[0].macs[0][9:]}"
    for one in _some(by_kind["endpoint"], RANDOM_MAC, chance, "local MAC"):
        one.macs[-1] = f"da:a1:19:{one.macs[-1][9:]}"
    for one in _some(computers, DOCKER, chance, "local MAC"):
        one.macs = [*one.macs, "02:42:ac:11:00:02"]
    _some(computers + by_kind["endpoint"], REINSTALLED, chance, "reinstalled")
    _some(computers + by_kind["endpoint"], TURNED_UUID, chance, "turned UUID")
    _pair(by_kind["router"] + by_kind["firewall"], chance)


def _groups(devices: list[Device], share: float, chance: Random, mark: str) -> list[list[Device]]:
    drawn = _some(devices, share, chance, mark)
    chance.shuffle(drawn)
    return [drawn[i : i + CLONES] for i in range(0, len(drawn), CLONES)]


def _pair(devices: list[Device], chance: Random) -> None:
    drawn = [one for one in devices if chance.random() < VRRP]
    drawn.sort(key=lambda one: (one.site, one.kind, one.number))
    for number, (a, b) in enumerate(zip(drawn[::2], drawn[1::2], strict=False)):
        if (a.site, a.kind) == (b.site, b.kind):
            group = number % 40 + 1
            a.virtual = b.virtual = (f"00:00:5e:00:01:{group:02x}", f"172.16.{group}.1")
            a.marks.add("VRRP")
            b.marks.add("VRRP")
