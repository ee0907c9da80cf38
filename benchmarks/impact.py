"""Blast radii in the kernel, against a bare search of the same CIs, networkx and rustworkx."""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import networkx as nx
import numpy as np
import rustworkx as rx

from benchmarks import rivals
from benchmarks.estates import layered
from benchmarks.measuring import ROUNDS, Row, Seconds, Table, best, no_collector, ratios
from benchmarks.questions import Asked, by_class, snapshot_of
from cmdb.impact.engine.closure import Closure
from cmdb.impact.engine.network import Network
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.snapshot import Snapshot

SIZES = (10_000, 100_000, 1_000_000)
ALL = "all"
LIBRARY_QUESTIONS = 20
"""Of a class, put to networkx and rustworkx: they take long."""
THREAD_SECONDS = 1.0


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    snapshot = snapshot_of(layered(size))
    classes = by_class(snapshot)
    yield Table(
        "impact.kernel",
        "Kernel with states and distance, against a bare search that visits the same CIs",
        against_search(size, snapshot, classes),
    )
    yield Table(
        "impact.threads",
        "Two threads on one snapshot against one, questions in any order",
        [
            {"size": size, "radius": name, **threads(snapshot, asked)}
            for name, asked in (*classes.items(), (ALL, list(chain(*classes.values()))))
        ],
    )
    few = {name: asked[:LIBRARY_QUESTIONS] for name, asked in classes.items()}
    yield Table(
        "impact.libraries",
        "One answer (numbers, states, distances) against the descendants of two libraries",
        against_libraries(size, snapshot, few),
    )


def against_search(size: int, snapshot: Snapshot, classes: dict[str, list[Asked]]) -> list[Row]:
    """The kernel, without network links, for states only; and the bare search: by class."""
    full, states = Propagation(), Closure()
    graph, network = snapshot.graph, snapshot.network
    asked = [one for questions in classes.values() for one in questions]
    random.Random(2).shuffle(asked)
    ours = best(lambda one: full.run(graph, network, one.failed), asked)
    only = best(lambda one: states.run(graph, network, one.failed), asked)
    none = np.zeros(0, np.int32)
    unlinked = Network.build(graph.size, none, none, none)
    without = best(lambda one: full.run(graph, unlinked, one.failed), asked)
    bare = bare_search(rivals.SameVisits(snapshot), asked)
    place = {one.ci: i for i, one in enumerate(asked)}
    rows = []
    for name, questions in classes.items():
        here = [place[one.ci] for one in questions]
        rows.append(
            {
                "size": size,
                "radius": name,
                "questions": len(here),
                "impacted": int(np.median([one.radius for one in questions])),
                "kernel_us": float(np.median(ours[here])) * 1e6,
                "kernel_most_us": float(ours[here].max()) * 1e6,
                "without_network_us": float(np.median(without[here])) * 1e6,
                "states_only_us": float(np.median(only[here])) * 1e6,
                "search_us": float(np.median(bare[here])) * 1e6,
                **ratios("to_search", ours[here], bare[here]),
            }
        )
    return rows


def bare_search(same: rivals.SameVisits, asked: list[Asked], rounds: int = ROUNDS) -> Seconds:
    """Like `best`; the CIs of each question are opened outside the time."""
    visits = [same.visited(one) for one in asked]
    least = np.full(len(asked), np.inf)
    with no_collector():
        for _ in range(rounds):
            for i, (numbers, starts) in enumerate(visits):
                same.allow(numbers)
                start = time.perf_counter()
                same.breadth.run(starts)
                least[i] = min(least[i], time.perf_counter() - start)
    return least


def against_libraries(size: int, snapshot: Snapshot, classes: dict[str, list[Asked]]) -> list[Row]:
    """networkx and rustworkx walk the dependencies only, without states."""
    engine = Propagation()

    def answer(one: Asked) -> None:
        engine.run(snapshot.graph, snapshot.network, one.failed)
        engine.impacted()

    def library(graph: Any, descendants: Any) -> dict[str, Seconds]:
        return by_class_and_all(lambda one: descendants(graph, one.ci), classes)

    arcs = rivals.plain(snapshot)
    ours = by_class_and_all(answer, classes)
    rust = library(rivals.rustworkx_graph(*arcs), rx.descendants)
    networkx = library(rivals.networkx_graph(*arcs), nx.descendants)
    return [
        {
            "size": size,
            "radius": name,
            "questions": len(times),
            "answer_us": float(np.median(times)) * 1e6,
            "networkx_us": float(np.median(networkx[name])) * 1e6,
            "rustworkx_us": float(np.median(rust[name])) * 1e6,
            **ratios("networkx", networkx[name], times),
            **ratios("rustworkx", rust[name], times),
        }
        for name, times in ours.items()
    ]


def by_class_and_all(
    work: Callable[[Asked], None], classes: dict[str, list[Asked]]
) -> dict[str, Seconds]:
    """The least times of each class, and of all classes together."""
    times = {name: best(work, asked) for name, asked in classes.items()}
    return {**times, ALL: np.concatenate(list(times.values()))}


def threads(snapshot: Snapshot, asked: list[Asked]) -> Row:
    """Questions a second of one thread and of two, each with an engine of its own."""
    order = list(asked)
    random.Random(1).shuffle(order)
    engines = (Propagation(), Propagation())

    def work(engine: Propagation, questions: list[Asked], times: int) -> None:
        for _ in range(times):
            for one in questions:
                engine.run(snapshot.graph, snapshot.network, one.failed)

    def wall(times: int, count: int) -> float:
        parts = [order[i::count] for i in range(count)]
        start = time.perf_counter()
        with ThreadPoolExecutor(count) as pool:
            jobs = zip(engines[:count], parts, strict=True)
            for job in [pool.submit(work, engine, part, times) for engine, part in jobs]:
                job.result()
        return time.perf_counter() - start

    wall(1, 2)
    times = max(1, int(THREAD_SECONDS / wall(1, 1)))
    one, two = (min(wall(times, count) for _ in range(3)) for count in (1, 2))
    return {
        "questions": len(order) * times,
        "one_thread_per_s": len(order) * times / one,
        "two_threads_per_s": len(order) * times / two,
        "speedup": one / two,
    }
