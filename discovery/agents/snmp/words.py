"""Words in what devices say of themselves, whoever made them: the rules of `rules/words.yaml`."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

SYSTEMS = frozenset({"Linux", "FreeBSD", "OpenBSD", "NetBSD", "Solaris", "AIX", "HP-UX", "macOS"})
"""Platforms of computers, where nothing tells more."""

KERNELS = re.compile(
    r"(linux|(free|open|net)bsd|sunos|darwin|hardware:|windows|uninit)", re.IGNORECASE
)
MOST_WORDS, MOST_LETTERS = 6, 40

VERSION_WORDS = re.compile(
    r"^(?:(?:software|firmware|fw|sw|system|os|release|rel|version|vers?|rev|revision)\b[ .:=]*)+",
    re.IGNORECASE,
)
LEGAL = re.compile(
    r"^(?:networks?|communications|corp(?:oration)?|inc|systems|tech(?:nology|nologies)?)\b[.,]? *",
    re.I,
)
V = re.compile(r"^[vV][ .]?(?=\d+\.)")
MORE = re.compile(
    r"\s*[,;|]\s.*$|\s+\(.*$|,.*$|\s+(?:build date|build on|built|compiled|date|copyright)\b.*$",
    re.IGNORECASE,
)


@cache
def _rules() -> dict[str, Any]:
    text = files(__package__).joinpath("rules", "words.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


@cache
def patterns(fact: str) -> tuple[re.Pattern[str], ...]:
    """The patterns in which a group of the name of the fact is its value."""
    return tuple(re.compile(one, re.IGNORECASE) for one in _rules()[fact])


@cache
def _named(section: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    pairs = _rules()[section].items()
    return tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in pairs)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_rules()[name], re.IGNORECASE)


def platforms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of platforms, and their names."""
    return _named("platforms")


def type_of(said: str) -> str | None:
    """The CI type that words tell."""
    return next((name for pattern, name in _named("types") if pattern.search(said)), None)


def vendor(said: str) -> str | None:
    """The maker that words name."""
    return next((name for pattern, name in _named("vendors") if pattern.search(said)), None)


def version(line: str) -> str | None:
    """A version without the word for it, and without what follows it."""
    plain = V.sub("", VERSION_WORDS.sub("", MORE.sub("", line) or line).strip(" ,;:.-"))
    if re.search(r"\d", plain):
        return plain
    found = (pattern.search(line) for pattern in patterns("version"))
    return next((one["version"] for one in found if one is not None), None)


def model(described: str, vendor: str | None) -> str | None:
    """The model with which many descriptions begin; it has a digit, and follows the maker."""
    if KERNELS.match(described):
        return None
    head = _pattern("after_model").split(described, maxsplit=1)[0].strip(" -\"'")
    if vendor and head.casefold().startswith(f"{vendor.casefold()} "):
        head = LEGAL.sub("", head[len(vendor) :].strip())
    found = _pattern("kinds").sub("", head).strip(" -") or head
    fits = len(found.split()) <= MOST_WORDS and 2 < len(found) <= MOST_LETTERS
    return found if fits and re.search(r"\d", found) and re.search(r"[A-Za-z]", found) else None
