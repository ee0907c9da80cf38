import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.network import Network

COLUMNS: tuple[str, ...]

def criticality(
    graph: Graph,
    network: Network,
    counted: npt.NDArray[np.uint8],
    threads: int = 2,
    side_by_side: bool | None = None,
) -> dict[str, npt.NDArray[np.int32]]: ...
