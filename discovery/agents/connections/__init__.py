"""Connections: what listens on a host, and what it is connected with, from its own tables.

Reads recordings of `ss` and `netstat` (see `recording`), and takes them by SSH. A connection is a
claim that one thing depends on another, and grows surer with each hour in which it is seen.
"""

from pathlib import Path

from cmdb.schema.model import Catalog
from discovery import documents
from discovery.agents.connections.parsing import parse
from discovery.agents.connections.recording import Document
from discovery.agents.connections.scan import Connections

__all__ = ("AGENT", "MESSAGES", "NAME", "open_document", "parse")

NAME = "connections"
MESSAGES = True
AGENT = Connections()


def open_document(path: str, catalog: Catalog) -> Document:
    """A recording in a file, which is the name of its host unless the recording says another."""
    return Document(Path(path).stem, documents.text(path))
