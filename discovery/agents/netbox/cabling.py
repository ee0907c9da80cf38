"""Cables: which terminations each one joins, and where a path goes on behind a termination."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from cmdb.errors import WrongValue
from discovery.agents.netbox.dump import PK, Dump, Row
from discovery.agents.netbox.networks import circuit_end

MAX_STACK = 32
"""Rear ports with several positions that a path may be inside of at once."""

Stack = tuple[int, ...]


class Jump(NamedTuple):
    """A cable followed from one termination to one at its other side."""

    cable: PK
    far: Row


class Cabling:
    """The cables that are in place, and the inside of panels and circuits."""

    def __init__(self, dump: Dump) -> None:
        self._jumps = _jumps(dump)
        self._front: dict[tuple[str, int], Row] = {}
        self._sides: defaultdict[str, dict[str, Row]] = defaultdict(dict)
        for row in dump.rows("dcim.frontport"):
            rear = row.ref("rear_port", "dcim.rearport")
            if rear is not None:
                self._front.setdefault((rear.key, _position(row, "rear_port_position")), row)
        for row in dump.rows("circuits.circuittermination"):
            circuit, side = row.ref("circuit", "circuits.circuit"), row.text("term_side")
            if circuit is not None and side is not None:
                self._sides[circuit.key].setdefault(side, row)

    def from_(self, termination: Row) -> list[Jump]:
        """Where the cable at a termination leads."""
        return self._jumps.get(termination.key, [])

    def through(self, port: Row, stack: Stack) -> tuple[Row, Stack] | None:
        """The port at which a path that came in by `port` leaves its panel.

        `stack` holds the positions the path took on rear ports that carry several. None where the
        panel has no port for it.
        """
        if port.model == "dcim.frontport":
            rear = port.ref("rear_port", "dcim.rearport")
            if rear is None or len(stack) >= MAX_STACK:
                return None
            if _position(rear, "positions") > 1:
                stack = (*stack, _position(port, "rear_port_position"))
            return rear, stack
        position = 1
        if _position(port, "positions") > 1:
            if not stack:
                return None
            stack, position = stack[:-1], stack[-1]
        front = self._front.get((port.key, position))
        return None if front is None else (front, stack)

    def other_side(self, termination: Row) -> Row | None:
        """The other termination of a circuit."""
        circuit = termination.ref("circuit", "circuits.circuit")
        sides = self._sides[circuit.key] if circuit is not None else {}
        return next((row for row in sides.values() if row is not termination), None)

    @staticmethod
    def provider_network(termination: Row) -> Row | None:
        """The provider network a circuit ends in, where it does."""
        end = circuit_end(termination)
        return end if end is not None and end.model == "circuits.providernetwork" else None


def _position(row: Row, name: str) -> int:
    value = row.number(name)
    return 1 if value is None else int(value)


def _jumps(dump: Dump) -> dict[str, list[Jump]]:
    """From the key of each termination, the terminations at the other side of its cable."""
    sides: defaultdict[PK, dict[str, list[Row]]] = defaultdict(lambda: {"A": [], "B": []})
    for row in dump.rows("dcim.cabletermination"):
        cable, end = row.ref("cable", "dcim.cable"), row.text("cable_end")
        termination = row.generic("termination_type", "termination_id")
        if end not in ("A", "B"):
            error = WrongValue(
                place=row.key, name="'cable_end'", value=repr(end), expected="'A' or 'B'"
            )
            dump.note(row, "cable_end", error)
        elif cable is not None and termination is not None and _in_place(cable):
            sides[cable.pk][end].append(termination)
    jumps: defaultdict[str, list[Jump]] = defaultdict(list)
    for pk, ends in sides.items():
        for near, far in _pairs(ends["A"], ends["B"]):
            jumps[near.key].append(Jump(pk, far))
            jumps[far.key].append(Jump(pk, near))
    return jumps


def _pairs(ones: list[Row], others: list[Row]) -> Iterator[tuple[Row, Row]]:
    return ((one, other) for one in ones for other in others)


def _in_place(cable: Row) -> bool:
    """Planned cables carry nothing yet, and cables being removed nothing any more."""
    return cable.text("status") in (None, "connected")
