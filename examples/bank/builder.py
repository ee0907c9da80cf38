"""Collects CIs and relations, and gives each CI an owner, a serial number and an address."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from bank.people import TEAMS

SITES = {"sh-dc1": 1, "hf-dc2": 2, "sh-hq": 10, "cd-hub": 20, "sz-hub": 30}
"""Code of each site, and the second number of its addresses (10.N.0.0/16)."""

PRODUCTS = {
    "core": ("Huawei", "CloudEngine 16808", "VRP"),
    "dist": ("Huawei", "CloudEngine 8850", "VRP"),
    "tor": ("H3C", "S6850-56HF", "Comware"),
    "oob": ("H3C", "S5130S-52S", "Comware"),
    "access": ("H3C", "S5560X-54C", "Comware"),
    "router": ("Huawei", "NetEngine 8000 M8", "VRP"),
    "outlet": ("Huawei", "AR6280", "VRP"),
    "firewall": ("Hillstone", "SG-6000-X9180", "StoneOS"),
    "load_balancer": ("F5", "BIG-IP i5800", "TMOS"),
    "access_point": ("Huawei", "AirEngine 6760", "VRP"),
    "server": ("Inspur", "NF5280M6", "Linux"),
    "database": ("Huawei", "TaiShan 2480", "Linux"),
    "hypervisor": ("Lenovo", "ThinkSystem SR650 V2", "VMware ESXi"),
    "storage": ("Huawei", "OceanStor Dorado 8000", "OceanStor"),
    "printer": ("HP", "LaserJet E60155", "FutureSmart"),
    "desktop": ("Lenovo", "ThinkCentre M930t", "Windows"),
    "laptop": ("Lenovo", "ThinkPad T14", "Windows"),
    "thin_client": ("Centerm", "C92V2", "Linux"),
    "clock": ("Meinberg", "LANTIME M600", "LTOS"),
    "hsm": ("Sansec", "SJJ1310", "embedded"),
    "atm": ("GRG Banking", "H68N", "Windows"),
    "camera": ("Hikvision", "DS-2CD2T47", "embedded"),
}
"""Vendor, model and platform of each product used."""

OWNED = {"application", "cluster", "database", "storage", "router", "firewall", "circuit", "site"}
OWNED |= {"business_service", "technical_service", "hypervisor", "server", "contract"}


def digest(text: str) -> int:
    """A number that depends on nothing but the text."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def day(text: str, first_year: int = 2018, years: int = 7) -> date:
    """A day that depends on nothing but the text."""
    return date(first_year, 1, 1) + timedelta(days=digest(text) % (365 * years))


class Estate:
    """CIs and relations in the order they were made."""

    def __init__(self) -> None:
        self.cis: dict[str, dict[str, Any]] = {}
        self.relations: dict[tuple[str, str, str, str | None], dict[str, Any]] = {}
        self._addresses = dict.fromkeys(SITES, 0)
        self._rack_units: dict[str, int] = {}

    def ci(
        self,
        key: str,
        kind: str,
        name: str,
        team: str,
        /,
        *,
        status: str = "live",
        root: bool = False,
        needs: dict[str, int | str] | None = None,
        **attributes: Any,
    ) -> str:
        """Add a CI and return its key; `team` supports it, and the team's lead owns it."""
        if key in self.cis:
            raise ValueError(f"twice: {key}")
        attributes = {"owner": TEAMS[team].lead, "support_team": TEAMS[team].name, **attributes}
        made: dict[str, Any] = {"key": key, "type": kind, "name": name, "status": status}
        if root:
            made["network_root"] = True
        if needs:
            made["redundancy"] = {group: {"need": need} for group, need in needs.items()}
        self.cis[key] = {**made, "attributes": attributes}
        if kind in OWNED:
            self.join(key, "owned_by", f"team-{team}")
        return key

    def join(self, start: str, relation: str, *ends: str, group: str | None = None) -> None:
        """Add relations from one CI to others."""
        for end in ends:
            pair = sorted((start, end)) if relation == "connects_to" else [start, end]
            made = {"from": pair[0], "type": relation, "to": pair[1]}
            if group:
                made["group"] = group
            self.relations.setdefault((pair[0], relation, pair[1], group), made)

    def address(self, site: str) -> str:
        """The next free address of a site."""
        number = self._addresses[site]
        self._addresses[site] += 1
        return f"10.{SITES[site]}.{number // 240}.{number % 240 + 10}"

    def device(
        self, key: str, kind: str, name: str, team: str, site: str, product: str, /, **more: Any
    ) -> str:
        """Add a device with a product, serial number, dates and an address."""
        vendor, model, platform = PRODUCTS[product]
        installed = day(key)
        network = kind in ("router", "switch", "firewall", "load_balancer", "access_point")
        found: dict[str, Any] = {
            "site": f"site-{site}",
            "environment": "production",
            "vendor": vendor,
            "model": model,
            "platform": platform,
            "serial_number": f"{vendor[:3].upper()}{digest(key) % 16**10:010X}",
            "asset_tag": f"IT{digest('tag' + key) % 10**8:08}",
            "install_date": installed.isoformat(),
            "warranty_end": (installed + timedelta(days=5 * 365)).isoformat(),
            "mac_addresses": [f"3c7843{len(self.cis):06x}"],
        }
        found["management_ip" if network else "ip_addresses"] = (
            self.address(site) if network else [self.address(site)]
        )
        return self.ci(key, kind, name, team, **{**found, **more})

    def mount(self, key: str, rack: str, height: int) -> None:
        """Put a device into a rack, on both of its power strips."""
        unit = self._rack_units.get(rack, 1)
        self._rack_units[rack] = unit + height
        self.cis[key]["attributes"] |= {"rack_position": unit, "rack_height": height}
        self.join(key, "located_in", rack)
        self.join(key, "powered_by", f"{rack}-pdu-a", f"{rack}-pdu-b")

    def to_dict(self) -> dict[str, Any]:
        """The estate file."""
        return {"cis": list(self.cis.values()), "relations": list(self.relations.values())}
