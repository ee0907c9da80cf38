"""The encoding of a text file: what its byte order mark says, else UTF-8, else GB18030.

Excel on a Chinese Windows writes GB18030 (GBK) without a mark. A file is taken for it where all of
it decodes and most of its signs are of GB 2312, so that names in other old encodings are refused
and not spoilt.
"""

import codecs
from typing import BinaryIO

from cmdb.errors import UnreadableInput

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"\x84\x31\x95\x33": "gb18030",
}
"""Encodings by the byte order mark that a file begins with."""

CHUNK = 1024 * 1024


def encoding_of(file: BinaryIO, place: str) -> str:
    """The encoding of all of a file, which is read to its end for that, and rewound."""
    start = file.read(4)
    marked = next((e for mark, e in MARKS.items() if start.startswith(mark)), None)
    wrong = _fault(file, marked or "utf-8", place)
    if wrong and marked is None and _is_chinese(file):
        wrong, marked = 0, "gb18030"
    if wrong:
        name = title_of(marked or "utf-8")
        detail = (
            f"byte {wrong} is not {name};"
            " save it as 'CSV UTF-8', or convert it (iconv -f GB18030 -t UTF-8)"
        )
        raise UnreadableInput(place=place, detail=detail)
    file.seek(0)
    return marked or "utf-8"


def title_of(encoding: str) -> str:
    """An encoding as people write it."""
    return encoding.removesuffix("-sig").upper()


def _fault(file: BinaryIO, encoding: str, place: str) -> int:
    """The first byte that is not of an encoding, counted from 1; 0 for none."""
    decoder, before = codecs.getincrementaldecoder(encoding)(), 0
    file.seek(0)
    try:
        while data := file.read(CHUNK):
            if encoding != "utf-16" and b"\0" in data:
                raise UnreadableInput(place=place, detail="this is not text; save it as CSV UTF-8")
            decoder.decode(data)
            before += len(data)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return before + error.start + 1
    return 0


def _is_chinese(file: BinaryIO) -> bool:
    """Whether all of a file is GB18030, and at least half of its signs of GB 2312."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    signs = usual = 0
    file.seek(0)
    try:
        while data := file.read(CHUNK):
            text = decoder.decode(data)
            plain = len(text.encode("ascii", "ignore"))
            signs += len(text) - plain
            usual += (len(text.encode("gb2312", "ignore")) - plain) // 2
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return usual * 2 >= signs
