"""SNMP: what devices tell of themselves, of their interfaces and of their neighbours.

`parse` reads a walk, or several: recordings, or what `AGENT` fetched. The source key of a device is
where it answered, at its site; the keys of its parts begin with it. Kinds, makers, models, versions
and serial numbers are told by rules that are kept as data (`families`, `words`).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery.agents.snmp import device, recordings
from discovery.agents.snmp.scan import SNMPAgent
from discovery.agents.snmp.walk import Walk

NAME = "snmp"
MESSAGES = True
AGENT = SNMPAgent()


def open_document(path: str, catalog: Catalog) -> Walk:
    """The walk in a file: `.snmprec`, or what `snmpwalk -On` printed."""
    return recordings.read(path)


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """All observations of a walk, or of several, and errors as found."""
    walks = [document] if isinstance(document, Walk) else document
    if not isinstance(walks, Iterable) or isinstance(walks, str | bytes | dict):
        raise UnreadableInput(place="document", detail="it must be a walk of an SNMP agent")
    for walk in walks:
        yield from device.observations(walk)
