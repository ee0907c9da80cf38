"""Reader of Excel workbooks (.xlsx): the sheets that `cmdb export` and `cmdb template` write.

They are read row by row. A sheet is of the type whose name or label it has; hidden sheets and the
one that explains are passed over. A formula counts by its stored value.
"""

import contextlib
import datetime
import re
import warnings
from collections.abc import Iterator
from itertools import repeat
from typing import Any, BinaryIO

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.escape import unescape
from openpyxl.xml.constants import SHARED_STRINGS

from cmdb.errors import CMDBError, InvalidInput, UnreadableInput
from cmdb.forms import words
from cmdb.forms.cells import DIGITS, LARGEST, plain
from cmdb.forms.workbook import MAX_ROWS, MAX_TEXT
from cmdb.identity.observation import Observation
from cmdb.schema.model import Catalog
from discovery import documents
from discovery.shared_texts import SharedTexts
from discovery.tabular import CellText, Table, TableRow, Tables, letter, observations, table_text
from discovery.workbooks import Part, looked_through

NAME = "xlsx"

MERGED = "merged cells hold one value for several rows; unmerge and fill each"
NOT_STORED = "its formula has no stored value; open and save the file in Excel, or enter a value"
FAILED = "its formula gives an error; correct the formula, or empty the cell"
ROUNDED = f"Excel keeps {DIGITS} digits of a number; format the cell as text, enter it again"
TOO_LONG = f"the cell has more than {MAX_TEXT:,} characters; shorten it"


def open_document(path: str, catalog: Catalog) -> Tables:
    """The sheets of a workbook, to be read once; UnreadableInput when it must not be read."""
    file = documents.open_file(path)
    parts = looked_through(file, path)
    return Tables(_tables(file, parts, catalog), catalog)


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """The observations of all sheets, and one error for each fault of a bad row."""
    return observations(document)


def _tables(
    file: BinaryIO, parts: dict[str, Part], catalog: Catalog
) -> Iterator[Table | CMDBError]:
    with file, contextlib.ExitStack() as opened:
        texts = SharedTexts()
        values = _book(file, True, parts, texts)
        opened.callback(values.close)
        formulas = None
        if any(part.formulas for part in parts.values()):
            formulas = _book(file, False, parts, texts)
            opened.callback(formulas.close)
        types = _types(catalog)
        for sheet in values.worksheets:
            title = sheet.title
            if sheet.sheet_state != "visible" or title.casefold() in words.ABOUT.values():
                continue
            for cell in parts.get(sheet._worksheet_path, Part()).merged:
                yield InvalidInput(place=f"{title}!{cell}", detail=MERGED)
            other = None if formulas is None else formulas[title]
            yield Table(_rows(sheet, other), title, types.get(title.casefold()))


def _types(catalog: Catalog) -> dict[str, str]:
    """CI types by what a sheet may be called: the name before labels, and no label of several."""
    found: dict[str, str] = {}
    several: set[str] = set()
    for one in catalog.ci_types.values():
        for label in {one.label.casefold(), one.label_zh.casefold()} - {one.name}:
            several |= {label} & found.keys()
            found[label] = one.name
    named = {name: name for name in catalog.ci_types}
    return {label: name for label, name in found.items() if label not in several} | named


class _Reader(ExcelReader):
    """Reads a workbook without its rows, and the texts that they share once for all."""

    def __init__(
        self, file: BinaryIO, values: bool, parts: dict[str, Part], texts: SharedTexts
    ) -> None:
        super().__init__(file, read_only=True, data_only=values, keep_links=False)
        for name in self.archive.NameToInfo.keys() - parts.keys():
            del self.archive.NameToInfo[name]  # what was not looked through is not there
        self._texts = texts

    def read_strings(self) -> None:
        """Read the texts, unless that was done."""
        self.shared_strings = self._texts  # type: ignore[assignment]
        found = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if found is not None and not len(self._texts):
            with self.archive.open(found.PartName[1:]) as part:
                self._texts.read(part)


def _book(file: BinaryIO, values: bool, parts: dict[str, Part], texts: SharedTexts) -> Any:
    """A workbook with the values of formulas, or with the formulas; its rows are still to come."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features that do not concern the cells
            reader = _Reader(file, values, parts, texts)
            reader.read()
            return reader.wb
    except Exception as error:  # openpyxl raises anything at all for a broken part
        detail = f"this is not a sound Excel workbook ({error}); save it again as .xlsx"
        raise UnreadableInput(place="workbook", detail=detail) from None


def _rows(sheet: Any, formulas: Any) -> Iterator[TableRow]:
    """The rows of a sheet with their numbers."""
    sheet.reset_dimensions()
    beside: Iterator[Any] = repeat(())
    if formulas is not None:
        formulas.reset_dimensions()
        beside = iter(formulas.rows)
    for number, (row, other) in enumerate(zip(_checked(sheet), beside, strict=False), 1):
        if number > MAX_ROWS:
            raise UnreadableInput(place=sheet.title, detail=f"it has more than {MAX_ROWS:,} rows")
        calculated = {i for i, cell in enumerate(other) if cell.data_type == "f"}
        title = sheet.title
        yield number, [_text(cell, title, number, i, i in calculated) for i, cell in enumerate(row)]


def _checked(sheet: Any) -> Iterator[Any]:
    """The rows as openpyxl gives them; whatever it raises means a broken part."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from sheet.rows
    except (CMDBError, GeneratorExit):
        raise
    except Exception as error:
        detail = f"the sheet cannot be read ({error}); save the file again as .xlsx"
        raise UnreadableInput(place=sheet.title, detail=detail) from None


def _text(cell: Any, title: str, number: int, position: int, calculated: bool) -> CellText:
    """What a cell says as text, or what is wrong with it."""
    value, fault = cell.value, ""
    if value is None:
        if not calculated or cell.data_type == "str":
            return ""
        fault = NOT_STORED
    elif cell.data_type == "e":
        fault = FAILED
    elif isinstance(value, bool):
        return "true" if value else "false"
    elif isinstance(value, int | float):
        if abs(value) < LARGEST:
            return plain(value)
        fault = ROUNDED
    elif isinstance(value, str):
        if len(value) <= MAX_TEXT:
            return table_text(_unescaped(value) if "_x" in value else value)
        fault = TOO_LONG
    else:
        return _moment(value)
    return InvalidInput(place=f"{title}!{letter(position)}{number}", detail=fault)


def _unescaped(value: str) -> str:
    """The text with the characters that `_x0041_` and the like stand for (ECMA-376 ST_Xstring)."""
    text: str = unescape(value)
    return value if re.search("[\ud800-\udfff]", text) else text


def _moment(value: Any) -> str:
    """A date, time or span; a date without a time of day is a day."""
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return (value.date() if midnight else value).isoformat()
    return str(value)
