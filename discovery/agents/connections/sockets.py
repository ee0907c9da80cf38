"""One line of a connection table: `ss` and `netstat`, as Linux and Windows write them."""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

from cmdb.errors import WrongValue, shown
from discovery.scope import Address

PROTOCOLS = {"tcp": "tcp", "tcp4": "tcp", "tcp6": "tcp", "udp": "udp", "udp4": "udp", "udp6": "udp"}
ASKING = frozenset({"syn_sent", "syn_recv", "syn_received"})
"""States in which nobody has answered yet."""

LISTENING = frozenset({"listen", "listening"})
STATES = frozenset(
    {"closed", "close_wait", "closing", "estab", "established", "fin_wait_1", "fin_wait_2"}
    | {"fin_wait1", "fin_wait2", "last_ack", "time_wait", "unconn"}
) | (ASKING | LISTENING)

_USERS = re.compile(r'\("((?:[^"\\]|\\.)*)",pid=(\d+)')
_PROGRAM = re.compile(r"(\d+)/(.+)")
_ENDPOINT = re.compile(r"(.*):(\d{1,5}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a socket; no address is any, no port is none yet."""

    address: Address | None
    port: int | None


@dataclass(frozen=True, slots=True)
class Socket:
    """A socket of the host, and the process that has it, as far as the table tells."""

    protocol: str
    local: End
    remote: End
    state: str
    pids: frozenset[int]
    process: str | None
    place: str

    @property
    def listening(self) -> bool:
        """Whether others may come to it."""
        return self.remote.port in (None, 0)

    @property
    def connected(self) -> bool:
        """Whether the other end has answered."""
        known = self.remote.address is not None and not self.remote.address.is_unspecified
        return known and bool(self.remote.port) and self.state not in ASKING


def socket(line: str, place: str) -> Socket | WrongValue | None:
    """The socket of a line; None for a heading and for what is no IP socket."""
    words = line.split()
    protocol = PROTOCOLS.get(words[0].lower()) if words else None
    said = protocol is not None
    if said:
        words = words[1:]
    elif words and _state(words[0]) in STATES:  # `ss --tcp` leaves out what is the same everywhere
        protocol = "tcp"
    if protocol is None or not words:
        return None
    state = ""
    if _state(words[0]) in STATES:
        state, words = _state(words[0]), words[1:]
    if len(words) >= 2 and words[0].isdigit() and words[1].isdigit():  # queues
        words = words[2:]
    ends = [_end(word) for word in words[:2]]
    if len(ends) < 2 or ends[0] is None or ends[1] is None:
        if not said:
            return None
        expected = "two addresses with ports, such as 10.0.0.5:443"
        return WrongValue(
            place=place, name="it", value=shown(" ".join(line.split())), expected=expected
        )
    rest = words[2:]
    if rest and not state and not rest[0][0].isdigit() and rest[0] != "-" and ":" not in rest[0]:
        state, rest = _state(rest[0]), rest[1:]  # netstat says it after the addresses
    pids, process = _process(" ".join(rest))
    return Socket(protocol, ends[0], ends[1], state, pids, process, place)


def _state(word: str) -> str:
    return word.lower().replace("-", "_")


def _process(text: str) -> tuple[frozenset[int], str | None]:
    """Who has a socket: as `ss`, as `netstat` on Linux, and as it on Windows writes it."""
    if users := _USERS.findall(text):
        return frozenset(int(pid) for _, pid in users), users[0][0] or None
    if match := _PROGRAM.match(text):
        return frozenset({int(match[1])}), match[2].split(":")[0].strip() or None
    first = text.split()[0] if text else ""
    return (frozenset({int(first)}) if first.isdigit() else frozenset()), None


@lru_cache(maxsize=4096)
def _end(word: str) -> End | None:
    match = _ENDPOINT.fullmatch(word)
    if match is None:
        return None
    text = match[1].strip("[]").partition("%")[0].strip("[]")
    port = None if match[2] == "*" else int(match[2])
    if port is not None and port > 65_535:
        return None
    if text in ("*", ""):
        return End(None, port)
    try:
        found = plain(ipaddress.ip_address(text))
    except ValueError:
        return None if text != "::" else End(None, port)
    return End(None if found.is_unspecified else found, port)


def plain(address: Address) -> Address:
    """An address as people write it: IPv4 also where IPv6 sockets have it."""
    mapped = getattr(address, "ipv4_mapped", None)
    return address if mapped is None else mapped
