"""Observations: what a source saw, before anybody decided which CI it is.

A reader or agent yields these; they name things by the source's own keys, never by CI keys.
"""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Alias:
    """Another source's key for the same thing."""

    source: str
    key: str


@dataclass(frozen=True, slots=True)
class Exported:
    """Says that a row was written by an export: of which commit, and whether it was edited since.

    `mark` is what `GraphStore.mark(seq)` gave, so that only rows of the same store are taken so.
    """

    seq: int
    mark: str
    edited: bool


UNMARKED = Exported(0, "", edited=True)
"""Of a row that says all that an export says, in a form without marks: the estate form."""


@dataclass(slots=True)
class ObservedItem:
    """One thing a source saw. None means "not mentioned"; an attribute of None withdraws it.

    `key` is the source's key, `place` says where in the input it stood, for messages. `within` is
    the source's key of the CI inside which it is identified, such as the host of a database.
    `observed_at` is in seconds since 1970, None for the time of the run. `confidence` and
    `attribute_confidence` (by attribute, where it differs) go from 0 to 1; `evidence` says what
    the word rests on, as JSON-ready data. `coverage` "part" says that the source had only a part of
    the thing before it, so that its type may be too general; "whole" says that all that is within
    it is told in this run: what was told before and is not now is withdrawn.
    """

    key: str
    type: str
    place: str
    name: str | None = None
    status: str | None = None
    network_root: bool | None = None
    redundancy: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[Alias, ...] = ()
    within: str | None = None
    observed_at: float | None = None
    confidence: float | None = None
    attribute_confidence: dict[str, float] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    exported: Exported | None = None
    coverage: Literal["part", "whole"] | None = None


@dataclass(slots=True)
class ObservedRelation:
    """One relation a source saw, between things named by its own keys (or any known reference).

    `observed_at`, `confidence` and `evidence` as for an item. `within` is the source's key of the
    thing as part of which it was told.
    """

    from_key: str
    type: str
    to_key: str
    place: str
    strength: str | None = None
    group: str | None = None
    id: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    observed_at: float | None = None
    confidence: float | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    exported: Exported | None = None
    within: str | None = None


Observation = ObservedItem | ObservedRelation
