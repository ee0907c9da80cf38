import numpy as np
import numpy.typing as npt

class Network:
    size: int
    vertices: int
    not_evaluated: int
    ci: memoryview[int]
    vertex: memoryview[int]
    start: memoryview[int]
    target: memoryview[int]
    part: memoryview[int]
    nearest: memoryview[int]
    order: memoryview[int]
    child_start: memoryview[int]
    child: memoryview[int]
    judged: memoryview[int]
    @staticmethod
    def build(
        size: int,
        low: npt.NDArray[np.int32],
        high: npt.NDArray[np.int32],
        roots: npt.NDArray[np.int32],
    ) -> Network: ...
