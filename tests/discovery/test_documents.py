"""Reading files: what is good is read, what is not gives one clear error, nothing explodes."""

from pathlib import Path

import orjson
import pytest

from cmdb.errors import UnreadableInput
from discovery import documents, yaml_form


def write(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def fault(path: Path | str) -> str:
    with pytest.raises(UnreadableInput) as caught:
        documents.load(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def test_json(tmp_path):
    document = {"cis": [{"key": "核心"}], "n": [1, 2.5, None, True]}
    content = orjson.dumps(document)
    assert documents.load(write(tmp_path, "a.json", content)) == document
    assert documents.load(write(tmp_path, "b.JSON", b"\xef\xbb\xbf" + content)) == document
    assert documents.load(write(tmp_path, "dump", b" \n" + content)) == document
    assert documents.load(write(tmp_path, "c.yaml", content)) == document
    assert documents.load(str(tmp_path / "a.json")) == document


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"cis": [1, 2', "line 1, column 14: the file ends in the middle"),
        (b'{"cis": "ab', "the file ends in the middle"),
        (b'{"cis": [],\n "relations" []}', "line 2, column 14: this is not JSON"),
        (b'{"a": 1} x', "this is not JSON"),
        (b'{"a": NaN}', "this is not JSON"),
        (b'{"a": "M\xfcller"}', "byte 9 (line 1, column 9) is not UTF-8; save it as UTF-8"),
        (b'{"a":\n "\xe9"}', "byte 9 (line 2, column 3) is not UTF-8; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "the file is UTF-16; save it as UTF-8"),
        (b"", "the file is empty"),
        (b" \r\n\t", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"[" * 5000 + b"]" * 5000, "nested too deep"),
        (b"[" * 5000, "nested too deep"),
    ],
)
def test_bad_json(tmp_path, content, words):
    assert words in fault(write(tmp_path, "a.json", content))


def test_files_that_cannot_be_opened(tmp_path):
    assert fault(tmp_path) == "this is a directory; give a file in it"
    assert fault(tmp_path / "none.json") == "there is no such file; check the path"
    assert "cannot be read" in fault(tmp_path / ("x" * 300))
    with pytest.raises(UnreadableInput, match="cannot be read"):
        documents.load("a\0b")


def test_what_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_BYTES", 100)
    monkeypatch.setattr(documents, "MAX_YAML_BYTES", 50)
    assert documents.load(write(tmp_path, "a.json", b"[" + b" " * 98 + b"]")) == []
    assert "larger than 100 bytes" in fault(write(tmp_path, "a.json", b"[" + b" " * 99 + b"]"))
    assert "save it as JSON" in fault(write(tmp_path, "a.yaml", b"a: '" + b"x" * 50 + b"'"))


def test_yaml(tmp_path):
    text = """
    # an estate
    base: &base {status: live, attributes: {model: X1}}
    cis:
      - {key: no, started: 2026-03-01, at: 12:30, serial: 00123, n: 12, f: 1.5, on: true, q: ~}
      - <<: *base
        key: "5"
        status: planned
      - <<: [*base, {name: merged}]
        text: |
          two
          lines
    tagged: [!!str 5, !!int 5, !!float 5, !!bool true, !!null null, ! 5]
    big: 1e999
    """
    document = documents.load(write(tmp_path, "a.yml", text))
    assert document["cis"] == [
        {
            **{"key": "no", "started": "2026-03-01", "at": "12:30", "serial": "00123"},
            **{"n": 12, "f": 1.5, "on": True, "q": None},
        },
        {"key": "5", "status": "planned", "attributes": {"model": "X1"}},
        {
            **{"status": "live", "attributes": {"model": "X1"}, "name": "merged"},
            "text": "two\nlines\n",
        },
    ]
    assert document["tagged"] == ["5", 5, 5.0, True, None, "5"]
    assert document["big"] == "1e999"


LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "\n".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)
)
MERGED_LAUGHS = "a0: &a0 {k: v}\n" + "\n".join(
    f"a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * 9)}], k{i}: 1}}" for i in range(1, 12)
)
LADDER = "a0: &a0 [x]\n" + "\n".join(f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 5000))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [1, *a]", "line 1, column 11: alias '*a' stands inside its own value"),
        ("&a {b: {c: *a}}", "stands inside its own value"),
        ("a: [*b]", "no anchor '&b' before it"),
        (LAUGHS, "aliases expand to more than 1,000,000 values"),
        (MERGED_LAUGHS, "aliases expand to more than 1,000,000 values"),
        (LADDER, "nested deeper than 100 levels"),
        ("[" * 200_000, "nested deeper than 100 levels"),
        ("- " * 5_000, "nested deeper than 100 levels"),
        ("a: !!python/object/apply:os.system [x]", "the tag '!!python/object/apply:os.system'"),
        ("a: !mine {}", "the tag '!mine' is not allowed"),
        ("a: !!binary YQ==", "the tag '!!binary' is not allowed"),
        ("a: !!int x", "the tag '!!int' is not allowed"),
        ("a: 1\n2: b", "line 2, column 1: the name '2' is not a string; put it in quotes"),
        ("? [a]\n: b", "is not a string"),
        ("<<: 3", "must name a mapping"),
        ("a: 1\n---\nb: 2", "a second document begins"),
        ("a: [1, 2", "line 2, column 1"),
        ("a: 'x", "unexpected end"),
        ("a: \x00", "control characters"),
        ("# nothing", "the file is empty"),
        (b"a: M\xfcller", "byte 5 (line 1, column 5) is not UTF-8"),
    ],
)
def test_bad_yaml(tmp_path, text, words):
    assert words in fault(write(tmp_path, "a.yaml", text))


def test_yaml_without_the_c_library(tmp_path, monkeypatch):
    monkeypatch.delattr(yaml_form.yaml, "CSafeLoader")
    assert yaml_form.parse(b"a: &x [1]\nb: *x\n", "place") == {"a": [1], "b": [1]}
    with pytest.raises(UnreadableInput, match="line 1, column"):
        yaml_form.parse("a: [1", "place")


def test_a_very_long_line_is_read(tmp_path):
    path = write(tmp_path, "a.json", b'{"cis": [' + b'{"key": "k"},' * 1_500_000 + b"{}]}")
    assert len(documents.load(path)["cis"]) == 1_500_001


def test_lines(tmp_path):
    path = write(tmp_path, "a.jsonl", b"\xef\xbb\xbf{}\r\n\n[1]\nlast")
    assert list(documents.lines(path)) == [(1, b"{}"), (2, b""), (3, b"[1]"), (4, b"last")]
    assert list(documents.lines(write(tmp_path, "b", b""))) == []


def test_a_line_too_long_is_an_error_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_LINE_BYTES", 10)
    rows = [b"x" * 10, b"y" * 11, b"z" * 3_000_000, b"ok", b"r" * 10 + b"\r", b"w" * 12]
    found = list(documents.lines(write(tmp_path, "a", b"\n".join(rows))))
    assert [number for number, _ in found] == [1, 2, 3, 4, 5, 6]
    errors = {number: str(line) for number, line in found if isinstance(line, UnreadableInput)}
    assert sorted(errors) == [2, 3, 6]
    assert "line 3: it is larger than 10 bytes" in errors[3]
    assert [line for _, line in found if isinstance(line, bytes)] == [
        *(b"x" * 10, b"ok", b"r" * 10),
    ]


def test_lines_of_a_missing_file(tmp_path):
    with pytest.raises(UnreadableInput, match="no such file"):
        list(documents.lines(tmp_path / "none"))
