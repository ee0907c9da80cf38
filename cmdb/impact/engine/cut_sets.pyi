from collections.abc import Iterable
from typing import NamedTuple

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.kinds import Kinds
from cmdb.impact.engine.network import Network

class CutSets(NamedTuple):
    sets: list[tuple[int, ...]]
    complete: bool
    examined: int
    total: int

def cut_sets(
    graph: Graph,
    network: Network,
    kinds: Kinds,
    service: int,
    failed: Iterable[int],
    size: int,
    seconds: float,
    most: int,
) -> CutSets: ...
