"""Observations: what a source saw, before anybody decided which CI it is.

A reader or agent yields these; they name things by the source's own keys, never by CI keys.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Alias:
    """Another source's key for the same thing."""

    source: str
    key: str


@dataclass(slots=True)
class ObservedItem:
    """One thing a source saw. None means "not mentioned"; an attribute of None withdraws it.

    `key` is the source's key, `place` says where in the input it stood, for messages.
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


@dataclass(slots=True)
class ObservedRelation:
    """One relation a source saw, between things named by its own keys (or any known reference)."""

    from_key: str
    type: str
    to_key: str
    place: str
    strength: str | None = None
    group: str | None = None
    id: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)


Observation = ObservedItem | ObservedRelation
