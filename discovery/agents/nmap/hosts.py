"""What nmap's XML says of one host, in plain terms.

python-nmap reads the host; what it leaves out (all CPEs, how a service was told, structured output
of scripts) is taken from the XML.
"""

import ipaddress
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import nmap

from cmdb.errors import UnreadableInput
from discovery.agents.nmap.host_keys import fingerprint
from discovery.scope import Address

MOST_TEXT = 200
MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", re.ASCII)
ASSUMED = "user-set"
"""The reason of a host that was not looked for, but taken to be there."""

RUN = "<nmaprun><runstats><finished/><hosts/></runstats>{}</nmaprun>"
"""What python-nmap expects around a host."""


@dataclass(frozen=True, slots=True)
class Port:
    """An open port and what answers there. `probed`: it was asked, not told by the number."""

    protocol: str
    number: int
    name: str = ""
    product: str = ""
    version: str = ""
    extra: str = ""
    confidence: float = 0.0
    probed: bool = False
    tls: bool = False
    cpes: tuple[str, ...] = ()
    device: str = ""
    host_keys: tuple[str, ...] = ()


@dataclass(slots=True)
class Host:
    """A host that is up. `makers` are those of its MAC addresses; `guess` is its system, and how
    sure nmap is, from 0 to 1; `scanned` says whether ports were looked at.
    """

    address: Address
    at: float | None = None
    reason: str = ""
    ttl: str = ""
    makers: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    scanned: bool = False
    timed_out: bool = False
    ports: list[Port] = field(default_factory=list)
    guess: tuple[str, float] | None = None
    host_keys: set[str] = field(default_factory=set)


class Analyser(nmap.PortScanner):  # type: ignore[misc]
    """python-nmap's reading of XML, without its starting of nmap."""

    def __init__(self) -> None:
        self._nmap_last_output = ""


def read_host(element: Element, place: str) -> Host | None:
    """A host; None for one that is down. UnreadableInput when it is not as nmap says it."""
    element.tail = None
    try:
        text = ElementTree.tostring(element, encoding="unicode")
        scanned = Analyser().analyse_nmap_xml_scan(RUN.format(text))["scan"]
        (said,) = scanned.values()
        return _host(element, said)
    except Exception as error:  # python-nmap raises anything at all for what it does not expect
        where = _first_address(element) or place
        detail = f"nmap's word on this host makes no sense ({type(error).__name__})"
        raise UnreadableInput(place=where, detail=detail) from None


def clean(text: object) -> str:
    """A text of a stranger as one line of ASCII; other bytes nmap passes on as they are."""
    printable = "".join(c if " " <= c <= "~" else " " for c in str(text or ""))
    return " ".join(printable.split())[:MOST_TEXT].rstrip()


def seconds(text: str | None) -> float | None:
    """A time since 1970 as nmap writes it."""
    return float(text) if text and text.isascii() and text.isdecimal() else None


def _first_address(element: Element) -> str:
    found = element.find("address")
    return "" if found is None else clean(found.get("addr"))


def _host(element: Element, said: dict[str, Any]) -> Host | None:
    status, addresses = said["status"], said["addresses"]
    ports = list(_ports(element, said))
    assumed = status["reason"] == ASSUMED and not ports
    if status["state"] != "up" or assumed:
        return None
    literal = addresses.get("ipv4") or addresses["ipv6"]
    mac = addresses.get("mac", "")
    state = element.find("status")
    host = Host(
        address=ipaddress.ip_address(literal.partition("%")[0]),
        at=seconds(element.get("endtime")),
        reason=clean(status["reason"]),
        ttl="" if state is None else clean(state.get("reason_ttl")),
        names=tuple(clean(o["name"]) for o in said["hostnames"] if o["type"] == "PTR"),
        scanned=element.find("ports") is not None,
        timed_out=element.get("timedout") == "true",
        ports=ports,
        guess=_guess(said),
    )
    if MAC.fullmatch(mac):
        host.makers[mac.lower()] = clean(said["vendor"].get(mac))
    for port in ports:
        host.host_keys.update(port.host_keys)
    return host


def _guess(said: dict[str, Any]) -> tuple[str, float] | None:
    """The likeliest system, which is the first."""
    for match in said.get("osmatch", ()):
        accuracy = float(match["accuracy"]) / 100
        if math.isfinite(accuracy):
            return clean(match["name"]), min(max(accuracy, 0.0), 1.0)
    return None


def _ports(element: Element, said: dict[str, Any]) -> Iterator[Port]:
    """The open ports; those that may be open or filtered are not known to be."""
    for port in element.iterfind("ports/port"):
        protocol, number = clean(port.get("protocol")), int(port.get("portid", ""))
        known = said[protocol][number]
        if protocol not in ("tcp", "udp", "sctp") or not 0 < number < 65_536:
            raise ValueError("no port")
        if known["state"] == "open":
            yield _port(port, protocol, number, known)


def _port(element: Element, protocol: str, number: int, known: dict[str, Any]) -> Port:
    service = element.find("service")
    service = Element("service") if service is None else service
    cpes = (clean(one.text) for one in service.iterfind("cpe"))
    confidence = known["conf"]
    return Port(
        protocol=protocol,
        number=number,
        name=clean(known["name"]),
        product=clean(known["product"]),
        version=clean(known["version"]),
        extra=clean(known["extrainfo"]),
        confidence=min(int(confidence), 10) / 10 if confidence else 0.0,
        probed=service.get("method") == "probed",
        tls=service.get("tunnel") == "ssl",
        cpes=tuple(dict.fromkeys(one for one in cpes if one.startswith("cpe:/"))),
        device=clean(service.get("devicetype")),
        host_keys=tuple(_host_keys(element)),
    )


def _host_keys(element: Element) -> Iterator[str]:
    """The SSH host keys that nmap's script `ssh-hostkey` has found."""
    for script in element.iterfind("script[@id='ssh-hostkey']"):
        for value in script.iterfind("table/elem[@key='key']"):
            with suppress(ValueError):
                yield fingerprint(value.text or "")
