"""Which of our media types a client wants, by its Accept header (RFC 9110)."""

import re
from collections.abc import Sequence


def preferred(accept: str | None, offered: Sequence[str]) -> str:
    """The offered type that the client likes best; the first one where it says nothing of them."""
    ranges = [_range(part) for part in (accept or "*/*").split(",")]
    return max(offered, key=lambda name: _quality(name, ranges))


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        if match := re.fullmatch(r"q\s*=\s*([01](?:\.\d{0,3})?)", parameter, re.ASCII):
            quality = float(match[1])
    return name, quality


def _quality(name: str, ranges: Sequence[tuple[str, float]]) -> float:
    """What the closest range says of a type."""
    for pattern in (name, f"{name.partition('/')[0]}/*", "*/*"):
        found = [quality for one, quality in ranges if one == pattern]
        if found:
            return max(found)
    return 0.0
