import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.propagation import Propagation

def read(
    found: Propagation,
    watched: npt.NDArray[np.int32],
    states: npt.NDArray[np.uint8],
    rounds: npt.NDArray[np.int32],
    counted: npt.NDArray[np.uint8],
) -> tuple[int, int, int]: ...
