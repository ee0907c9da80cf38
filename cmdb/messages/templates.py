"""What messages say: templates with `{placeholders}`, declared in the folder `texts`.

A template may be overridden, and is checked then. A parameter that is not there is empty, and a
line all of whose placeholders are empty is left out.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cmdb.errors import CMDBError, InvalidInput, Rejected, UnknownName, WrongValue, shown

LANGUAGES = ("en", "zh")
MOST_SUBJECT, MOST_TEXT, MOST_VALUE = 200, 50_000, 20_000
"""Characters of what is sent, and of one parameter in it."""

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_STEERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that steer the direction of text, with which it can be made to look like another."""


class Words(BaseModel):
    """What a message says in one language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str = Field(min_length=1, max_length=MOST_SUBJECT)
    text: str = Field(min_length=1, max_length=MOST_VALUE)


class Template(BaseModel):
    """What a message says, and which parameters it may show."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    parameters: tuple[str, ...]
    en: Words
    zh: Words

    def words(self, language: str) -> Words:
        """What it says in a language; in English where it does not know it."""
        return self.zh if language == "zh" else self.en

    def overridden(self, values: Mapping[str, Any]) -> "Template":
        """The same with other words in the languages that `values` has."""
        return self.model_copy(
            update={name: Words.model_validate(words) for name, words in values.items()}
        )


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent: a subject of one line, and plain text."""

    subject: str
    text: str


@cache
def default_templates() -> dict[str, Template]:
    """The declared templates by name."""
    folder = files("cmdb.messages") / "texts"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".yaml"):
            template = Template.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
            found[template.name] = template
    return found


def template_named(name: str, place: str = "template") -> Template:
    """A declared template; UnknownName."""
    templates = default_templates()
    if name not in templates:
        raise UnknownName(place=place, kind="template", name=name, known=tuple(templates))
    return templates[name]


def read_override(name: str, values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The words that are to stand for those of a template, by language; Rejected."""
    template = template_named(name, "path")
    place = f"template {name}"
    errors: list[CMDBError] = []
    read: dict[str, dict[str, str]] = {}
    for language, given in values.items():
        if language not in LANGUAGES:
            errors.append(UnknownName(place=place, kind="language", name=language, known=LANGUAGES))
            continue
        try:
            words = Words.model_validate(given)
        except ValidationError as error:
            errors += [_form_error(place, language, one) for one in error.errors()]
            continue
        read[language] = words.model_dump()
        errors += faults(template.parameters, words, f"{place}, {language}")
    if not values:
        errors.append(InvalidInput(place=place, detail="give the words of a language: en or zh"))
    if errors:
        raise Rejected(errors)
    return read


def faults(parameters: Iterable[str], words: Words, place: str) -> list[CMDBError]:
    """The placeholders that the template has no parameter for."""
    known = tuple(parameters)
    found = (
        (part, name)
        for part, text in words.model_dump().items()
        for name in dict.fromkeys(_PLACEHOLDER.findall(text))
    )
    return [
        UnknownName(place=f"{place}.{part}", kind="placeholder", name=name, known=known)
        for part, name in found
        if name not in known
    ]


def rendered(words: Words, parameters: Mapping[str, Any]) -> Rendered:
    """The words with the parameters in; never raises, whatever they are."""
    lines: list[str] = []
    for template in words.text.splitlines():
        line = _filled(template, parameters)
        if line or (
            line == "" and lines and lines[-1]
        ):  # no two empty lines where one was left out
            lines.append(line)
    text = _plain("\n".join(lines)).strip()
    subject = " ".join(_plain(_filled(words.subject, parameters) or "").split())
    return Rendered(_shortened(subject, MOST_SUBJECT), f"{_shortened(text, MOST_TEXT)}\n")


def _filled(line: str, parameters: Mapping[str, Any]) -> str | None:
    """A line with its parameters in; None where it has some, and all are empty."""
    names = _PLACEHOLDER.findall(line)
    values = {name: _value(parameters.get(name)) for name in names}
    if names and not any(values.values()):
        return None
    return _PLACEHOLDER.sub(lambda found: values[found[1]], line)


def _value(value: Any) -> str:
    return "" if value is None else _shortened(_plain(str(value)).strip(), MOST_VALUE)


def _plain(text: str) -> str:
    """The text without what steers terminals, headers or the direction of text."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(one for one in text if one in "\n\t" or _harmless(one))


def _harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _STEERING


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _form_error(place: str, language: str, found: Any) -> CMDBError:
    name = ".".join(map(str, (language, *found["loc"])))
    return WrongValue(
        place=place, name=f"'{name}'", value=shown(found["input"]), expected=_expected(found)
    )


def _expected(found: Any) -> str:
    part = found["loc"][-1] if found["loc"] else ""
    if found["type"] == "extra_forbidden":
        return "'subject' or 'text'"
    if part not in ("subject", "text"):
        return "an object with 'subject' and 'text'"
    most = MOST_SUBJECT if part == "subject" else MOST_VALUE
    return f"a text of 1 to {most} characters"
