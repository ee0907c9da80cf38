"""The impact rules of the relation types, ready for use on numbers."""

from cmdb.impact.topology import TopologyRelation
from cmdb.schema.declarations import Need
from cmdb.schema.model import Catalog

NONE, TO_FROM, FROM_TO, BOTH, LINK = "none", "to→from", "from→to", "both", "link"


class Rules:
    """Which end of a relation is the provider, which the dependent, and how hard it is."""

    def __init__(self, catalog: Catalog) -> None:
        types = catalog.relation_types.values()
        self.impact: dict[str, str] = {t.name: t.impact for t in types}
        self.strength: dict[str, str] = {t.name: t.strength for t in types}
        self.groups: dict[str, str | None] = {t.name: t.group for t in types}
        self.needs: dict[str, Need] = {t.name: t.need for t in types if t.need is not None}

    def directions(self, relation: TopologyRelation) -> tuple[tuple[int, int], ...]:
        """The (provider, dependent) pairs of a relation; none for links and self relations."""
        ends = relation.from_number, relation.to_number
        if ends[0] == ends[1]:
            return ()
        impact = self.impact.get(relation.type, NONE)
        if impact == TO_FROM:
            return ((ends[1], ends[0]),)
        if impact == FROM_TO:
            return (ends,)
        if impact == BOTH:
            return (ends, ends[::-1])
        return ()

    def provider(self, relation: TopologyRelation, dependent: int) -> int:
        """The other end, seen from the dependent."""
        ends = relation.from_number, relation.to_number
        return ends[1] if ends[0] == dependent else ends[0]

    dependent = provider
    """The other end, seen from the provider."""

    def soft(self, relation: TopologyRelation) -> bool:
        """Whether the relation is a soft dependency."""
        return (relation.strength or self.strength[relation.type]) == "soft"

    def group(self, relation: TopologyRelation | None) -> str | None:
        """The redundancy group the relation belongs to, if any."""
        if relation is None or self.impact.get(relation.type) not in (TO_FROM, FROM_TO):
            return None
        return relation.group or self.groups[relation.type]
