"""Patterns of codes and names, as operations teams write them.

`D{building:02}{floor}{room:02}-{number:03}` gives `D010210-009`: a field is the text of the
attribute of its name, `{number}` is a counter, everything else stands as it is (`{{` and `}}` for
braces). A width of `02` is two digits with leading zeros, `2` two characters; none is any text.

No text can be read in two ways: fields without a width have a separator between them (a sign that
is neither letter nor digit), and then no field holds one. So separators cut a text into pieces,
each with at most one field that is open, whose place the widths of the others tell.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from cmdb.errors import (
    AmbiguousPattern,
    CMDBError,
    MissingField,
    Rejected,
    WrongPattern,
    WrongValue,
    shown,
)

NUMBER = "number"
LONGEST = 200
"""Characters of a pattern at most."""
MOST_DIGITS = 18

TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|.", re.DOTALL)
FIELD = re.compile(r"([a-z][a-z0-9_]{0,62})(?::(0?)([1-9]|1[0-8]))?", re.ASCII)

SPELLING = "write {attribute}, or {attribute:02} for digits, {attribute:2} for text; at most :18"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a pattern; a width of 0 is open. A field holds none of the `separators`."""

    name: str
    width: int = 0
    digits: bool = False
    separators: str = ""

    @property
    def greatest(self) -> int:
        """The greatest number that fits; for fields of digits."""
        return int(10 ** (self.width or MOST_DIGITS)) - 1

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.digits:
            return f"a whole number from 0 to {self.greatest}"
        words = f"{self.width} visible characters" if self.width else "visible characters"
        return f"{words}, none of {self.separators}" if self.separators else words

    @property
    def regex(self) -> str:
        """What its texts match."""
        if self.digits:
            return f"[0-9]{{{self.width}}}" if self.width else f"[1-9][0-9]{{0,{MOST_DIGITS - 1}}}"
        among = f"[^{re.escape(self.separators)}]" if self.separators else "."
        return f"{among}{{{self.width}}}" if self.width else f"{among}+"

    def holds(self, text: str) -> bool:
        """Whether a text could have been written by this field."""
        return _is_visible(text) and bool(re.fullmatch(self.regex, text))

    def written(self, value: Any) -> str:
        """The text of a value; ValueError when it does not fit, for it is never cut or widened."""
        text = str(value)
        if self.digits and re.fullmatch("[0-9]+", text):
            text = text.lstrip("0").zfill(self.width)
        if not self.holds(text):
            raise ValueError(self.expected)
        return text

    def example(self) -> str:
        """A text that fits."""
        return "1".zfill(self.width) if self.digits else "A" * (self.width or 1)


@dataclass(frozen=True)
class Pattern:
    """A pattern in parts: fields, and the characters between them; made by `parse_pattern`."""

    text: str
    elements: tuple[str | Field, ...]

    @cached_property
    def _all(self) -> dict[str, Field]:
        return {one.name: one for one in self.elements if isinstance(one, Field)}

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The fields by name, the counter aside."""
        return {name: one for name, one in self._all.items() if name != NUMBER}

    @cached_property
    def counter(self) -> Field | None:
        """The field of the counter."""
        return self._all.get(NUMBER)

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(
            "".join(
                f"(?P<{one.name}>{one.regex})" if isinstance(one, Field) else re.escape(one)
                for one in self.elements
            )
        )

    def parts(
        self, values: Mapping[str, Any], place: str, errors: list[CMDBError]
    ) -> dict[str, str]:
        """The texts of the fields, the counter aside; what is wrong is appended to `errors`."""
        result: dict[str, str] = {}
        for name, field in self.fields.items():
            value = values.get(name)
            if value is None:
                errors.append(MissingField(place=place, name=name))
                continue
            try:
                result[name] = field.written(value)
            except ValueError:
                words = {"name": f"attribute '{name}'", "value": shown(value)}
                errors.append(WrongValue(place=place, **words, expected=field.expected))
        return result

    def joined(self, parts: Mapping[str, str]) -> str:
        """The text of these parts; fields that are not among them stay as `{name}`."""
        return "".join(
            parts.get(one.name, f"{{{one.name}}}") if isinstance(one, Field) else one
            for one in self.elements
        )

    def match(self, text: str) -> dict[str, str] | None:
        """The texts of all fields, the counter's too; None when the text does not fit."""
        found = self._regex.fullmatch(text)
        parts = None if found is None else found.groupdict()
        return parts if parts is not None and all(map(_is_visible, parts.values())) else None

    def example(self) -> dict[str, str]:
        """Parts that fit."""
        return {name: field.example() for name, field in self._all.items()}


@lru_cache(maxsize=1024)
def parse_pattern(text: str, place: str) -> Pattern:
    """A pattern from its text; raises all that is wrong with it, each with its position."""
    if not 1 <= len(text) <= LONGEST:
        expected = f"1 to {LONGEST} characters"
        raise WrongValue(place=place, name="pattern", value=shown(text), expected=expected)
    reader = _Reader(place)
    elements = tuple(reader.elements(text))
    if reader.errors:
        raise reader.errors[0] if len(reader.errors) == 1 else Rejected(reader.errors)
    fields = [one for one in elements if isinstance(one, Field)]
    if sum(not one.width for one in fields) > 1:
        signs = "".join(dict.fromkeys(s for s in elements if isinstance(s, str) and _separates(s)))
        elements = tuple(
            Field(one.name, one.width, one.digits, signs) if isinstance(one, Field) else one
            for one in elements
        )
    return Pattern(text, elements)


def _is_visible(text: str) -> bool:
    return text.isprintable() and text == text.strip()


def _separates(sign: str) -> bool:
    return not sign.isalnum()


class _Reader:
    """Reads one pattern; `errors` gathers what is wrong, with positions from 1."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.errors: list[CMDBError] = []
        self._names: set[str] = set()
        self._open = ""

    def elements(self, text: str) -> Iterator[str | Field]:
        """The fields and characters."""
        for token in TOKEN.finditer(text):
            whole, position = token[0], token.start() + 1
            if token[1] is not None:
                yield from self._field(token[1], whole, position)
            elif whole in "{}":
                self._wrong(position, whole, "a brace alone; write {{ or }} for a brace itself")
            elif not whole.isprintable():
                self._wrong(position, whole, "this character is not visible; leave it out")
            else:
                if _separates(whole[0]):
                    self._open = ""
                yield whole[0]

    def _field(self, inner: str, whole: str, position: int) -> Iterator[Field]:
        found = FIELD.fullmatch(inner)
        if found is None:
            self._wrong(position, whole, SPELLING)
            return
        name, width = found[1], int(found[3] or 0)
        field = Field(name, width, digits=found[2] == "0" or name == NUMBER)
        if name == NUMBER and width and not found[2]:
            self._wrong(position, whole, "a counter has digits; write such as {number:03}")
        elif name in self._names:
            self._wrong(position, whole, "this field stands twice; keep one")
        elif not width and self._open:
            self.errors.append(
                AmbiguousPattern(place=self.place, position=position, part=whole, other=self._open)
            )
        self._names.add(name)
        self._open = self._open if width else whole
        yield field

    def _wrong(self, position: int, part: str, detail: str) -> None:
        self.errors.append(
            WrongPattern(place=self.place, position=position, part=shown(part), detail=detail)
        )
