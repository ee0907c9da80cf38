"""DNS: master files of zones (RFC 1035), with the hosts that they name.

A name with one address of a kind is a host; one with several is a service of many, and says nothing
of any host. SRV records tell what listens on a host. A line that is no record is told, and the
others count.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.name
import dns.rdatatype
import dns.reversename
import dns.rrset
import dns.zonefile

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.schema.model import Catalog
from cmdb.schema.normal_forms import hostname
from discovery import documents
from discovery.service_agent import ServiceAgent

NAME = "dns_zone"
CONFIDENCE = 0.6
"""How sure an entry is: nobody looked whether the host is there."""

PREFIXES, SUFFIXES = ("db.", "named."), (".zone", ".db", ".txt", ".hosts", ".dns")
_PARTS = re.compile(r'"(?:[^"\\]|\\.)*"?|\\.|;|[()]|[^"();\\]+|\\')


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a zone file, and what the file is called."""

    name: str
    text: str


@dataclass(slots=True)
class Names:
    """What a zone says of names, each without its last point."""

    addresses: dict[str, dict[int, set[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(set))
    )
    services: set[tuple[str, str, int, str]] = field(default_factory=set)
    apexes: set[str] = field(default_factory=set)
    taken: bool = False

    def take(self, found: dns.rrset.RRset) -> None:
        """Take in a set of records."""
        self.taken = True
        name, kind = _plain(found.name), found.rdtype
        for record in found:
            if kind in (dns.rdatatype.A, dns.rdatatype.AAAA):
                self.addresses[name][int(kind)].add(record.address)
            elif kind == dns.rdatatype.PTR:
                self._reverse(found.name, _plain(record.target))
            elif kind == dns.rdatatype.SRV and name.startswith("_") and record.port:
                service, protocol = [*name.split("."), ""][:2]
                if protocol in ("_tcp", "_udp"):
                    target = _plain(record.target)
                    self.services.add((service[1:], protocol[1:], record.port, target))
            elif kind == dns.rdatatype.SOA:
                self.apexes.add(name)

    def _reverse(self, owner: dns.name.Name, target: str) -> None:
        try:
            address = dns.reversename.to_address(owner)
        except (dns.exception.DNSException, ValueError):
            return
        family = dns.rdatatype.AAAA if ":" in address else dns.rdatatype.A
        self.addresses[target][int(family)].add(address)

    def hosts(self) -> dict[str, list[str]]:
        """The names of machines with their addresses: none of many, of all, or of an address."""
        return {
            name: [one for found in kinds.values() for one in found]
            for name, kinds in sorted(self.addresses.items())
            if all(len(found) == 1 for found in kinds.values())
            and name not in self.apexes
            and not name.startswith("*")
            and hostname(name) is not None
        }


def open_document(path: str, catalog: Catalog) -> Document:
    """A zone file; its name tells the zone where no $ORIGIN does."""
    return _load(path)


def _load(path: str) -> Document:
    return Document(Path(path).name, documents.text(path))


def parse(document: Document) -> Iterator[Observation | CMDBError]:
    """Each host of a zone, and what it offers by SRV records."""
    names = Names()
    for found in _rrsets(document):
        if isinstance(found, CMDBError):
            yield found
        else:
            names.take(found)
    if not names.taken:
        raise UnreadableInput(place=document.name, detail="no line of it is a record of a zone")
    hosts = names.hosts()
    for name, addresses in hosts.items():
        yield _host(document, name, addresses)
    told: set[tuple[str, int]] = set()
    for service, protocol, port, target in sorted(names.services):
        if target in hosts and (target, port) not in told:
            told.add((target, port))
            yield from _service(document, service, protocol, port, target)


def _rrsets(document: Document) -> Iterator[dns.rrset.RRset | CMDBError]:
    """The sets of records of a file, entry by entry."""
    origin, owner = _origin(document.name), None
    for number, entry in _entries(document.text):
        place = f"{document.name}, line {number}"
        try:
            first, *words = entry.split(None, 2)
            if first.upper() == "$ORIGIN" and words:
                origin = dns.name.from_text(words[0], origin)
            elif first.startswith("$") and first.upper() != "$TTL":
                yield UnreadableInput(place=place, detail=f"{first} is not followed")
            elif not first.startswith("$"):
                if not entry[0].isspace():
                    owner = dns.name.from_text(first, origin)
                    entry = entry[len(first) :]
                if owner is None or not owner.is_absolute():
                    detail = "no $ORIGIN stands before it; name the file after its zone"
                    raise UnreadableInput(place=place, detail=detail)
                yield from dns.zonefile.read_rrsets(
                    entry,
                    name=owner,
                    rdclass=None,
                    default_ttl=0,
                    origin=origin or dns.name.root,
                )
        except (dns.exception.DNSException, ValueError) as error:
            said = " ".join(str(error).split()) or type(error).__name__
            yield UnreadableInput(place=place, detail=said.removeprefix("<input>:1: "))
        except UnreadableInput as error:
            yield error


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """The entries of a master file, each in one line without comments, and where it begins."""
    entry, begins, depth = "", 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if not entry:
            begins = number
        for part in _PARTS.findall(line):
            if part.startswith(";"):
                break
            depth += (part == "(") - (part == ")")
            entry += " " if part in ("(", ")") else part
        if depth <= 0:
            if entry.strip():
                yield begins, entry
            entry, depth = "", 0
        else:
            entry += " "
    if entry.strip():
        yield begins, entry


def _origin(name: str) -> dns.name.Name | None:
    """The zone that the name of a file tells."""
    for prefix in PREFIXES:
        name = name.removeprefix(prefix)
    for suffix in SUFFIXES:
        name = name.removesuffix(suffix)
    named = re.fullmatch(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})+", name)
    return dns.name.from_text(name) if named and len(name) < 250 else None


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()


def _host(document: Document, name: str, addresses: list[str]) -> ObservedItem:
    return ObservedItem(
        key=name,
        type="unclassified",
        place=f"{document.name} {name}",
        name=name,
        attributes={
            "hostname": name.partition(".")[0],
            "fqdn": name,
            "ip_addresses": addresses,
        },
        confidence=CONFIDENCE,
        evidence={"zone": document.name},
        coverage="part",
    )


def _service(
    document: Document, service: str, protocol: str, port: int, target: str
) -> Iterator[Observation]:
    key, place = f"{target}/port/{port}", f"{document.name} {service}"
    yield ObservedItem(
        key=key,
        type="software_service",
        place=place,
        name=f"{service} {protocol}/{port}",
        attributes={"port": port, "protocol": protocol},
        within=target,
        confidence=CONFIDENCE,
        evidence={"zone": document.name},
        coverage="part",
    )
    yield ObservedRelation(key, "runs_on", target, place, confidence=CONFIDENCE)


AGENT = ServiceAgent("DNS: hosts that zone files name", parse, load=_load)
