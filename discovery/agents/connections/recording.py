"""Recordings of connection tables: what a host is called, its addresses, and its sockets by time.

A recording is the output of `ss -tunap` or `netstat -tunap` (`-ano` on Windows), once or several
times. Lines that begin with `#` say more: `# at TIME` begins the next sample, `# host NAME`,
`# site KEY`, `# target ADDRESS` and `# ssh-host-key FINGERPRINT` tell whose it is, each once. The
output of `ip -o link`, `ip -o address` and `tasklist /fo csv /nh` may stand anywhere between.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from cmdb.errors import CMDBError, WrongValue, shown
from discovery.agents.connections.sockets import Socket, plain, socket
from discovery.scope import Address

MOST_LINE = 4096
HEADINGS = ("host", "site", "target", "ssh-host-key")
LOCAL_INTERFACES = re.compile(
    r"lo\d*|docker\d*|br-[0-9a-f]+|virbr\d*|veth.*|cni\d*|cali.*|flannel.*|lxc.*|lxdbr\d*|podman\d*"
)
"""Interfaces whose addresses mean nothing beyond the host."""

_LINK = re.compile(r"\d+: ([^\s:@]+)[@:].* link/ether ([0-9a-f:]{17})\b")
_ADDRESS = re.compile(r"\d+: (\S+) +inet6? ([0-9a-f.:]+)(?:/\d+)?.* scope (\S+)")
_TASK = re.compile(r'"([^"]+)","(\d+)"')
_IMAGE = re.compile(r"\s*\[([^\]:]+)\]\s*")


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a recording, and what its file is called."""

    name: str
    text: str


@dataclass(slots=True)
class Sample:
    """The sockets at one time, in seconds since 1970; None where nobody said when."""

    at: float | None
    sockets: list[Socket] = field(default_factory=list)


@dataclass(slots=True)
class Recording:
    """What a document says of a host."""

    name: str
    digest: str
    said: dict[str, str] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    macs: list[str] = field(default_factory=list)
    tasks: dict[int, str] = field(default_factory=dict)

    @property
    def at(self) -> float | None:
        """When the last sample was taken."""
        return max((one.at for one in self.samples if one.at is not None), default=None)

    def own(self) -> set[Address]:
        """All addresses the host was seen with."""
        told = {ipaddress.ip_address(one) for one in self.addresses}
        seen = {
            one.local.address
            for sample in self.samples
            for one in sample.sockets
            if one.local.address is not None and not one.local.address.is_multicast
        }
        return told | seen

    def process(self, one: Socket) -> str | None:
        """The name of the process that has a socket."""
        return one.process or next((self.tasks[p] for p in one.pids if p in self.tasks), None)


def read(document: Document, note: list[CMDBError]) -> Recording:
    """The recording of a document; what is wrong with a line is noted, and the others count."""
    made = Recording(document.name, _digest(document.text))
    sample = Sample(None)
    for number, line in enumerate(document.text.splitlines(), 1):
        place = f"{document.name}, line {number}"
        if len(line) > MOST_LINE:
            expected = f"at most {MOST_LINE} characters"
            note.append(WrongValue(place=place, name="it", value="a long line", expected=expected))
            continue
        if line.startswith("#"):
            if (at := _heading(made, line, place, note)) is not None:
                sample = Sample(at)
                made.samples.append(sample)
            continue
        if _told(made, line):
            continue
        if (image := _IMAGE.fullmatch(line)) is not None:
            _name(sample, image[1])
            continue
        found = socket(line, place)
        if isinstance(found, CMDBError):
            note.append(found)
        elif found is not None:
            if not made.samples:
                made.samples.append(sample)
            sample.sockets.append(found)
    return made


def _digest(text: str) -> str:
    """Tells recordings apart that do not say when they were made."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _heading(made: Recording, line: str, place: str, note: list[CMDBError]) -> float | None:
    """Take in a line with `#`; the time of a new sample."""
    name, _, value = line[1:].strip().partition(" ")
    value = value.strip()
    if name in HEADINGS and value:  # the first counts: what comes after is the host's own word
        made.said.setdefault(name, value)
    if name != "at":
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is not None:
            return at.timestamp()
    except (ValueError, OverflowError):
        pass
    expected = "a time with its zone, such as 2026-01-31T09:00:00Z"
    note.append(WrongValue(place=place, name="'at'", value=shown(value), expected=expected))
    return None


def _told(made: Recording, line: str) -> bool:
    """Take in a line about an interface or a task, if it is one."""
    if match := _LINK.match(line):
        if not LOCAL_INTERFACES.fullmatch(match[1]) and match[2] not in made.macs:
            made.macs.append(match[2])
    elif match := _ADDRESS.match(line):
        try:
            found = str(plain(ipaddress.ip_address(match[2])))
        except ValueError:
            return True
        foreign = LOCAL_INTERFACES.fullmatch(match[1]) or match[3] != "global"
        if not foreign and found not in made.addresses:
            made.addresses.append(found)
    elif match := _TASK.match(line):
        made.tasks[int(match[2])] = match[1]
    else:
        return False
    return True


def _name(sample: Sample, image: str) -> None:
    """Give the program of `netstat -b` to the line before it."""
    if sample.sockets and sample.sockets[-1].process is None:
        sample.sockets[-1] = replace(sample.sockets[-1], process=image)


def sockets(recording: Recording) -> Iterator[tuple[float | None, Socket]]:
    """All sockets with the times at which they were seen."""
    for sample in recording.samples:
        for one in sample.sockets:
            yield sample.at, one
