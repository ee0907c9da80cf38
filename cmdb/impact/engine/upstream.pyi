import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.graph import Graph
from cmdb.impact.engine.kinds import Kinds
from cmdb.impact.engine.network import Network

def upstream(
    graph: Graph,
    network: Network,
    kinds: Kinds,
    symptoms: npt.NDArray[np.int32],
    most: int,
) -> tuple[
    npt.NDArray[np.int32],
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    npt.NDArray[np.float32],
    bool,
]: ...
