"""Why: the cause of each rise, and the path back to a failed CI. Made only for what is asked."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from cmdb.impact import kernel
from cmdb.impact.kernel import AT_RISK, DOWN
from cmdb.impact.network import VIRTUAL_ROOT
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import TopologyRelation


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason that alone gives a state; `named` are (CI number, state), in the stated order.

    `name` is the relation type of a dependency or the group of a redundancy. `relations` are those
    the reason ran through, by named CI.
    """

    rule: str
    name: str
    named: tuple[tuple[int, int], ...]
    hangs_on: int | None = None
    relations: dict[int, list[TopologyRelation]] = field(default_factory=dict)


class Explainer:
    """Explains one propagation; keeps what several explanations share."""

    def __init__(self, snapshot: Snapshot, propagation: Propagation) -> None:
        self.snapshot = snapshot
        self.propagation = propagation
        self._causes: dict[int, Cause] = {}
        self._networks: dict[int, _FailedNetwork] = {}

    def cause(self, ci: int) -> Cause:
        """Why the CI is in its final state."""
        return self._cause(int(self.propagation.latest[ci]) - 1)

    def path(self, ci: int) -> list[tuple[int, Cause | None]]:
        """From a failed CI to this one: each CI with the cause that led to it from the one before.

        The first has no cause: it failed.
        """
        steps: list[tuple[int, Cause | None]] = []
        rise = int(self.propagation.latest[ci]) - 1
        while rise >= self.propagation.rounds[1]:
            cause = self._cause(rise)
            steps.append((ci, cause))
            ci, state = min(cause.named, key=lambda one: self.snapshot.key(one[0]))
            rise = self.propagation.first_rise(ci, state)
        steps.append((ci, None))
        return steps[::-1]

    def _cause(self, rise: int) -> Cause:
        if rise not in self._causes:
            ci = int(self.propagation.log_ci[rise])
            state = int(self.propagation.log_state[rise])
            before = self.propagation.round_of(rise) - 1
            self._causes[rise] = (
                self._dependency(ci, state, before)
                or self._redundancy(ci, state, before)
                or self._connectivity(ci, state, before)
            )
        return self._causes[rise]

    def _dependency(self, ci: int, state: int, before: int) -> Cause | None:
        snapshot, rules = self.snapshot, self.snapshot.rules
        found: list[tuple[str, str, int, int, TopologyRelation]] = []
        for number in snapshot.depends.row(ci):
            relation = snapshot.relations[number]
            if relation is None or rules.group(relation) is not None:
                continue
            provider = rules.provider(relation, ci)
            if not snapshot.in_graph[provider]:
                continue
            given = self.propagation.state_at(provider, before)
            if given - rules.soft(relation) == state:
                found.append((relation.type, snapshot.key(provider), provider, given, relation))
        if not found:
            return None
        name, _, provider, given, _ = min(found)
        same = [r for n, _, p, _, r in found if (n, p) == (name, provider)]
        return Cause("dependency", name, ((provider, given),), relations={provider: same})

    def _redundancy(self, ci: int, state: int, before: int) -> Cause | None:
        groups = self.snapshot.members(ci)
        for name, members in sorted(groups.items()):
            if not members:
                continue
            needed = len(members) - self.snapshot.need(ci, name, members) + 1
            fewest = 1 if state == AT_RISK else needed
            fallen = [m for m in members if self.propagation.state_at(m, before) >= state]
            if len(fallen) < fewest:
                continue
            fallen.sort(key=lambda m: (self._fell(m, state), self.snapshot.key(m)))
            named = tuple((m, state) for m in fallen[:fewest])
            return Cause("redundancy", name, named, relations={m: members[m] for m, _ in named})
        return None

    def _fell(self, ci: int, state: int) -> int:
        return self.propagation.round_of(self.propagation.first_rise(ci, state))

    def _connectivity(self, ci: int, state: int, before: int) -> Cause:
        if before not in self._networks:
            self._networks[before] = _FailedNetwork(
                self.snapshot, self.propagation.down_after(before)
            )
        network = self._networks[before]
        vertex = int(self.snapshot.network.vertex[ci])
        hangs_on = network.hangs_on(vertex) if state == AT_RISK else None
        border = network.border(vertex, hangs_on)
        cis = self.snapshot.network.ci
        named = sorted((int(cis[v]) for v in border), key=self.snapshot.key)
        return Cause(
            "connectivity",
            "",
            tuple((one, DOWN) for one in named),
            None if hangs_on is None else int(cis[hangs_on]),
        )


class _FailedNetwork:
    """The network as it was after one round, with the dominator tree of what still carried."""

    def __init__(self, snapshot: Snapshot, down: npt.NDArray[np.int32]) -> None:
        network = self.network = snapshot.network
        self.down = np.zeros(len(network.ci), np.uint8)
        vertices = network.vertex[down]
        self.down[vertices[vertices >= 0]] = 1
        self.nearest, _ = kernel.current().dominators(
            network.start, network.target, network.roots, self.down
        )
        self._borders: dict[tuple[int, int | None], frozenset[int]] = {}

    def hangs_on(self, vertex: int) -> int:
        """The nearest vertex that newly lies on every path to a root."""
        intact = set()
        above = int(self.network.nearest[vertex])
        while above != VIRTUAL_ROOT:
            intact.add(above)
            above = int(self.network.nearest[above])
        above = int(self.nearest[vertex])
        while above in intact:
            above = int(self.nearest[above])
        return above

    def border(self, vertex: int, without: int | None) -> frozenset[int]:
        """The down vertices next to what `vertex` can still reach without `without`."""
        known = self._borders.get((vertex, without))
        if known is not None:
            return known
        island, todo, border = {vertex}, [vertex], set()
        while todo:
            for other in self.network.neighbours(todo.pop()):
                if self.down[other]:
                    border.add(other)
                elif other != without and other not in island:
                    island.add(other)
                    todo.append(other)
        result = frozenset(border)
        for one in island:
            self._borders[one, without] = result
        return result
