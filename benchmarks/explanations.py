"""What explanations cost: a page of rows in radii of all sizes, and one whole answer."""

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import orjson

from benchmarks.estates import CONFIRMED_AT, layered
from benchmarks.measuring import Row, Table, best
from benchmarks.questions import DOWN, Asked, candidates, nearest, snapshot_of
from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.snapshot import Snapshot

SIZES = (1_000_000,)
RADII, PAGE, QUESTIONS, ROUNDS = (1_000, 10_000, 100_000), 100, 12, 5
WHOLE = 520
"""The example that iTop publishes a time for (4.9 s)."""

PARTS = ("engine", "rows", "tail", "json")


def measure(size: int) -> Iterator[Table]:
    """Everything about one size."""
    snapshot = snapshot_of(layered(size))
    found = candidates(snapshot)
    yield Table(
        "explanations.page",
        f"A page of {PAGE} rows by the size of the radius it is of, microseconds",
        [page(snapshot, size, nearest(found, radius, QUESTIONS)) for radius in RADII],
    )
    yield Table(
        "explanations.answer",
        f"A whole answer of {WHOLE} CIs with causes and paths, as JSON",
        [answer(snapshot, size, nearest(found, WHOLE, QUESTIONS))],
    )


def page(snapshot: Snapshot, size: int, asked: list[Asked]) -> Row:
    """Parts of a page: median over questions of the least time."""
    radii = {one.ci: radius_of(snapshot, one) for one in asked}
    order = best(lambda one: radii[one.ci].numbers(0, PAGE), asked, ROUNDS)
    explain = best(lambda one: explained(radii[one.ci]), asked, ROUNDS)
    rows = best(lambda one: list(radii[one.ci].rows(0, PAGE)), asked, ROUNDS)
    engine = best(lambda one: radius_of(snapshot, one), asked, ROUNDS)
    tail = best(lambda one: radii[one.ci].tail(), asked, ROUNDS)
    return {
        "size": size,
        "radius": int(np.median([one.radius for one in asked])),
        "questions": len(asked),
        "engine": float(np.median(engine)) * 1e6,
        "explainer": float(np.median(explain)) * 1e6,
        "order": float(np.median(order)) * 1e6,
        "rows_without_order": float(np.median(rows - order)) * 1e6,
        "tail": float(np.median(tail)) * 1e6,
    }


def radius_of(snapshot: Snapshot, asked: Asked) -> BlastRadius:
    """The answer to a question, not explained yet."""
    return BlastRadius(snapshot, {asked.ci: DOWN}, CONFIRMED_AT)


def explained(radius: BlastRadius) -> None:
    """Causes, paths and confirmations of a page, by a new explainer; no names, no rows."""
    explainer = radius.propagation.explainer(CONFIRMED_AT)
    numbers = radius.propagation.numbers[:PAGE]
    for number in numbers.tolist():
        explainer.cause(number)
        explainer.path(number)
    explainer.confirmations(numbers)


def answer(snapshot: Snapshot, size: int, asked: list[Asked]) -> Row:
    """The whole way from the question to the bytes, and its parts, in milliseconds."""
    spent = [[parts(snapshot, one) for one in asked] for _ in range(ROUNDS)]
    least = np.array(spent).min(axis=0)
    shown = [orjson.loads(whole(snapshot, one)) for one in asked]
    rules = [cause["rule"] for one in shown for row in one["impacted"] for cause in row["causes"]]
    return {
        "size": size,
        "questions": len(asked),
        "impacted": int(np.median([len(one["impacted"]) for one in shown])),
        "by_redundancy": round(rules.count("redundancy") / len(shown)),
        "bytes": int(np.median([len(whole(snapshot, one)) for one in asked])),
        "total_ms": float(np.median(least.sum(axis=1))) * 1e3,
        **{
            f"{name}_ms": float(value) * 1e3
            for name, value in zip(PARTS, np.median(least, axis=0), strict=True)
        },
    }


def whole(snapshot: Snapshot, asked: Asked) -> bytes:
    """The answer as `cmdb impact --format json` gives it."""
    return orjson.dumps(radius_of(snapshot, asked).answer())


def parts(snapshot: Snapshot, asked: Asked, stop: int | None = None) -> list[float]:
    """Seconds of the parts of one answer, in the order of PARTS."""
    clock = time.perf_counter
    times = [clock()]
    radius = radius_of(snapshot, asked)
    times.append(clock())
    content: dict[str, Any] = {**radius.head(), "impacted": list(radius.rows(0, stop))}
    times.append(clock())
    content |= radius.tail()
    times.append(clock())
    orjson.dumps(content)
    times.append(clock())
    return [after - before for before, after in pairwise(times)]
