"""Reading files that people give us: JSON, YAML, line by line or from any place, within limits.

Whatever is wrong with a file becomes one `UnreadableInput` that says where and what to do. Limits
keep memory bounded: a JSON file may have 512 MiB (in a single line, too), YAML 64 MiB, because it
is read some hundred times slower; what is larger is refused before it is parsed.
"""

import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from cmdb.errors import UnreadableInput
from discovery import yaml_form

MIB = 1024 * 1024
MAX_BYTES = 512 * MIB
MAX_YAML_BYTES = 64 * MIB
MAX_LINE_BYTES = 64 * MIB

BOM = b"\xef\xbb\xbf"
OTHER_ENCODINGS = {
    b"\xff\xfe\x00\x00": "UTF-32",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
YAML_SUFFIXES = (".yaml", ".yml")

_CONTENT = re.compile(rb"\S")
_JSON_START = re.compile(rb"\s*[\[{]")


def load(path: Path | str) -> Any:
    """The content of a JSON or YAML file; UnreadableInput when there is none to be had.

    `.yaml` and `.yml` are YAML, `.json` is JSON; other names are JSON when they begin like it.
    """
    place = str(path)
    data = _content(Path(path), place)
    suffix = Path(path).suffix.lower()
    looks_like_json = _JSON_START.match(data) is not None
    if suffix == ".json" or (suffix not in YAML_SUFFIXES and looks_like_json):
        return _json(data, place)
    if looks_like_json:  # YAML may be JSON, which is read far faster
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            pass
    if len(data) > MAX_YAML_BYTES:
        raise _too_large(place, "YAML file", MAX_YAML_BYTES, "save it as JSON, or split it")
    _check_utf8(data, place)
    return yaml_form.parse(data, place)


def text(path: Path | str, limit: int = MAX_YAML_BYTES) -> str:
    """The text of a file: UTF-8, UTF-16 that says so, or else one sign for each byte."""
    place = str(path)
    data = _content(Path(path), place)
    if len(data) > limit:
        raise _too_large(place, "text file", limit, "split it into several files")
    if any(data.startswith(mark) for mark, name in OTHER_ENCODINGS.items() if name == "UTF-16"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def open_file(path: Path | str) -> BinaryIO:
    """A file to be read from any place in it; what comes through a pipe is first kept whole."""
    place = str(path)
    file = _opened(Path(path), place)
    if file.seekable():
        return file
    with file:
        kept = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        while data := _read(file, place, MIB):
            kept.write(data)
    kept.seek(0)
    return kept


def lines(path: Path | str) -> Iterator[tuple[int, bytes | UnreadableInput]]:
    """The lines of a file with their numbers from 1, without line ends.

    In the place of a line longer than `MAX_LINE_BYTES` stands an error; the next lines go on.
    """
    place = str(path)
    with _opened(Path(path), place) as file:
        number = 0
        while line := _read(file, place, MAX_LINE_BYTES + 2, line=True):
            number += 1
            content = line.removesuffix(b"\n").removesuffix(b"\r")
            if len(content) > MAX_LINE_BYTES:
                del content
                while line and not line.endswith(b"\n"):
                    line = _read(file, place, MIB, line=True)
                yield (
                    number,
                    _too_large(f"{place}, line {number}", "line", MAX_LINE_BYTES, "split it"),
                )
            else:
                yield number, content.removeprefix(BOM) if number == 1 else content


def _content(path: Path, place: str) -> bytes:
    """All bytes of a file, without byte order mark; never more than the limit in memory."""
    with _opened(path, place) as file:
        data = _read(file, place, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _too_large(place, "file", MAX_BYTES, "split it into several files")
    data = data.removeprefix(BOM)
    if not _CONTENT.search(data):
        raise UnreadableInput(place=place, detail="the file is empty")
    return data


def _opened(path: Path, place: str) -> BinaryIO:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise UnreadableInput(place=place, detail="this is a directory; give a file in it")
        return path.open("rb")
    except (OSError, ValueError) as error:
        raise _unreadable(place, error) from None


def _read(file: BinaryIO, place: str, limit: int, line: bool = False) -> bytes:
    try:
        return file.readline(limit) if line else file.read(limit)
    except OSError as error:
        raise _unreadable(place, error) from None


def _unreadable(place: str, error: OSError | ValueError) -> UnreadableInput:
    if isinstance(error, FileNotFoundError):
        return UnreadableInput(place=place, detail="there is no such file; check the path")
    reason = getattr(error, "strerror", None) or str(error)
    return UnreadableInput(place=place, detail=f"the file cannot be read: {reason}")


def _too_large(place: str, what: str, limit: int, remedy: str) -> UnreadableInput:
    size = f"{limit // MIB} MiB" if limit >= MIB else f"{limit} bytes"
    return UnreadableInput(
        place=place, detail=f"it is larger than {size}, the limit for a {what}; {remedy}"
    )


def _check_utf8(data: bytes, place: str) -> None:
    for mark, name in OTHER_ENCODINGS.items():
        if data.startswith(mark):
            raise UnreadableInput(place=place, detail=f"the file is {name}; save it as UTF-8")
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        line, column = _position(data, error.start)
        raise UnreadableInput(
            place=place,
            detail=(
                f"byte {error.start + 1} (line {line}, column {column}) is not UTF-8; "
                "save it as UTF-8"
            ),
        ) from None


def _json(data: bytes, place: str) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        _check_utf8(data, place)
        raise UnreadableInput(place=place, detail=_json_fault(error, data)) from None
    except MemoryError:
        raise UnreadableInput(
            place=place, detail="it does not fit into memory; split it into several files"
        ) from None


def _json_fault(error: orjson.JSONDecodeError, data: bytes) -> str:
    where = f"line {error.lineno}, column {error.colno}"
    if "depth" in error.msg or "recursion" in error.msg.lower() or "allocate" in error.msg:
        return f"{where}: lists and objects are nested too deep; flatten them"
    end = len(error.doc.rstrip())
    if error.pos >= end or "unexpected end" in error.msg:
        return f"{where}: the file ends in the middle of its content; get it again in full"
    return f"{where}: this is not JSON: {error.msg}"


def _position(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a byte."""
    before = data[:offset]
    return before.count(b"\n") + 1, offset - (before.rfind(b"\n") + 1) + 1
