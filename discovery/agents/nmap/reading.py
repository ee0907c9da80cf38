"""From the bytes of nmap's XML to hosts, as they come: what recordings and scans have in common."""

import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from xml.etree.ElementTree import Element

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation
from discovery.agents.nmap.hosts import Host, clean, read_host, seconds
from discovery.agents.nmap.observations import Origin, observations
from discovery.agents.nmap.phantoms import Guard
from discovery.agents.nmap.stream import Stream

LOOKING_SHARE = 0.1
"""How much of a scan of ports is looking for hosts."""


class HostTimedOut(CMDBError):
    """A host that took longer than the scope gives it."""

    template = (
        "{place}: not scanned to its end in the time for one host, so not all of its services are"
        " told; give hosts more time, or a higher rate"
    )


class Reading:
    """Reads a scan. `whole` says that nmap came to its end and finished every host; `fault` is what
    ended the reading before that.
    """

    def __init__(self, place: str, origin: Origin, guard: Guard, ports: bool = True) -> None:
        self.place, self.origin, self.guard = place, origin, guard
        self.fault: CMDBError | None = None
        self._stream = Stream(place)
        self._looking = 0.0
        self._share = LOOKING_SHARE if ports else 1.0
        self._expected = self._finished = self._timed_out = 0
        self._ended = False

    @property
    def whole(self) -> bool:
        """Whether all was looked at, and what was found can be told from what answers for all."""
        return self._ended and not self._timed_out and not self.guard.found

    @property
    def done(self) -> float:
        """How much of the scan is done, from 0 to 1."""
        if not self._expected:
            return self._share * self._looking
        scanned = self._finished / max(self._expected, self._finished)
        return self._share + (1 - self._share) * scanned

    def feed(self, data: bytes, last: bool = False) -> list[Host | CMDBError]:
        """The hosts that end in these bytes, and what is wrong with others; none after a fault."""
        if self.fault is not None:
            return []
        try:
            parts = self._stream.feed(data, last)
        except UnreadableInput as error:
            self.fault = error
            parts = self._stream.taken()
        return [host for part in parts if (host := self._part(part)) is not None]

    def tell(self, found: Host | CMDBError) -> Iterator[Observation | CMDBError]:
        """What is said of a host, unless it is held back."""
        for one in [found] if isinstance(found, CMDBError) else self.guard.take(found):
            yield from self._told(one)

    def tell_rest(self) -> Iterator[Observation | CMDBError]:
        """What was held back."""
        for one in self.guard.rest():
            yield from self._told(one)

    def _told(self, found: Host | CMDBError) -> Iterator[Observation | CMDBError]:
        if isinstance(found, CMDBError):
            yield found
            return
        yield from observations(found, self.origin)
        if found.timed_out:
            yield HostTimedOut(place=str(found.address))

    def _part(self, part: Element) -> Host | CMDBError | None:
        if part.tag == "host":
            return self._host(part)
        if part.tag == "hosthint":
            self._expected += 1
            with suppress(ValueError):
                literal = "".join(one.get("addr", "") for one in part.iterfind("address[1]"))
                self.guard.expect(ipaddress.ip_address(literal))
        elif part.tag == "taskprogress" and "Ping" in part.get("task", ""):
            with suppress(ValueError):
                self._looking = min(max(float(part.get("percent", "")) / 100, self._looking), 1.0)
        elif part.tag == "runstats":
            self._end(part)
        return None

    def _host(self, part: Element) -> Host | CMDBError | None:
        try:
            host = read_host(part, self.place)
        except UnreadableInput as error:
            return error
        if host is not None:
            host.at = seconds(self._stream.started) if host.at is None else host.at
            self._finished += 1
            self._timed_out += host.timed_out
        return host

    def _end(self, part: Element) -> None:
        finished = part.find("finished")
        said = {} if finished is None else finished.attrib
        self._ended = said.get("exit") == "success"
        if not self._ended:
            reason = clean(said.get("errormsg")) or "it does not say why"
            self.fault = UnreadableInput(place=self.place, detail=f"nmap ended early: {reason}")
