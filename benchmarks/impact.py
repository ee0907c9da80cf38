"""Blast radius (states only) against networkx `descendants` and Cypher, side by side in one run."""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import networkx as nx
from neo4j import Driver

from benchmarks.estates import layered
from cmdb.impact import kernel
from cmdb.impact.kernel import DOWN
from cmdb.impact.propagation import final_states, propagate
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation
from cmdb.schema.catalog import builtin_catalog

QUESTIONS = 30
CYPHER_LIMIT_SECONDS = 20.0


def topology(estate: dict[str, Any]) -> Topology:
    """The topology of a generated estate."""
    numbers = {ci["key"]: i for i, ci in enumerate(estate["cis"])}
    return Topology(
        1,
        [
            TopologyItem(
                i, c["key"], c["type"], c["name"], "live", c["network_root"], {}, None, 0.0
            )
            for i, c in enumerate(estate["cis"])
        ],
        [
            TopologyRelation(
                i, numbers[r["from"]], r["type"], numbers[r["to"]], r.get("group"), None, 0.0
            )
            for i, r in enumerate(estate["relations"])
        ],
    )


def dependency_digraph(snapshot: Snapshot) -> nx.DiGraph:
    """Provider → dependent only."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(snapshot.items)))
    for relation in snapshot.relations:
        if relation is not None:
            graph.add_edges_from(snapshot.rules.directions(relation))
    return graph


def seconds(work: Callable[[], Any], repeat: int = 3) -> float:
    """The least of a few timings."""
    timings = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        timings.append(time.perf_counter() - start)
    return min(timings)


def questions(snapshot: Snapshot, graph: nx.DiGraph) -> dict[str, list[int]]:
    """Failed CIs by the order of magnitude of what they reach, seeded."""
    chance = random.Random(7)
    classes: dict[str, list[int]] = {"10 to 100": [], "100 to 10,000": [], "above 10,000": []}
    for number in chance.sample(range(len(snapshot.items)), 800):
        reached = len(nx.descendants(graph, number))
        if reached >= 10:
            name = list(classes)[(reached > 100) + (reached > 10_000)]
            if len(classes[name]) < QUESTIONS:
                classes[name].append(number)
    return {name: numbers for name, numbers in classes.items() if numbers}


def against_networkx(size: int) -> list[dict[str, Any]]:
    """For each class of radius the median time of a question, and the ratio pair by pair."""
    kernel.use(kernel.compiled())
    snapshot = Snapshot.build(topology(layered(size)), builtin_catalog())
    graph = dependency_digraph(snapshot)
    rows = []
    for name, numbers in questions(snapshot, graph).items():
        ours = [seconds(lambda n=n: final_states(snapshot, {n: DOWN})) for n in numbers]
        theirs = [seconds(lambda n=n: nx.descendants(graph, n)) for n in numbers]
        rows.append(
            {
                "reached by networkx": name,
                "questions": len(numbers),
                "impacted_median": statistics.median(
                    len(propagate(snapshot, {n: DOWN}).impacted()) for n in numbers
                ),
                "ours_us": statistics.median(ours) * 1e6,
                "networkx_us": statistics.median(theirs) * 1e6,
                "ratio_median": statistics.median(b / a for a, b in zip(ours, theirs, strict=True)),
                "ratio_of_totals": sum(theirs) / sum(ours),
            }
        )
    return rows


def against_cypher(driver: Driver, database: str, snapshot: Snapshot) -> dict[str, Any]:
    """Against a variable-length Cypher query that returns the keys of the same dependents."""
    graph = dependency_digraph(snapshot)
    by_class = questions(snapshot, graph).values()
    failed = [number for numbers in by_class for number in numbers[:3]]
    towards_from = "|".join(
        name.upper() for name, impact in snapshot.rules.impact.items() if impact == "to→from"
    )
    query = (
        f"MATCH (failed:CI {{key: $key}})<-[:{towards_from}*1..]-(hit:CI)"
        " RETURN DISTINCT hit.key AS key"
    )
    ours, theirs, cut = [], [], 0
    with driver.session(database=database) as session:
        for number in failed:
            key = snapshot.key(number)
            failures = {number: DOWN}
            ours.append(seconds(lambda f=failures: final_states(snapshot, f)))
            start = time.perf_counter()
            try:
                with session.begin_transaction(timeout=CYPHER_LIMIT_SECONDS) as transaction:
                    keys = set(transaction.run(query, key=key).value())
                expected = {snapshot.key(n) for n in nx.descendants(graph, number)}
                if keys - {key} != expected:
                    raise AssertionError(f"{key}: {len(keys)} keys, not {len(expected)}")
            except Exception as error:
                if "timeout" not in str(error).lower() and "timed out" not in str(error).lower():
                    raise
                cut += 1
            theirs.append(time.perf_counter() - start)
    return {
        "questions": len(ours),
        "ours_us": statistics.median(ours) * 1e6,
        "cypher_us": statistics.median(theirs) * 1e6,
        "ratio_median": statistics.median(b / a for a, b in zip(ours, theirs, strict=True)),
        "ratio_of_totals": sum(theirs) / sum(ours),
        "cut_off_at_time_limit": cut,
    }
