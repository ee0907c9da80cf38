import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.kinds import Kinds
from cmdb.impact.engine.network import Network

def ancestry(
    graph: Graph, network: Network, kinds: Kinds, ci: int
) -> tuple[npt.NDArray[np.int32], Graph, Network]: ...
