"""Text that fits: widths without a font, safe characters, escaping."""

import html
import re
import unicodedata
from functools import lru_cache

UNSAFE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd"
    "\U00010000-\U0010ffff]"
)
"""What XML forbids, and controls that turn or break lines."""
LONGEST = 400
"""Characters of a text that are looked at, besides its end."""


def clean(text: str) -> str:
    """The text without characters that XML forbids or that reorder what stands beside them."""
    return UNSAFE.sub("\ufffd", text)


def escaped(text: str) -> str:
    """The text for use inside elements and quoted attributes, of HTML and XML."""
    return html.escape(clean(text))


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    """The greatest width, in ems, that common fonts give the character."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Cf"):
        return 0.0
    if ord(character) >= 0x1F000:
        return 1.4
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if character in " .,:;'|!iljftrI()[]-/·":
        return 0.36
    if character in "mwMW@%&—…":
        return 1.0
    if ord(character) >= 0x300:
        return 0.85
    return 0.7 if character.isupper() else 0.585


def width(text: str, size: float) -> float:
    """About how many pixels the text takes at the font size; rather too many than too few."""
    return sum(map(_width, text)) * size


def fitted(text: str, room: float, size: float, *, ending: float = 0.0) -> str:
    """The text, cut with an ellipsis where it is longer than the room.

    `ending` is the share of the room that the end of the text keeps: names often differ there.
    """
    text = " ".join(clean(text if len(text) <= LONGEST else text[:LONGEST] + text[-99:]).split())
    if width(text, size) <= room:
        return text
    room -= width("…", size)
    tail = _start(text[::-1], room * ending, size)[::-1].lstrip()
    return _start(text, room - width(tail, size), size).rstrip() + "…" + tail


def _start(text: str, room: float, size: float) -> str:
    """As much of the start as the room holds."""
    for end, character in enumerate(text):
        room -= _width(character) * size
        if room < 0:
            return text[:end]
    return text
