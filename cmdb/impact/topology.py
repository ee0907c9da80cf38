"""What the snapshot is built from and patched with: CIs and relations without their attributes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class TopologyItem(NamedTuple):
    """What the snapshot needs of a CI. `confirmed_at` is seconds since 1970."""

    number: int
    key: str
    type: str
    name: str
    status: str
    network_root: bool
    redundancy: dict[str, dict[str, Any]]
    site: str | None
    confirmed_at: float


class TopologyRelation(NamedTuple):
    """What the snapshot needs of a relation; ends are CI numbers."""

    number: int
    from_number: int
    type: str
    to_number: int
    group: str | None
    strength: str | None
    confirmed_at: float


@dataclass(frozen=True, slots=True)
class Topology:
    """The whole graph as the snapshot needs it.

    It contains at least everything up to commit `seq`; later commits may be partly in it, and
    replaying the log from `seq` on makes it exact.
    """

    seq: int
    items: Iterable[TopologyItem]
    relations: Iterable[TopologyRelation]


@dataclass(slots=True)
class Delta:
    """What commits changed, in the order of their effects; the last word on a number counts.

    `confirmed_*` map numbers to the time of a new confirmation. A `confirmed_at` of 0 in an item or
    relation keeps the known time.
    """

    seq: int
    items: dict[int, TopologyItem | None] = field(default_factory=dict)
    relations: dict[int, TopologyRelation | None] = field(default_factory=dict)
    confirmed_items: dict[int, float] = field(default_factory=dict)
    confirmed_relations: dict[int, float] = field(default_factory=dict)
