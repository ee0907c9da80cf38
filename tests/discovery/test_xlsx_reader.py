"""The Excel reader: workbooks as people fill them in are read, hostile ones are never unpacked."""

import datetime
import os
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from cmdb.errors import UnreadableInput
from discovery import workbooks
from tests.discovery.test_csv_reader import LIMIT, measured
from tests.tables import read, repacked, workbook

SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"
TYPES = "[Content_Types].xml"
HEAD = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{SHEET_MAIN_NS}"><sheetData>'
TAIL = "</sheetData></worksheet>"
KEYS = '<row r="1"><c r="A1" t="inlineStr"><is><t>key</t></is></c>'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.xlsx"


def shared(path, rows, texts):
    """A workbook as Excel writes it: cells give the numbers of texts in a table of their own."""
    workbook(path, server=[])
    override = f'<Override PartName="/{TEXTS}" ContentType="{SHARED_STRINGS}"/></Types>'.encode()
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist() if name != SHEET}
    parts[TYPES] = parts[TYPES].replace(b"</Types>", override)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, data in parts.items():
            book.writestr(name, data)
        for name, head, pieces, tail in (
            (SHEET, HEAD, rows, TAIL),
            (TEXTS, f'<sst xmlns="{SHEET_MAIN_NS}">', texts, "</sst>"),
        ):
            with book.open(name, "w", force_zip64=True) as part:
                part.write(head.encode())
                part.writelines(pieces)
                part.write(tail.encode())
    return path


def test_sheets_by_type_and_a_sheet_of_relations(path):
    found = read(
        workbook(
            path,
            server=[
                ["key", "name", "memory", "purchase_date", "encrypted", "model"],
                ["a", "机房", 4096, datetime.date(2026, 3, 1), True, 15],
                [None] * 6,
                ["b", None, 1.0, datetime.datetime(2026, 3, 1), False, None],
            ],
            relations=[["from", "type", "to", "relation.note"], ["a", "uses", "b", 7]],
            inventory=[["type", "key"], ["database", "c"]],
        )
    )
    assert found.told() == []
    assert [(one.key, one.type, one.name, one.place) for one in found.items] == [
        ("a", "server", "机房", "server!A2"),
        ("b", "server", None, "server!A4"),
        ("c", "database", None, "inventory!B2"),
    ]
    assert found.items[0].attributes == {
        "memory": 4096,
        "purchase_date": "2026-03-01",
        "encrypted": True,
        "model": "15",
    }
    assert found.items[1].attributes["memory"] == 1
    (relation,) = found.relations
    assert (relation.from_key, relation.type, relation.to_key) == ("a", "uses", "b")
    assert (relation.attributes, relation.place) == ({"note": 7}, "relations!A2")


def test_hidden_sheets_and_the_one_that_explains_are_passed_over(path):
    book = Workbook()
    book.active.title = "About"
    book.active.append(["anything"])
    for title, state in (("server", "visible"), ("database", "hidden")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(["key"])
        sheet.append([title])
    book.save(path)
    found = read(path)
    assert ([one.key for one in found.items], found.errors) == (["server"], [])


def test_cells_without_a_value_are_told_with_the_remedy(path):
    cells = (
        '<c r="B2" t="e"><v>#N/A</v></c>',
        '<c r="B3"><f>1+1</f></c>',
        '<c r="B4"><v>12345678901234567</v></c>',
        f'<c r="B5" t="inlineStr"><is><t>{"x" * 32_768}</t></is></c>',
        '<c r="B6"><f>1+1</f><v>2</v></c>',
        '<c r="B7" t="str"><f>""</f><v></v></c>',
    )
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>k{n}</t></is></c>{cell}</row>'
        for n, cell in enumerate(cells, 2)
    )
    model = '<c r="B1" t="inlineStr"><is><t>model</t></is></c></row>'
    merged = '</sheetData><mergeCells count="1"><mergeCell ref="A8:A9"/></mergeCells></worksheet>'
    sheet = f"{HEAD}{KEYS}{model}{rows}{merged}"
    found = read(repacked(workbook(path, server=[]), {SHEET: sheet.encode()}))
    assert found.told() == [
        "server!A8: merged cells hold one value for several rows; unmerge and fill each",
        "server!B2: its formula gives an error; correct the formula, or empty the cell",
        "server!B3: its formula has no stored value; open and save the file in Excel, or enter a"
        " value",
        "server!B4: Excel keeps 15 digits of a number; format the cell as text, enter it again",
        "server!B5: the cell has more than 32,767 characters; shorten it",
    ]
    assert {one.key: one.attributes for one in found.items} == {"k6": {"model": "2"}, "k7": {}}


def test_shared_texts_are_read_as_they_are(path):
    texts = [
        b"<si><t>key</t></si>",
        b"<si><t>name</t></si>",
        b'<si><t xml:space="preserve">a _x005F_x0041__x0042_</t></si>',
        "<si><r><t>机</t></r><r><t>房</t></r><rPh sb='0' eb='1'><t>ji</t></rPh></si>".encode(),
        b"<si/>",
    ]
    rows = [
        b'<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>',
        b'<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row>',
        b'<row r="3"><c r="A3" t="s"><v>3</v></c><c r="B3" t="s"><v>4</v></c></row>',
        b'<row r="4"><c r="A4"><v>4</v></c><c r="B4"><f>B2</f><v>5</v></c></row>',
    ]
    found = read(shared(path, rows, texts))
    assert found.told() == []
    assert [(one.key, one.name) for one in found.items] == [
        ("a _x0041_B", "机房"),
        ("机房", None),
        ("4", "5"),
    ]


def refusal(path) -> str:
    with pytest.raises(UnreadableInput) as caught:
        read(path, "xlsx")
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (workbooks.OLE + b"\0" * 512, "an old Excel file (.xls), or one with a password"),
        (b"PK\x03\x04 and no more", "not a sound Excel workbook"),
        (b"key,type\n", "not a sound Excel workbook"),
        (b"", "not a sound Excel workbook"),
    ],
)
def test_other_files_are_refused(path, content, words):
    path.write_bytes(content)
    assert words in refusal(path)


def test_another_zip_is_refused(path):
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("word/document.xml", "<w/>")
    assert "not an Excel workbook" in refusal(path)


def test_a_bomb_is_not_unpacked(path):
    bomb = {"xl/worksheets/sheet9.xml": b" " * (workbooks.SMALL + 1)}
    assert "this looks like a ZIP bomb" in refusal(repacked(workbook(path, server=[]), bomb))


def test_many_parts_are_refused(path):
    parts = {f"xl/media/{n}.xml": b"<a/>" for n in range(workbooks.MAX_PARTS)}
    assert "more than 2,000 parts" in refusal(repacked(workbook(path, server=[]), parts))


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", TYPES, "docProps/core.xml"])
@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        " " * (workbooks.MIB - 40) + '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]>',
    ],
)
def test_document_types_and_entities_are_refused(path, part, head):
    sheet = f'<?xml version="1.0"?>{head}{HEAD.partition("?>")[2]}{TAIL}'
    words = refusal(repacked(workbook(path, server=[]), {part: sheet.encode()}))
    assert f"part {part} holds a document type or entities" in words


def test_a_sheet_under_another_name_is_not_read_unseen(path):
    with zipfile.ZipFile(workbook(path, server=[])) as book:
        types, rels = (book.read(name) for name in (TYPES, "xl/_rels/workbook.xml.rels"))
    parts = {
        TYPES: types.replace(b"sheet1.xml", b"sheet1.png"),
        "xl/_rels/workbook.xml.rels": rels.replace(b"sheet1.xml", b"sheet1.png"),
        "xl/worksheets/sheet1.png": f"{HEAD}{KEYS}</row>{TAIL}".encode(),
    }
    assert "save" in refusal(repacked(path, parts))


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-7", "ISO-8859-1"])
def test_other_encodings_cannot_hide_anything(path, encoding):
    sheet = f'<?xml version="1.0" encoding="{encoding}"?><worksheet/>'
    data = sheet.encode("utf-16" if encoding == "UTF-16" else "ascii")
    assert f"part {SHEET} " in refusal(repacked(workbook(path, server=[]), {SHEET: data}))


def test_a_text_too_large_to_hold_names_its_cell(path):
    huge = os.urandom(17 * workbooks.MIB).hex().encode()
    start = f'{HEAD}{KEYS}</row><row r="2"><c r="A2" t="inlineStr"><is><t>'.encode()
    sheet = start + huge + f"</t></is></c></row>{TAIL}".encode()
    words = refusal(repacked(workbook(path, server=[]), {SHEET: sheet}))
    assert "has a text of more than 32 MiB at cell A2" in words


def test_a_cell_of_ten_megabytes_is_told_and_the_next_row_goes_on(path):
    huge = os.urandom(5 * workbooks.MIB).hex().encode()
    start = f'{HEAD}{KEYS}</row><row r="2"><c r="A2" t="inlineStr"><is><t>'.encode()
    rest = '</t></is></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>b</t></is></c></row>'
    sheet = start + huge + f"{rest}{TAIL}".encode()
    found = read(repacked(workbook(path, server=[]), {SHEET: sheet}))
    assert found.told() == ["server!A2: the cell has more than 32,767 characters; shorten it"]
    assert [one.key for one in found.items] == ["b"]


@pytest.mark.parametrize(
    "sheet",
    [
        f"{HEAD}{KEYS}",
        f'{HEAD}{KEYS}</row><row r="2"><c r="A2" t="s"><v>99</v></c></row>{TAIL}',
        f'{HEAD}{KEYS}</row><row r="x"><c r="?" t="n"><v>y</v></c></row>{TAIL}',
        "",
    ],
)
def test_broken_sheets_are_refused(path, sheet):
    parts = {SHEET: sheet.encode()}
    assert "save" in refusal(repacked(workbook(path, server=[]), parts))


def numbered(path, count):
    """A workbook of so many rows, each with four texts of its own."""
    names = ("key", "name", "serial_number", "model")
    texts = [f"<si><t>{name}</t></si>".encode() for name in names]
    head = "".join(f'<c r="{"ABCD"[n]}1" t="s"><v>{n}</v></c>' for n in range(4))

    def rows():
        yield f'<row r="1">{head}</row>'.encode()
        for row in range(2, count + 2):
            cells = "".join(
                f'<c r="{"ABCD"[n]}{row}" t="s"><v>{4 * (row - 1) + n}</v></c>' for n in range(4)
            )
            yield f'<row r="{row}">{cells}</row>'.encode()

    def own():
        yield from texts
        for row in range(count):
            for name in names:
                yield f"<si><t>{name} {row:08}</t></si>".encode()

    return shared(path, rows(), own())


def test_memory_hardly_grows_with_the_rows(tmp_path):
    (few, small), (many, large) = (
        measured(numbered(tmp_path / f"{rows}.xlsx", rows)) for rows in (1_000, 10_000)
    )
    assert (few, many) == (1_000, 10_000)
    assert large - small < 10_000 * LIMIT // 1_000_000


@pytest.mark.nightly
def test_a_million_rows_are_read_in_bounded_memory(path):
    count, peak = measured(numbered(path, 1_000_000))
    assert count == 1_000_000
    assert peak < LIMIT
