"""Sites, buildings, rooms, racks and their power; teams, people and organizations."""

from typing import Any

from bank.builder import Estate, day, digest
from bank.people import DEPARTMENTS, SUPPLIERS, TEAMS, TITLES

RACKS = 18
FLOORS = {"sh-hq": 20, "cd-hub": 4, "sz-hub": 4}
BANK = "Jinhe Bank 锦河银行"

# code, name, address, city, latitude, longitude, kind
SITES = (
    ("sh-hq", "Shanghai Headquarters 上海总部", "88 Binjiang Avenue, Pudong", "Shanghai",
     31.235, 121.505, "office"),
    ("sh-dc1", "Shanghai Waigaoqiao Data Centre", "210 Gangbao Road, Pudong", "Shanghai",
     31.351, 121.588, "data_center"),
    ("hf-dc2", "Hefei Binhu Data Centre", "16 Zhongshan Road, Baohe", "Hefei",
     31.737, 117.301, "data_center"),
    ("cd-hub", "Chengdu Branch Hub 成都分行", "55 Renmin South Road", "Chengdu",
     30.641, 104.064, "branch"),
    ("sz-hub", "Shenzhen Branch Hub 深圳分行", "1008 Shennan Avenue, Futian", "Shenzhen",
     22.541, 114.059, "branch"),
)  # fmt: skip


def build(e: Estate) -> None:
    """Add them all."""
    _people(e)
    for number, (code, name, address, city, latitude, longitude, kind) in enumerate(SITES, 1):
        site = e.ci(
            f"site-{code}",
            "site",
            name,
            "facilities",
            code=code.upper(),
            address=address,
            city=city,
            country="CN",
            latitude=latitude,
            longitude=longitude,
            time_zone="Asia/Shanghai",
            kind=kind,
        )
        building = e.ci(
            f"{code}-b{number:02}", "building", f"{city} building {number:02}", "facilities",
            code=f"{number:02}", floors=FLOORS.get(code, 2), site=site,
        )  # fmt: skip
        e.join(building, "located_in", site)
        if kind == "data_center":
            _data_center(e, code, building)
        else:
            _office(e, code, building)


def _people(e: Estate) -> None:
    bank = e.ci("org-bank", "organization", BANK, "service-management", kind="company")
    for key, name in DEPARTMENTS.items():
        e.ci(f"org-{key}", "organization", name, "service-management", kind="department")
        e.join(f"org-{key}", "part_of", bank)
    for key, name in SUPPLIERS.items():
        e.ci(f"org-{key}", "organization", name, "service-management", kind="supplier")
    for key, team in TEAMS.items():
        e.ci(f"team-{key}", "team", team.name, key, lead=team.lead, email=f"{key}@jinhe.example")
        e.join(f"team-{key}", "part_of", "org-it")
        for name, title in zip(team.members, TITLES, strict=True):
            account = ".".join(name.lower().split())
            e.ci(
                f"person-{account}-{key}", "person", name, key, account=account, title=title,
                email=f"{account}@jinhe.example", phone=f"+86 21 5888 {digest(name) % 9000 + 1000}",
                employee_id=f"E{digest(account + key) % 10**6:06}",
            )  # fmt: skip
            e.join(f"person-{account}-{key}", "member_of", f"team-{key}")


def _facility(e: Estate, site: str, key: str, kind: str, name: str, room: str, **more: Any) -> str:
    e.ci(
        key, kind, name, "facilities", site=f"site-{site}", vendor="Schneider Electric",
        serial_number=f"SE{digest(key) % 10**9:09}", install_date=day(key).isoformat(), **more,
    )  # fmt: skip
    e.join(key, "located_in", room)
    return key


def _room(e: Estate, site: str, key: str, name: str, floor: str, building: str, **more: Any) -> str:
    e.ci(key, "room", name, "facilities", site=f"site-{site}", floor=floor, **more)
    e.join(key, "located_in", building)
    return key


def _supplies(e: Estate, site: str, room: str, capacity: int) -> None:
    for side in "ab":
        title = f"{site.upper()} {{}} {side.upper()}"
        panel = _facility(
            e, site, f"{site}-panel-{side}", "power_panel", title.format("power panel"), room,
            voltage=400, current=1600, phases=3,
        )  # fmt: skip
        ups = _facility(
            e, site, f"{site}-ups-{side}", "ups", title.format("UPS"), room, voltage=400, phases=3,
            capacity=capacity, battery_runtime=30,
        )  # fmt: skip
        e.join(ups, "powered_by", panel)


def _rack(e: Estate, site: str, number: int, room: str) -> None:
    rack = e.ci(
        f"{site}-r{number:02}", "rack", f"{site.upper()} R{number:02}", "facilities",
        site=f"site-{site}", height=42, width=19, row="AB"[(number - 1) // 9],
    )  # fmt: skip
    e.join(rack, "located_in", room)
    for side in "ab":
        label = f"{site.upper()} R{number:02} {{}} {side.upper()}"
        feed = _facility(
            e, site, f"{rack}-feed-{side}", "power_feed", label.format("feed"), room,
            voltage=230, current=32, phases=1, supply="ac",
            side="primary" if side == "a" else "redundant",
        )  # fmt: skip
        pdu = _facility(
            e, site, f"{rack}-pdu-{side}", "pdu", label.format("PDU"), rack,
            voltage=230, current=32, outlets=24, metered=True,
        )  # fmt: skip
        e.join(feed, "powered_by", f"{site}-ups-{side}")
        e.join(pdu, "powered_by", feed)


def _data_center(e: Estate, site: str, building: str) -> None:
    power = _room(e, site, f"{site}-power", f"{site.upper()} 配电室 power room", "01", building)
    _supplies(e, site, power, 500_000)
    for hall in (1, 2):
        room = _room(
            e, site, f"{site}-hall-{hall}", f"{site.upper()} machine hall {hall}", "02", building,
            raised_floor=True, power_capacity=200, needs={"cooling": 2},
        )  # fmt: skip
        for unit in range(1, 5):
            cooling = _facility(
                e, site, f"{site}-crac-{hall}{unit}", "cooling", f"Air conditioner {hall}-{unit}",
                building, cooling_capacity=80, set_temperature=23,
            )  # fmt: skip
            e.join(cooling, "powered_by", f"{site}-panel-{'ab'[unit % 2]}")
            e.join(room, "depends_on", cooling, group="cooling")
        for number in range(9 * hall - 8, 9 * hall + 1):
            _rack(e, site, number, room)


def _office(e: Estate, site: str, building: str) -> None:
    equipment = _room(
        e, site, f"{site}-equipment", f"{site.upper()} equipment room", "01", building
    )
    _supplies(e, site, equipment, 40_000)
    for number in (1, 2):
        _rack(e, site, number, equipment)
    for floor in range(1, FLOORS[site] + 1):
        name = f"{site.upper()} floor {floor:02} office"
        _room(e, site, f"{site}-f{floor:02}", name, f"{floor:02}", building, room_number="10")
