"""What an assumption needs to know of a snapshot: which relations join two CIs."""

import numpy as np

from cmdb.impact.rules import BOTH, LINK, NONE
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import TopologyRelation

FIRST_RELATION = 2**30
"""The number of the first assumed relation: above those that any store gives."""


def relations_between(
    snapshot: Snapshot, from_number: int, type_name: str, to_number: int
) -> list[TopologyRelation]:
    """The relations of a type from one CI to another, of either direction where trouble goes both.

    Of links the snapshot knows neither type nor group: all links between the two are given, as if
    they were of that type. A type without impact has no relations here.
    """
    impact = snapshot.rules.impact.get(type_name, NONE)
    if impact == LINK:
        return _links(snapshot, from_number, type_name, to_number)
    asked = TopologyRelation(-1, from_number, type_name, to_number, None, None, 0.0)
    directions = snapshot.rules.directions(asked)
    found = {
        number: snapshot.relation(dependent, provider, number, kind)
        for wanted, dependent in (directions[:1] if impact == BOTH else directions)
        for provider, number, kind in snapshot.graph.incoming(dependent)
        if provider == wanted and snapshot.kinds.kinds.words[kind].type == type_name
    }
    return list(found.values())


def _links(
    snapshot: Snapshot, from_number: int, type_name: str, to_number: int
) -> list[TopologyRelation]:
    low, high = snapshot.links.ends.T
    forth = (low == from_number) & (high == to_number)
    back = (low == to_number) & (high == from_number)
    rows = np.flatnonzero(forth | back)
    return [
        TopologyRelation(int(number), int(a), type_name, int(b), None, None, 0.0)
        for number, (a, b) in zip(
            snapshot.links.number[rows], snapshot.links.ends[rows], strict=True
        )
    ]
