"""Workbooks as people fill them in: a sheet that explains, one for each type, one for relations."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from cmdb.errors import InvalidInput
from cmdb.forms import words
from cmdb.forms.cells import Cell, kept, plain, text_cell, told_apart
from cmdb.forms.rows import EXPORTED, OF_RELATION, Row
from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import STRENGTHS
from cmdb.schema.model import Catalog
from cmdb.schema.records import STATUSES

MAX_TITLE = 31
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
"""Limits of Excel: the name of a sheet, rows of a sheet with its header, characters of a cell."""

RELATIONS = words.RELATIONS["en"]
MIXED = "cis"
"""The sheet of types whose names are too long for one of their own; it has a column `type`."""

LISTS = "lists"
REQUIRED = frozenset({"key", "type", "from", "to"})
EXCEL_EPOCH = date(1900, 3, 1)
"""Dates before it are off by a day in Excel, so they are written as text."""

_HEADER = Font(bold=True)
_REQUIRED_FILL = PatternFill("solid", fgColor="FFE699")
_OTHER_FILL = PatternFill("solid", fgColor="DDEBF7")


@dataclass(slots=True)
class Sheet:
    """A sheet to write; `attributes` are the declared attributes by column."""

    title: str
    columns: list[str]
    rows: Iterable[Row] = ()
    label: str = ""
    description: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)


def write_workbook(sheets: list[Sheet], catalog: Catalog, file: BinaryIO, language: str) -> None:
    """Write the sheets, row by row, with a first one that explains them."""
    book = Workbook(write_only=True)
    _about(book, sheets, language)
    lists: dict[tuple[str, ...], int] = {}
    try:
        for sheet in sheets:
            _sheet(book, sheet, catalog, lists, language)
    except InvalidInput:
        for begun in book.worksheets:
            begun.close()  # its half-written rows would be complained of later
        raise
    if lists:
        hidden = book.create_sheet(LISTS)
        hidden.sheet_state = "hidden"
        for row in zip_longest(*lists):
            hidden.append(row)
    book.save(file)


def _about(book: Any, sheets: list[Sheet], language: str) -> None:
    made = book.create_sheet(words.ABOUT[language])
    for letter, width in (("A", 28), ("B", 28), ("C", 90)):
        made.column_dimensions[letter].width = width
    title = WriteOnlyCell(made, words.say("Configuration items and relations", language))
    title.font = Font(bold=True, size=14)
    made.append([title])
    for text in words.ABOUT_TEXTS:
        made.append([words.say(text, language)])
    made.append([])
    made.append(
        [_bold(made, words.say(text, language)) for text in ("sheet", "type", "description")]
    )
    for sheet in sheets:
        made.append([_cell(made, text) for text in (sheet.title, sheet.label, sheet.description)])


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = _HEADER
    return cell


def _sheet(
    book: Any, sheet: Sheet, catalog: Catalog, lists: dict[tuple[str, ...], int], language: str
) -> None:
    made = book.create_sheet(sheet.title)
    made.freeze_panes = "B2"
    attributes = sheet.attributes
    for position, name in enumerate(sheet.columns, 1):
        letter = get_column_letter(position)
        attribute = attributes.get(name)
        made.column_dimensions[letter].width = max(12, min(len(name) + 4, 40))
        made.column_dimensions[letter].hidden = name == EXPORTED
        made.column_dimensions[letter].number_format = _format(name, attribute)
        if choices := _choices(name, attribute, sheet.title, catalog):
            place = get_column_letter(lists.setdefault(choices, len(lists) + 1))
            made.data_validations.append(
                DataValidation(
                    type="list",
                    formula1=f"{LISTS}!${place}$1:${place}${len(choices)}",
                    allow_blank=True,
                    showErrorMessage=True,
                    errorStyle="warning",
                    sqref=f"{letter}2:{letter}{MAX_ROWS}",
                )
            )
    made.append(
        [_header(made, name, sheet.attributes.get(name), language) for name in sheet.columns]
    )
    for count, row in enumerate(sheet.rows, 2):
        if count > MAX_ROWS:
            detail = f"more than {MAX_ROWS - 1:,} rows, the limit of Excel; export as csv"
            raise InvalidInput(place=sheet.title, detail=detail)
        made.append([_cell(made, row.get(name), name, row) for name in sheet.columns])


def _header(sheet: Any, name: str, attribute: Attribute | None, language: str) -> Any:
    cell = _bold(sheet, text_cell(name))
    cell.fill = _REQUIRED_FILL if name in REQUIRED else _OTHER_FILL
    if text := "\n".join(_notes(name, attribute, language)):
        cell.comment = Comment(text, "cmdb", height=120, width=300)
    return cell


def _notes(name: str, attribute: Attribute | None, language: str) -> Iterator[str]:
    if name in REQUIRED:
        yield words.say("required", language)
    if attribute is None:
        yield words.field(name, language)
        return
    yield attribute.description
    colon = "：" if language == "zh" else ": "
    if attribute.unit:
        yield f"{words.say('unit', language)}{colon}{attribute.unit}"
    if attribute.choices:
        yield f"{words.say('one of', language)}{colon}{', '.join(attribute.choices)}"
    if attribute.many:
        yield words.say("a list, separated by semicolons", language)


def _format(name: str, attribute: Attribute | None) -> str:
    """The number format of a column: text must not become a number, a date or a formula."""
    kind = attribute.kind if attribute is not None and not attribute.many else ""
    if kind == "date":
        return "yyyy-mm-dd"
    free = attribute is None and (name == "network_root" or name.startswith(OF_RELATION))
    return "General" if free or kind in ("integer", "number", "boolean") else "@"


def _choices(
    name: str, attribute: Attribute | None, title: str, catalog: Catalog
) -> tuple[str, ...]:
    """What may be chosen in a column."""
    if attribute is not None:
        if attribute.many:
            return ()
        return ("true", "false") if attribute.kind == "boolean" else attribute.choices
    types = catalog.relation_types if title == RELATIONS else catalog.ci_types
    known = {
        "status": STATUSES,
        "network_root": ("true", "false"),
        "strength": STRENGTHS,
        "type": tuple(types),
    }
    return known.get(name, ())


def _cell(sheet: Any, value: Cell, name: str = "", row: Row | None = None) -> Any:
    """What to append: never a formula, never a number that Excel would round."""
    if isinstance(value, date):
        value = value if value >= EXCEL_EPOCH else value.isoformat()
    elif isinstance(value, int | float) and not isinstance(value, bool) and not kept(value):
        value = plain(value)
    if not isinstance(value, str):
        return value
    if len(value) > MAX_TEXT:
        key = (row or {}).get("key") or (row or {}).get("from")
        detail = f"{name} of '{key}' has more than {MAX_TEXT:,} characters; export as csv"
        raise InvalidInput(place=sheet.title, detail=detail)
    if value[:1].isalpha():
        return value
    cell = WriteOnlyCell(sheet, told_apart(value))
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
