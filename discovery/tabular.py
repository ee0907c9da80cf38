"""Rows of tables as observations: what CSV and Excel have in common.

The columns and cells are those of `cmdb.forms`. A row with a fault of its own is left out and each
fault reported at its cell; the other rows go on. Cells whose text does not fit their attribute go
on as text, for validation to refuse with all else that is wrong.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, MissingField, UnknownField, WrongValue, shown
from cmdb.forms import cells
from cmdb.forms.content import exported_of
from cmdb.forms.rows import (
    ERRORS,
    EXPORTED,
    FIELDS,
    ITEM_FIELDS,
    OF_ATTRIBUTE,
    OF_RELATION,
    RELATION_FIELDS,
    WITHIN,
    need,
)
from cmdb.identity.observation import Alias, Exported, Observation, ObservedItem, ObservedRelation
from cmdb.schema.model import Catalog

MAX_NAME = 512

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
    """The tables of a file, opened and not yet read, and the types they are read by."""

    tables: Iterable[Table | CMDBError]
    catalog: Catalog


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
        self.told: set[int] = set()
        self.attributes = {name for known in catalog.attributes.values() for name in known}
        for position, cell in enumerate(header):
            if cell and (error := self._column(self.place(number, position), position, cell)):
                self.errors.append(error)
                self.told.add(position)
        self.at = {name: position for position, name in self.columns.items()}
        keyed = "key" in self.at or {"from", "to"} <= self.at.keys()
        self.usable = keyed and (table.type is not None or "type" in self.at)
        if not self.usable:
            detail = (
                "the first row must name the columns, among them 'key', or 'from' and 'to';"
                " and 'type', unless the sheet is named like a CI type"
            )
            self.errors.append(InvalidInput(place=self.place(number, 0), detail=detail))

    def _column(self, place: str, position: int, cell: CellText) -> CMDBError | None:
        """Take a column into account; what is wrong with it."""
        if isinstance(cell, CMDBError):
            return cell
        name = column_name(cell)
        if name in self.columns.values():
            detail = f"column '{name}' is there twice; keep one of them"
            return InvalidInput(place=place, detail=detail)
        declared = name.removeprefix(OF_ATTRIBUTE) in self.attributes
        if not declared and name not in FIELDS and not name.startswith(OF_RELATION):
            known = {*FIELDS, *self.attributes}
            return UnknownField(place=place, kind="column", name=name, known=known)
        self.columns[position] = name
        return None

    def place(self, number: int, position: int) -> str:
        """A cell, as spreadsheets name it."""
        cell = f"{letter(position)}{number}"
        return f"{self.title}!{cell}" if self.title else cell

    def row(self, number: int, row: Sequence[CellText]) -> Iterator[Observation | CMDBError]:
        """The observation of a row, or all that is wrong with it; nothing for an empty one."""
        said: dict[str, str] = {}
        errors: list[CMDBError] = []
        for position, cell in enumerate(row):
            if not cell:
                continue
            name = self.columns.get(position)
            if name is None:
                yield from self._outside(number, position)
            elif isinstance(cell, CMDBError):
                errors.append(cell)
            elif name != ERRORS:
                said[name] = cell
        if said or errors:
            seen = _Row(self, number, said, errors).seen()
            yield from errors
            if not errors:
                yield seen

    def _outside(self, number: int, position: int) -> Iterator[CMDBError]:
        """Tell once of a value in a column without a name."""
        if position not in self.told:
            self.told.add(position)
            detail = "its column has no name; name it in the first row, or empty the column"
            yield InvalidInput(place=self.place(number, position), detail=detail)


class _Row:
    """The cells of one row by column, and what is wrong with them."""

    def __init__(
        self, reader: _Reader, number: int, said: dict[str, str], errors: list[CMDBError]
    ) -> None:
        self.reader, self.number, self.said, self.errors = reader, number, said, errors
        self.relation = "from" in said or "to" in said
        self.place = self.cell("from" if self.relation else "key")

    def cell(self, column: str) -> str:
        """Where the cell of a column is."""
        return self.reader.place(self.number, self.reader.at.get(column, 0))

    def seen(self) -> Observation:
        """The observation; of no use where there are errors."""
        what = "a relation" if self.relation else "a configuration item"
        for name in self.said:
            of_relation = name in RELATION_FIELDS or name.startswith(OF_RELATION)
            if of_relation is not self.relation and name not in ("type", EXPORTED):
                detail = f"'{name}' does not go with {what}; empty the cell"
                self.errors.append(InvalidInput(place=self.cell(name), detail=detail))
        return self._relation() if self.relation else self._item()

    def _item(self) -> ObservedItem:
        type_name = self._field("type", self._text) or self.reader.type
        key = self._required("key")
        self._require("type", type_name)
        item = ObservedItem(
            key,
            type_name or "",
            self.place,
            self._field("name", self._text),
            self._field("status", self._text),
            self._field("network_root", self._truth),
            self._field("redundancy", self._redundancy) or {},
            self._attributes(type_name or ""),
            self._field("aliases", self._aliases) or (),
            self._field(WITHIN, self._text),
        )
        content = {name: getattr(item, name) for name in (*ITEM_FIELDS[:-1], "attributes")}
        content["aliases"] = [{"source": one.source, "key": one.key} for one in item.aliases]
        item.exported = self._exported(content)
        return item

    def _relation(self) -> ObservedRelation:
        ends = self._required("from"), self._required("type"), self._required("to")
        relation = ObservedRelation(
            *ends,
            self.place,
            self._field("strength", self._text),
            self._field("group", self._text),
            self._field("id", self._text),
            {
                name.removeprefix(OF_RELATION): cells.value(None, cell)
                for name, cell in self.said.items()
                if name.startswith(OF_RELATION)
            },
        )
        content = dict(zip(RELATION_FIELDS[:3], ends, strict=True))
        names = (*RELATION_FIELDS[3:], "attributes")
        relation.exported = self._exported(content | {n: getattr(relation, n) for n in names})
        return relation

    def _required(self, name: str) -> str:
        value: str | None = self._field(name, self._text)
        self._require(name, value)
        return value or ""

    def _require(self, name: str, value: str | None) -> None:
        if value is None and name not in self.said:
            self.errors.append(MissingField(place=self.cell(name), name=name))

    def _field(self, name: str, read: Callable[[str], Any]) -> Any:
        """A field, None where the cell is empty; what cannot be read is an error."""
        cell = self.said.get(name)
        if cell is None:
            return None
        try:
            if cell == cells.NONE:
                raise ValueError("a value: this field cannot be erased")
            return read(cell)
        except (ValueError, TypeError) as error:
            self.errors.append(
                WrongValue(
                    place=self.cell(name), name=f"'{name}'", value=shown(cell), expected=str(error)
                )
            )
            return None

    def _text(self, cell: str) -> str:
        value = cells.text(cell)
        if not 0 < len(value) <= MAX_NAME:
            raise ValueError(f"a string of 1 to {MAX_NAME} characters")
        return value

    def _truth(self, cell: str) -> bool:
        value = cells.truth(cell)
        if not isinstance(value, bool):
            raise TypeError("true or false")
        return value

    def _redundancy(self, cell: str) -> dict[str, Any]:
        expected = "groups with their needs, such as feeds=1; power=50%"
        if cell[0] == "{":
            value = cells.json_value(cell)
            if not isinstance(value, dict):
                raise ValueError(expected)
            return value
        pairs = (part.partition("=") for part in cells.split(cell))
        return {_said(name, expected): {"need": need(_said(n, expected))} for name, _, n in pairs}

    def _aliases(self, cell: str) -> tuple[Alias, ...]:
        expected = "sources with their keys, such as netbox:dcim.device.7"
        if cell[0] != "[":
            pairs = (part.partition(":") for part in cells.split(cell))
            return tuple(Alias(_said(s, expected), _said(k, expected)) for s, _, k in pairs)
        value = cells.json_value(cell)
        if not isinstance(value, list) or not all(
            isinstance(one, list) and [type(part) for part in one] == [str, str] for one in value
        ):
            raise ValueError(expected)
        return tuple(Alias(*one) for one in value)

    def _attributes(self, type_name: str) -> dict[str, Any]:
        declared = self.reader.catalog.attributes.get(type_name, {})
        values: dict[str, Any] = {}
        for column, cell in self.said.items():
            if column not in FIELDS and not column.startswith(OF_RELATION):
                name = column.removeprefix(OF_ATTRIBUTE)
                values[name] = cells.value(declared.get(name), cell)
        return values

    def _exported(self, content: dict[str, Any]) -> Exported | None:
        cell = self.said.get(EXPORTED)
        if cell is None:
            return None
        try:
            return exported_of(cell, content)
        except ValueError:
            expected = "as the export wrote it, or empty"
            place, value = self.cell(EXPORTED), shown(cell)
            self.errors.append(
                WrongValue(place=place, name=f"'{EXPORTED}'", value=value, expected=expected)
            )
            return None


def _said(part: str, expected: str) -> str:
    """A part of a pair without blanks; ValueError where there is none."""
    if not (part := part.strip()):
        raise ValueError(expected)
    return part
