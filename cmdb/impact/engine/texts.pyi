from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

class Texts:
    start: npt.NDArray[np.int32]
    text: npt.NDArray[np.uint8]
    def __init__(self, start: Any, text: Any) -> None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, number: int) -> str: ...

class Keys(Texts):
    table: npt.NDArray[np.int32]
    def __init__(self, start: Any, text: Any, table: Any = None) -> None: ...
    def find(self, key: str) -> int: ...

def in_order(
    texts: Texts,
    changed: Mapping[int, bytes],
    numbers: npt.NDArray[np.int32],
    start: int,
    stop: int,
) -> npt.NDArray[np.int32]: ...
def packed(texts: Sequence[str]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]: ...
def merged(
    texts: Texts, size: int, changed: Mapping[int, bytes]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]: ...
