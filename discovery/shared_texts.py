"""The texts that cells of a workbook share (ECMA-376 `sst`), a few bytes more than their UTF-8.

A million rows have millions of texts, which as strings of Python would take some 600 MB.
"""

from array import array
from itertools import chain
from typing import IO
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.xml.constants import SHEET_MAIN_NS

_TEXT, _RUN_TEXT = f"{{{SHEET_MAIN_NS}}}t", f"{{{SHEET_MAIN_NS}}}r/{{{SHEET_MAIN_NS}}}t"
_ITEM = f"{{{SHEET_MAIN_NS}}}si"
_KEPT = 1_000


class SharedTexts:
    """The texts by number, from 0, as they stand in the part; less than 4 GiB."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends = array("I")

    def read(self, part: IO[bytes]) -> None:
        """Add all texts of a part."""
        events = iterparse(part, events=("start", "end"), forbid_dtd=True)
        _, root = next(events)
        for event, element in events:
            if event == "end" and element.tag == _ITEM:
                self._data += _text(element).encode()
                self._ends.append(len(self._data))
                if len(root) >= _KEPT:
                    root.clear()

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        start = self._ends[number - 1] if number else 0
        return self._data[start : self._ends[number]].decode()


def _text(item: Element) -> str:
    """The text of an item, or of all its runs; without the phonetic ones."""
    return "".join(t.text or "" for t in chain(item.iterfind(_TEXT), item.iterfind(_RUN_TEXT)))
