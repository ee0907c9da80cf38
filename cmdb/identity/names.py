"""Keys and names as sources give them: one spelling, nothing invisible, and what looks alike."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection
from functools import cache

from cmdb.errors import ForbiddenCharacter, WrongValue, shown

_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks that show nothing (Unicode property Default_Ignorable_Code_Point)."""

_REFUSED = {
    "Cc": "a control character",
    "Cf": "an invisible character",
    "Cs": "half a character",
    "Co": "a private-use character",
    "Cn": "a character that Unicode does not define",
    "Zl": "a line break",
    "Zp": "a line break",
}
"""General categories that a key or name may not hold."""


def checked_name(text: str, place: str, name: str) -> str:
    """The text of the field `name` in Unicode normal form C, without blanks around it.

    ForbiddenCharacter where one is invisible, steers the direction of the text (Unicode Technical
    Report 36), or means nothing; WrongValue where nothing is left.
    """
    if text.isascii() and text.isprintable():
        checked = text.strip()
    else:
        checked = unicodedata.normalize("NFC", text.strip())
        for position, character in enumerate(checked, 1):
            if kind := _refused(character):
                words = f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
                raise ForbiddenCharacter(
                    place=place,
                    name=f"'{name}'",
                    value=shown(text),
                    kind=kind,
                    character=words,
                    position=position,
                )
    if not checked:
        raise WrongValue(
            place=place, name=f"'{name}'", value=shown(text), expected="a visible character"
        )
    return checked


def readable(text: str) -> str:
    """The text without the characters that `checked_name` refuses."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one for one in text if _refused(one) is None)


def _refused(character: str) -> str | None:
    if character.isascii() and character.isprintable():
        return None
    if _UNSEEN.match(character):
        return "an invisible character"
    return _REFUSED.get(unicodedata.category(character))


def look_alike(keys: Collection[str]) -> list[list[str]]:
    """Groups of keys that look alike (skeletons of Unicode Technical Standard 39), sorted.

    What differs in ASCII only, such as `sw-1` and `sw-l`, is told apart by people and not reported.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for key in {key for key in keys if not key.isascii()}:
        groups[_skeleton(key)].append(key)
    if any(skeleton.isascii() for skeleton in groups):
        for key in set(keys):
            if key.isascii() and (skeleton := _skeleton(key)) in groups:
                groups[skeleton].append(key)
    return sorted(sorted(group) for group in groups.values() if len(set(map(_marks, group))) > 1)


def _marks(key: str) -> str:
    """What of a key is not ASCII."""
    return "".join(character for character in key if not character.isascii())


def _skeleton(key: str) -> str:
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", key))  # without widths
    mapped = plain.translate(_prototypes())
    return unicodedata.normalize("NFD", mapped)


@cache
def _prototypes() -> dict[int, str]:
    """For each character what stands for all that look like it.

    The data lists each pair of characters in both directions, so a set of look-alikes is what the
    pairs join; longer texts, such as `rn` for `m`, stand for the character they are listed with.
    """
    from confusable_homoglyphs.confusables import confusables_data  # reads half a megabyte

    joined: dict[str, set[str]] = defaultdict(set)
    longer: dict[str, str] = {}
    for character, alike in confusables_data.items():
        for one in alike:
            other = one["c"].strip("\u200e")
            if len(character) > 1 or not other:
                continue
            if len(other) > 1:
                longer.setdefault(character, other)
            else:
                joined[character].add(other)
                joined[other].add(character)
    prototypes: dict[int, str] = {}
    for character in [*joined, *longer]:
        if ord(character) in prototypes:
            continue
        members = _reached(character, joined)
        texts = [longer[one] for one in members if one in longer]
        stands = min(texts or members, key=lambda text: (not text.isascii(), text))
        prototypes |= dict.fromkeys(map(ord, members), stands)
    return prototypes


def _reached(start: str, joined: dict[str, set[str]]) -> set[str]:
    found, todo = {start}, [start]
    while todo:
        todo += (fresh := joined.get(todo.pop(), set()) - found)
        found |= fresh
    return found
