"""What is asked of an agent, in which order: little of who has little, and nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager

from discovery.agents.snmp import bridge, families, mibs
from discovery.agents.snmp.transport import Broken, Refused, Silent, Transport
from discovery.agents.snmp.walk import Value, Walk

MOST_ENTERPRISES = 64
MOST_VALUES = 400_000
MOST_VLANS, MOST_SILENT = 256, 3
NO_ETHERNET = range(1002, 1006)
"""VLANs of Token Ring and FDDI, which every switch of Cisco has."""

LEARNED = (mibs.FDB_PORT, mibs.FDB_STATUS, mibs.BRIDGE_PORT_IF_INDEX)


async def system_group(transport: Transport) -> dict[str, Value]:
    """What every agent answers; empty when it shows nothing to this credential."""
    return await transport.get(mibs.SYSTEM_GROUP)


async def collect(transport: Transport, walk: Walk, stopped: Callable[[], bool]) -> None:
    """Fill the walk, which has the system group, with all that is of use.

    What fails in the middle leaves it incomplete; what came before is kept.
    """
    values: dict[str, Value] = dict(walk.values)
    try:
        values |= await transport.get(mibs.SCALARS)
        makers = await _makers(transport)
        scalars, tables = objects(str(values.get(mibs.SYS_OBJECT_ID, "")), makers)
        values |= await transport.get(scalars)
        async for oid, value in transport.walk((*mibs.COLUMNS, *tables)):
            values[oid] = value
            if stopped() or len(values) > MOST_VALUES:
                walk.complete = False
                break
    except (Broken, Refused, Silent) as error:
        walk.complete = False
        walk.evidence["cut_short"] = str(error) or "no answer"
    finally:
        walk.add(values)


async def learned_by_vlan(
    walk: Walk,
    opened: Callable[[int], AbstractAsyncContextManager[Transport]],
    stopped: Callable[[], bool],
) -> None:
    """Add the addresses that a switch learned, where it keeps a table for each VLAN (Cisco IOS).

    They are added in the form of Q-BRIDGE-MIB, which has the VLAN in each row.
    """
    names = walk.column(mibs.VTP_VLAN_NAME)
    numbers = sorted({int(row.rpartition(".")[2]) for row in names} - set(NO_ETHERNET))
    if bridge.learned(walk):
        return
    values: dict[str, Value] = {}
    silent = 0
    for number in numbers[:MOST_VLANS]:
        if stopped() or silent == MOST_SILENT:
            break
        try:
            async with opened(number) as transport:
                async for oid, value in transport.walk(LEARNED):
                    values[_in_vlan(oid, number)] = value
        except Silent:
            silent += 1
        except (Broken, Refused):
            break
    walk.add(values)


def _in_vlan(oid: str, number: int) -> str:
    for one, other in ((mibs.FDB_PORT, mibs.Q_FDB_PORT), (mibs.FDB_STATUS, mibs.Q_FDB_STATUS)):
        if oid.startswith(f"{one}."):
            return f"{other}.{number}{oid[len(one) :]}"
    return oid


async def _makers(transport: Transport) -> list[str]:
    """The enterprise numbers below which the agent has anything, by leaps from one to the next."""
    found: list[str] = []
    at = mibs.ENTERPRISES
    while len(found) < MOST_ENTERPRISES:
        oid = await transport.following(at)
        number = families.enterprise_of(oid)
        if oid is None or number is None or not oid.startswith(f"{mibs.ENTERPRISES}."):
            break
        if found and int(number) <= int(found[-1]):
            raise Broken(f"it goes round in circles at {oid}")
        found.append(number)
        at = f"{mibs.ENTERPRISES}.{int(number) + 1}"
    return found


def objects(object_id: str, makers: list[str]) -> tuple[list[str], list[str]]:
    """The single objects and the tables of makers that are to be asked for."""
    numbers = dict.fromkeys((families.enterprise_of(object_id) or "", *makers))
    chosen = [one for number in numbers if (one := families.by_enterprise(number)) is not None]
    scalars: list[str] = []
    tables = [one for one in mibs.OF_MAKERS if (families.enterprise_of(one) or "") in makers]
    for oid in _places(chosen):
        whole = _filled(oid, object_id)
        if "*" in whole:
            tables.append(whole.partition(".*")[0])
        elif whole.endswith(".0"):
            scalars.append(whole)
        else:
            tables.append(whole)
    return list(dict.fromkeys(scalars)), list(dict.fromkeys(tables))


def _places(chosen: list[families.Family]) -> Iterator[str]:
    for one in chosen:
        for places in one.places.values():
            for place in places:
                yield place.oid


def _filled(oid: str, object_id: str) -> str:
    """The OID with the number that sysObjectID has in the place of `*`, where they go together."""
    start, star, rest = oid.partition(".*")
    if not star or not object_id.startswith(f"{start}."):
        return oid
    number = object_id[len(start) + 1 :].partition(".")[0]
    return f"{start}.{number}{rest}"
