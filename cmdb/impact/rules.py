"""The impact rules of the relation types, ready for use on numbers."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from cmdb.impact.engine.kinds import Kinds
from cmdb.impact.numbering import Numbering
from cmdb.impact.topology import TopologyRelation
from cmdb.schema.declarations import Need, need_fraction
from cmdb.schema.model import Catalog

NONE, TO_FROM, FROM_TO, BOTH, LINK = "none", "to→from", "from→to", "both", "link"
HARD, SOFT, GROUP = 0, 1, 2
"""Kinds of arc, as the engine has them."""


class RelationKind(NamedTuple):
    """What relations have in common: their type, and what they say of strength and group."""

    type: str
    strength: str | None
    group: str | None


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

    def is_link(self, relation: TopologyRelation) -> bool:
        """Whether the relation joins two CIs of the network."""
        joins = relation.from_number != relation.to_number
        return joins and self.impact.get(relation.type, NONE) == LINK

    def group(self, kind: RelationKind) -> str | None:
        """The redundancy group of relations of a kind, if any."""
        if self.impact.get(kind.type) not in (TO_FROM, FROM_TO):
            return None
        return kind.group or self.groups[kind.type]

    def arc(self, kind: RelationKind) -> int:
        """HARD, SOFT or GROUP."""
        if self.group(kind) is not None:
            return GROUP
        return SOFT if (kind.strength or self.strength[kind.type]) == "soft" else HARD


class KnownKinds:
    """The kinds of relations that occur, with numbers; `engine` is what the engine needs of them.

    `groups` numbers the names of groups. Immutable: `extended` gives another one.
    """

    def __init__(
        self, rules: Rules, kinds: Numbering[RelationKind], groups: Numbering[str]
    ) -> None:
        self.rules, self.kinds, self.groups = rules, kinds, groups
        names = [rules.group(kind) for kind in kinds.words]
        needs = [fraction(rules.needs.get(kind.type, 1)) for kind in kinds.words]
        types = sorted({kind.type for kind in kinds.words})
        self.engine = Kinds(
            [rules.arc(kind) for kind in kinds.words],
            [-1 if name is None else groups[name] for name in names],
            [numerator for numerator, _ in needs],
            [denominator for _, denominator in needs],
            [types.index(kind.type) for kind in kinds.words],
            np.argsort(np.argsort(np.array(groups.words, object))) if len(groups) else [],
        )

    @classmethod
    def none(cls, rules: Rules) -> "KnownKinds":
        """No kind yet."""
        return cls(rules, Numbering(), Numbering())

    def extended(self, kinds: Iterable[RelationKind], groups: Iterable[str] = ()) -> "KnownKinds":
        """With those that are new."""
        more = self.kinds.extended(kinds)
        names = [name for kind in more.words if (name := self.rules.group(kind)) is not None]
        more_groups = self.groups.extended([*names, *groups])
        if more is self.kinds and more_groups is self.groups:
            return self
        return KnownKinds(self.rules, more, more_groups)


def fraction(need: Need) -> tuple[int, int]:
    """A need as the engine has it: a count and 0, or numerator and denominator of a share."""
    share = need_fraction(need)
    if share is None:
        return min(int(need), 2**31 - 1), 0
    return share.numerator, share.denominator
