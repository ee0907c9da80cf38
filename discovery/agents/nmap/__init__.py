"""nmap: hosts and what listens on them, by a scan of networks or from its XML output.

Scans go by fixed profiles (`profiles`); all hosts that finished are told, also when a scan is cut
short. A source key is an address at a site, with a port for a service. What something as wide as a
firewall answers for every address of a network is no host (`phantoms`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery import documents
from discovery.agents.nmap.observations import Origin
from discovery.agents.nmap.phantoms import Guard
from discovery.agents.nmap.reading import Reading
from discovery.agents.nmap.scan import NmapAgent

__all__ = ("AGENT", "MESSAGES", "NAME", "Recording", "open_document", "parse")

NAME = "nmap"
MESSAGES = True
AGENT = NmapAgent()
CHUNK = 65_536


@dataclass(slots=True)
class Recording:
    """XML that nmap has written, piece by piece; to be read once."""

    place: str
    chunks: Iterable[bytes]
    site: str | None = None


def open_document(path: str, catalog: Catalog) -> Recording:
    """A file of nmap's XML (`-oX`), read as it is parsed."""
    return Recording(Path(path).name, _chunks(documents.open_file(path)))


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """The hosts of a recording with their services; of one that is cut off, those before."""
    if not isinstance(document, Recording):
        raise UnreadableInput(place="document", detail="this is not XML of nmap")
    reading = Reading(document.place, Origin(document.site), Guard())
    for chunk in document.chunks:
        for found in reading.feed(chunk):
            yield from reading.tell(found)
    for found in reading.feed(b"", last=True):
        yield from reading.tell(found)
    yield from reading.tell_rest()
    if reading.fault is not None:
        yield reading.fault
