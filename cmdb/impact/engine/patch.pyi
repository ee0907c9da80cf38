from collections.abc import Callable, Mapping

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.kinds import Kinds

def patched(
    graph: Graph,
    kinds: Kinds,
    items: Mapping[int, tuple[int, int, int]],
    incoming: Mapping[int, tuple[set[int], list[tuple[int, int, int]]]],
    regroup: set[int],
    settings_of: Callable[[int], Mapping[int, tuple[int, int]]],
) -> Graph: ...
