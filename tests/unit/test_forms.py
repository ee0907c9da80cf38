"""Forms: every value comes back exactly, no cell is a formula, people can read and choose."""

import csv
import io

import networkx as nx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from api.messages import message
from cmdb.errors import InvalidInput
from cmdb.forms import cells, words
from cmdb.forms.csv import cell_text
from cmdb.forms.rows import ERRORS, FIELDS, aliases_cell, redundancy_cell
from cmdb.forms.template import write_csv, write_xlsx
from cmdb.forms.workbook import MAX_TEXT
from cmdb.identity.observation import Alias, Exported
from cmdb.schema.attributes import Attribute
from cmdb.schema.records import ConfigurationItem, Relation
from discovery import rows, tabular
from discovery.agents import csv as csv_reader
from discovery.agents import xlsx as xlsx_reader
from discovery.tabular import table_text
from tests.tables import CATALOG, content, csv_rows, read, sheet, workbook, written

FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", '=cmd|"/c calc"!A0')
TEXTS = st.text(max_size=30) | st.sampled_from(
    [*FORMULAS, "'=1", "''", "a;b", "a;=1", 'a"b', "(none)", "", " a ", "a\nb", "_x0041_", "[1]"]
)
NAMES = TEXTS.filter(lambda text: text != "")
WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False, allow_infinity=False)
VALUES = {
    "string": TEXTS,
    "integer": WHOLE,
    "number": REAL | WHOLE,
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
    "ip": st.ip_addresses().map(str),
}
FREE = st.recursive(
    TEXTS | WHOLE | REAL | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def said(cell):
    """What a reader hears of a cell, through CSV."""
    return table_text(cell_text(cell))


def exact(value):
    """What equal values of equal kinds have in common: true is not 1, and 1 is not 1.0."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda k: st.tuples(st.just(k), VALUES[k])))
def test_a_value_comes_back_exactly(pair):
    kind, value = pair
    attribute = Attribute("a", kind, "An attribute.")
    back = cells.value(attribute, said(cells.value_cell(attribute, value)))
    assert (back, isinstance(back, bool)) == (value, isinstance(value, bool))


@given(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda k: st.tuples(st.just(k), st.lists(VALUES[k], max_size=4))
    )
)
def test_a_list_comes_back_exactly(pair):
    kind, values = pair
    attribute = Attribute("a", kind, "An attribute.", many=True)
    assert cells.value(attribute, said(cells.value_cell(attribute, values))) == values


@given(FREE)
def test_a_value_that_nobody_declared_comes_back_exactly(value):
    back = cells.value(None, said(cells.value_cell(None, value)))
    assert exact(back) == exact(value)
    assert cells.value(None, said(cells.value_cell(None, None))) is None


@pytest.mark.parametrize(
    ("redundancy", "cell"),
    [
        ({}, None),
        ({"feeds": {"need": 1}, "power": {"need": "50%"}}, "feeds=1; power=50%"),
        ({"a=b": {"need": 1}}, '{"a=b":{"need":1}}'),
    ],
)
def test_redundancy_is_for_people(redundancy, cell):
    assert redundancy_cell(redundancy) == cell


def test_aliases_are_for_people_and_exact():
    assert aliases_cell([Alias("netbox", "dcim.device:7")]) == "netbox:dcim.device:7"
    assert aliases_cell([Alias("a:b", "c")]) == '[["a:b","c"]]'
    assert aliases_cell([]) is None


def estates():
    """CIs and relations of any content that a store may hold."""
    item = st.builds(
        ConfigurationItem,
        key=NAMES,
        type=st.just("server"),
        name=NAMES,
        status=st.sampled_from(["live", "retired"]),
        network_root=st.booleans(),
        redundancy=st.dictionaries(
            NAMES, st.fixed_dictionaries({"need": st.integers(0, 9) | st.just("50%")}), max_size=2
        ),
        attributes=st.fixed_dictionaries(
            {}, optional={"serial_number": TEXTS, "model": TEXTS, "memory": st.integers(0, 2**62)}
        ),
        number=st.just(1),
        seq=st.integers(1, 9),
    )
    relation = st.builds(
        Relation,
        from_key=NAMES,
        type=st.just("uses"),
        to_key=NAMES,
        group=st.none() | NAMES,
        id=st.none() | NAMES,
        strength=st.sampled_from([None, "hard"]),
        attributes=st.dictionaries(NAMES, FREE, max_size=2),
        seq=st.integers(1, 9),
    )
    aliases = st.lists(st.builds(Alias, NAMES, NAMES), max_size=2)
    return st.tuples(st.lists(item, max_size=3), st.lists(relation, max_size=2), aliases)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=60,
    deadline=None,
)
@given(estate=estates())
def test_an_export_is_read_as_it_was_written(tmp_path, form, estate):
    items, relations, aliases = estate
    what = content(items, relations, {item.key: aliases for item in items})
    path = tmp_path / f"export.{form}"
    path.write_bytes(written(form, what))
    found = read(path)
    assert found.told() == []
    known = list(what.items.values())
    for one, item in zip(found.items, known, strict=True):
        assert exact({n: getattr(one, n) for n in item.content()}) == exact(item.content())
    assert [one.aliases for one in found.items] == [tuple(aliases)] * len(known)
    for one, relation in zip(found.relations, relations, strict=True):
        ends = (one.from_key, one.type, one.to_key, one.group, one.id)
        assert (*ends, one.strength) == (*relation.identity, relation.strength)
        assert exact(one.attributes) == exact(relation.attributes)
    records = [*known, *relations]
    for one, record in zip([*found.items, *found.relations], records, strict=True):
        seq = max(7, record.seq)
        assert one.exported == Exported(seq, f"mark{seq}", edited=False)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@given(st.lists(TEXTS, max_size=3), st.text(alphabet="=+-@,;\t\r\n'\" a", max_size=12))
def test_no_cell_of_a_csv_is_a_formula(delimiter, texts, dangerous):
    item = ConfigurationItem("k", "server", "n", attributes={"model": dangerous})
    relation = Relation("k", "uses", "k", id=dangerous or "x", attributes={"x": texts})
    text = written("csv", content([item], [relation])).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        for cell in row:
            assert cell.strip().strip("\"'")[:1] not in tuple("=+-@＝＋－＠") or cell.startswith(
                "'"
            )


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_workbook_is_a_formula(text):
    item = ConfigurationItem("k", "server", text, attributes={"serial_number": text})
    made = sheet(written("xlsx", content([item])), "server")
    assert {cell.data_type for row in made.iter_rows() for cell in row} <= {"s", "b", "n"}
    column = [cell.value for cell in made[1]].index("name") + 1
    assert made.cell(2, column).quotePrefix


def test_csv_is_for_excel_and_has_all_in_one_table():
    items = [
        ConfigurationItem("a", "server", "机房", attributes={"model": "m"}),
        ConfigurationItem("b", "database", "b", attributes={"version": "15"}),
    ]
    data = written("csv", content(items, [Relation("b", "runs_on", "a", id="1")]))
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = csv_rows(data)
    assert header[:7] == ["key", "type", "name", "status", "network_root", "redundancy", "aliases"]
    assert header[7:] == ["from", "to", "strength", "group", "id", "model", "version", "exported"]
    assert [row[:3] for row in rows] == [
        ["a", "server", "机房"],
        ["b", "database", "b"],
        ["", "runs_on", ""],
    ]
    assert rows[2][7:12] == ["b", "a", "", "", "1"]


def test_a_workbook_explains_and_lets_choose():
    item = ConfigurationItem("a", "server", "a")
    data = written("xlsx", content([item], [Relation("a", "uses", "a")]))
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["about", "server", "relations", "lists"]
    assert book["lists"].sheet_state == "hidden"
    made = book["server"]
    names = [cell.value for cell in made[1]]
    assert made.freeze_panes == "B2"
    assert made["A1"].comment.text.startswith("required")
    assert made.column_dimensions["A"].number_format == "@"
    assert made.column_dimensions[chr(64 + len(names))].hidden
    status = chr(65 + names.index("status"))
    rules = {
        str(rule.sqref).partition("2")[0]: rule for rule in made.data_validations.dataValidation
    }
    place = rules[status].formula1
    column = place.split("$")[1]
    choices = [cell.value for cell in book["lists"][column] if cell.value]
    assert "live" in choices
    assert "retired" in choices


def test_a_workbook_in_chinese_is_read_alike(tmp_path):
    path = tmp_path / "export.xlsx"
    item = ConfigurationItem("a", "server", "a")
    path.write_bytes(written("xlsx", content([item], [Relation("a", "uses", "a")]), "zh"))
    book = load_workbook(path)
    assert book.sheetnames[0] == "说明"
    assert book["server"]["A1"].comment.text.startswith("必填")
    found = read(path)
    assert found.told() == []
    assert (len(found.items), len(found.relations)) == (1, 1)


def test_what_excel_cannot_hold_is_told():
    item = ConfigurationItem("k", "server", "k", attributes={"model": "x" * (MAX_TEXT + 1)})
    with pytest.raises(InvalidInput, match=r"model of 'k' has more than 32,767 .* export as csv"):
        written("xlsx", content([item]))


def test_templates_have_all_that_a_type_may_carry(tmp_path):
    for form, write in (("csv", write_csv), ("xlsx", write_xlsx)):
        made = io.BytesIO()
        write(CATALOG, ["server", "database"], made, "en")
        path = tmp_path / f"t.{form}"
        path.write_bytes(made.getvalue())
        assert read(path) == ([], [], [])
    names = set(csv_rows((tmp_path / "t.csv").read_bytes())[0])
    assert names >= {"key", "type", "from", "to", *CATALOG.attributes["server"]}
    book = load_workbook(tmp_path / "t.xlsx")
    assert {"about", "server", "database", "relations"} <= set(book.sheetnames)
    headers = {cell.value for cell in book["database"][1]}
    assert headers >= {"key", "name", "status", *CATALOG.attributes["database"]}


def test_sheets_may_be_named_by_labels(tmp_path):
    for title in ("Server", "server", CATALOG.ci_types["server"].label_zh):
        found = read(workbook(tmp_path / "x.xlsx", **{title: [["Key"], ["a"]]}))
        assert [(one.key, one.type) for one in found.items] == [("a", "server")]


def test_graphml_has_all_cis_and_relations():
    attributes = {"model": "m\x00", "memory": 4, "type": "x"}
    items = [
        ConfigurationItem("a", "server", "a name", attributes=attributes),
        ConfigurationItem("b", "database", "b"),
    ]
    relations = [
        Relation("b", "runs_on", "a", strength="soft", attributes={"note": "x"}),
        Relation("b", "uses", "a"),
    ]
    graph = nx.read_graphml(io.BytesIO(written("graphml", content(items, relations))))
    assert graph.nodes["a"] == {
        "label": "a name",
        "type": "server",
        "status": "live",
        "network_root": False,
        "model": "m\ufffd",
        "memory": 4,
        "attribute.type": "x",
    }
    edges = [(start, end, data["type"]) for start, end, data in graph.edges(data=True)]
    assert sorted(edges) == [("b", "a", "runs_on"), ("b", "a", "uses")]
    assert {"strength": "soft", "note": "x"}.items() <= graph.edges["b", "a", 0].items()


@pytest.mark.parametrize(
    "text",
    [
        *(tabular.NO_HEADER, tabular.NO_COLUMN),
        *(rows.OF_ITEMS, rows.OF_RELATIONS, rows.NOT_ERASABLE, rows.NAME_LENGTH),
        *(rows.NEEDS, rows.SOURCE_KEYS, rows.AS_WRITTEN),
        *(csv_reader.TOO_LONG, xlsx_reader.TOO_LONG, xlsx_reader.MERGED),
        *(xlsx_reader.NOT_STORED, xlsx_reader.FAILED, xlsx_reader.ROUNDED),
    ],
)
def test_what_is_wrong_with_a_cell_is_said_in_both_languages(text):
    assert message(InvalidInput(place="A1", detail=text), "zh") != f"A1：{text}"


@pytest.mark.parametrize("text", [*words.ABOUT_TEXTS, "required", "sheet", "description"])
def test_workbooks_explain_in_both_languages(text):
    assert words.say(text, "en") == text != words.say(text, "zh")
    assert all(words.field(name, "zh") for name in FIELDS if name != ERRORS)
