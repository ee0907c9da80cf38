"""When, and by which source, CIs or relations were last confirmed."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Interval = tuple[int, int, float, int]
"""First and last number, time, number of the source."""

FOLD_AT = 256


@dataclass(frozen=True)
class Confirmations:
    """Runs of numbers that were confirmed together, and the intervals that came later.

    Run i goes from `first[i]` up to the next one; its time is 0 where nothing was ever confirmed.
    Of several confirmations of a number the latest counts.
    """

    first: Numbers = field(default_factory=lambda: np.zeros(1, np.int32))
    at: Times = field(default_factory=lambda: np.zeros(1))
    source: Numbers = field(default_factory=lambda: np.full(1, -1, np.int32))
    newer: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, size: int, numbers: Numbers, at: Times, source: Numbers) -> "Confirmations":
        """From one confirmation a number, of the numbers 0 to `size`."""
        every_at, every_source = np.zeros(size + 1), np.full(size + 1, -1, np.int32)
        every_at[numbers], every_source[numbers] = at, source
        return cls._of_runs(np.arange(size + 1, dtype=np.int32), every_at, every_source)

    @classmethod
    def _of_runs(cls, first: Numbers, at: Times, source: Numbers) -> "Confirmations":
        """Equal neighbours become one run."""
        keep = np.ones(len(first), bool)
        keep[1:] = (np.diff(at) != 0) | (np.diff(source) != 0)
        return cls(first[keep], at[keep], source[keep])

    def later(self, intervals: list[Interval]) -> "Confirmations":
        """With more confirmations."""
        if not intervals:
            return self
        known = len(self.newer) > FOLD_AT or "_folded" in self.__dict__
        base = self._folded if known else self
        return Confirmations(base.first, base.at, base.source, (*base.newer, *intervals))

    @cached_property
    def _folded(self) -> "Confirmations":
        """The same as runs only."""
        if not self.newer:
            return self
        bounds = np.unique([bound for low, high, _, _ in self.newer for bound in (low, high + 1)])
        place = np.searchsorted(self.first, bounds)
        new = self.first[np.minimum(place, len(self.first) - 1)] != bounds
        bounds, place = bounds[new], place[new]
        first = np.insert(self.first, place, bounds)
        at = np.insert(self.at, place, self.at[place - 1])
        source = np.insert(self.source, place, self.source[place - 1])
        for low, high, when, who in self.newer:
            part = slice(*np.searchsorted(first, [low, high + 1]))
            later = at[part] < when
            at[part] = np.where(later, when, at[part])
            source[part] = np.where(later, who, source[part])
        return self._of_runs(first, at, source)

    @cached_property
    def oldest(self) -> float:
        """The time of the oldest confirmation; infinite where there is none."""
        runs = self._folded
        return float(runs.at[runs.source >= 0].min(initial=np.inf))

    def of_numbers(self, numbers: npt.NDArray[Any]) -> tuple[Times, Numbers]:
        """Times (0 for never) and sources (-1 for none) of numbers."""
        runs = self._folded
        run = np.searchsorted(runs.first, numbers, side="right") - 1
        return runs.at[run], runs.source[run]

    def of_number(self, number: int) -> tuple[float, int]:
        """Time and source of one number."""
        runs = self._folded
        run = int(np.searchsorted(runs.first, number, side="right")) - 1
        return float(runs.at[run]), int(runs.source[run])

    def arrays(self) -> tuple[Numbers, Times, Numbers]:
        """All as runs."""
        runs = self._folded
        return runs.first, runs.at, runs.source
