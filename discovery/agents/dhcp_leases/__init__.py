"""DHCP leases: who was given which address, from the files of ISC dhcpd, dnsmasq and Kea.

What a file looks like tells whose it is. A lease counts when it is in force at the time of the
newest one in the file. The key is the hardware address, or the client's id where there is none.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation, ObservedItem
from cmdb.schema.model import Catalog
from cmdb.schema.normal_forms import hostname
from discovery import documents
from discovery.agents.dhcp_leases import dnsmasq, isc, kea
from discovery.agents.dhcp_leases.lease import Document, Lease
from discovery.service_agent import ServiceAgent

NAME = "dhcp_leases"
CONFIDENCE = 0.7
"""How sure a lease is: who has one may be gone."""

READERS = (kea, isc, dnsmasq)


def open_document(path: str, catalog: Catalog) -> Document:
    """A file of leases."""
    return _load(path)


def _load(path: str) -> Document:
    return Document(Path(path).name, documents.text(path))


def parse(document: Document) -> Iterator[Observation | CMDBError]:
    """Each client that has a lease, with all its addresses."""
    reader = next((one for one in READERS if one.recognises(document.text)), None)
    if reader is None:
        detail = "it is no file of leases of ISC dhcpd, dnsmasq or Kea"
        raise UnreadableInput(place=document.name, detail=detail)
    leases: dict[str, Lease] = {}
    for found in reader.leases(document):
        if isinstance(found, CMDBError):
            yield found
        else:
            leases[found.address] = found  # the last one of an address counts
    newest = max((one.at for one in leases.values() if one.at is not None), default=0.0)
    clients: dict[str, list[Lease]] = defaultdict(list)
    for lease in leases.values():
        if lease.active and (lease.ends is None or lease.ends >= newest):
            clients[lease.client].append(lease)
    for key in sorted(clients):
        yield _client(document, key, sorted(clients[key], key=lambda one: one.at or 0.0))


def _client(document: Document, key: str, leases: list[Lease]) -> ObservedItem:
    last = leases[-1]
    given = next((one.name for one in reversed(leases) if one.name), None)
    name = given.rstrip(".") if given else None
    attributes: dict[str, Any] = {
        "hostname": name.partition(".")[0] if name else None,
        "fqdn": name if name and "." in name and hostname(name) else None,
        "ip_addresses": [one.address for one in leases],
        "mac_addresses": [last.mac] if last.mac else None,
    }
    return ObservedItem(
        key=key,
        type="unclassified",
        place=last.place,
        name=name or last.mac or last.address,
        attributes={name: value for name, value in attributes.items() if value},
        observed_at=last.at,
        confidence=CONFIDENCE,
        evidence={"leases": document.name},
        coverage="part",
    )


AGENT = ServiceAgent("DHCP: clients that have a lease, from the server's file", parse, load=_load)
