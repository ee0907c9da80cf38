"""The XML of nmap as it comes: each finished part at once, in bounded memory, whatever it holds.

Entities are refused: XML that declares any is not nmap's.
"""

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from cmdb.errors import UnreadableInput

MOST_BYTES = 32 * 1024 * 1024
"""Of one part: a host with all ports open and much to say."""

MOST_DEPTH = 32
ROOT = "nmaprun"


class Stream:
    """The children of the document's root: `host`, `hosthint`, `taskprogress`, `runstats` …

    `started` is when the scan began, as nmap writes it.
    """

    def __init__(self, place: str) -> None:
        self.place = place
        self.started = ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._depth = 0
        self._pending = 0
        self._builder = TreeBuilder()
        self._done: list[Element] = []

    def feed(self, data: bytes, last: bool = False) -> list[Element]:
        """The parts that end in these bytes; UnreadableInput when this is not nmap's XML."""
        self._pending += len(data)
        try:
            self._parser.Parse(data, last)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            detail = f"line {error.lineno}: this is not sound XML: {reason}"
            if last:
                detail = "it ends before nmap had ended; the hosts before that are kept"
            raise UnreadableInput(place=self.place, detail=detail) from None
        if self._pending > MOST_BYTES:
            detail = f"one host has more than {MOST_BYTES >> 20} MiB of XML"
            raise UnreadableInput(place=self.place, detail=detail)
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Say that there is no more; UnreadableInput when it was cut off."""
        self.feed(b"", last=True)

    def taken(self) -> list[Element]:
        """The parts that had ended before an error."""
        done, self._done = self._done, []
        return done

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._depth == 0 and tag != ROOT:
            detail = f"this is not XML of nmap: it begins with <{tag[:40]}>"
            raise UnreadableInput(place=self.place, detail=detail)
        if self._depth == MOST_DEPTH:
            detail = f"its elements are nested deeper than {MOST_DEPTH}"
            raise UnreadableInput(place=self.place, detail=detail)
        if self._depth == 0:
            self.started = attributes.get("start", "")
        self._depth += 1
        if self._depth == 2:
            self._builder = TreeBuilder()
        if self._depth >= 2:
            self._builder.start(tag, attributes)

    def _end(self, tag: str) -> None:
        if self._depth >= 2:
            self._builder.end(tag)
        if self._depth == 2:
            self._done.append(self._builder.close())
            self._pending = 0
        self._depth -= 1

    def _data(self, text: str) -> None:
        if self._depth >= 2:
            self._builder.data(text)

    def _refuse(self, *_: Any) -> int:
        raise UnreadableInput(
            place=self.place, detail="it declares entities, which nmap never does"
        )
