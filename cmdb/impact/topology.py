"""What the snapshot is built from and patched with: CIs and relations without their attributes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class TopologyItem(NamedTuple):
    """What the snapshot needs of a CI: `source` confirmed it last, `confirmed_at` (since 1970)."""

    number: int
    key: str
    type: str
    name: str
    status: str
    network_root: bool
    redundancy: dict[str, dict[str, Any]]
    site: str | None
    confirmed_at: float
    source: str = ""


class TopologyRelation(NamedTuple):
    """What the snapshot needs of a relation; ends are CI numbers."""

    number: int
    from_number: int
    type: str
    to_number: int
    group: str | None
    strength: str | None
    confirmed_at: float
    source: str = ""


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole graph as the snapshot needs it, each part in the order of its numbers.

    It contains at least everything up to commit `seq`; later commits may be partly in it, and
    replaying the log from `seq` on makes it exact.
    """

    seq: int
    items: Iterable[TopologyItem]
    relations: Iterable[TopologyRelation]


class Confirmation(NamedTuple):
    """A source confirmed the numbers `first` to `last` at a time (seconds since 1970)."""

    first: int
    last: int
    at: float
    source: str


@dataclass(slots=True)
class Delta:
    """What commits changed, in the order of their effects; the last word on a number counts.

    `relations` has each relation as it was (None: it was not there) and as it is now. Times of
    confirmation are in `confirmed_*` only.
    """

    seq: int
    items: dict[int, TopologyItem | None] = field(default_factory=dict)
    relations: dict[int, tuple[TopologyRelation | None, TopologyRelation | None]] = field(
        default_factory=dict
    )
    confirmed_items: list[Confirmation] = field(default_factory=list)
    confirmed_relations: list[Confirmation] = field(default_factory=list)
