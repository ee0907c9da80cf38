"""The network: core pairs, distribution pairs, access rings, firewalls, routers and circuits."""

from itertools import pairwise

from bank.builder import SITES, Estate, day
from bank.places import FLOORS, RACKS

CENTERS = ("sh-dc1", "hf-dc2")
HUBS = ("cd-hub", "sz-hub")
OUTLETS = {
    "cd-hub": ("Jinjiang", "Wuhou", "Qingyang", "Jinniu", "Chenghua", "Longquanyi"),
    "sz-hub": ("Futian", "Luohu", "Nanshan", "Bao'an", "Longgang", "Yantian"),
}
ZONES = ("servers", "databases", "dmz", "management", "users", "voice", "wireless")


def build(e: Estate) -> None:
    """Add it all."""
    for site in CENTERS:
        _data_center(e, site)
    for number in (1, 2):
        line = _circuit(e, f"ckt-dc1-dc2-{number}", f"DWDM DC1-DC2 {number}", "DWDM", 10_000_000)
        e.join(line, "connects_to", *(f"{site}-core-{number}" for site in CENTERS))
    for site in FLOORS:
        _office(e, site)
    for site in HUBS:
        for number, name in enumerate(OUTLETS[site], 1):
            _outlet(e, site, number, name)
    for site, second in SITES.items():
        _subnets(e, site, second)


def _pair(
    e: Estate, site: str, kind: str, product: str, name: str, racks: tuple[str, str]
) -> list[str]:
    """Two devices of one kind, linked to each other, in two racks; returns their keys."""
    keys = [f"{site}-{name}-{number}" for number in (1, 2)]
    team = "security" if kind == "firewall" else "network"
    for key, rack in zip(keys, racks, strict=True):
        e.device(
            key, kind, key.upper(), team, site, product, role=f"{name} {kind}", root=name == "core"
        )
        e.mount(key, rack, 2)
    e.join(keys[0], "connects_to", keys[1])
    return keys


def _high_availability(e: Estate, site: str, name: str, keys: list[str]) -> None:
    """The cluster that a pair forms."""
    cluster = e.ci(
        f"{site}-{name}", "cluster", f"{site.upper()} {name} HA pair", "network",
        cluster_type="VRRP", mode="active_passive", site=f"site-{site}",
    )  # fmt: skip
    for key in keys:
        e.join(key, "member_of", cluster)


def _mesh(e: Estate, keys: list[str], others: list[str]) -> None:
    for key in keys:
        e.join(key, "connects_to", *others)


def _circuit(e: Estate, key: str, name: str, kind: str, bandwidth: int) -> str:
    provider = "China Telecom" if key.endswith("1") else "China Unicom"
    return e.ci(
        key, "circuit", name, "network", circuit_id=f"{provider[6:9].upper()}-{key.upper()}",
        provider=provider, circuit_type=kind, bandwidth=bandwidth, install_date=str(day(key)),
    )  # fmt: skip


def _data_center(e: Estate, site: str) -> None:
    racks = (f"{site}-r01", f"{site}-r10")
    cores = _pair(e, site, "switch", "core", "core", racks)
    spines = [_pair(e, site, "switch", "dist", f"dist{n}", racks) for n in (1, 2, 3)]
    for spine in spines:
        _mesh(e, spine, cores)
    for number in range(1, RACKS + 1):
        rack = f"{site}-r{number:02}"
        leaves = _pair(e, site, "switch", "tor", f"tor{number:02}", (rack, rack))
        _mesh(e, leaves, spines[(number - 1) // 6])
    firewalls = {}
    for zone in ("edge", "dmz", "inner", "partner"):
        firewalls[zone] = _pair(e, site, "firewall", "firewall", f"fw-{zone}", racks)
        _mesh(e, firewalls[zone], cores)
        _high_availability(e, site, f"fw-{zone}", firewalls[zone])
    for number, zone in enumerate(("internet", "intranet", "partner")):
        balancers = _pair(e, site, "load_balancer", "load_balancer", f"lb-{zone}", racks)
        _mesh(e, balancers, spines[number])
        _high_availability(e, site, f"lb-{zone}", balancers)
    _mesh(e, _pair(e, site, "router", "router", "wan", racks), cores)
    edge = _pair(e, site, "router", "router", "inet", racks)
    _mesh(e, edge, firewalls["edge"])
    for number, router in enumerate(edge, 1):
        line = _circuit(
            e,
            f"ckt-{site}-inet-{number}",
            f"{site.upper()} Internet {number}",
            "Internet",
            2_000_000,
        )
        e.join(line, "connects_to", router)
    for number in (1, 2):
        _mesh(e, _pair(e, site, "switch", "oob", f"oob{number}", racks), spines[0])


def _office(e: Estate, site: str) -> None:
    """Routers on two circuits each, a firewall pair, and rings of access switches."""
    racks = (f"{site}-r01", f"{site}-r02")
    routers = _pair(e, site, "router", "router", "wan", racks)
    for router in routers:
        for number, center in enumerate(CENTERS, 1):
            key = f"ckt-{router}-{number}"
            line = _circuit(e, key, f"{router.upper()} to {center.upper()}", "MPLS", 200_000)
            e.join(line, "connects_to", router, f"{center}-wan-{number}")
    firewalls = _pair(e, site, "firewall", "firewall", "fw", racks)
    _mesh(e, firewalls, routers)
    _high_availability(e, site, "fw", firewalls)
    floors, per_floor = FLOORS[site], 2 if site == "sh-hq" else 3
    if site == "cd-hub":  # the second one is ordered
        key = e.device(
            f"{site}-agg-1", "switch", "CD-HUB-AGG-1 成都汇聚", "network", site, "dist",
            role="aggregation switch",
        )  # fmt: skip
        e.mount(key, racks[0], 2)
        e.ci(
            f"{site}-agg-2", "switch", "CD-HUB-AGG-2 成都汇聚", "network", status="ordered",
            role="aggregation switch", site=f"site-{site}",
        )  # fmt: skip
        aggregations = [[key, key]]
    else:
        pairs = 3 if site == "sh-hq" else 1
        names = [f"agg{n}" for n in range(1, pairs + 1)]
        aggregations = [_pair(e, site, "switch", "dist", name, racks) for name in names]
    for aggregation in aggregations:
        _mesh(e, firewalls, aggregation)
    access = []
    for floor in range(1, floors + 1):
        room = f"{site}-f{floor:02}"
        for number in range(1, per_floor + 1):
            key = f"{site}-acc-{floor:02}{number}"
            e.device(key, "switch", key.upper(), "network", site, "access", role="access switch")
            e.join(key, "located_in", room)
            access.append(key)
        for number in (1, 2):
            key = f"{site}-ap-{floor:02}{number}"
            e.device(key, "access_point", key.upper(), "network", site, "access_point")
            e.join(key, "located_in", room)
            e.join(key, "connects_to", f"{site}-acc-{floor:02}{number}")
    for start in range(0, len(access), 4):
        first, last = aggregations[start // 4 % len(aggregations)]
        ring = [first, *access[start : start + 4], last]
        for one, other in pairwise(ring):
            e.join(one, "connects_to", other)


def _outlet(e: Estate, hub: str, number: int, name: str) -> None:
    """A small branch: a router on two circuits to the hub, and a switch."""
    code = f"{hub[:2]}-o{number:02}"
    place = e.ci(
        f"loc-{code}", "location", f"{name} outlet", "facilities", code=code.upper(),
        site=f"site-{hub}",
    )  # fmt: skip
    router = e.device(
        f"{code}-router", "router", f"{name} router", "network", hub, "outlet", role="branch router"
    )
    switch = e.device(
        f"{code}-switch", "switch", f"{name} switch", "network", hub, "access", role="branch switch"
    )
    e.join(router, "connects_to", switch)
    for line in (1, 2):
        circuit = _circuit(e, f"ckt-{code}-{line}", f"{name} line {line}", "MSTP", 20_000)
        e.join(circuit, "connects_to", router, f"{hub}-wan-{line}")
    for key in (router, switch):
        e.join(key, "located_in", place)


def _subnets(e: Estate, site: str, second: int) -> None:
    for number, zone in enumerate(ZONES):
        name = f"{site.upper()} {zone}"
        vlan = e.ci(
            f"vlan-{site}-{zone}", "vlan", f"{name} VLAN", "network", vlan_id=100 + 10 * number,
            vlan_group=site, role=zone, site=f"site-{site}",
        )  # fmt: skip
        subnet = e.ci(
            f"net-{site}-{zone}", "network", name, "network", role=zone, site=f"site-{site}",
            prefix=f"10.{second}.{32 * number}.0/19", gateway=f"10.{second}.{32 * number}.1",
            vlan_id=100 + 10 * number,
        )  # fmt: skip
        e.join(subnet, "part_of", vlan)
