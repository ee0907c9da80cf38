"""What the SNMP reader gives for values, checked as every reading must be."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery.agents import snmp
from discovery.agents.snmp.walk import Value, Walk
from tests.readings import check_joins, taken

DATA = Path(__file__).parents[1] / "data" / "snmp"

IF, IF_X = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"


@dataclass
class Reading:
    items: dict[str, ObservedItem]
    relations: list[ObservedRelation]
    errors: list[str]

    @property
    def device(self) -> ObservedItem:
        return next(iter(self.items.values()))

    @property
    def facts(self) -> dict[str, Any]:
        return self.device.attributes

    def of(self, *types: str) -> list[ObservedItem]:
        return [one for one in self.items.values() if one.type in types]

    def port(self, name: str) -> dict[str, Any]:
        return self.items[f"{self.device.key}/interface/{name.casefold()}"].attributes

    @property
    def links(self) -> dict[str, tuple[ObservedItem, list[str | None]]]:
        """The neighbour and the ports of each link, by its id."""
        return {
            one.id or "": (self.items[one.to_key], one.attributes["ports"])
            for one in self.relations
            if one.type == "connects_to"
        }


def read(document: Any) -> Reading:
    """What the reader gives: taken by the catalog as it is, with ends that are there."""
    found: list[Observation | CMDBError] = list(snmp.parse(document))
    known = taken(found)
    items = {one.key: one for one in known.items}
    check_joins(known.relations, items)
    for item in items.values():
        assert item.within is None or item.within in items
        assert item.evidence["agent"] == "snmp"
    return Reading(items, known.relations, [str(e) for e in found if isinstance(e, CMDBError)])


def walk(values: dict[str, Value], address: str = "10.0.0.1") -> Walk:
    return Walk(values, address=address, site="hq")


def system(name: str = "sw1", described: str = "", object_id: str = "") -> dict[str, Value]:
    return {
        "1.3.6.1.2.1.1.1.0": described.encode(),
        "1.3.6.1.2.1.1.2.0": object_id,
        "1.3.6.1.2.1.1.5.0": name.encode(),
    }


def ports(*names: str, kind: int = 6) -> dict[str, Value]:
    """Interfaces, numbered from 1, with hardware addresses of their own."""
    found: dict[str, Value] = {}
    for index, name in enumerate(names, 1):
        found[f"{IF}.1.{index}"] = index
        found[f"{IF}.2.{index}"] = f"{name} of the device".encode()
        found[f"{IF}.3.{index}"] = kind
        found[f"{IF}.6.{index}"] = bytes([0, 0x1B, 0x0C, 0, 0, index])
        found[f"{IF_X}.1.{index}"] = name.encode()
        found[f"1.3.6.1.2.1.17.1.4.1.2.{index + 100}"] = index
    return found


def learned(port: int, *macs: str) -> dict[str, Value]:
    """What a bridge learned at a port of `ports`."""
    found: dict[str, Value] = {}
    for mac in macs:
        row = ".".join(str(octet) for octet in bytes.fromhex(mac.replace(":", "")))
        found[f"1.3.6.1.2.1.17.4.3.1.2.{row}"] = port + 100
        found[f"1.3.6.1.2.1.17.4.3.1.3.{row}"] = 3
    return found
