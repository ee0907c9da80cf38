"""Reader of CSV (RFC 4180): the table that `cmdb export --format csv` writes and people fill in.

It is read row by row. Its encoding is UTF-8, or what its byte order mark says (UTF-16, GB18030);
any other is refused, because a guess would spoil names. Commas, semicolons or tabs are found out.
"""

import codecs
import csv
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import count
from typing import Any, BinaryIO

from cmdb.errors import CMDBError, InvalidInput, UnreadableInput
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery import documents
from discovery.tabular import (
    CellText,
    Table,
    TableRow,
    Tables,
    column_name,
    letter,
    observations,
    table_text,
)

NAME = "csv"

DELIMITERS = (",", ";", "\t")
ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"\x84\x31\x95\x33": "gb18030",
}
"""Encodings by the byte order mark that a file begins with."""

MAX_CELL = 131_072
MAX_RECORD = 16 * 1024 * 1024
"""Characters of a cell, and of a row with all its lines."""

TOO_LONG = f"the cell has more than {MAX_CELL:,} characters; shorten it"
CHUNK = 1024 * 1024


def open_document(path: str, catalog: Catalog) -> Tables:
    """The table in a file, to be read once; UnreadableInput when it is no text or has no header."""
    records, _ = open_records(path)
    return Tables([Table(_rows(records))], catalog)


def open_records(path: str) -> tuple[Iterator[list[str]], str]:
    """The rows of a file as they stand there, its header among them, and the delimiter."""
    return read_records(documents.open_file(path), path)


def read_records(file: BinaryIO, place: str) -> tuple[Iterator[list[str]], str]:
    """The same of a file that is open, and can be read from any place in it."""
    text = TextIOWrapper(file, _encoding(file, place), newline="")
    start = text.readline(MAX_RECORD).removeprefix("\ufeff")
    if not start.strip():
        raise UnreadableInput(place=place, detail="the first row must name the columns")
    text.seek(0)
    csv.field_size_limit(MAX_RECORD)
    delimiter = _delimiter(start)
    return _records(text, delimiter), delimiter


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """The observations of a table, and one error for each fault of a bad row."""
    return observations(document)


def _encoding(file: BinaryIO, path: str) -> str:
    """The encoding of all of the file, which is read to its end for that, and rewound."""
    start = file.read(4)
    encoding = next((e for mark, e in ENCODINGS.items() if start.startswith(mark)), "utf-8")
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    before = 0
    try:
        while data := file.read(CHUNK):
            if encoding != "utf-16" and b"\0" in data:
                raise UnreadableInput(place=path, detail="this is not text; save it as CSV UTF-8")
            decoder.decode(data)
            before += len(data)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        detail = (
            f"byte {before + error.start + 1} is not {encoding.removesuffix('-sig').upper()};"
            " save it as 'CSV UTF-8', or convert it (iconv -f GB18030 -t UTF-8)"
        )
        raise UnreadableInput(place=path, detail=detail) from None
    file.seek(0)
    return encoding


def _delimiter(header: str) -> str:
    """The delimiter by which the first line names the columns that every table has."""
    for delimiter in DELIMITERS:
        row = next(csv.reader([header], delimiter=delimiter))
        names = {column_name(cell) for cell in row if cell}
        if "key" in names or {"from", "to"} <= names:
            return delimiter
    return max(DELIMITERS, key=header.count)


def _records(text: TextIOWrapper, delimiter: str) -> Iterator[list[str]]:
    with text:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for number in count(1):
            lines.left = MAX_RECORD
            try:
                row = next(reader, None)
            except csv.Error as error:
                detail = f"this is not CSV ({error}); is a quote left open?"
                raise UnreadableInput(place=f"A{number}", detail=detail) from None
            if row is None:
                return
            yield row


def _rows(records: Iterator[list[str]]) -> Iterator[TableRow]:
    """The rows with their numbers, as a spreadsheet counts them."""
    for number, row in enumerate(records, 1):
        yield number, [_cell(cell, number, position) for position, cell in enumerate(row)]


class _Lines:
    """Lines of a text, no more at once than one row may have."""

    def __init__(self, text: TextIOWrapper) -> None:
        self.text, self.left, self.first = text, 0, True

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(self.left)
        self.left -= len(line)
        if not line:
            raise StopIteration
        if self.left <= 0:
            raise csv.Error(f"a row of more than {MAX_RECORD:,} characters")
        if self.first:
            self.first, line = False, line.removeprefix("\ufeff")
        return line


def _cell(cell: str, number: int, position: int) -> CellText:
    if len(cell) > MAX_CELL:
        return InvalidInput(place=f"{letter(position)}{number}", detail=TOO_LONG)
    return table_text(cell) if cell else cell
