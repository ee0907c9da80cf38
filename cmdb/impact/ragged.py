"""Ragged arrays: a list of integers for each CI, held in flat arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Row i is `values[start[i]:end[i]]`. Immutable; a changed version shares what it can.

    Replaced rows are appended, so rows of older versions stay where they are: readers of an older
    version are never disturbed.
    """

    start: Ints
    end: Ints
    values: tuple[Ints, ...]

    @classmethod
    def build(cls, rows: int, row_of: Ints, *values: npt.NDArray[Any]) -> "Ragged":
        """Group `values` (parallel arrays) by their row, keeping their order within a row."""
        order = np.argsort(row_of, kind="stable")
        bounds = np.searchsorted(row_of[order], np.arange(rows + 1)).astype(np.int32)
        flat = tuple(np.ascontiguousarray(v[order], dtype=np.int32) for v in values)
        return cls(bounds[:-1].copy(), bounds[1:].copy(), flat)

    def row(self, index: int, column: int = 0) -> list[int]:
        """The values of one row."""
        if index >= len(self.start):
            return []
        values: list[int] = self.values[column][self.start[index] : self.end[index]].tolist()
        return values

    def replaced(self, rows: int, changed: Mapping[int, Sequence[Sequence[int]]]) -> "Ragged":
        """This array with `rows` rows, those in `changed` having new values (one list a column)."""
        start = np.zeros(rows, np.int32)
        end = np.zeros(rows, np.int32)
        start[: len(self.start)] = self.start
        end[: len(self.end)] = self.end
        tail: list[list[int]] = [[] for _ in self.values]
        position = len(self.values[0])
        for index, columns in changed.items():
            start[index] = position
            position += len(columns[0])
            end[index] = position
            for collected, column in zip(tail, columns, strict=True):
                collected += column
        values = tuple(
            np.concatenate([old, np.asarray(new, np.int32)])
            for old, new in zip(self.values, tail, strict=True)
        )
        return Ragged(start, end, values)
