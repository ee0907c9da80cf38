"""Layered layout, left to right (Sugiyama, Tagawa and Toda 1981).

Links that pass a column go through a slot of their own there, shared by all that leave the same
box, so that none runs behind a box. Crossings are reduced by median sweeps; then every slot moves
as near to its neighbours as the order allows (isotonic regression).
"""

import itertools
from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median_low

from cmdb.pictures.fold import Box, Folded, Link

BOX_WIDTH = 204
BOX_HEIGHT = 42
ROW_GAP = 12
LANE_HEIGHT = 8
COLUMN_GAP = 104
SWEEPS = 8
ALIGNMENTS = 6

Slot = tuple[int, int]
"""(column, box) of a box, (column, −1 − box) of the lane of the links that leave `box`."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its upper left corner."""

    box: Box
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Route:
    """A link with the points it passes, two at every column."""

    link: Link
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything in its place; the upper left corner is (0, 0)."""

    placed: Sequence[Placed]
    routes: Sequence[Route]
    column_x: Sequence[float]
    width: float
    height: float


def lay_out(folded: Folded) -> Drawing:
    """Give every box and link its place."""
    columns: list[list[Slot]] = [[] for _ in folded.rounds]
    for box in folded.boxes:
        columns[box.column].append((box.column, box.number))
    chains = [_chain(link, folded.boxes) for link in folded.links]
    before: dict[Slot, set[Slot]] = defaultdict(set)
    after: dict[Slot, set[Slot]] = defaultdict(set)
    for chain in chains:
        for left, right in itertools.pairwise(chain):
            if left[0] < right[0]:
                before[right].add(left)
                after[left].add(right)
        for slot in chain[1:-1]:
            if slot not in columns[slot[0]]:
                columns[slot[0]].append(slot)
    columns = _ordered(columns, before, after)
    centre = _aligned(columns, before, after)
    top = min((centre[s] - _height(s) / 2 for column in columns for s in column), default=0.0)
    centre = {slot: y - top for slot, y in centre.items()}
    column_x = [i * float(BOX_WIDTH + COLUMN_GAP) for i in range(len(columns))]
    return Drawing(
        [
            Placed(b, column_x[b.column], centre[b.column, b.number] - BOX_HEIGHT / 2)
            for b in folded.boxes
        ],
        [
            Route(link, _points(chain, centre, column_x))
            for link, chain in zip(folded.links, chains, strict=True)
        ],
        column_x,
        column_x[-1] + BOX_WIDTH if column_x else 0,
        max((centre[s] + _height(s) / 2 for column in columns for s in column), default=0.0),
    )


def _chain(link: Link, boxes: Sequence[Box]) -> list[Slot]:
    first, last = boxes[link.source].column, boxes[link.target].column
    lanes = [(column, -1 - link.source) for column in range(first + 1, last)]
    return [(first, link.source), *lanes, (last, link.target)]


def _height(slot: Slot) -> float:
    return BOX_HEIGHT if slot[1] >= 0 else LANE_HEIGHT


def _ordered(
    columns: list[list[Slot]],
    before: Mapping[Slot, set[Slot]],
    after: Mapping[Slot, set[Slot]],
) -> list[list[Slot]]:
    """The order with the fewest crossings that the sweeps come by."""
    best, fewest = [list(c) for c in columns], _crossings(columns, after)
    for sweep in range(SWEEPS):
        rightwards = sweep % 2 == 0
        neighbours = before if rightwards else after
        pairs = list(itertools.pairwise(columns))
        for left, right in pairs if rightwards else reversed(pairs):
            fixed, moved = (left, right) if rightwards else (right, left)
            at = {slot: i for i, slot in enumerate(fixed)}
            moved[:] = _by_median(moved, at, neighbours)
        if (count := _crossings(columns, after)) < fewest:
            best, fewest = [list(c) for c in columns], count
    return best


def _by_median(
    moved: Sequence[Slot], at: Mapping[Slot, int], neighbours: Mapping[Slot, set[Slot]]
) -> list[Slot]:
    """The slots by the median of their neighbours; those without any keep their places."""
    medians = {
        slot: median_low(at[one] for one in near)
        for slot in moved
        if (near := neighbours.get(slot))
    }
    joined = iter(sorted((slot for slot in moved if slot in medians), key=medians.__getitem__))
    return [next(joined) if slot in medians else slot for slot in moved]


def _crossings(columns: Sequence[Sequence[Slot]], after: Mapping[Slot, set[Slot]]) -> int:
    count = 0
    for left, right in itertools.pairwise(columns):
        at = {slot: i for i, slot in enumerate(right)}
        seen: list[int] = []
        for slot in left:
            ends = sorted(at[other] for other in after.get(slot, ()))
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _aligned(
    columns: Sequence[Sequence[Slot]],
    before: Mapping[Slot, set[Slot]],
    after: Mapping[Slot, set[Slot]],
) -> dict[Slot, float]:
    """The height of every slot's centre."""
    centre: dict[Slot, float] = {}
    for column in columns:
        centre.update(_stacked(column, [0.0] * len(column)))
    for turn in range(ALIGNMENTS):
        for column in columns if turn % 2 == 0 else reversed(columns):
            wished = []
            for slot in column:
                near = before.get(slot, set()) | after.get(slot, set())
                wished.append(fmean(centre[n] for n in near) if near else centre[slot])
            centre.update(_stacked(column, wished))
    return centre


def _stacked(column: Sequence[Slot], wished: Sequence[float]) -> dict[Slot, float]:
    """The places nearest to the wished ones (least squares) that keep order and distance."""
    offsets: list[float] = []
    reach = 0.0
    for slot in column:
        offsets.append(reach + _height(slot) / 2)
        reach += _height(slot) + ROW_GAP
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] * count >= total * pools[-1][1]:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    starts = [total / count for total, count in pools for _ in range(count)]
    return {
        slot: start + offset for slot, start, offset in zip(column, starts, offsets, strict=True)
    }


def _points(
    chain: Sequence[Slot], centre: Mapping[Slot, float], column_x: Sequence[float]
) -> list[Point]:
    """From the right side of the cause to the left side of the effect."""
    first, last = chain[0], chain[-1]
    points = [(column_x[first[0]] + BOX_WIDTH, centre[first])]
    for slot in chain[1:-1]:
        x = column_x[slot[0]]
        points += [(x, centre[slot]), (x + BOX_WIDTH, centre[slot])]
    if last[0] > first[0]:
        return [*points, (column_x[last[0]], centre[last])]
    if last[0] == first[0]:
        return [*points, (column_x[last[0]] + BOX_WIDTH, centre[last])]
    return [(column_x[first[0]], centre[first]), (column_x[last[0]] + BOX_WIDTH, centre[last])]
