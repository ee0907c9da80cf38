"""How often root cause analysis was right: on incidents whose cause people have confirmed.

Top-k: the share of incidents whose confirmed cause was among the first k. Mean reciprocal rank: the
mean of 1 / rank (0 where it was not found). Expected calibration error: how far the stated
probability of the first one is from how often it was right, over ten bins (Naeini et al., 2015).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TOPS = (1, 3, 5)
BINS = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """An incident: the rank of its confirmed cause (None: not found), the first one's probability.

    `period` is the month in which it was opened, such as `2026-11`.
    """

    number: str
    period: str
    rank: int | None
    probability: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good the answers for some incidents were; shares from 0 to 1."""

    period: str
    count: int
    top: dict[int, float]
    mean_reciprocal_rank: float
    calibration_error: float


def accuracy(verdicts: Sequence[Verdict], period: str = "") -> Accuracy:
    """The figures of some incidents, or of those of one month."""
    chosen = [one for one in verdicts if not period or one.period == period]
    count = len(chosen)
    ranks = [one.rank for one in chosen if one.rank is not None]
    top = {k: _share(sum(rank <= k for rank in ranks), count) for k in TOPS}
    reciprocal = _share(sum(1 / rank for rank in ranks), count)
    return Accuracy(period, count, top, reciprocal, calibration_error(chosen))


def by_period(verdicts: Sequence[Verdict]) -> list[Accuracy]:
    """The figures of each month, the earliest first."""
    return [accuracy(verdicts, one) for one in sorted({one.period for one in verdicts})]


def calibration_error(verdicts: Iterable[Verdict]) -> float:
    """Expected calibration error of the first one's probability; 0 for no incidents."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for one in verdicts:
        place = min(int(one.probability * BINS), BINS - 1)
        bins[place].append((one.probability, one.rank == 1))
    total = sum(map(len, bins))
    off = 0.0
    for held in filter(None, bins):
        stated = sum(probability for probability, _ in held) / len(held)
        right = sum(hit for _, hit in held) / len(held)
        off += abs(stated - right) * len(held)
    return _share(off, total)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0
