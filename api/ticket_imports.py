"""Tables of tickets that other systems have exported, as rows of an import."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from api.messages import message
from cmdb.errors import CMDBError, DuplicateKey, InvalidInput, UnreadableInput
from cmdb.services.ticketing.importing import ImportReport, Row
from discovery.agents.csv import MAX_CELL, TOO_LONG, read_records
from discovery.encodings import title_of
from discovery.tabular import letter, table_text


def rows_of_csv(file: BinaryIO, place: str) -> tuple[Iterator[Row], str]:
    """The rows of a CSV file by its headings, each with its place, and its encoding.

    UnreadableInput where it is none; a file that breaks off is told as the last of its rows.
    """
    records = read_records(file, place)
    return _rows(records.rows), title_of(records.encoding)


def _rows(records: Iterator[list[str]]) -> Iterator[Row]:
    header = [table_text(cell) for cell in next(records, [])]
    for position, name in enumerate(header):
        if name and name in header[:position]:
            first = f"{letter(header.index(name))}1"
            raise DuplicateKey(place=f"{letter(position)}1", key=f"'{name}'", first=first)
    number = 1
    try:
        for number, row in enumerate(records, 2):
            if any(cell.strip() for cell in row):
                yield f"row {number}", _said(header, row, number)
    except UnreadableInput as error:
        yield f"row {number}", error


def _said(header: list[str], row: list[str], number: int) -> dict[str, Any] | CMDBError:
    for position, cell in enumerate(row):
        if len(cell) > MAX_CELL:
            return InvalidInput(place=f"{letter(position)}{number}", detail=TOO_LONG)
        if cell.strip() and (position >= len(header) or not header[position]):
            detail = "its column has no name; name it in the first row, or empty the column"
            return InvalidInput(place=f"{letter(position)}{number}", detail=detail)
    cells = zip(header, row, strict=False)
    return {name: text for name, cell in cells if name and (text := table_text(cell))}


def import_answer(
    report: ImportReport, dry_run: bool, language: str, encoding: str | None
) -> dict[str, Any]:
    """A report for programs; a table was read by its `encoding`."""
    told = (report.errors, report.warnings)
    errors, warnings = ([_told(one, language) for one in listed] for listed in told)
    counts = {name: getattr(report, name) for name in ("created", "changed", "unchanged", "kept")}
    head = {"dry_run": dry_run, "encoding": encoding}
    return {**head, **counts, "errors": errors, "warnings": warnings}


def _told(error: CMDBError, language: str) -> dict[str, Any]:
    place = str(error.fields.get("place", ""))
    return {"code": error.code, "place": place, "message": message(error, language)}
