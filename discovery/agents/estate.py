"""Reader of the estate form: CIs and relations as `cmdb export` writes them and people type them.

A row with anything wrong in it is left out and every fault of it is reported; the other rows go on.
A field of null counts as not mentioned.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cmdb.errors import (
    MAX_SHOWN,
    CMDBError,
    DuplicateKey,
    MissingField,
    UnknownField,
    UnknownName,
    UnreadableInput,
    WrongValue,
    shown,
)
from cmdb.identity.observation import (
    UNMARKED,
    Alias,
    Observation,
    ObservedItem,
    ObservedRelation,
)
from cmdb.schema.declarations import STRENGTHS
from cmdb.schema.records import STATUSES

NAME = "estate"

MAX_TEXT = 512
MAX_NESTING = 32
DOCUMENT_FIELDS = ("cis", "relations")
ALIAS_FIELDS = ("source", "key")

Row = dict[str, Any]
Check = Callable[[Any], str | None]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def parse(document: Any) -> Iterator[Observation | CMDBError]:
    """The observations of an estate document, and one error for each fault of a bad row."""
    if not isinstance(document, dict) or not any(name in document for name in DOCUMENT_FIELDS):
        raise UnreadableInput(
            place="document",
            detail="an estate must be an object with the lists 'cis' and 'relations'",
        )
    for name in document:
        if name not in DOCUMENT_FIELDS:
            yield _unknown_field("document", name, DOCUMENT_FIELDS)
    cis, relations = (_rows(document, name) for name in DOCUMENT_FIELDS)
    yield from _items(cis)
    for position, row in enumerate(relations):
        yield from _relation(row, f"relations[{position}]")


def _rows(document: Row, name: str) -> list[Any]:
    rows = document.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise UnreadableInput(
            place="document", detail=f"'{name}' is {shown(rows)}, but must be a list of objects"
        )
    return rows


def _items(rows: list[Any]) -> Iterator[ObservedItem | CMDBError]:
    seen: dict[str, int] = {}
    for position, row in enumerate(rows):
        place = f"cis[{position}]"
        errors = _faults(row, place, ITEM_CHECKS, ITEM_REQUIRED)
        if not errors and (aliases := row.get("aliases")) is not None:
            errors = _alias_faults(aliases, place)
        if errors:
            yield from errors
            continue
        key = row["key"]
        first = seen.setdefault(key, position)
        if first != position:
            yield DuplicateKey(place=place, key=f"the key '{key}'", first=f"cis[{first}]")
        else:
            yield _item(row, f"{place} '{key}'")


def _item(row: Row, place: str) -> ObservedItem:
    get = row.get
    return ObservedItem(
        row["key"],
        row["type"],
        place,
        get("name"),
        get("status"),
        get("network_root"),
        get("redundancy") or {},
        get("attributes") or {},
        tuple(Alias(one["source"], one["key"]) for one in get("aliases") or ()),
        exported=UNMARKED if _complete(row, ITEM_CHECKS) else None,
    )


def _relation(row: Any, place: str) -> Iterator[ObservedRelation | CMDBError]:
    errors = _faults(row, place, RELATION_CHECKS, RELATION_REQUIRED)
    if errors:
        yield from errors
        return
    get = row.get
    yield ObservedRelation(
        row["from"],
        row["type"],
        row["to"],
        f"{place} '{row['from']}' → '{row['to']}'",
        get("strength"),
        get("group"),
        get("id"),
        get("attributes") or {},
        exported=UNMARKED if _complete(row, RELATION_CHECKS) else None,
    )


def _complete(row: Row, fields: Iterable[str]) -> bool:
    """Whether a row has all that an export writes."""
    return all(row.get(name) is not None or (name in NULLABLE and name in row) for name in fields)


def _faults(
    row: Any, place: str, checks: Mapping[str, Check], required: tuple[str, ...]
) -> list[CMDBError] | None:
    """Everything wrong with the fields of one row; None or empty when it is good."""
    if not isinstance(row, dict):
        return [WrongValue(place=place, name="it", value=shown(row), expected="an object")]
    errors: list[CMDBError] | None = None
    for name, value in row.items():
        check = checks.get(name)
        if check is not None and (value is None or (expected := check(value)) is None):
            continue
        errors = errors or []
        if check is None:
            errors.append(_unknown_field(_named(row, place), name, checks))
        elif name == "status" and isinstance(value, str):
            status = value[:MAX_SHOWN]
            errors.append(
                UnknownName(place=_named(row, place), kind="status", name=status, known=STATUSES)
            )
        else:
            errors.append(_wrong(_named(row, place), name, value, expected))
    for name in required:
        if row.get(name) is None:
            errors = errors or []
            errors.append(MissingField(place=_named(row, place), name=name))
    return errors


def _alias_faults(aliases: Any, place: str) -> list[CMDBError]:
    checks = dict.fromkeys(ALIAS_FIELDS, _text)
    return [
        error
        for position, alias in enumerate(aliases)
        for error in _faults(alias, f"{place}.aliases[{position}]", checks, ALIAS_FIELDS) or ()
    ]


def _text(value: Any) -> str | None:
    if isinstance(value, str) and 0 < len(value) <= MAX_TEXT:
        if value.isprintable() or not _CONTROL.search(value):
            return None
        return "a string without control characters"
    return f"a string of 1 to {MAX_TEXT} characters"


def _one_of(choices: tuple[str, ...]) -> Check:
    expected = f"one of {', '.join(choices)}"
    return lambda value: None if value in choices else expected


def _boolean(value: Any) -> str | None:
    return None if value is True or value is False else "true or false"


def _list(value: Any) -> str | None:
    return None if isinstance(value, list) else "a list of objects"


def _object(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "an object"
    for name, inner in value.items():
        if not isinstance(name, str):
            return "an object whose names are strings"
        if isinstance(inner, dict | list) and _deeper_than(inner, MAX_NESTING):
            return f"nested no deeper than {MAX_NESTING} levels"
    return None


def _deeper_than(value: Any, levels: int) -> bool:
    """Whether lists and objects go deeper than `levels`, without recursion."""
    layer = [value]
    while layer and levels:
        levels -= 1
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(layer)


def _named(row: Row, place: str) -> str:
    """The place, with the row's own key where it has one that can be shown."""
    key = row.get("key")
    return f"{place} '{key}'" if key is not None and _text(key) is None else place


def _unknown_field(place: str, name: Any, known: Iterable[str]) -> UnknownField:
    return UnknownField(place=place, kind="field", name=str(name)[:MAX_SHOWN], known=known)


def _wrong(place: str, name: str, value: Any, expected: str | None) -> WrongValue:
    return WrongValue(place=place, name=f"'{name}'", value=shown(value), expected=expected)


ITEM_CHECKS: dict[str, Check] = {
    "key": _text,
    "type": _text,
    "name": _text,
    "status": _one_of(STATUSES),
    "network_root": _boolean,
    "attributes": _object,
    "redundancy": _object,
    "aliases": _list,
}
RELATION_CHECKS: dict[str, Check] = {
    "from": _text,
    "type": _text,
    "to": _text,
    "strength": _one_of(STRENGTHS),
    "group": _text,
    "id": _text,
    "attributes": _object,
}
NULLABLE = ("strength", "group", "id")
"""Fields that an export may write as null."""

ITEM_REQUIRED = ("key", "type")
RELATION_REQUIRED = ("from", "type", "to")
