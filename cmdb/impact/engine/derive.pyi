from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.kinds import Kinds

Arrays = dict[str, npt.NDArray[Any]]
Numbers = npt.NDArray[np.int32]

def incoming_rows(
    size: int,
    dependent: Numbers,
    provider: Numbers,
    number: Numbers,
    kind: npt.NDArray[np.uint16],
) -> Arrays: ...
def outgoing_arcs(
    arrays: Arrays, kinds: Kinds, settings: tuple[npt.NDArray[Any], ...]
) -> Arrays: ...
