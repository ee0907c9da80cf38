"""What settings are made of."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from cmdb.schema.strict import NAME, Strict, plain
from cmdb.tickets.defaults import ROLES
from cmdb.tickets.forms import MOST_TEXT
from cmdb.tickets.process import SYSTEM, FormField

RESERVED = "schema"
"""What stands in the place of a name in the paths of the API."""

PEOPLE = ROLES - {SYSTEM}
"""The roles of people who take part in processes."""


def _name(text: str) -> str:
    if text == RESERVED or not NAME.fullmatch(text):
        raise ValueError("1 to 64 letters, digits, '_', '.' and '-', and not 'schema'")
    return text


def _line(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError("a string of printable characters")
    return text


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("a text that is not empty")
    return text


def _role(text: str) -> str:
    if text not in PEOPLE:
        raise ValueError(f"one of {', '.join(sorted(PEOPLE))}")
    return text


def _fields(declared: tuple[FormField, ...]) -> tuple[FormField, ...]:
    names = [one.name for one in declared]
    twice = sorted({one for one in names if names.count(one) > 1})
    if twice:
        raise ValueError(f"fields with a name each, but '{twice[0]}' stands twice")
    return declared


Name = Annotated[str, AfterValidator(_name)]
Line = Annotated[str, Field(max_length=256), AfterValidator(_line)]
Words = Annotated[str, Field(max_length=MOST_TEXT), AfterValidator(_words)]
Role = Annotated[str, AfterValidator(_role)]
Lines = Annotated[tuple[Line, ...], Field(max_length=1000)]
Roles = Annotated[tuple[Role, ...], Field(max_length=len(PEOPLE))]
Level = Annotated[int, Field(ge=1, le=3, strict=True)]
Order = Annotated[int, Field(ge=-1_000_000, le=1_000_000, strict=True)]
FormFields = Annotated[tuple[FormField, ...], Field(max_length=100), AfterValidator(_fields)]


class Setting(Strict):
    """One thing that an administrator sets, by its name."""

    name: Name = Field(description="Its name.")

    def body(self) -> dict[str, Any]:
        """What the store keeps: all but the name, as JSON-ready data."""
        return {name: value for name, value in plain(self).items() if name != "name"}


class Rule(Setting):
    """A setting that may be out of force for a while."""

    active: bool = Field(True, strict=True, description="Whether it is in force.")


class Task(Strict):
    """A task to be opened with a ticket."""

    title: Line = Field(description="What is to be done.")
    team: Line | None = Field(None, description="Whose it is; null: the ticket's team.")
    description: str = Field("", max_length=MOST_TEXT, description="How.")


def missing_names(required: Iterable[str], declared: Iterable[FormField]) -> list[str]:
    """Required fields that a form does not have."""
    names = {one.name for one in declared}
    return [one for one in required if one not in names]
