"""Excel workbooks from anybody: looked through before anything in them is believed.

A workbook is a ZIP of XML parts (ECMA-376). Every part is unpacked once, piece by piece, so that
bombs, document types with entities, and texts too large to hold are refused before they are parsed.
"""

import re
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from cmdb.errors import UnreadableInput

MIB = 1024 * 1024
MAX_PARTS = 2_000
MAX_UNPACKED = 4096 * MIB
MAX_TEXTS = 256 * MIB
"""Bytes of all parts, and of the table of shared texts, which is held in memory."""

MAX_STRETCH = 32 * MIB
"""Bytes of a row, of a shared text, and of any part that has neither."""

MAX_RATIO = 200
SMALL = 16 * MIB
"""How many times a part may grow when unpacked, once it is larger than the second."""

MAX_MERGED = 1_000

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"

_CHUNK = MIB
_OVERLAP = 200
_FORBIDDEN = re.compile(rb"<!(?:DOCTYPE|ENTITY)|\x00")
_STEP = re.compile(rb"<(?:\w+:)?(?:row|si)[ />]")
_CELL = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3}[0-9]{1,7}):')
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([\w-]+)""")


@dataclass(slots=True)
class Part:
    """What was found in a part: its size, formulas, and the first cells of merged ranges."""

    size: int = 0
    formulas: bool = False
    merged: tuple[str, ...] = ()


def looked_through(file: BinaryIO, path: str) -> dict[str, Part]:
    """The XML parts of a workbook by name; UnreadableInput when any must not be read."""
    start = file.read(8)
    file.seek(0)
    if start == OLE:
        detail = (
            "it is an old Excel file (.xls), or one with a password; "
            "save it as .xlsx without a password"
        )
        raise UnreadableInput(place=path, detail=detail)
    try:
        with zipfile.ZipFile(file) as book:
            infos = book.infolist()
            _check_sizes(infos, path)
            parts = {
                info.filename: _Part(path, info.filename).read(book, info)
                for info in infos
                if info.filename.endswith((".xml", ".rels"))
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        detail = f"this is not a sound Excel workbook ({error}); save it again as .xlsx"
        raise UnreadableInput(place=path, detail=detail) from None
    file.seek(0)
    if "[Content_Types].xml" not in parts:
        raise UnreadableInput(place=path, detail="this is not an Excel workbook (.xlsx)")
    return parts


def _check_sizes(infos: list[zipfile.ZipInfo], path: str) -> None:
    """Refuse by what the ZIP says of itself; more than it says is never unpacked."""
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED:
        detail = (
            f"it unpacks to more than {MAX_PARTS:,} parts or {MAX_UNPACKED // MIB:,} MiB; split it"
        )
        raise UnreadableInput(place=path, detail=detail)
    for info in infos:
        if info.file_size > max(SMALL, MAX_RATIO * info.compress_size):
            detail = (
                f"part {info.filename} grows to {info.file_size // MIB:,} MiB, more than "
                f"{MAX_RATIO} times its size; this looks like a ZIP bomb. Save it again from Excel"
            )
            raise UnreadableInput(place=path, detail=detail)


class _Part:
    """Looks through one part, piece by piece."""

    def __init__(self, path: str, name: str) -> None:
        self.path, self.name = path, name
        self.found = Part()
        self.stretch = 0
        self.last_cell = ""
        self.shared = False

    def read(self, book: zipfile.ZipFile, info: zipfile.ZipInfo) -> Part:
        merged: dict[str, None] = {}
        self.found.size = info.file_size
        with book.open(info) as part:
            tail = b""
            while data := part.read(_CHUNK):
                if not tail:
                    self._check_start(data)
                seen = tail + data
                self._take(seen, len(data), info)
                merged |= dict.fromkeys(one.decode() for one in _MERGED.findall(seen))
                tail = seen[-_OVERLAP:]
        self.found.merged = tuple(merged)[:MAX_MERGED]
        return self.found

    def _check_start(self, data: bytes) -> None:
        encoding = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf").lstrip()[:200])
        if encoding and encoding[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
            raise self._refused(f"is in {encoding[1].decode()}, not UTF-8")

    def _take(self, seen: bytes, fresh: int, info: zipfile.ZipInfo) -> None:
        if _FORBIDDEN.search(seen):
            raise self._refused("holds a document type or entities, which Excel never writes")
        self.found.formulas = self.found.formulas or _FORMULA.search(seen) is not None
        last = None
        for last in _STEP.finditer(seen):
            self.shared = self.shared or b"si" in last[0]
        self.stretch = self.stretch + fresh if last is None else len(seen) - last.start()
        if self.shared and info.file_size > MAX_TEXTS:
            raise self._refused(f"holds more than {MAX_TEXTS // MIB} MiB of texts; split the file")
        for cell in _CELL.finditer(seen):
            self.last_cell = cell[1].decode()
        if self.stretch > MAX_STRETCH:
            where = f" at cell {self.last_cell}" if self.last_cell else ""
            raise self._refused(f"has a text of more than {MAX_STRETCH // MIB} MiB{where}")

    def _refused(self, why: str) -> UnreadableInput:
        return UnreadableInput(
            place=self.path, detail=f"part {self.name} {why}; save the file again from Excel"
        )
