"""Workplaces: PCs, printers, cash machines and cameras."""

from bank.builder import Estate, digest
from bank.network import CENTERS, OUTLETS
from bank.people import person
from bank.places import FLOORS, SITES

PER_FLOOR = {"sh-hq": 40, "cd-hub": 38, "sz-hub": 38}
FORMS = ("desktop", "laptop", "desktop", "thin_client", "desktop")


def build(e: Estate) -> None:
    """Add them all."""
    buildings = {site[0]: number for number, site in enumerate(SITES, 1)}
    for site, floors in FLOORS.items():
        for floor in range(1, floors + 1):
            room, switches = f"{site}-f{floor:02}", 2 if site == "sh-hq" else 3
            code = f"{buildings[site]:02}{floor:02}10"
            for number in range(1, PER_FLOOR[site] + 1):
                switch = f"{site}-acc-{floor:02}{number % switches + 1}"
                _endpoint(e, site, f"D{code}-{number:03}", room, switch)
            for number in (1, 2):
                _printer(e, site, f"P{code}-{number:03}", room, f"{site}-acc-{floor:02}{number}")
    for hub, names in OUTLETS.items():
        for number in range(1, len(names) + 1):
            code = f"{hub[:2]}-o{number:02}"
            place, switch = f"loc-{code}", f"{code}-switch"
            for seat in range(1, 9):
                _endpoint(e, hub, f"D{buildings[hub]:02}9{number}01-{seat:03}", place, switch)
            _printer(e, hub, f"P{buildings[hub]:02}9{number}01-001", place, switch)
            for machine in (1, 2):
                key = e.device(
                    f"atm-{code}-{machine}", "appliance", f"{names[number - 1]} ATM {machine}",
                    "channels", hub, "atm", purpose="cash machine", criticality="medium",
                )  # fmt: skip
                e.join(key, "located_in", place)
                e.join(key, "connects_to", switch)
    for site in CENTERS:
        for hall in (1, 2):
            for number in (1, 2, 3):
                key = e.device(
                    f"{site}-cam-{hall}{number}", "camera", f"Hall {hall} camera {number}",
                    "facilities", site, "camera", resolution="2688x1520",
                )  # fmt: skip
                e.join(key, "located_in", f"{site}-hall-{hall}")
                e.join(key, "connects_to", f"{site}-oob{hall}-{1 + number % 2}")
    for number in range(1, 13):
        e.device(
            f"spare-{number:02}", "endpoint", f"Spare laptop {number:02}", "desktop", "sh-hq",
            "laptop", status="in_stock", form="laptop", ip_addresses=[],
        )  # fmt: skip


def _endpoint(e: Estate, site: str, name: str, place: str, switch: str) -> None:
    form = FORMS[digest(name) % len(FORMS)]
    key = e.device(
        f"pc-{name.lower()}", "endpoint", name, "desktop", site, form, form=form,
        hostname=name, memory=8192 if form == "thin_client" else 16384, criticality="low",
        operating_system="Kylin Desktop V10" if form == "thin_client" else "Windows 11 Enterprise",
        user=person(digest(name) % 380), encrypted=form == "laptop",
    )  # fmt: skip
    e.join(key, "located_in", place)
    e.join(key, "connects_to", switch)


def _printer(e: Estate, site: str, name: str, place: str, switch: str) -> None:
    key = e.device(
        f"prn-{name.lower()}", "printer", name, "desktop", site, "printer", criticality="low",
        color=digest(name) % 3 == 0, page_count=digest(name) % 400_000,
    )  # fmt: skip
    e.join(key, "located_in", place)
    e.join(key, "connects_to", switch)
