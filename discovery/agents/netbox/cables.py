"""Network paths, end to end: `connects_to` between real devices and the circuits they pass.

A path through patch panels only is one relation of the two devices. A circuit can fail by itself,
so a path through one goes over it: device – circuit – device. Each relation notes the panels and
cables of its own part; `ends`, `ports` and `path` describe the whole path, so every relation of a
path tells the same end-to-end story.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from cmdb.identity.observation import ObservedRelation
from discovery.agents.netbox.build import related
from discovery.agents.netbox.cabling import Cabling, Stack
from discovery.agents.netbox.dump import PK, Dump, Row
from discovery.agents.netbox.tables import UNLINKABLE


class Stop(NamedTuple):
    """A device or circuit on a path, with the names of the ports it is entered and left by."""

    key: str
    entered: str | None
    left: str | None


class Leg(NamedTuple):
    """What lies between two stops."""

    panels: tuple[str, ...] = ()
    cables: tuple[PK, ...] = ()


NOTHING = Leg()


@dataclass(frozen=True, slots=True)
class Path:
    """A path as far as it was followed; `legs[i]` lies between `stops[i]` and the next stop.

    `ahead` is what was passed since the last stop. A path is `joined` when its last stop is a
    device; `network` is the provider network it ends in instead, where it does.
    """

    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...] = ()
    ahead: Leg = NOTHING
    joined: bool = False
    network: str | None = None
    management: bool = False

    def along(self, cable: PK) -> "Path":
        """One cable further."""
        return replace(self, ahead=Leg(self.ahead.panels, (*self.ahead.cables, cable)))

    def through(self, panel: str) -> "Path":
        """One panel further."""
        return replace(self, ahead=Leg((*self.ahead.panels, panel), self.ahead.cables))

    def arrived(self, stop: Stop) -> "Path":
        """One stop further."""
        stops, legs = (*self.stops, stop), (*self.legs, self.ahead)
        return replace(self, stops=stops, legs=legs, ahead=NOTHING)

    def oriented(self) -> "Path":
        """The path from the lesser of its two devices, the same wherever it was begun."""
        first, last = self.stops[0], self.stops[-1]
        if not self.joined or (first.key, first.left or "") <= (last.key, last.entered or ""):
            return self
        stops = tuple(Stop(key, left, entered) for key, entered, left in self.stops[::-1])
        legs = tuple(Leg(panels[::-1], cables[::-1]) for panels, cables in self.legs[::-1])
        return replace(self, stops=stops, legs=legs)

    def described(self) -> dict[str, Any]:
        """The whole path as attributes of its relations: ends, their ports, all that is between."""
        first, last = self.stops[0], self.stops[-1]
        ends, ports = [first.key], [first.left]
        if self.joined or self.network:
            ends.append(self.network or last.key)
            ports.append(None if self.network else last.entered)
        passed: list[str] = []
        for leg, stop in zip(self.legs, self.stops[1:], strict=True):
            passed += (*leg.panels, stop.key)
        path = passed[:-1] if self.joined else passed
        management = {"management": True} if self.management else {}
        return {"ends": ends, "ports": ports, "path": path, **management}


def observations(dump: Dump, cabling: Cabling, types: dict[str, str]) -> Iterator[ObservedRelation]:
    """All `connects_to` relations, each once."""
    paths = [
        path.oriented()
        for interface in dump.rows("dcim.interface")
        for path in _traced(interface, cabling)
    ]
    paths.sort(key=lambda path: not path.joined)  # what is known in full is told first
    seen: set[tuple[str, str, str | None]] = set()
    for path in paths:
        for relation in _relations(path):
            identity = (relation.from_key, relation.to_key, relation.id)
            joinable = not {types.get(relation.from_key), types.get(relation.to_key)} & UNLINKABLE
            if joinable and identity not in seen and relation.from_key != relation.to_key:
                seen.add(identity)
                yield relation
    for row in dump.rows("circuits.circuittermination"):
        circuit, network = row.ref("circuit", "circuits.circuit"), cabling.provider_network(row)
        if circuit is not None:
            yield from related(circuit, "connects_to", network, row.text("term_side"))


def _traced(interface: Row, cabling: Cabling) -> Iterator[Path]:
    """The paths that begin at an interface.

    One that reaches no device is told as far as the last circuit, or not at all.
    """
    device = interface.ref("device", "dcim.device")
    if device is None or not cabling.from_(interface):
        return
    start = Stop(device.key, None, interface.text("name"))
    queue = deque([(interface, Path((start,), management=interface.flag("mgmt_only")), Stack())])
    visited: set[tuple[str, Stack]] = {(interface.key, Stack())}
    while queue:
        port, path, stack = queue.popleft()
        jumps = cabling.from_(port)
        if not jumps and path.legs:
            yield path
        for cable, far in jumps:
            if (far.key, stack) not in visited:
                visited.add((far.key, stack))
                step = _step(far, path.along(cable), stack, cabling)
                if isinstance(step, Path):
                    yield step
                elif step is not None:
                    queue.append(step)


Step = Path | tuple[Row, Path, Stack] | None
"""A finished path, or the port where it goes on with its stack; None where it is lost."""


def _step(port: Row, path: Path, stack: Stack, cabling: Cabling) -> Step:
    """What becomes of a path that comes in at a port."""
    if port.model == "circuits.circuittermination":
        return _circuit(port, path, stack, cabling)
    if port.model == "dcim.interface":
        device = port.ref("device", "dcim.device")
        if device is None:
            return None
        path = path.arrived(Stop(device.key, port.text("name"), None))
        return replace(path, joined=True, management=path.management or port.flag("mgmt_only"))
    if port.model in ("dcim.frontport", "dcim.rearport"):
        panel, onward = port.ref("device", "dcim.device"), cabling.through(port, stack)
        if panel is not None and onward is not None:
            return onward[0], path.through(panel.key), onward[1]
        return path if path.legs else None
    return None


def _circuit(termination: Row, path: Path, stack: Stack, cabling: Cabling) -> Step:
    circuit = termination.ref("circuit", "circuits.circuit")
    if circuit is None:
        return path if path.legs else None
    other = cabling.other_side(termination)
    left = other.text("term_side") if other is not None else None
    path = path.arrived(Stop(circuit.key, termination.text("term_side"), left))
    if other is None:
        return path
    network = cabling.provider_network(other)
    return (other, path, stack) if network is None else replace(path, network=network.key)


def _relations(path: Path) -> Iterator[ObservedRelation]:
    """The relations of a path, one for each leg, from the lesser key to the greater."""
    whole = path.described()
    for leg, near, far in zip(path.legs, path.stops, path.stops[1:], strict=False):
        if near.key == far.key:  # two ports of one device
            continue
        (from_key, from_port), (to_key, to_port) = sorted(
            ((near.key, near.left or "?"), (far.key, far.entered or "?"))
        )
        forward = from_key == near.key
        yield ObservedRelation(
            from_key,
            "connects_to",
            to_key,
            place=f"dcim.cable:{leg.cables[0]}",
            id=f"{from_port}–{to_port}",
            attributes={
                "panels": list(leg.panels if forward else leg.panels[::-1]),
                "cables": list(leg.cables if forward else leg.cables[::-1]),
                **whole,
            },
        )
