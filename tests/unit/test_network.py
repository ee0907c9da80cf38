"""The network rule of the compiled engine against brute force written from the definition.

The brute force takes vertices away, one at a time, and looks what the virtual root still reaches.
"""

from collections.abc import Iterable
from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cmdb.impact.engine.blocks import DepthFirstSearch
from cmdb.impact.engine.network import Network
from cmdb.impact.engine.outage import Outage

ROOT = -1
AT_RISK, DOWN = 1, 3

Link = tuple[int, int]
Fallen = list[set[int]]


class Case(NamedTuple):
    """A network of CI numbers below `size`, and questions: what fails in each round."""

    size: int
    links: list[Link]
    roots: list[int]
    questions: list[Fallen]


class Rise(NamedTuple):
    ci: int
    state: int
    round: int
    hangs_on: int
    border: tuple[int, ...]


def int32(numbers: Iterable[int]) -> np.ndarray:
    return np.array(list(numbers), np.int32)


def build(case: Case) -> Network:
    low, high = int32(a for a, _ in case.links), int32(b for _, b in case.links)
    return Network.build(case.size, low, high, int32(case.roots))


def whole(case: Case) -> "nx.Graph[int]":
    graph = nx.Graph(case.links)
    graph.add_node(ROOT)
    graph.add_edges_from((ROOT, root) for root in case.roots)
    return graph


def reached(graph: "nx.Graph[int]", gone: set[int], start: int = ROOT) -> set[int]:
    """The CIs reached from the start without those gone."""
    alive = nx.restricted_view(graph, gone, [])
    return set(nx.node_connected_component(alive, start)) - {ROOT}


def on_every_path(graph: "nx.Graph[int]", down: set[int]) -> dict[int, set[int]]:
    """For each CI that reaches the virtual root, the other CIs on all its paths there."""
    alive = reached(graph, down)
    found: dict[int, set[int]] = {ci: set() for ci in alive}
    for ci in alive:
        for other in alive - reached(graph, {*down, ci}) - {ci}:
            found[other].add(ci)
    return found


def expected(case: Case, fallen: Fallen) -> list[set[Rise]]:
    """By round, the CIs that rise and why, when those cut off in a round fall in the next."""
    graph = whole(case)
    intact = on_every_path(graph, set())
    judged = set(intact) - set(case.roots)
    known: dict[int, int] = {}
    down: set[int] = set()
    rounds = []
    for number, extra in enumerate(fallen, 1):
        down = down | extra | {ci for ci, state in known.items() if state == DOWN}
        now = on_every_path(graph, down)
        rises = []
        for ci in judged - down:
            new = now[ci] - intact[ci] if ci in now else set()
            state = DOWN if ci not in now else AT_RISK if new else 0
            if state > known.get(ci, 0):
                known[ci] = state
                # The more lies on all paths of a CI, the farther from the virtual root it is.
                hangs_on = max(new, key=lambda one: len(now[one]), default=-1)
                island = reached(graph, {*down, hangs_on, ROOT}, ci)
                border = sorted(down & {near for one in island for near in graph[one]})
                rises.append((ci, state, number, hangs_on, tuple(border)))
        rounds.append({Rise(*one) for one in rises})
    return rounds


def explained(outage: Outage, rises: Iterable[Rise]) -> set[Rise]:
    """The same rises with what the outage says of them."""
    network = outage.network
    found = set()
    for ci, state, number, _, _ in rises:
        vertex = network.vertex[ci]
        hangs_on = outage.hangs_on(vertex, number) if state == AT_RISK else -1
        border = outage.border(vertex, number, hangs_on).tolist()
        found.add(
            Rise(
                ci,
                state,
                number,
                network.ci[hangs_on] if hangs_on >= 0 else -1,
                tuple(sorted(network.ci[one] for one in border)),
            )
        )
        assert border == sorted(border)
    return found


def check_question(outage: Outage, fallen: Fallen, wanted: list[set[Rise]]) -> None:
    """Ask round by round; explain each round at once, where its rises are the last."""
    network = outage.network
    cut: set[int] = set()
    for number, (extra, rises) in enumerate(zip(fallen, wanted, strict=True), 1):
        vertices = [network.vertex[ci] for ci in extra | cut if network.vertex[ci] >= 0]
        found, states = outage.spread_all(int32(vertices), number)
        reported = [(network.ci[v], int(state)) for v, state in zip(found, states, strict=True)]
        assert sorted(reported) == sorted((rise.ci, rise.state) for rise in rises)
        cut = {ci for ci, state in reported if state == DOWN}
    every = set().union(*wanted)
    assert explained(outage, every) == every


def check(case: Case) -> None:
    network = build(case)
    outage = Outage(network)
    for fallen in case.questions:
        check_question(outage, fallen, expected(case, fallen))
        outage.reset()


def check_network(case: Case) -> None:
    """The intact network: vertices, neighbours, dominators, and a low-high order."""
    network, graph = build(case), whole(case)
    m = network.vertices
    ci = [*network.ci, ROOT]
    assert set(ci) == set(graph)
    assert [network.vertex[one] for one in ci[:-1]] == list(range(m))
    assert sum(vertex >= 0 for vertex in network.vertex) == m
    paths = on_every_path(graph, set())
    assert network.not_evaluated == m - len(paths)
    nearest = list(network.nearest)
    for v in range(m):
        row = list(network.target[network.start[v] : network.start[v + 1]])
        assert sorted(ci[w] for w in row) == sorted(graph[ci[v]])
        assert network.judged[v] == (ci[v] in paths and ci[v] not in case.roots)
        if ci[v] not in paths:
            assert nearest[v] == -1
            continue
        assert ci[nearest[v]] == max(paths[ci[v]], key=lambda one: len(paths[one]), default=ROOT)
        children = network.child[network.child_start[v] : network.child_start[v + 1]]
        assert list(children) == [w for w in range(m) if nearest[w] == v]
        block = [w for w in row if nearest[w] == nearest[v]]
        first, higher, below = np.asarray(network.part)[v]
        assert row[: first - network.start[v]] == [w for w in row if w == nearest[v]]
        lower = [w for w in block if network.order[w] < network.order[v]]
        assert row[first - network.start[v] : higher - network.start[v]] == lower
        assert row[higher - network.start[v] : below - network.start[v]] == block[len(lower) :]
        assert nearest[v] in row or (lower and len(lower) < len(block))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to 12 CIs: a forest, links across it, some again; roots anywhere; rounds of failures."""
    count = draw(st.integers(1, 12))
    size = count + draw(st.integers(0, 2))
    number = draw(st.permutations(range(size)))
    some = st.integers(0, count - 1)
    reach = draw(st.sampled_from([1, 2, 12]))  # 1 and 2 make long chains
    links = []
    for one in range(1, count):
        above = one - draw(st.integers(0 if reach > 1 else 1, min(one, reach)))
        links.append((one, above))
    links += draw(st.lists(st.tuples(some, some), max_size=draw(st.sampled_from([3, 8, 20]))))
    roots = draw(st.sets(some, max_size=3))
    failures = st.lists(st.sets(some, max_size=2), min_size=1, max_size=4)
    questions = draw(st.lists(failures, min_size=2, max_size=2))
    return Case(
        size,
        [(number[a], number[b]) for a, b in links if a != b],
        [number[one] for one in roots],
        [[{number[one] for one in extra} for extra in fallen] for fallen in questions],
    )


def ladder(count: int) -> list[Link]:
    """Two chains with a rung at every third place."""
    half = count // 2
    sides = [(one, one + 1) for one in range(2 * half - 1) if one != half - 1]
    return sides + [(one, half + one) for one in range(0, half, 3)]


def rings_of_rings(count: int) -> list[Link]:
    """A ring of which each member is the first of a ring of nine."""
    firsts = list(range(0, count - 8, 9))
    links = list(zip(firsts, firsts[1:] + firsts[:1], strict=True))
    for first in firsts:
        ring = list(range(first, first + 9))
        links += zip(ring, ring[1:] + ring[:1], strict=True)
    return [(a, b) for a, b in links if a != b]


def tree(count: int) -> list[Link]:
    """Three below each, and a link to the next for every seventh."""
    return [(one, (one - 1) // 3) for one in range(1, count)] + [
        (one, one + 1) for one in range(1, count - 1, 7)
    ]


@st.composite
def large_cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(60, 200))
    links = draw(st.sampled_from([ladder, rings_of_rings, tree]))(count)
    some = st.integers(0, count - 1)
    links += draw(st.lists(st.tuples(some, some), max_size=6))
    roots = draw(st.sets(some, min_size=1, max_size=3))
    failures = st.lists(st.sets(some, min_size=1, max_size=4), min_size=1, max_size=2)
    questions = draw(st.lists(failures, min_size=1, max_size=2))
    return Case(count, [(a, b) for a, b in links if a != b], sorted(roots), questions)


RING_BELOW_A_PAIR = Case(
    8,
    [(7, 5), (7, 6), (5, 4), (6, 4), (4, 1), (1, 2), (2, 0), (0, 3), (3, 4)],
    [7],
    [[{0, 5, 6}], [{0, 5}, {6}]],
)
"""0 breaks the ring, so 2 would hang on 1; but in the same round 5 and 6 cut off all of it."""


@settings(max_examples=3000, deadline=None)
@given(cases())
@example(RING_BELOW_A_PAIR)
def test_small_networks_fail_as_defined(case: Case) -> None:
    check(case)


@settings(max_examples=15, deadline=None)
@given(large_cases())
def test_large_networks_fail_as_defined(case: Case) -> None:
    check(case)


@settings(max_examples=500, deadline=None)
@given(cases())
def test_the_intact_network_is_as_defined(case: Case) -> None:
    check_network(case)


@settings(max_examples=5, deadline=None)
@given(large_cases())
def test_a_large_intact_network_is_as_defined(case: Case) -> None:
    check_network(case)


def test_a_network_without_cis() -> None:
    network = build(Case(0, [], [], []))
    assert network.vertices == 0
    assert Outage(network).spread_all(int32([]), 1)[0].tolist() == []


def test_what_is_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="two ends"):
        Network.build(3, int32([0]), int32([]), int32([]))
    with pytest.raises(ValueError, match="out of range"):
        Network.build(3, int32([0]), int32([3]), int32([]))
    outage = Outage(build(Case(3, [(0, 1)], [2], [])))
    with pytest.raises(ValueError, match="out of range"):
        outage.spread_all(int32([3]), 1)
    with pytest.raises(ValueError, match="out of range"):
        outage.border(-1, 1)
    with pytest.raises(ValueError, match="count from 1"):
        outage.spread_all(int32([0]), 0)
    with pytest.raises(ValueError, match="out of range"):
        DepthFirstSearch(1).search(int32([0, 1, 2]), int32([1, 0]), 0)


def test_one_search_finds_the_dominators() -> None:
    search = DepthFirstSearch(4)
    assert search.search(int32([0, 1, 3, 4, 4]), int32([1, 0, 2, 1]), 0) == 3
    assert list(search.nearest) == [-1, 0, 1, -1]
