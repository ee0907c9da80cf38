import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.network import Network

class Closure:
    graph: Graph
    network: Network
    def run(
        self,
        graph: Graph,
        network: Network,
        failed: npt.NDArray[np.int32],
        lowest: int = 1,
        watched: int = -1,
    ) -> bool: ...
    def states(self, numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]: ...
    def risen(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]: ...
