"""Words in what devices say of themselves, whoever made them: the rules of `rules/words.yaml`."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

SYSTEMS = frozenset({"Linux", "FreeBSD", "OpenBSD", "NetBSD", "Solaris", "AIX", "HP-UX", "macOS"})
"""Platforms of computers, where nothing tells more."""

VERSION = re.compile(
    r"(?:^|\b)(?:(?:software|firmware|fw|sw|system|os|release|rel|version|ver|rev|revision)\b"
    r"[ .:]*)*"
    r"(?:[vVrR](?=\.?\d))?\.?(\d.*|.*)$",
    re.IGNORECASE | re.DOTALL,
)
MORE = re.compile(
    r"\s*[,;(|]\s.*$|\s+(?:build date|built|compiled|date|copyright)\b.*$", re.IGNORECASE
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
    brief = MORE.sub("", line) or line
    found = VERSION.match(brief)
    plain = (found[1] if found else brief).strip(" ,;:.-")
    return plain if re.search(r"\d", plain) else None
