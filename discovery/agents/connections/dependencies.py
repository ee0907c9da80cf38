"""What depends on what: connections as relations from client to server.

The side that listens is the server; ports that clients are given tell nothing. One sighting is weak
evidence: each hour in which a connection was seen counts once, and the relation is a proposal until
there are enough. What answers elsewhere is named by its endpoint.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cmdb.identity.endpoints import PREFIX, Endpoint
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery.agents.connections import processes
from discovery.agents.connections.listeners import TEMPORARY, Host, serving
from discovery.agents.connections.recording import sockets
from discovery.agents.connections.sockets import Socket
from discovery.scope import Address

CHANCE = 0.25
"""How sure one sighting is."""

MOST_PORTS = 4
"""Ports of one process that depend on what it connects to; of more only the lowest does."""

MOST_CLIENTS = 50
"""Clients of one service that are told; one with more serves everybody."""

DYNAMIC = range(49_152, 65_536)
"""Ports of servers that are others after each start, such as those of RPC on Windows."""

Ends = tuple[str, str, str]


@dataclass(slots=True)
class Seen:
    """A connection between two things, whenever it was seen."""

    place: str
    protocol: str
    port: int | None
    times: set[str] = field(default_factory=set)
    last: float | None = None

    def count(self, at: float | None, recording: str) -> None:
        """Count a sighting: one an hour, or one a recording where that says no times."""
        if at is None:
            self.times.add(recording)
        else:
            self.times.add(datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%HZ"))
            self.last = max(at, self.last or at)


def observations(host: Host) -> Iterator[Observation]:
    """The programs that only connect, and all relations."""
    found: dict[Ends, Seen] = {}
    programs: set[str] = set()
    clients: defaultdict[int, set[str]] = defaultdict(set)
    own, open_house = host.recording.own(), _addressed_in_public(host)
    for at, one in sockets(host.recording):
        remote = one.remote.address
        if not one.connected or remote is None or one.remote.port is None:
            continue
        inside = remote.is_loopback or remote in own
        if not inside and not _named(remote, open_house):
            continue
        if _serves(host, one):
            if inside or one.local.port not in host.listeners:
                continue  # the other end of the connection tells
            client = _endpoint(host, one, None)
            clients[one.local.port].add(client)
            ends = [(client, "uses", host.port_key(one.local.port))]
            port = one.local.port
        else:
            ends = list(_asks(host, one, inside, programs))
            port = one.remote.port
        for three in ends:
            seen = found.setdefault(three, Seen(one.place, one.protocol, port))
            seen.count(at, host.recording.digest)
    for process in sorted(programs):
        yield _program(host, process)
        yield host.runs(host.program_key(process))
    popular = {host.port_key(one) for one, known in clients.items() if len(known) > MOST_CLIENTS}
    for three, seen in sorted(found.items(), key=lambda pair: pair[0]):
        if three[2] not in popular or not three[0].startswith(PREFIX):
            yield _relation(host, three, seen)


def _serves(host: Host, one: Socket) -> bool:
    """Whether the host is the server of a connection."""
    port, other = one.local.port or 0, one.remote.port or 0
    listener = host.listeners.get(port)
    if listener is not None:
        return one.protocol in listener.protocols
    complete = any(one.protocol in each.protocols for each in host.listeners.values())
    return not complete and port not in TEMPORARY and other in TEMPORARY


def _asks(host: Host, one: Socket, inside: bool, programs: set[str]) -> Iterator[Ends]:
    """The relations of a connection that the host began."""
    port = one.remote.port or 0
    if inside and port not in host.listeners:
        return
    process = host.recording.process(one)
    if processes.is_tool(process):
        return
    to = host.port_key(port) if inside else _endpoint(host, one, port)
    mine = serving(host, one)
    if len(mine) > MOST_PORTS:
        mine = mine[:1]
    for each in mine:
        if host.port_key(each.port) != to:
            yield host.port_key(each.port), "depends_on", to
    if mine:
        return
    if process is not None:
        programs.add(process)
        yield host.program_key(process), "depends_on", to
    elif not inside:  # nobody knows which program, so it does not stop the whole host
        yield host.key, "uses", to


def _endpoint(host: Host, one: Socket, port: int | None) -> str:
    known = None if port is None or port in DYNAMIC else port
    protocol = None if known is None else one.protocol
    return Endpoint(str(one.remote.address), protocol, known, host.site).text()


def _addressed_in_public(host: Host) -> bool:
    """Whether the host's own addresses are public ones, so that others of its site may be too."""
    return any(one.is_global for one in host.recording.own())


def _named(address: Address, open_house: bool) -> bool:
    """Whether an address says who is there: not that of a stranger, nor one of the link alone."""
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return open_house or not address.is_global


def _program(host: Host, process: str) -> ObservedItem:
    return ObservedItem(
        key=host.program_key(process),
        type="software",
        place=host.recording.name,
        name=process,
        attributes={"product": process},
        within=host.key,
        observed_at=host.recording.at,
        evidence=host.evidence(),
    )


def _relation(host: Host, three: Ends, seen: Seen) -> ObservedRelation:
    attributes = {"protocol": seen.protocol, "port": seen.port}
    return ObservedRelation(
        *three,
        place=seen.place,
        attributes={n: v for n, v in attributes.items() if v is not None},
        observed_at=seen.last,
        confidence=CHANCE,
        evidence=host.evidence(sightings=sorted(seen.times)),
    )
