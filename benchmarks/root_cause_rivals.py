"""What root cause analysis is compared with: rankings by simple rules, and the codebook."""

from collections.abc import Callable

import networkx as nx
import numpy as np
import rustworkx as rx

from benchmarks.root_cause_cases import Case
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import DEGRADED, DOWN
from cmdb.root_cause.predictions import predict

Chance = np.random.Generator
Ranked = list[int]
Rival = Callable[["Known", Case, Chance], Ranked]

FAR = 25
"""Providers further away than this many steps are no common ancestors."""

DAMPING = 0.85


class Known:
    """A graph as the rivals need it: arcs from a dependent to its providers."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.graph: nx.DiGraph[int] = nx.DiGraph()
        numbers = [n for n in range(snapshot.graph.size) if snapshot.in_graph(n)]
        self.graph.add_nodes_from(numbers)
        for dependent in numbers:
            for provider, _, _ in snapshot.graph.incoming(dependent):
                if snapshot.in_graph(provider):
                    self.graph.add_edge(dependent, provider)
        self._link(snapshot)
        self.numbers = numbers
        counted = np.zeros(1, np.uint8)
        every = np.array(numbers, np.int32)
        down = predict(snapshot, [((n, DOWN),) for n in numbers], every, counted)
        self.codes = down.states >= DEGRADED
        self.column = {n: i for i, n in enumerate(numbers)}
        self.arcs = rx.PyDiGraph()
        self.arcs.add_nodes_from(numbers)
        self.arcs.add_edges_from_no_data(
            [(self.column[one], self.column[other]) for one, other in self.graph.edges]
        )

    def _link(self, snapshot: Snapshot) -> None:
        """Network links as arcs both ways: the rules know nothing of roots."""
        for one, other in snapshot.links.ends.tolist():
            self.graph.add_edge(one, other)
            self.graph.add_edge(other, one)


def random_alarmed(known: Known, case: Case, chance: Chance) -> Ranked:
    """The CIs with an alarm in any order."""
    found: Ranked = chance.permutation([one.ci for one in case.evidence.symptoms]).tolist()
    return found


def nearest_common_ancestor(known: Known, case: Case, chance: Chance) -> Ranked:
    """What most symptoms depend on, the nearest first."""
    count: dict[int, int] = {}
    far: dict[int, int] = {}
    for one in case.evidence.symptoms:
        reached = nx.single_source_shortest_path_length(known.graph, one.ci, cutoff=FAR)
        for ci, distance in reached.items():
            count[ci] = count.get(ci, 0) + 1
            far[ci] = far.get(ci, 0) + distance
    order = chance.permutation(list(count)).tolist()
    return sorted(order, key=lambda ci: (-count[ci], far[ci]))


def deepest_alarmed(known: Known, case: Case, chance: Chance) -> Ranked:
    """Alarmed CIs without an alarmed dependency, the longest path of alarms up from them first."""
    alarmed = {one.ci for one in case.evidence.symptoms}
    among = nx.DiGraph(known.graph.subgraph(alarmed))
    parts = nx.condensation(among)
    depth: dict[int, int] = {}
    for part in nx.topological_sort(parts):
        above = [depth[one] + 1 for one in parts.predecessors(part)]
        depth[part] = max(above, default=0)
    order = chance.permutation(list(parts.nodes)).tolist()
    order.sort(key=lambda part: (parts.out_degree(part) > 0, -depth[part]))
    return [ci for part in order for ci in sorted(parts.nodes[part]["members"])]


def personalised_pagerank(known: Known, case: Case, chance: Chance) -> Ranked:
    """Random walks from the symptoms to what they depend on."""
    wanted = dict.fromkeys((known.column[one.ci] for one in case.evidence.symptoms), 1.0)
    ranks = rx.pagerank(known.arcs, DAMPING, personalization=wanted)
    order = chance.permutation(len(known.numbers)).tolist()
    return [known.numbers[row] for row in sorted(order, key=lambda row: -ranks[row])]


def codebook(known: Known, case: Case, chance: Chance) -> Ranked:
    """The CI whose exact blast radius has the least Hamming distance to the alarms (SMARTS)."""
    alarmed = [known.column[one.ci] for one in case.evidence.symptoms]
    healthy = [known.column[ci] for ci in case.evidence.healthy]
    wrong = (~known.codes[:, alarmed]).sum(axis=1) + known.codes[:, healthy].sum(axis=1)
    if not healthy:  # unless told otherwise, what has no alarm is taken to be well
        wrong = wrong + known.codes.sum(axis=1) - known.codes[:, alarmed].sum(axis=1)
    order = np.lexsort((chance.random(len(wrong)), wrong))
    return [known.numbers[row] for row in order]


RIVALS: dict[str, Rival] = {
    "random": random_alarmed,
    "ancestor": nearest_common_ancestor,
    "deepest": deepest_alarmed,
    "pagerank": personalised_pagerank,
    "codebook": codebook,
}
