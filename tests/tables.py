"""Tables for tests: what an export would write, written and read again."""

import csv
import io
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook

from cmdb.errors import CMDBError
from cmdb.forms import writer
from cmdb.forms.content import Content
from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.records import ConfigurationItem, Relation
from discovery import readers

CATALOG = builtin_catalog()


class Reading(NamedTuple):
    """What a reader said of a file."""

    items: list[ObservedItem]
    relations: list[ObservedRelation]
    errors: list[CMDBError]

    def told(self) -> list[str]:
        return [str(error) for error in self.errors]


def content(
    items: Iterable[ConfigurationItem] = (),
    relations: Iterable[Relation] = (),
    aliases: dict[str, list[Alias]] | None = None,
) -> Content:
    """What a store of these would export after its commit 7."""
    known = {item.key: item for item in items}
    named = {key: (aliases or {}).get(key, []) for key in known}
    return Content(CATALOG, known, named, list(relations), 7, lambda seq: f"mark{seq}")


def written(form: str, what: Content, language: str = "en") -> bytes:
    made = io.BytesIO()
    writer(form)(what, made, language)
    return made.getvalue()


def read(path: Path, form: str | None = None) -> Reading:
    """Read a file as the command does."""
    form, document = readers.opened(str(path), form, CATALOG)
    found = list(readers.reader(form)(document))
    return Reading(
        [one for one in found if isinstance(one, ObservedItem)],
        [one for one in found if isinstance(one, ObservedRelation)],
        [one for one in found if isinstance(one, CMDBError)],
    )


def csv_rows(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))


def sheet(data: bytes, title: str) -> Any:
    return load_workbook(io.BytesIO(data))[title]


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook as a person would make it."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        made = book.create_sheet(title)
        for row in rows:
            made.append(row)
    book.save(path)
    return path


def repacked(path: Path, parts: dict[str, bytes]) -> Path:
    """The workbook with some parts replaced or added."""
    with zipfile.ZipFile(path) as before:
        kept = {one: before.read(one) for one in before.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as after:
        for name, data in (kept | parts).items():
            after.writestr(name, data)
    return path
