"""What the GLPI reader gives for a document, checked as every reading must be."""

from dataclasses import dataclass
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery import documents
from discovery.agents import glpi
from tests.readings import check_joins, taken
from tests.shared_data import shared_data

LAPTOP = "glpixps-2018-07-09-09-07-13"
FABRIC = "foo/ssi1912014b"


@dataclass
class Reading:
    items: dict[str, ObservedItem]
    relations: list[ObservedRelation]
    errors: list[str]

    def attributes(self, key: str) -> dict[str, Any]:
        return self.items[key].attributes

    def machine(self) -> ObservedItem:
        return next(iter(self.items.values()))

    def links(self) -> dict[str, tuple[str, dict[str, Any], float | None]]:
        return {
            one.id or "": (one.to_key, one.attributes, one.confidence)
            for one in self.relations
            if one.type == "connects_to"
        }

    def of(self, relation: str) -> list[tuple[str, str]]:
        return [(one.from_key, one.to_key) for one in self.relations if one.type == relation]


def read(document: Any) -> Reading:
    """What the reader gives: taken by the catalog as it is, with ends that are there."""
    found: list[Observation | CMDBError] = list(glpi.parse(document))
    known = taken(found)
    items = {one.key: one for one in known.items}
    check_joins(known.relations, items)
    for item in items.values():
        assert item.within is None or item.within in items
        assert item.evidence["inventory"] == "glpi"
    return Reading(items, known.relations, [str(e) for e in found if isinstance(e, CMDBError)])


def example(name: str) -> Any:
    return documents.load(shared_data(f"glpi-inventory/{name}.json"))


def inventory(itemtype: str = "Computer", /, **content: Any) -> dict[str, Any]:
    return {"deviceid": "pc-1", "itemtype": itemtype, "content": content}


def computer(**hardware: Any) -> dict[str, Any]:
    return inventory(hardware={"name": "pc-1", **hardware})
