"""Network links: the relations that join two CIs of the network, and the network they make."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.network import Network
from cmdb.impact.flags import IN_GRAPH_FLAG
from cmdb.impact.topology import TopologyRelation

Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Links:
    """All links by the number of their relation, ascending; the ends are CI numbers."""

    number: Numbers
    ends: Numbers  # (links, 2)

    @classmethod
    def of(cls, number: Numbers, ends: Numbers) -> "Links":
        """Sorted by number."""
        order = np.argsort(number, kind="stable")
        return cls(number[order], np.ascontiguousarray(ends[order]))

    @cached_property
    def _linked(self) -> Numbers:
        """The CIs that have links, ascending."""
        return np.unique(self.ends)

    def any_of(self, cis: Sequence[int]) -> bool:
        """Whether one of the CIs has links."""
        if not cis or not len(self._linked):
            return False
        wanted = np.array(cis, np.int32)
        place = np.searchsorted(self._linked, wanted).clip(max=len(self._linked) - 1)
        return bool((self._linked[place] == wanted).any())

    def changed(self, changes: Mapping[int, TopologyRelation | None]) -> "Links":
        """With links added or replaced (a relation) and removed (None)."""
        numbers = np.fromiter(changes, np.int32, len(changes))
        keep = ~np.isin(self.number, numbers)
        new = [one for one in changes.values() if one is not None]
        return Links.of(
            np.append(self.number[keep], np.array([one.number for one in new], np.int32)),
            np.concatenate(
                [
                    self.ends[keep],
                    np.array([(one.from_number, one.to_number) for one in new], np.int32).reshape(
                        -1, 2
                    ),
                ]
            ),
        )

    def network(self, graph: Graph, roots: Iterable[int]) -> Network:
        """The network of the links whose ends are in the graph, with the roots in it."""
        low = np.ascontiguousarray(self.ends.min(axis=1))
        high = np.ascontiguousarray(self.ends.max(axis=1))
        inside = (_flags(graph, low) & _flags(graph, high) & IN_GRAPH_FLAG).astype(bool)
        starts = np.array(sorted(roots), np.int32)
        starts = starts[(_flags(graph, starts) & IN_GRAPH_FLAG).astype(bool)]
        return Network.build(graph.size, low[inside], high[inside], starts)


def _flags(graph: Graph, numbers: Numbers) -> npt.NDArray[np.uint8]:
    return graph.columns(numbers)[2]
