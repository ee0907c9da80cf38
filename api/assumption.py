"""Reading what a what-if question assumes, the same for HTTP and the command line."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cmdb.errors import (
    CMDBError,
    MissingField,
    UnknownField,
    UnreadableInput,
    WrongValue,
    shown,
)
from cmdb.identity.observation import Observation
from cmdb.services.assumptions import Assumption, RemovedRelation
from cmdb.services.scenarios import placed
from discovery.agents import estate

FIELDS = ("cis", "relations", "remove")
REMOVE_FIELDS = ("cis", "relations")
RELATION_FIELDS = ("from", "type", "to", "group", "id")
REQUIRED = RELATION_FIELDS[:3]
MAX_TEXT = 512


def assumption(data: Any) -> Assumption:
    """The assumption of an estate form with `remove`; it keeps what is wrong in it."""
    reader = _Reader()
    if not reader.fields(data, "assume", FIELDS):
        return Assumption(reader.errors)
    grown = {name: data[name] for name in FIELDS[:2] if data.get(name) is not None}
    observations = list(_observations(grown)) if grown else []
    remove = data.get("remove")
    if remove is None or not reader.fields(remove, "assume.remove", REMOVE_FIELDS):
        return Assumption([*reader.errors, *observations])
    removed = [
        (reference, place)
        for reference, place in reader.rows(remove, "cis", "a list of references")
        if reader.text(reference, place, "it")
    ]
    relations = [
        RemovedRelation(row["from"], row["type"], row["to"], place, row.get("group"), row.get("id"))
        for row, place in reader.rows(remove, "relations", "a list of objects")
        if reader.relation(row, place)
    ]
    return Assumption([*reader.errors, *observations], removed, relations)


def _observations(grown: dict[str, Any]) -> Iterator[Observation | CMDBError]:
    try:
        for one in estate.parse(grown):
            if isinstance(one, CMDBError):
                yield placed(one, "assume")
            else:
                yield replace(one, place=f"assume.{one.place}")
    except UnreadableInput as error:
        yield type(error)(**{**error.fields, "place": "assume"})


class _Reader:
    """Gathers what is wrong."""

    def __init__(self) -> None:
        self.errors: list[CMDBError] = []

    def fields(self, data: Any, place: str, known: tuple[str, ...]) -> bool:
        """Whether it is an object; unknown fields of it are errors."""
        if not isinstance(data, dict):
            self._wrong(place, "it", data, "an object")
            return False
        for name in data:
            if name not in known:
                text = str(name)[:60]
                self.errors.append(UnknownField(place=place, kind="field", name=text, known=known))
        return True

    def rows(self, remove: dict[str, Any], name: str, expected: str) -> Iterator[tuple[Any, str]]:
        """The elements of a list, with their places."""
        rows = remove.get(name)
        if rows is None:
            return
        if not isinstance(rows, list):
            self._wrong("assume.remove", f"'{name}'", rows, expected)
            return
        for position, row in enumerate(rows):
            yield row, f"assume.remove.{name}[{position}]"

    def text(self, value: Any, place: str, name: str) -> bool:
        """Whether it is a text as references are."""
        fits = isinstance(value, str) and 0 < len(value) <= MAX_TEXT
        if not fits:
            self._wrong(place, name, value, f"a string of 1 to {MAX_TEXT} characters")
        return fits

    def relation(self, row: Any, place: str) -> bool:
        """Whether it names relations."""
        before = len(self.errors)
        if self.fields(row, place, RELATION_FIELDS):
            for name in REQUIRED:
                if row.get(name) is None:
                    self.errors.append(MissingField(place=place, name=name))
            for name in RELATION_FIELDS:
                if row.get(name) is not None:
                    self.text(row[name], place, f"'{name}'")
        return len(self.errors) == before

    def _wrong(self, place: str, name: str, value: Any, expected: str) -> None:
        self.errors.append(
            WrongValue(place=place, name=name, value=shown(value), expected=expected)
        )
