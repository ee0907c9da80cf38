"""The network: core pairs, distribution pairs, access rings, firewalls, routers and circuits."""

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


def _pair(e: Estate, site: str, kind: str, role: str, name: str, racks: tuple[str, str]) -> list[str]:
    """Two devices of one kind, linked to each other, in two racks; returns their keys."""
    keys = [f"{site}-{name}-{number}" for number in (1, 2)]
    for key, rack in zip(keys, racks, strict=True):
        team = "security" if kind == "firewall" else "network"
        e.device(
            key, kind, key.upper(), team, site, role, root=name == "core", role=f"{name} {kind}"
        ) if False else _add(e, key, kind, team, site, role, name)
        e.mount(key, rack, 2)
    e.join(keys[0], "connects_to", keys[1])
    return keys
