"""Reader of GLPI Agent: JSON inventories of computers, network equipment, printers and phones.

The form is that of https://github.com/glpi-project/inventory_format. A document is one inventory
or a list of them; a partial one tells only of what it mentions. The source key of a machine is its
`deviceid`, those of its parts begin with it. A field of the wrong kind is reported, and the
inventory goes in without it; texts such as "N/A" and placeholders of firmware count for nothing.
Measured values, such as free space and counters of traffic, are left to monitoring.
"""

from collections.abc import Iterator
from typing import Any

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation, ObservedRelation
from discovery.agents.glpi import (
    components,
    guests,
    interfaces,
    kinds,
    machine,
    neighbours,
    software,
)
from discovery.agents.glpi.inventory import Inventory, read

NAME = "glpi"
MESSAGES = True


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """All items of the inventories of a document, then their relations, and errors as found."""
    if not isinstance(document, dict | list):
        raise UnreadableInput(
            place="document", detail="a GLPI inventory must be an object, or a list of objects"
        )
    seen: dict[str, str] = {}
    relations: list[ObservedRelation] = []
    listed = isinstance(document, list)
    for position, raw in enumerate(document if listed else [document]):
        inventory = read(raw, f"inventories[{position}]" if listed else "inventory", seen)
        if isinstance(inventory, CMDBError):
            yield inventory
            continue
        for observation in _observations(inventory):
            if isinstance(observation, ObservedRelation):
                relations.append(observation)
            else:
                yield observation
        yield from inventory.notes.taken()
    yield from relations


def _observations(inventory: Inventory) -> Iterator[Observation]:
    """What an inventory says; nothing when its machine was there before."""
    ci_type = kinds.type_of(inventory)
    found = machine.machine(inventory, ci_type)
    if found is None:
        return
    yield found
    yield from components.observations(inventory, ci_type)
    yield from interfaces.observations(inventory)
    yield from neighbours.observations(inventory)
    yield from software.observations(inventory)
    yield from guests.observations(inventory)
