"""NetBox: the list of rows that its `manage.py dumpdata` writes, or the same by its REST API.

A row's source key is `model:pk`, such as `dcim.device:1`. A bad row is reported and left out; a bad
field of a good row is reported, and the row goes in without it. Rows of other models are passed
over.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery.agents.netbox import cables, networks, objects, power
from discovery.agents.netbox.cabling import Cabling
from discovery.agents.netbox.dump import read
from discovery.agents.netbox.fetching import authorise, fetch
from discovery.service_agent import ServiceAgent

NAME = "netbox"


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """All items of a NetBox dump, then their relations, and errors as they are found."""
    dump = read(document)
    yield from dump.taken()
    types = objects.device_types(dump)
    addresses = networks.Addresses(dump)
    cabling = Cabling(dump)
    relations: list[ObservedRelation] = []
    for observation in chain(
        objects.observations(dump, types, addresses),
        networks.observations(dump),
        cables.observations(dump, cabling, types),
        power.observations(dump, cabling, types),
    ):
        if isinstance(observation, ObservedItem):
            yield observation
        else:
            relations.append(observation)
        yield from dump.taken()
    yield from dump.taken()
    yield from relations


AGENT = ServiceAgent(
    "NetBox: sites, racks, devices, networks and cables",
    parse,
    fetch=fetch,
    kinds=("token",),
    authorise=authorise,
    placed=False,
)
