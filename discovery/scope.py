"""What a scan may touch, and how hard: checked when it is planned and again before it leaves.

Targets are literals of addresses and networks only; no name is ever resolved. What is denied wins
over what is allowed, and nothing is allowed that is not said to be.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from cmdb.errors import CMDBError, InvalidInput, Rejected, WrongValue, shown

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LITERAL = re.compile(r"[0-9a-fA-F.:]{2,45}(?:/[0-9]{1,3})?", re.ASCII)
MAPPED = IPv6Network("::ffff:0:0/96")
MOST_ADDRESSES = 65_536
"""Addresses in one scan, unless the scope says otherwise."""

FRAGILE_PORTS = frozenset({102, 502, 515, 47808, *range(9100, 9108)})
"""Ports that make printers print, or stop machines (S7, Modbus, LPD, BACnet, JetDirect)."""


class OutOfScope(InvalidInput):
    """A target that the scope does not allow."""

    template = "{place}: {target} is outside the scope; allow it there, or leave it out"


class TooManyAddresses(InvalidInput):
    """More targets than the scope's cap."""

    template = (
        "{place}: {count} addresses are more than the {most} the scope allows in one scan;"
        " scan smaller networks, or raise its cap"
    )


def network(text: object, place: str) -> Network:
    """A network or an address, given as a literal; WrongValue for anything else."""
    if isinstance(text, str) and LITERAL.fullmatch(text):
        try:
            found = ipaddress.ip_network(text)
        except ValueError:
            found = None
        if found is not None and found.prefixlen > 0 and not _disguised(found):
            return found
    expected = "an address or network such as 10.0.0.0/24, without bits beyond its prefix"
    raise WrongValue(place=place, name="target", value=shown(text), expected=expected)


def networks(texts: Iterable[object], place: str) -> tuple[Network, ...]:
    """All of them; every error at once, as Rejected."""
    found: list[Network] = []
    errors: list[CMDBError] = []
    for position, text in enumerate(texts):
        try:
            found.append(network(text, f"{place}[{position}]"))
        except CMDBError as error:
            errors.append(error)
    if errors:
        raise Rejected(errors)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be touched. `rate` is in packets a second for one scanner, `host_timeout` seconds.

    Neighbouring networks that are allowed are allowed as the one they make together.

    `fragile` asks for the gentlest way an agent has. `forbidden_ports` are never connected to.
    """

    allow: tuple[Network, ...]
    deny: tuple[Network, ...] = ()
    site: str | None = None
    most_addresses: int = MOST_ADDRESSES
    rate: int = 200
    host_timeout: int = 300
    fragile: bool = False
    forbidden_ports: frozenset[int] = field(default=FRAGILE_PORTS)

    def __post_init__(self) -> None:
        object.__setattr__(self, "allow", _collapsed(self.allow))

    def permits(self, target: Address | Network) -> bool:
        """Whether all of a target is allowed and none of it denied."""
        whole = ipaddress.ip_network(target)
        allowed = any(_within(whole, one) for one in self.allow)
        return allowed and not any(_overlaps(whole, one) for one in self.deny)

    def check(self, targets: Iterable[Address | Network], place: str) -> None:
        """Rejected, with every target that is not allowed."""
        outside = [one for one in targets if not self.permits(one)]
        if outside:
            raise Rejected([OutOfScope(place=place, target=str(one)) for one in outside])

    def chosen(self, wanted: Iterable[Network], place: str) -> list[Network]:
        """The targets less what is denied; each must be allowed, and all within the cap."""
        wanted = _collapsed(wanted)
        outside = [one for one in wanted if not any(_within(one, free) for free in self.allow)]
        if outside:
            raise Rejected([OutOfScope(place=place, target=str(one)) for one in outside])
        left = [part for one in wanted for part in _without(one, self.deny)]
        count = sum(one.num_addresses for one in left)
        if count > self.most_addresses:
            raise TooManyAddresses(place=place, count=str(count), most=self.most_addresses)
        return left


def _within(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _overlaps(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def _without(whole: Network, denied: Iterable[Network]) -> Iterator[Network]:
    """The parts of a network that no denied one has."""
    near = [one for one in denied if _overlaps(whole, one)]
    if not near:
        yield whole
    elif not any(_within(whole, one) for one in near):
        for half in whole.subnets():
            yield from _without(half, near)


def _collapsed(networks: Iterable[Network]) -> tuple[Network, ...]:
    """The fewest networks that have the same addresses."""
    found = list(networks)
    fours = ipaddress.collapse_addresses(one for one in found if one.version == 4)
    sixes = ipaddress.collapse_addresses(one for one in found if one.version == 6)
    return (*fours, *sixes)


def _disguised(network: Network) -> bool:
    """Whether it has IPv4 addresses written as IPv6, which no denied IPv4 network would have."""
    return isinstance(network, IPv6Network) and network.overlaps(MAPPED)
