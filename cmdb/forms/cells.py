"""A value as the cell of a table, and back: exact for every value, plain for the usual ones.

A cell says text as it is, and what plain text cannot say as JSON: text in quotes where blanks, an
empty text, or characters that spreadsheets spoil matter; lists and objects in brackets. The rules
are in `docs/tabular.md`.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson

from cmdb.schema.attributes import Attribute

Cell = str | int | float | bool | date | None
"""What a spreadsheet can hold; None is an empty cell."""

NONE = "(none)"
"""The cell that takes a value back; an empty cell says nothing."""

SEPARATORS = re.compile(r"[;；\n]")
DIGITS = 15
"""Decimal digits of a number that spreadsheets keep (IEEE 754 doubles, shortened)."""

LARGEST: int = 10**15
"""What an integer must be smaller than to have no more digits."""

_START = r"[=+\-@\t\r＝＋－＠]"
_FORMULA = re.compile(rf"'*\s*{_START}")
_GUARDED = re.compile(rf"'+\s*{_START}")
_AFTER_SEPARATOR = re.compile(rf"(^\"[\s\"']*|[,;；\t\n\r]\s*[\"']*){_START}")
"""Where a spreadsheet that splits the line at another sign would see the start of a formula."""

_SPOILED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
    "|_(?=x[0-9A-Fa-f]{4}_)"
)
"""What XML or a spreadsheet changes; Excel takes `_x0041_` for A (ECMA-376 ST_Xstring)."""

_INTEGER = re.compile(r"[-+]?\d{1,19}(\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_JSON_START = re.compile(r"[-\d\[{\"tfnTFN]", re.ASCII)
TRUTH: dict[str, bool] = {
    **dict.fromkeys(("true", "yes", "y", "1", "是", "真"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否", "假"), False),
}


def guarded(cell: str) -> str:
    """The cell with an apostrophe before it, where a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell without the apostrophe of `guarded`; one that guards nothing stays."""
    return cell[1:] if _GUARDED.match(cell) else cell


def told_apart(cell: str) -> str:
    """The cell with one apostrophe more, where `unguarded` would take one of its own away."""
    return f"'{cell}" if _GUARDED.match(cell) else cell


def text_cell(value: str) -> str:
    """A text; in quotes where it would not come back as it is."""
    awkward = value == NONE or value[:1] == '"' or value.strip() != value or not value
    return json_cell(value) if awkward or _spoiled(value) else value


def text(cell: str) -> str:
    """The text that a cell says; `cell` is neither blank nor `NONE`."""
    if cell[0] == '"' and cell[-1] == '"':
        value = json_value(cell)
        if isinstance(value, str):
            return value
    return cell


def list_cell(values: list[str]) -> str:
    """Texts, separated by semicolons; as JSON where that would not come back as it is."""
    cell = "; ".join(values)
    fits = cell and cell[0] not in "[{" and cell != NONE and not _spoiled(cell)
    if fits and all(text_cell(one) == one and not SEPARATORS.search(one) for one in values):
        return cell
    return json_cell(values)


def split(cell: str) -> list[str]:
    """The texts of a list that is not JSON, without blanks around them."""
    return [part for one in SEPARATORS.split(cell) if (part := one.strip())]


def json_cell(value: Any) -> str:
    """A value as JSON, without characters that XML or a spreadsheet changes."""
    cell = orjson.dumps(value).decode()
    cell = _SPOILED.sub(lambda found: f"\\u{ord(found[0]):04x}", cell)
    return _JSON_TEXT.sub(lambda found: _AFTER_SEPARATOR.sub(_escaped, found[0]), cell)


def _escaped(found: re.Match[str]) -> str:
    return f"{found[1]}\\u{ord(found[0][-1]):04x}"


def value_cell(attribute: Attribute | None, value: Any) -> Cell:
    """The value of an attribute; of one that nobody declared where `attribute` is None."""
    if value is None:
        return NONE
    if attribute is None:
        return _free_cell(value)
    if attribute.many and isinstance(value, list):
        if value and all(isinstance(one, int | float) for one in value):
            return "; ".join(map(plain, value))
        return list_cell(value) if all(isinstance(one, str) for one in value) else json_cell(value)
    if isinstance(value, str):
        return (_day(value) if attribute.kind == "date" else None) or text_cell(value)
    return value if isinstance(value, int | float) else json_cell(value)


def value(attribute: Attribute | None, cell: str) -> Any:
    """What a cell says of an attribute; as it stands where that does not fit the attribute.

    None takes the value back. `cell` is not blank.
    """
    if cell == NONE:
        return None
    if attribute is None:
        return _free(cell)
    if attribute.many:
        values = json_value(cell) if cell[0] == "[" else None
        if isinstance(values, list):
            return values
        return [_one(attribute.kind, one) for one in split(cell)]
    return _one(attribute.kind, cell)


def truth(cell: str) -> bool | str:
    """True or false in any usual spelling; anything else as it stands."""
    known = TRUTH.get(cell.casefold())
    return cell if known is None else known


def plain(number: float) -> str:
    """A number as text, from which the same number is read."""
    return orjson.dumps(number).decode()


def kept(number: float) -> bool:
    """Whether a spreadsheet gives the number back as it is."""
    if isinstance(number, int):
        return abs(number) < LARGEST
    return not number.is_integer() and float(f"{number:.{DIGITS}g}") == number


def _one(kind: str, cell: str) -> Any:
    return _READ.get(kind, text)(cell)


def _integer(cell: str) -> int | str:
    return int(cell.partition(".")[0]) if _INTEGER.fullmatch(cell) else cell


def _number(cell: str) -> float | str:
    if not _NUMBER.fullmatch(cell):
        return cell
    return int(cell) if cell.lstrip("+-").isdecimal() else float(cell)


def _date(cell: str) -> str:
    found = _DATE.fullmatch(cell)
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}" if found else cell


_READ: dict[str, Callable[[str], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": truth,
    "date": _date,
}


def _day(value: str) -> date | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return day if day.isoformat() == value else None


def _free_cell(value: Any) -> Cell:
    if isinstance(value, str):
        cell = text_cell(value)
        return cell if cell != value or _free(cell) == value else json_cell(value)
    return value if isinstance(value, int | float) else json_cell(value)


def _free(cell: str) -> Any:
    if not _JSON_START.match(cell):
        return cell
    if (lower := cell.lower()) in ("true", "false"):
        return lower == "true"
    value = json_value(cell)
    return cell if value is None else value


def _spoiled(value: str) -> bool:
    return _SPOILED.search(value) is not None or _AFTER_SEPARATOR.search(value) is not None


def json_value(cell: str) -> Any:
    """What a cell says as JSON; None where it is none."""
    try:
        return orjson.loads(cell.replace("\n", " ") if cell[0] in "[{" else cell)
    except orjson.JSONDecodeError:
        return None
