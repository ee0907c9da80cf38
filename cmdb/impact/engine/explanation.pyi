from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.engine.kinds import Kinds
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.engine.texts import Texts

DEPENDENCY: int
REDUNDANCY: int
CONNECTIVITY: int

class Explainer:
    def __init__(
        self,
        propagation: Propagation,
        kinds: Kinds,
        texts: Texts,
        changed: Mapping[int, bytes],
        first: npt.NDArray[Any],
        at: npt.NDArray[Any],
        stale_before: npt.NDArray[Any],
    ) -> None: ...
    def cause(self, ci: int) -> tuple[int, int, list[tuple[int, int]], int]: ...
    def path(self, ci: int) -> list[int]: ...
    def confirmations(
        self, numbers: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], npt.NDArray[np.uint8]]: ...
