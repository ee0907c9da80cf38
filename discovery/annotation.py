"""Copies of tables with what is wrong beside the cells that it is wrong with."""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from io import TextIOWrapper
from typing import Any, BinaryIO, NamedTuple

from cmdb.errors import CMDBError, UnknownName, UnreadableInput
from cmdb.forms.cells import guarded
from cmdb.forms.rows import ERRORS
from discovery import documents
from discovery.agents.csv import open_records
from discovery.tabular import column_name, letter, table_text
from discovery.workbooks import looked_through

FORMATS = ("csv", "xlsx")
MAX_BYTES = 128 * 1024 * 1024
"""Bytes of the sheets of a workbook that is held in memory to be copied with all its looks."""

BAD = "FFC7CE"
WIDTH, HEIGHT = 320, 120
"""Colour of bad cells; size of comments, in pixels."""

Say = Callable[[CMDBError], str]


class Place(NamedTuple):
    """A cell: the title of its sheet (empty for CSV), row from 1, column from 0."""

    title: str
    row: int
    column: int


def cell_of(
    error: CMDBError,
    columns: Mapping[str, Mapping[str, int]],
    text: Callable[[Place], str] = lambda place: "",
) -> Place | None:
    """The cell that an error is about; the row's first where it is about the row, None for neither.

    `columns` are the positions of columns by the titles of sheets; `text` gives what a cell says.
    """
    where = str(error.fields.get("place", ""))
    for title in sorted(columns, key=len, reverse=True):
        found = re.match(rf"{re.escape(title)}{'!' if title else ''}([A-Z]+)(\d+)\b", where)
        if found:
            names = columns[title]
            row, position = int(found[2]), _position(found[1])
            for name in ("from", "to"):
                if error.fields.get("reference") is not None and name in names:
                    place = Place(title, row, names[name])
                    if text(place) == error.fields["reference"]:
                        return place
            return Place(title, row, names.get(_column(error), position))
    return None


def _column(error: CMDBError) -> str:
    """The column that the fields of an error name; empty where they name none."""
    name, kind = str(error.fields.get("name", "")), str(error.fields.get("kind", ""))
    if isinstance(error, UnknownName):
        return name if kind.startswith("attribute") else "type" if kind.endswith("type") else kind
    if "relation" in error.fields:
        return "type"
    quoted = re.search(r"'([^']+)'", name)
    return name.split()[0] if name.startswith("redundancy") else quoted[1] if quoted else name


def _position(letters: str) -> int:
    position = 0
    for one in letters:
        position = position * 26 + ord(one) - ord("A") + 1
    return position - 1


def annotate(path: str, form: str, errors: Iterable[CMDBError], say: Say, copy: BinaryIO) -> None:
    """Write a copy of a file of one of `FORMATS`, with each error at its cell, as `say` says it."""
    {"csv": _annotate_csv, "xlsx": _annotate_xlsx}[form](path, errors, say, copy)


def _annotate_csv(path: str, errors: Iterable[CMDBError], say: Say, copy: BinaryIO) -> None:
    """Its last column says what is wrong with each row."""
    by_row: dict[int, list[str]] = defaultdict(list)
    for error in errors:
        if place := cell_of(error, {"": {}}):
            by_row[place.row].append(_words(error, say))
    records = open_records(path)
    text = TextIOWrapper(copy, "utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=records.delimiter)
    at = None
    for number, row in enumerate(records.rows, 1):
        said = guarded("\n".join(by_row.get(number, ())))
        if at is None and any(row):
            names = [column_name(cell) if cell else "" for cell in row]
            at = names.index(ERRORS) if ERRORS in names else len(row)
            said = ERRORS
        row += [""] * ((at or 0) + 1 - len(row))
        row[at or 0] = said
        writer.writerow(row)
    text.flush()
    text.detach()


def _annotate_xlsx(path: str, errors: Iterable[CMDBError], say: Say, copy: BinaryIO) -> None:
    """Bad cells are coloured and have a comment; everything else is as it was."""
    from openpyxl import load_workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    with documents.open_file(path) as file:
        parts = looked_through(file, path)
        if sum(part.size for part in parts.values()) > MAX_BYTES:
            detail = "it is too large to be copied with comments; split it, or use CSV"
            raise UnreadableInput(place=path, detail=detail)
        book = load_workbook(file, keep_links=False)
    columns = {sheet.title: _columns(sheet) for sheet in book.worksheets}

    def text(place: Place) -> str:
        value = book[place.title].cell(place.row, place.column + 1).value
        return table_text(str(value or ""))

    words: dict[Place, list[str]] = defaultdict(list)
    for error in errors:
        if place := cell_of(error, columns, text):
            words[place].append(_words(error, say))
    fill = PatternFill("solid", fgColor=BAD)
    for place, said in words.items():
        cell = _first_of_merged(book[place.title], place)
        before = [cell.comment.text] if cell.comment else []
        cell.comment = Comment("\n".join([*before, *said]), "cmdb", height=HEIGHT, width=WIDTH)
        cell.fill = fill
    book.save(copy)


def _columns(sheet: Any) -> dict[str, int]:
    """The positions of the columns that the first row with content names."""
    for row in sheet.iter_rows(values_only=True):
        if any(value is not None for value in row):
            cells = {i: table_text(str(value)) for i, value in enumerate(row) if value is not None}
            return {column_name(cell): i for i, cell in cells.items() if cell}
    return {}


def _first_of_merged(sheet: Any, place: Place) -> Any:
    """The cell, or that of the merged range it is in: only that can have a comment."""
    where = f"{letter(place.column)}{place.row}"
    for merged in sheet.merged_cells.ranges:
        if where in merged:
            return sheet.cell(merged.min_row, merged.min_col)
    return sheet[where]


def _words(error: CMDBError, say: Say) -> str:
    """The message without the place, which the cell itself says."""
    return say(error).removeprefix(str(error.fields.get("place", ""))).lstrip(":： ")
