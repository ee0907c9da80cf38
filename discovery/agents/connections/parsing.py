"""From a recording to observations."""

from collections.abc import Iterator

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.observation import Observation
from discovery.agents.connections import dependencies, listeners
from discovery.agents.connections.recording import Document, read


def parse(document: Document) -> Iterator[Observation | CMDBError]:
    """The host of a recording, what listens on it, its connections, and errors as found."""
    errors: list[CMDBError] = []
    recording = read(document, errors)
    yield from errors
    if not recording.samples:
        detail = "no line of it is one of 'ss -tunap' or 'netstat -tunap'"
        raise UnreadableInput(place=document.name, detail=detail)
    host = listeners.host_of(recording)
    yield from listeners.observations(host)
    yield from dependencies.observations(host)
