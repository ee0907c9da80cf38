"""CSV (RFC 4180): one table for everything, a relation being a row with `from` and `to`."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from io import TextIOWrapper
from typing import BinaryIO

from cmdb.forms.cells import Cell, guarded, plain, text_cell
from cmdb.forms.content import Content
from cmdb.forms.rows import ITEM_FIELDS, RELATION_FIELDS, Row, columns, item_row, relation_row

FIRST = (*ITEM_FIELDS, *(name for name in RELATION_FIELDS if name not in ITEM_FIELDS))


def write(content: Content, file: BinaryIO, language: str) -> None:
    """All CIs, then all relations; the same in every language."""
    write_table(columns(_rows(content), FIRST), _rows(content), file)


def _rows(content: Content) -> Iterator[Row]:
    for item in content.items.values():
        yield item_row(content, item)
    for relation in content.relations:
        yield relation_row(content, relation)


def write_table(names: list[str], rows: Iterable[Row], file: BinaryIO) -> None:
    """A header and rows, in UTF-8 with a byte order mark: without it Excel guesses."""
    text = TextIOWrapper(file, "utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(guarded(text_cell(name)) for name in names)
    writer.writerows([cell_text(row.get(name)) for name in names] for row in rows)
    text.flush()
    text.detach()


def cell_text(cell: Cell) -> str:
    """A cell as CSV has it: what a spreadsheet would calculate has an apostrophe before it."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    return cell.isoformat() if isinstance(cell, date) else plain(cell)
