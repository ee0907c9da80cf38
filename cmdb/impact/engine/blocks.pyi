import numpy as np
import numpy.typing as npt

class DepthFirstSearch:
    preorder: memoryview[int]
    entered: memoryview[int]
    low: memoryview[int]
    parent: memoryview[int]
    nearest: memoryview[int]
    def __init__(self, capacity: int) -> None: ...
    def search(
        self, start: npt.NDArray[np.int32], target: npt.NDArray[np.int32], root: int
    ) -> int: ...
