"""Blast radii in the kernel, against a bare search of the same CIs, networkx and rustworkx."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import networkx as nx
import numpy as np
import rustworkx as rx

from benchmarks import rivals
from benchmarks.estates import layered
from benchmarks.measuring import Row, Seconds, Table, best, no_collector, ratios
from benchmarks.questions import Asked, by_class, snapshot_of
from cmdb.impact.engine.closure import Closure
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.snapshot import Snapshot

SIZES = (10_000, 100_000, 1_000_000)
ALL = "all"
LIBRARY_QUESTIONS = 20
"""Of a class, put to networkx and rustworkx: they take long."""
THREAD_SECONDS = 1.0


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    estate = layered(size)
    snapshot = snapshot_of(estate)
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
            for name, asked in (*classes.items(), (ALL, sum(classes.values(), [])))
        ],
    )
    del estate
    few = {name: asked[:LIBRARY_QUESTIONS] for name, asked in classes.items()}
    yield Table(
        "impact.libraries",
        "One answer (numbers, states, distances) against the descendants of two libraries",
        against_libraries(size, snapshot, few),
    )


def against_search(size: int, snapshot: Snapshot, classes: dict[str, list[Asked]]) -> list[Row]:
    """The kernel, the kernel of states only, and the bare search, by class of radius."""
    rows = []
    full, states, same = Propagation(), Closure(), rivals.SameVisits(snapshot)
    graph, network = snapshot.graph, snapshot.network
    for name, asked in classes.items():
        ours = best(lambda one: full.run(graph, network, one.failed), asked)
        only = best(lambda one: states.run(graph, network, one.failed), asked)
        bare = bare_search(same, asked)
        rows.append(
            {
                "size": size,
                "radius": name,
                "questions": len(asked),
                "impacted": int(np.median([one.radius for one in asked])),
                "kernel_us": float(np.median(ours)) * 1e6,
                "kernel_most_us": float(ours.max()) * 1e6,
                "states_only_us": float(np.median(only)) * 1e6,
                "search_us": float(np.median(bare)) * 1e6,
                **ratios("to_search", ours, bare),
            }
        )
    return rows


def bare_search(same: rivals.SameVisits, asked: list[Asked], rounds: int = 4) -> Seconds:
    """Like `best`; the mask of each question is made outside the time, once a round."""
    least = np.full(len(asked), np.inf)
    with no_collector():
        for _ in range(rounds):
            for i, one in enumerate(asked):
                mask, starts = same.prepare(one)
                same.breadth.allow(mask)
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

    arcs = rivals.plain(snapshot)
    ours = {name: best(answer, asked) for name, asked in classes.items()}
    rust = rivals.rustworkx_graph(*arcs)
    rusts = {n: best(lambda one: rx.descendants(rust, one.ci), q) for n, q in classes.items()}
    del rust
    graph = rivals.networkx_graph(*arcs)
    nxs = {n: best(lambda one: nx.descendants(graph, one.ci), q) for n, q in classes.items()}
    for times in (ours, rusts, nxs):
        times[ALL] = np.concatenate(list(times.values()))
    return [
        {
            "size": size,
            "radius": name,
            "questions": len(times),
            "answer_us": float(np.median(times)) * 1e6,
            "networkx_us": float(np.median(nxs[name])) * 1e6,
            "rustworkx_us": float(np.median(rusts[name])) * 1e6,
            **ratios("networkx", nxs[name], times),
            **ratios("rustworkx", rusts[name], times),
        }
        for name, times in ours.items()
    ]


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
