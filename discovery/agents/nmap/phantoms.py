"""Hosts that are none: a firewall that answers for every address of a network.

What tells nothing of itself is held back until its network is known: are nearly all addresses of
the network up, and nearly all that are up alike, then something answers for them.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cmdb.errors import CMDBError
from discovery.agents.nmap.hosts import Host
from discovery.scope import Address, Network

PREFIXES = {4: 24, 6: 120}
"""The largest network that is looked at as one, by IP version."""

FEWEST, SHARE = 16, 0.9
MOST_OPEN = 64
"""Networks of which hosts are held back at a time."""

Signature = tuple[object, ...]


class AnswersForAll(CMDBError):
    """Addresses that something else answers for."""

    template = (
        "{place}: {count} addresses answer alike and tell nothing of themselves, as when a"
        " firewall answers for them; no hosts were made of them. Scan from inside that network,"
        " or narrow the scope to what is there"
    )


@dataclass(slots=True)
class _Block:
    """A network: how many addresses of it were asked, are up, and are told; and the silent ones."""

    asked: int
    up: set[Address] = field(default_factory=set)
    told: int = 0
    silent: list[Host] = field(default_factory=list)


class Guard:
    """Lets hosts pass, and holds back the silent ones until their network is closed.

    `asked` is how many addresses of a network were looked at, where not all of it were.
    """

    def __init__(self, asked: int | None = None) -> None:
        self.asked = asked
        self.found = False
        self._blocks: dict[Network, _Block] = {}

    def expect(self, address: Address) -> None:
        """Take note that an address is up, before it is scanned."""
        self._block(address)[1].up.add(address)

    def take(self, host: Host) -> Iterator[Host | AnswersForAll]:
        """The host, or what is let pass as another network begins; a silent one waits."""
        network, block = self._block(host.address)
        block.up.add(host.address)
        block.told += 1
        if tells(host):
            yield host
        else:
            block.silent.append(host)
        if len(self._blocks) > MOST_OPEN:
            oldest = next(one for one in self._blocks if one != network)
            yield from self._close(oldest)

    def rest(self) -> Iterator[Host | AnswersForAll]:
        """What was held back, or what is wrong with it."""
        for network in list(self._blocks):
            yield from self._close(network)

    def _block(self, address: Address) -> tuple[Network, _Block]:
        network = around(address)
        size = self.asked or network.num_addresses
        return network, self._blocks.setdefault(network, _Block(size))

    def _close(self, network: Network) -> Iterator[Host | AnswersForAll]:
        block = self._blocks.pop(network)
        alike = Counter(signature(host) for host in block.silent)
        full = len(block.up) >= max(FEWEST, SHARE * block.asked)
        phantoms = {one for one, count in alike.items() if full and count >= SHARE * block.told}
        for host in block.silent:
            if signature(host) not in phantoms:
                yield host
        for one in phantoms:
            self.found = True
            yield AnswersForAll(place=str(network), count=alike[one])


def around(address: Address) -> Network:
    """The network that is looked at as one, which holds an address."""
    return ipaddress.ip_network((address, PREFIXES[address.version]), strict=False)


def tells(host: Host) -> bool:
    """Whether a host tells anything of itself, beside being there."""
    known = any(port.probed and port.product for port in host.ports)
    return bool(known or host.host_keys or host.names)


def signature(host: Host) -> Signature:
    """What is equal in answers that come from one place."""
    ports = tuple((port.protocol, port.number, port.name) for port in host.ports)
    return (tuple(host.makers), host.reason, host.ttl, ports)
