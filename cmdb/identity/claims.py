"""Claims: the latest word of each source on each thing it knows by a key of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["ci", "relation"]
Name = tuple[str, str]
"""(source, key): how a source names a thing."""

Body = dict[str, Any]
Stamp = tuple[float, str]
"""(seconds since 1970, run): of two words of a source the one with the greater stamp counts."""

Field = tuple[str, str]
"""(field, "") or (group of fields, name), such as ("attributes", "vendor")."""

MANUAL = "manual"
"""The source of what people enter by hand; it wins over every other."""

NOBODY = -1
"""The subject of a claim from which no CI or relation follows."""

GROUPS = ("attributes", "redundancy")
OLDER, SINCE, FIRST, WITHDRAWN = "older", "since", "first", "withdrawn"
BOOKKEEPING = frozenset({OLDER, SINCE, FIRST, WITHDRAWN})
"""What a body holds beside the word: stamps of fields that were not said last, when each field got
its value, and the stamp of the last withdrawal."""


@dataclass(slots=True)
class Claim:
    """What `source` says under its own `key` about the CI or relation number `subject`.

    Times are seconds since 1970 (UTC): `observed_at` of the word that last changed the claim,
    `confirmed_at` (with `run`) of the last one. `body` None is an alias: the source's key is
    known, its word is not. A `withdrawn` claim is kept as history. `founded` is the key of the CI
    that came in with this claim, `origin` the first number of that CI. `ends` are the digests of
    a relation's two ends.
    """

    kind: Kind
    source: str
    key: str
    subject: int
    observed_at: float
    confirmed_at: float
    run: str
    body: Body | None = None
    withdrawn: bool = False
    founded: str | None = None
    origin: int | None = None
    ends: tuple[int, int] | None = None

    @property
    def name(self) -> Name:
        """How its source names the thing."""
        return (self.source, self.key)

    @property
    def stamp(self) -> Stamp:
        """The stamp of the last word."""
        return (self.confirmed_at, self.run)

    @property
    def spoken(self) -> bool:
        """Whether the source says anything now."""
        return self.body is not None and not self.withdrawn

    def placed(self, subject: int, founded: str | None, origin: int | None) -> "Claim":
        """The same claim about another CI; faster than `replace`, for imports make many."""
        return Claim(
            self.kind,
            self.source,
            self.key,
            subject,
            self.observed_at,
            self.confirmed_at,
            self.run,
            self.body,
            self.withdrawn,
            founded,
            origin,
            self.ends,
        )

    def said_again(self, stamp: Stamp) -> "Claim":
        """The same claim, confirmed by a word with this stamp; faster than `replace`."""
        return Claim(
            self.kind,
            self.source,
            self.key,
            self.subject,
            self.observed_at,
            stamp[0],
            stamp[1],
            self.body,
            self.withdrawn,
            self.founded,
            self.origin,
            self.ends,
        )

    def numbered(self, numbers: Mapping[tuple[str, int], int]) -> "Claim":
        """The claim with real numbers for placeholders, by kind and placeholder."""
        subject = numbers.get((self.kind, self.subject), self.subject)
        origin = self.origin
        if origin is not None:
            origin = numbers.get((self.kind, origin), origin)
        if (subject, origin) == (self.subject, self.origin):
            return self
        return self.placed(subject, self.founded, origin)

    def content(self) -> dict[str, Any]:
        """JSON-ready form for the log, whose entry tells the kind."""
        content: dict[str, Any] = {
            "source": self.source,
            "key": self.key,
            "subject": self.subject,
            "observed_at": self.observed_at,
            "run": self.run,
            "body": self.body,
        }
        if self.withdrawn:
            content["withdrawn"] = True
        if self.founded is not None:
            content["founded"], content["origin"] = self.founded, self.origin
        if self.confirmed_at != self.observed_at:
            content["confirmed_at"] = self.confirmed_at
        return content

    def stamp_of(self, field: Field) -> Stamp:
        """When a field was last said."""
        older = (self.body or {}).get(OLDER)
        found = older.get(path_of(field)) if older else None
        return self.stamp if found is None else (found[0], found[1])

    def since(self, field: Field) -> float:
        """Since when the source says what it says of a field, as far as its words arrived here."""
        body = self.body or {}
        since: float = body.get(SINCE, {}).get(path_of(field), body.get(FIRST, self.observed_at))
        return since


def type_of(body: Body) -> str:
    """The type a source gives a thing; what it saw only a part of may be more special."""
    return str(body.get("type") or body["seen_as"])


def path_of(field: Field) -> str:
    """The field in one text, as bookkeeping names it."""
    return f"{field[0]}.{field[1]}" if field[1] else field[0]
