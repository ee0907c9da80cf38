"""Criticality: for every CI, what goes down when it alone does."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from cmdb.impact.engine.graph cimport Graph
from cmdb.impact.engine.lanes cimport LANES
from cmdb.impact.engine.network cimport Network
from cmdb.impact.engine.ordered cimport OrderedGraph
from cmdb.impact.engine.sweep cimport Sweep

COLUMNS = ("counted_down", "counted_degraded", "all_down", "all_degraded")


def criticality(Graph graph not None, Network network not None, counted, int threads=2):
    """Let every CI in the graph fail (go down) alone; returns arrays (int32) by CI number.

    `counted` (uint8, by CI number) marks the services. The failing CI itself is never counted.

    - `counted_down`, `counted_degraded`: how many services go down, how many exactly degraded;
    - `all_down`, `all_degraded`: how many CIs do;
    - `takers`: by how many other CIs, each alone, a service is taken down (0 for other CIs).
    """
    ordered = OrderedGraph(graph, network)
    ci = np.asarray(ordered.ci)
    by_position = np.append(np.asarray(counted, np.uint8)[ci], np.uint8(0))
    degree = np.diff(np.asarray(ordered.out_start))
    failing = np.flatnonzero(degree).astype(np.int32)
    found = np.zeros((len(ci) + 1, len(COLUMNS)), np.int32)
    starts = iter(range(0, len(failing), LANES))

    def work():
        takers = np.zeros(len(ci) + 1, np.int32)
        sweep = Sweep(ordered, network, by_position, failing, found, takers)
        for start in starts:
            sweep.run(start, min(start + LANES, len(failing)))
        return takers[: len(ci)]

    with ThreadPoolExecutor(threads) as pool:
        takers = sum(job.result() for job in [pool.submit(work) for _ in range(threads)])
    result = {name: np.zeros(graph.view.size, np.int32) for name in (*COLUMNS, "takers")}
    for column, name in enumerate(COLUMNS):
        result[name][ci] = found[: len(ci), column]
    result["takers"][ci] = takers
    return result
