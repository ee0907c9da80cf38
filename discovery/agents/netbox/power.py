"""Power cords: what each power port is plugged into.

The default redundancy group of `powered_by` makes a device with two supplies survive one of them;
the name of the power port tells several supplies on the same source apart.
"""

from collections.abc import Iterator

from cmdb.identity.observation import ObservedRelation
from discovery.agents.netbox.cabling import Cabling
from discovery.agents.netbox.dump import Dump, Row
from discovery.agents.netbox.tables import UNLINKABLE

GROUP = "power"


def observations(dump: Dump, cabling: Cabling, types: dict[str, str]) -> Iterator[ObservedRelation]:
    """A relation for each power port that is plugged into an outlet or wired to a feed."""
    for port in dump.rows("dcim.powerport"):
        device = port.ref("device", "dcim.device")
        for cable, far in cabling.from_(port) if device is not None else ():
            source = _source(far)
            if device is not None and source is not None and source is not device:
                facility = source.model == "dcim.powerfeed" or types[source.key] in UNLINKABLE
                yield ObservedRelation(
                    device.key,
                    # The catalog has `powered_by` end at a facility. A chassis that feeds its
                    # blades is a member of the same redundancy group all the same.
                    "powered_by" if facility else "depends_on",
                    source.key,
                    place=port.key,
                    group=None if facility else GROUP,
                    id=port.text("name"),
                    attributes={"ports": [port.text("name"), far.text("name")], "cables": [cable]},
                )


def _source(far: Row) -> Row | None:
    """What gives the power at the other end of a cord."""
    if far.model == "dcim.poweroutlet":
        return far.ref("device", "dcim.device")
    return far if far.model == "dcim.powerfeed" else None
