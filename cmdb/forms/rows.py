"""CIs and relations as rows of a table: which columns there are, and the cell of each."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cmdb.forms.cells import Cell, json_cell, list_cell, text_cell, value_cell
from cmdb.forms.content import Content
from cmdb.identity.observation import Alias
from cmdb.schema.attributes import Attribute
from cmdb.schema.records import ConfigurationItem, Relation

ITEM_FIELDS = ("key", "type", "name", "status", "network_root", "redundancy", "aliases")
WITHIN = "within"
"""A field that people may give, and that exports leave to the claims."""

RELATION_FIELDS = ("from", "type", "to", "strength", "group", "id")
EXPORTED = "exported"
ERRORS = "errors"
"""The column that a copy with comments adds; readers pass it over."""

FIELDS = (*ITEM_FIELDS, WITHIN, *RELATION_FIELDS, EXPORTED, ERRORS)
OF_ATTRIBUTE, OF_RELATION = "attribute.", "relation."
"""Before the name of an attribute that is named like a field; of an attribute of a relation."""

Row = dict[str, Cell]

_PLAIN = re.compile(r"[\w.\-/]+( [\w.\-/]+)*")
"""A group or source that can stand before its need or key without quotes."""


def attribute_column(name: str) -> str:
    """The column of a CI's attribute."""
    taken = name in FIELDS or name.startswith((OF_ATTRIBUTE, OF_RELATION))
    return f"{OF_ATTRIBUTE}{name}" if taken else name


def item_row(content: Content, item: ConfigurationItem) -> Row:
    """The cells of a CI by column; columns that are not there are empty."""
    said = content.item_content(item)
    row: Row = {
        "key": text_cell(item.key),
        "type": text_cell(item.type),
        "name": text_cell(item.name),
        "status": item.status,
        "network_root": item.network_root,
        "redundancy": redundancy_cell(item.redundancy),
        "aliases": aliases_cell(content.aliases[item.key]),
        EXPORTED: content.exported(item, said),
    }
    declared = content.catalog.attributes.get(item.type, {})
    return row | attribute_cells(declared, item.attributes)


def attribute_cells(declared: Mapping[str, Attribute], values: Mapping[str, Any]) -> Row:
    """The cells of a CI's attributes by column."""
    return {
        attribute_column(name): value_cell(declared.get(name), value)
        for name, value in values.items()
    }


def relation_row(content: Content, relation: Relation) -> Row:
    """The cells of a relation by column."""
    said = relation.content()
    row: Row = {name: text_cell(said[name]) for name in RELATION_FIELDS if said[name] is not None}
    for name, value in relation.attributes.items():
        row[f"{OF_RELATION}{name}"] = value_cell(None, value)
    row[EXPORTED] = content.exported(relation, said)
    return row


def redundancy_cell(redundancy: Mapping[str, dict[str, Any]]) -> str | None:
    """Groups with their needs, such as `feeds=1; power=50%`."""
    pairs = [(group, str(setting.get("need"))) for group, setting in redundancy.items()]
    usual = all(
        setting.keys() == {"need"} and setting["need"] == need(str(setting["need"]))
        for setting in redundancy.values()
    )
    return _pairs_cell(pairs, "=", redundancy, usual)


def need(cell: str) -> int | str:
    """A need: a count, or a share such as `50%`."""
    return int(cell) if cell.isascii() and cell.isdecimal() else cell


def aliases_cell(aliases: Iterable[Alias]) -> str | None:
    """Aliases, such as `netbox:dcim.device.7`."""
    pairs = [(alias.source, alias.key) for alias in aliases]
    return _pairs_cell(pairs, ":", pairs)


def _pairs_cell(
    pairs: list[tuple[str, str]], sign: str, value: Any, usual: bool = True
) -> str | None:
    if not pairs:
        return None
    cell = list_cell([f"{left}{sign}{right}" for left, right in pairs])
    usual = usual and all(
        _PLAIN.fullmatch(left) and right.strip() == right != "" for left, right in pairs
    )
    return cell if usual and cell[0] != "[" else json_cell(value)


def columns(rows: Iterable[Row], first: Iterable[str]) -> list[str]:
    """The columns of a table: `first` those, then attributes, then those of relations, by name."""
    found = {name for row in rows for name in row} - {*first, EXPORTED}
    ordered = sorted(found, key=lambda name: (name.startswith(OF_RELATION), name))
    return [*first, *ordered, EXPORTED]
