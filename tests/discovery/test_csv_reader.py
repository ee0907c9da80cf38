"""The CSV reader: what spreadsheets write is read, the rest refused with cell and remedy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cmdb.errors import UnreadableInput
from cmdb.identity.observation import Alias
from cmdb.schema.catalog import builtin_catalog
from discovery.agents import csv
from tests.tables import read

LIMIT = 500 * 1024 * 1024
"""Bytes that a reader may need."""

MEASURE = """
import resource, sys
from cmdb.schema.catalog import builtin_catalog
from discovery import readers
form, document = readers.opened(sys.argv[1], None, builtin_catalog())
count = sum(1 for one in readers.reader(form)(document) if not isinstance(one, Exception))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@pytest.fixture
def table(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def measured(path: Path) -> tuple[int, int]:
    """Observations in a file, and the most bytes that a process took to read it."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    count, peak = map(int, done.stdout.split())
    return count, peak


def test_everything_of_a_table_is_read(table):
    found = read(
        table(
            "key,type,name,status,network_root,redundancy,aliases,within,ip_addresses,memory,"
            "purchase_date,encrypted,from,to,strength,group,id,relation.note\n"
            "a,server,A,retired,yes,feeds=1; power=50%,netbox:7,h,10.0.0.1; 10.0.0.2,1024,"
            "2026/3/1,否,,,,,,\n"
            ",uses,,,,,,,,,,,a,b,soft,g,1,7\n"
        )
    )
    assert found.told() == []
    (item,), (relation,) = found.items, found.relations
    assert (item.key, item.type, item.name, item.place) == ("a", "server", "A", "A2")
    assert (item.status, item.network_root, item.within) == ("retired", True, "h")
    assert item.redundancy == {"feeds": {"need": 1}, "power": {"need": "50%"}}
    assert item.aliases == (Alias("netbox", "7"),)
    assert item.attributes == {
        "ip_addresses": ["10.0.0.1", "10.0.0.2"],
        "memory": 1024,
        "purchase_date": "2026-03-01",
        "encrypted": False,
    }
    assert (relation.from_key, relation.type, relation.to_key, relation.place) == (
        "a",
        "uses",
        "b",
        "M3",
    )
    assert (relation.strength, relation.group, relation.id) == ("soft", "g", "1")
    assert relation.attributes == {"note": 7}


def test_what_a_cell_does_not_say_is_not_said(table):
    (item,) = read(table("key,type,model,vendor,name\na,server,,(none), \n")).items
    assert item.attributes == {"vendor": None}
    assert (item.name, item.status, item.network_root) == (None, None, None)


@pytest.mark.parametrize(
    "content",
    [
        "key,type,name\na,server,机房\n",
        "\ufeffkey,type,name\r\na,server,机房\r\n",
        "key;type;name\na;server;机房\n",
        "key\ttype\tname\na\tserver\t机房",
        '"Key *","TYPE","Name"\n"a","server","机房"\n\n,,\n',
        "name,type,key\n机房,server,a\n",
        "key,type,name,errors\na,server,机房,anything\n",
        "\ufeffkey,type,name\na,server,机房\n".encode("utf-16-le"),
        "\ufeffkey,type,name\na,server,机房\n".encode("utf-16-be"),
        "\ufeffkey,type,name\na,server,机房\n".encode("gb18030"),
        "key,type,name\na,server,机房\n".encode("gb18030"),
        "key;type;name\r\na;server;机房\r\n".encode("gbk"),
    ],
)
def test_what_spreadsheets_write_is_read_alike(table, content):
    found = read(table(content))
    assert found.told() == []
    assert [(one.key, one.type, one.name) for one in found.items] == [("a", "server", "机房")]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("key,type\na,b\n", "UTF-8"),
        ("\ufeffkey,type,name\na,server,机房\n", "UTF-8"),
        ("\ufeffkey,type,name\na,server,机房\n".encode("utf-16-be"), "UTF-16"),
        ("key,type,name\na,server,机房㐀€\n".encode("gb18030"), "GB18030"),
        ("key,type,name\n" + "a,server,机房\n" * 100_000, "UTF-8"),
        (("key,type,name\nx," + "a,server,机房\n" * 100_000).encode("gb18030"), "GB18030"),
    ],
)
def test_it_is_told_how_a_file_was_read(table, content, name):
    assert csv.open_document(table(content), builtin_catalog()).encoding == name


def test_tab_separated_files_are_recognised(table):
    assert read(table("key\ttype\na\tserver\n", "x.tsv")).items[0].key == "a"


def test_every_fault_is_told_at_its_cell_and_good_rows_go_on(table):
    found = read(
        table(
            "key,type,network_root,redundancy,aliases,from,to,strength,model,exported\n"
            "a,,maybe,feeds,netbox,,,,,nonsense\n"
            ",server,,,,,,,,\n"
            "good,server,,,,,,,,\n"
            "x,uses,,,,a,,,m,\n"
            "b,server,(none),,,,,hard,,\n"
            "c,server,,,,,,,,,extra\n"
            "d,server,,,,,,,,,more\n"
            f"{'k' * 513},server,,,,,,,,\n"
        )
    )
    assert [item.key for item in found.items] == ["good", "c", "d"]
    assert found.relations == []
    told = [(error.fields["place"], error.fields.get("name")) for error in found.errors]
    assert told == [
        ("B2", "type"),
        ("C2", "'network_root'"),
        ("D2", "'redundancy'"),
        ("E2", "'aliases'"),
        ("J2", "'exported'"),
        ("A3", "key"),
        ("A5", None),
        ("I5", None),
        ("G5", "to"),
        ("H6", None),
        ("C6", "'network_root'"),
        ("K7", None),
        ("A9", "'key'"),
    ]
    words = found.told()
    assert words[1] == "C2: 'network_root' is 'maybe', but must be true or false"
    assert "feeds=1; power=50%" in words[2]
    assert "as the export wrote it, or empty" in words[4]
    assert words[7] == "I5: this column does not go with a relation; empty the cell"
    assert words[9] == "H6: this column goes with relations only; empty the cell"
    assert words[11].startswith("K7: its column has no name")


def test_faults_of_the_header_are_told(table):
    found = read(table("key,type,modell,Key\na,server,x,y\n"))
    assert [item.key for item in found.items] == ["a"]
    assert found.told() == [
        "C1: unknown column 'modell'; nearest known name: 'model'",
        "D1: 'key' was already given at A1; keep one of them",
    ]
    for header in ("name,type", "key,name", "from,type"):
        assert read(table(f"{header}\na,b\n")).told() == [
            "A1: the first row must name the columns, among them 'key', or 'from' and 'to';"
            " and 'type', unless the sheet is named like a CI type"
        ]


@pytest.mark.parametrize("mark", ["", "5-", "5--abc", "x-y-z", "-1-a-b", f"{'9' * 30}-a-b"])
def test_no_exported_cell_of_other_making_is_believed(table, mark):
    found = read(table(f"key,type,exported\na,server,{mark}\n"))
    if mark:
        assert [error.fields["place"] for error in found.errors] == ["C2"]
    else:
        assert found.items[0].exported is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the first row must name the columns"),
        ("key,type\na,Müller\n".encode("cp1252"), "byte 13 is not UTF-8; save it as 'CSV UTF-8'"),
        ("key,type\na,机房\n".encode("gb18030")[:-2], "byte 12 is not UTF-8"),
        ("\ufeffkey,type\n".encode("utf-16-le") + b"\x00\xd8", "is not UTF-16"),
        (b"key,type\na,caf\xe9\n", "is not UTF-8"),
        (b"key,type\na,\x00\x01\n", "this is not text"),
        ("key,type\na,b\n".encode("utf-32-le"), "this is not text"),
        (b'key,type\na,"server\nb,server\n', "A2: this is not CSV (unexpected end of data)"),
        (b"key,type\na," + b"x" * 17 * 1024 * 1024, "A2: this is not CSV (a row of more than"),
        (b"x" * 17 * 1024 * 1024, "a row of more than"),
    ],
)
def test_files_that_cannot_be_read_are_refused(table, content, words):
    with pytest.raises(UnreadableInput) as caught:
        read(table(content))
    assert words in str(caught.value)


def test_a_huge_cell_is_refused_and_the_next_row_goes_on(table):
    found = read(table(b"key,type,model\na,server," + b"x" * 10_485_760 + b"\nb,server,m\n"))
    assert found.told() == ["C2: the cell has more than 131,072 characters; shorten it"]
    assert [item.key for item in found.items] == ["b"]


def big(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8-sig") as file:
        file.write("key,type,name,status,serial_number,from,to\n")
        for row in range(rows):
            file.write(f"srv-{row},server,server {row},live,SN{row:08},,\n")
    return path


def test_memory_does_not_grow_with_the_rows(tmp_path):
    (few, small), (many, large) = (
        measured(big(tmp_path / f"{rows}.csv", rows)) for rows in (1_000, 60_000)
    )
    assert (few, many) == (1_000, 60_000)
    assert large - small < 4 * 1024 * 1024


@pytest.mark.nightly
def test_a_million_rows_are_read_in_bounded_memory(tmp_path):
    count, peak = measured(big(tmp_path / "big.csv", 1_000_000))
    assert count == 1_000_000
    assert peak < LIMIT
