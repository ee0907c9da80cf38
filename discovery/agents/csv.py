"""Reader of CSV (RFC 4180): the table that `cmdb export --format csv` writes and people fill in.

It is read row by row. Its encoding is found out, and commas, semicolons or tabs.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import count
from typing import Any, BinaryIO

from cmdb.errors import CMDBError, InvalidInput, UnreadableInput
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery import documents
from discovery.encodings import encoding_of, title_of
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
MAX_CELL = 131_072
MAX_RECORD = 16 * 1024 * 1024
"""Characters of a cell, and of a row with all its lines."""

TOO_LONG = f"the cell has more than {MAX_CELL:,} characters; shorten it"


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a file as they stand there, its header among them, to be read once."""

    rows: Iterator[list[str]]
    delimiter: str
    encoding: str


def open_document(path: str, catalog: Catalog) -> Tables:
    """The table in a file, to be read once; UnreadableInput when it is no text or has no header."""
    records = open_records(path)
    return Tables([Table(_rows(records.rows))], catalog, title_of(records.encoding))


def open_records(path: str) -> Records:
    """The rows of a file; UnreadableInput when it is no text or has no header."""
    return read_records(documents.open_file(path), path)


def read_records(file: BinaryIO, place: str) -> Records:
    """The same of a file that is open, and can be read from any place in it."""
    encoding = encoding_of(file, place)
    text = TextIOWrapper(file, encoding, newline="")
    start = text.readline(MAX_RECORD).removeprefix("\ufeff")
    if not start.strip():
        raise UnreadableInput(place=place, detail="the first row must name the columns")
    text.seek(0)
    csv.field_size_limit(MAX_RECORD)
    delimiter = _delimiter(start)
    return Records(_records(text, delimiter), delimiter, encoding)


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """The observations of a table, and one error for each fault of a bad row."""
    return observations(document)


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
