"""One row of a table as an observation, with every fault of it at its cell."""

from collections.abc import Callable
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, MissingField, WrongValue, shown
from cmdb.forms import cells
from cmdb.forms.content import exported_of
from cmdb.forms.rows import (
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

OF_ITEMS = "this column does not go with a relation; empty the cell"
OF_RELATIONS = "this column goes with relations only; empty the cell"
NOT_ERASABLE = "a value: this field cannot be erased"
NAME_LENGTH = f"a string of 1 to {MAX_NAME} characters"
NEEDS = "groups with their needs, such as feeds=1; power=50%"
SOURCE_KEYS = "sources with their keys, such as netbox:dcim.device.7"
AS_WRITTEN = "as the export wrote it, or empty"


class RowWords:
    """What one row says; `errors` gathers what is wrong with it.

    `cell` gives the place of a column's cell, `said` what its cells say, `unread` why others cannot
    be read; both without empty ones. `type_name` is the type of a CI whose row says none.
    """

    def __init__(
        self,
        cell: Callable[[str], str],
        said: dict[str, str],
        unread: dict[str, CMDBError],
        type_name: str | None,
        catalog: Catalog,
    ) -> None:
        self.cell, self.said = cell, said
        self.filled = said.keys() | unread.keys()
        self.errors = list(unread.values())
        self.type, self.catalog = type_name, catalog
        self.relation = "from" in self.filled or "to" in self.filled
        self.place = cell("from" if self.relation else "key")

    def seen(self) -> Observation:
        """The observation; of no use where there are errors."""
        detail = OF_ITEMS if self.relation else OF_RELATIONS
        for name in self.said:
            of_relation = name in RELATION_FIELDS or name.startswith(OF_RELATION)
            if of_relation is not self.relation and name not in ("type", EXPORTED):
                self.errors.append(InvalidInput(place=self.cell(name), detail=detail))
        return self._relation() if self.relation else self._item()

    def _item(self) -> ObservedItem:
        type_name = self._field("type", self._text) or self.type
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
        if value is None and name not in self.filled:
            self.errors.append(MissingField(place=self.cell(name), name=name))

    def _field(self, name: str, read: Callable[[str], Any]) -> Any:
        """A field, None where the cell is empty; what cannot be read is an error."""
        cell = self.said.get(name)
        if cell is None:
            return None
        try:
            if cell == cells.NONE:
                raise ValueError(NOT_ERASABLE)
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
            raise ValueError(NAME_LENGTH)
        return value

    def _truth(self, cell: str) -> bool:
        value = cells.truth(cell)
        if not isinstance(value, bool):
            raise TypeError("true or false")
        return value

    def _redundancy(self, cell: str) -> dict[str, Any]:
        if cell[0] == "{":
            value = cells.json_value(cell)
            if not isinstance(value, dict):
                raise ValueError(NEEDS)
            return value
        pairs = (part.partition("=") for part in cells.split(cell))
        return {_said(name, NEEDS): {"need": need(_said(n, NEEDS))} for name, _, n in pairs}

    def _aliases(self, cell: str) -> tuple[Alias, ...]:
        if cell[0] != "[":
            pairs = (part.partition(":") for part in cells.split(cell))
            return tuple(Alias(_said(s, SOURCE_KEYS), _said(k, SOURCE_KEYS)) for s, _, k in pairs)
        value = cells.json_value(cell)
        if not isinstance(value, list) or not all(
            isinstance(one, list) and [type(part) for part in one] == [str, str] for one in value
        ):
            raise ValueError(SOURCE_KEYS)
        return tuple(Alias(*one) for one in value)

    def _attributes(self, type_name: str) -> dict[str, Any]:
        declared = self.catalog.attributes.get(type_name, {})
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
            place, value = self.cell(EXPORTED), shown(cell)
            self.errors.append(
                WrongValue(place=place, name=f"'{EXPORTED}'", value=value, expected=AS_WRITTEN)
            )
            return None


def _said(part: str, expected: str) -> str:
    """A part of a pair without blanks; ValueError where there is none."""
    if not (part := part.strip()):
        raise ValueError(expected)
    return part
