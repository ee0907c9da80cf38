"""The records of the graph: configuration items, relations, and tickets.

Records, claims, changes and observations are never changed once made, yet not declared frozen:
creating a frozen dataclass takes three times as long, and an import makes millions.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

STATUSES = (
    "planned",
    "ordered",
    "in_stock",
    "in_deployment",
    "live",
    "in_maintenance",
    "missing",
    "retired",
    "disposed",
)
"""Lifecycle statuses of a CI, in the order of its life (ITIL service asset management)."""

IN_GRAPH = frozenset({"in_deployment", "live", "in_maintenance", "missing"})
"""Statuses in which a CI takes part in the impact graph."""


@dataclass(slots=True)
class ConfigurationItem:
    """A configuration item, as concluded from its claims.

    `number` is its dense position in the store, in order of creation, 0 up; -1 before it is stored.
    `seq` is the commit that last changed it: its version for optimistic concurrency.
    `redundancy` maps a group name to `{"need": 1}` or `{"need": "50%"}`.
    """

    key: str
    type: str
    name: str
    status: str = "live"
    network_root: bool = False
    redundancy: dict[str, dict[str, Any]] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    number: int = -1
    seq: int = 0

    def stored(self, number: int, seq: int) -> "ConfigurationItem":
        """The item with the store's bookkeeping filled in."""
        return ConfigurationItem(
            self.key,
            self.type,
            self.name,
            self.status,
            self.network_root,
            self.redundancy,
            self.attributes,
            number,
            seq,
        )

    def content(self) -> dict[str, Any]:
        """What the item says, without the store's bookkeeping."""
        return {
            "key": self.key,
            "type": self.type,
            "name": self.name,
            "status": self.status,
            "network_root": self.network_root,
            "redundancy": self.redundancy,
            "attributes": self.attributes,
        }


class RelationIdentity(NamedTuple):
    """What makes a relation the same relation: `id` tells parallel ones apart."""

    from_key: str
    type: str
    to_key: str
    group: str | None
    id: str | None


@dataclass(slots=True)
class Relation:
    """A relation between two CIs; `strength` overrides its type's, None means the default."""

    from_key: str
    type: str
    to_key: str
    group: str | None = None
    id: str | None = None
    strength: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    number: int = -1
    seq: int = 0

    @property
    def identity(self) -> RelationIdentity:
        """The fields that identify it."""
        return RelationIdentity(self.from_key, self.type, self.to_key, self.group, self.id)

    def stored(self, number: int, seq: int) -> "Relation":
        """The relation with the store's bookkeeping filled in."""
        return Relation(*self.identity, self.strength, self.attributes, number, seq)

    def content(self) -> dict[str, Any]:
        """What the relation says, in the estate form."""
        return {
            "from": self.from_key,
            "type": self.type,
            "to": self.to_key,
            "strength": self.strength,
            "group": self.group,
            "id": self.id,
            "attributes": self.attributes,
        }


UNRANKED = 9
"""The priority of a ticket that has none: below all."""


class Tie(NamedTuple):
    """What a ticket has to do with a CI or with another ticket, which `name` names."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """A ticket as stores keep it: what is asked for by name, and all else as JSON in `body`.

    `items` are ties to CIs by key, `links` to other tickets by number. Moments are seconds since
    1970: `due` is when something happens to it by itself, `breach` when the next of its service
    levels is missed; infinite for never. `words` are what a search finds it by; `worklists` those
    of people and teams on which something of it is.
    """

    number: str
    kind: str
    state: str
    title: str
    open: bool
    opened: float
    changed: float
    priority: int = UNRANKED
    team: str = ""
    assignee: str = ""
    requester: str = ""
    due: float = inf
    breach: float = inf
    body: dict[str, Any] = field(default_factory=dict)
    items: tuple[Tie, ...] = ()
    links: tuple[Tie, ...] = ()
    words: str = ""
    seq: int = 0
    worklists: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        """What the log keeps of it."""
        return {
            "number": self.number,
            "kind": self.kind,
            "state": self.state,
            "opened": self.opened,
            "changed": self.changed,
            **self.body,
            "items": [list(one) for one in self.items],
            "links": [list(one) for one in self.links],
        }
