"""Excel (ECMA-376): a sheet for each type, one for relations, and one that explains."""

from collections import defaultdict
from typing import BinaryIO

from cmdb.forms import words
from cmdb.forms.content import Content
from cmdb.forms.rows import (
    EXPORTED,
    ITEM_FIELDS,
    RELATION_FIELDS,
    attribute_column,
    columns,
    item_row,
    relation_row,
)
from cmdb.forms.workbook import MAX_TITLE, MIXED, RELATIONS, Sheet, write_workbook
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem

OWN_FIELDS = tuple(name for name in ITEM_FIELDS if name != "type")
"""The fields on a type's own sheet, which says the type."""


def write(content: Content, file: BinaryIO, language: str) -> None:
    """All CIs by type, then all relations; explained in the language."""
    groups: dict[str, list[ConfigurationItem]] = defaultdict(list)
    for item in content.items.values():
        groups[item.type if len(item.type) <= MAX_TITLE else MIXED].append(item)
    sheets = [
        _items(content, title, groups[title], language)
        for title in sorted(groups, key=lambda name: (name == MIXED, name))
    ]
    rows = [relation_row(content, relation) for relation in content.relations]
    sheet = relations_sheet(language)
    sheet.columns, sheet.rows = columns(rows, RELATION_FIELDS), rows
    write_workbook([*sheets, sheet], content.catalog, file, language)


def _items(content: Content, title: str, items: list[ConfigurationItem], language: str) -> Sheet:
    found = {name for item in items for name in item.attributes}
    sheet = type_sheet(content.catalog, title, language)
    declared = [name for name in sheet.columns if name in sheet.attributes]
    rest = sorted(found - {a.name for a in sheet.attributes.values()})
    used = {attribute_column(name) for name in found}
    sheet.columns = [
        *(name for name in sheet.columns if name not in sheet.attributes),
        *(name for name in declared if name in used),
        *map(attribute_column, rest),
        EXPORTED,
    ]
    sheet.rows = (item_row(content, item) for item in items)
    return sheet


def type_sheet(catalog: Catalog, title: str, language: str) -> Sheet:
    """An empty sheet of a type, with all its attributes."""
    declared = catalog.ci_types.get(title)
    if declared is None or title == MIXED:
        return Sheet(title, list(ITEM_FIELDS))
    attributes = {attribute_column(a.name): a for a in catalog.attributes[title].values()}
    label = declared.label_zh if language == "zh" else declared.label
    return Sheet(title, [*OWN_FIELDS, *attributes], (), label, declared.description, attributes)


def relations_sheet(language: str) -> Sheet:
    """An empty sheet of relations."""
    description = words.say("How CIs depend on each other.", language)
    return Sheet(RELATIONS, list(RELATION_FIELDS), (), words.RELATIONS[language], description)
