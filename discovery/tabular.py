"""Rows of tables as observations: what CSV and Excel have in common.

The columns and cells are those of `cmdb.forms`. A row with a fault of its own is left out and each
fault reported at its cell; the other rows go on. Cells whose text does not fit their attribute go
on as text, for validation to refuse with all else that is wrong.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cmdb.errors import CMDBError, DuplicateKey, InvalidInput, UnknownField
from cmdb.forms import cells
from cmdb.forms.rows import ERRORS, FIELDS, OF_ATTRIBUTE, OF_RELATION
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery.rows import RowWords

NO_HEADER = (
    "the first row must name the columns, among them 'key', or 'from' and 'to';"
    " and 'type', unless the sheet is named like a CI type"
)
NO_COLUMN = "its column has no name; name it in the first row, or empty the column"

CellText = str | CMDBError
"""What a cell says, without blanks around it; or what is wrong with it."""

TableRow = tuple[int, Sequence[CellText]]
"""The number of a row, from 1, and its cells."""


@dataclass(slots=True)
class Table:
    """A header and rows. `title` is that of the sheet; `type` that of its CIs where it says one."""

    rows: Iterator[TableRow]
    title: str = ""
    type: str | None = None


@dataclass(slots=True)
class Tables:
    """The tables of a file, opened and not yet read, and the types they are read by.

    `encoding` is how its text is written, where that was found out.
    """

    tables: Iterable[Table | CMDBError]
    catalog: Catalog
    encoding: str = ""


def observations(document: Tables) -> Iterator[Observation | CMDBError]:
    """What all tables say, and what is wrong in them."""
    for table in document.tables:
        if isinstance(table, CMDBError):
            yield table
        else:
            yield from _table(table, document.catalog)


def _table(table: Table, catalog: Catalog) -> Iterator[Observation | CMDBError]:
    header = next((row for row in table.rows if any(row[1])), None)
    if header is None:
        return
    reader = _Reader(table, catalog, *header)
    yield from reader.errors
    if reader.usable:
        for number, row in table.rows:
            yield from reader.row(number, row)


def letter(position: int) -> str:
    """The letters of a column, counted from 0."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def table_text(cell: str) -> str:
    """The text of a cell: no blanks around it, and nothing that only guards it."""
    return cells.unguarded(cell.strip().replace("\r\n", "\n")).strip()


def column_name(cell: str) -> str:
    """The column that a cell of the header names: case and spaces do not matter."""
    name = cells.text(cell)
    if name[: len(OF_RELATION)].lower() == OF_RELATION:
        return OF_RELATION + name[len(OF_RELATION) :]
    return re.sub(r"\s+", "_", name.strip(" *\t\n").lower())


class _Reader:
    """Reads the rows of one table by the columns that its header names."""

    def __init__(
        self, table: Table, catalog: Catalog, number: int, header: Sequence[CellText]
    ) -> None:
        self.title, self.type, self.catalog = table.title, table.type, catalog
        self.errors: list[CMDBError] = []
        self.columns: dict[int, str] = {}
        self.at: dict[str, int] = {}
        self.told: set[int] = set()
        self.attributes = {name for known in catalog.attributes.values() for name in known}
        for position, cell in enumerate(header):
            if cell and (error := self._column(number, position, cell)):
                self.errors.append(error)
                self.told.add(position)
        keyed = "key" in self.at or {"from", "to"} <= self.at.keys()
        self.usable = keyed and (table.type is not None or "type" in self.at)
        if not self.usable:
            self.errors.append(InvalidInput(place=self.place(number, 0), detail=NO_HEADER))

    def _column(self, number: int, position: int, cell: CellText) -> CMDBError | None:
        """Take a column into account; what is wrong with it."""
        if isinstance(cell, CMDBError):
            return cell
        name, place = column_name(cell), self.place(number, position)
        if name in self.at:
            first = self.place(number, self.at[name])
            return DuplicateKey(place=place, key=f"'{name}'", first=first)
        declared = name.removeprefix(OF_ATTRIBUTE) in self.attributes
        if not declared and name not in FIELDS and not name.startswith(OF_RELATION):
            known = {*FIELDS, *self.attributes}
            return UnknownField(place=place, kind="column", name=name, known=known)
        self.columns[position], self.at[name] = name, position
        return None

    def place(self, number: int, position: int) -> str:
        """A cell, as spreadsheets name it."""
        cell = f"{letter(position)}{number}"
        return f"{self.title}!{cell}" if self.title else cell

    def _cell(self, number: int, column: str) -> str:
        """Where the cell of a column is in a row; its first where there is no such column."""
        return self.place(number, self.at.get(column, 0))

    def row(self, number: int, row: Sequence[CellText]) -> Iterator[Observation | CMDBError]:
        """The observation of a row, or all that is wrong with it; nothing for an empty one."""
        said: dict[str, str] = {}
        unread: dict[str, CMDBError] = {}
        for position, cell in enumerate(row):
            if not cell:
                continue
            name = self.columns.get(position)
            if name is None:
                yield from self._outside(number, position)
            elif isinstance(cell, CMDBError):
                unread[name] = cell
            elif name != ERRORS:
                said[name] = cell
        if said or unread:
            words = RowWords(partial(self._cell, number), said, unread, self.type, self.catalog)
            seen = words.seen()
            yield from words.errors
            if not words.errors:
                yield seen

    def _outside(self, number: int, position: int) -> Iterator[CMDBError]:
        """Tell once of a value in a column without a name."""
        if position not in self.told:
            self.told.add(position)
            yield InvalidInput(place=self.place(number, position), detail=NO_COLUMN)
