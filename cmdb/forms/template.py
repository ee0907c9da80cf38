"""Templates: what to fill in for some types, as a workbook or as CSV, without rows."""

from typing import BinaryIO

from cmdb.forms.csv import FIRST, write_table
from cmdb.forms.workbook import MAX_TITLE, MIXED, write_workbook
from cmdb.forms.xlsx import relations_sheet, type_sheet
from cmdb.schema.model import Catalog


def write_xlsx(catalog: Catalog, types: list[str], file: BinaryIO, language: str) -> None:
    """A workbook with a sheet for each type and one for relations."""
    titles = dict.fromkeys(name if len(name) <= MAX_TITLE else MIXED for name in types)
    sheets = [type_sheet(catalog, title, language) for title in titles]
    write_workbook([*sheets, relations_sheet(language)], catalog, file, language)


def write_csv(catalog: Catalog, types: list[str], file: BinaryIO, language: str) -> None:
    """The header of a table for all the types; the same in every language."""
    sheets = [type_sheet(catalog, name, language) for name in types]
    names = dict.fromkeys(name for sheet in sheets for name in sheet.attributes)
    write_table([*FIRST, *names], (), file)
