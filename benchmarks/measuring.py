"""What the measurements share: timing questions in turn, tables, and what they ran on."""

import gc
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

PACKAGES = ("numpy", "networkx", "rustworkx", "neo4j", "cython", "fastapi", "uvicorn", "orjson")
ROUNDS, BUDGET_SECONDS = 4, 20.0

Row = dict[str, Any]
Seconds = npt.NDArray[np.float64]
Question = TypeVar("Question")


class Table(NamedTuple):
    """Rows of figures; those of one name from several sizes go below each other."""

    name: str
    title: str
    rows: list[Row]


@contextmanager
def no_collector() -> Iterator[None]:
    """Without pauses of the garbage collector."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def seconds(work: Callable[[], Any]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best(
    work: Callable[[Question], Any],
    questions: Sequence[Question],
    rounds: int = ROUNDS,
    budget: float = BUDGET_SECONDS,
) -> Seconds:
    """The least time of each question over some rounds of all of them, one after the other.

    The same question again and again would only train the branch predictor. No round begins after
    `budget` seconds.
    """
    clock = time.perf_counter
    least = np.full(len(questions), np.inf)
    until = clock() + budget
    with no_collector():
        for number in range(rounds):
            if number and clock() > until:
                break
            for i, question in enumerate(questions):
                start = clock()
                work(question)
                least[i] = min(least[i], clock() - start)
    return least


def ratios(name: str, theirs: Seconds, ours: Seconds) -> Row:
    """How many times ours theirs takes: the median pair by pair, and of the totals."""
    return {
        f"{name}_ratio": float(np.median(theirs / ours)),
        f"{name}_totals": float(theirs.sum() / ours.sum()),
    }


def percentiles(name: str, times: Sequence[float] | Seconds, unit: float = 1e3) -> Row:
    """Median and 99th percentile; milliseconds unless told."""
    suffix = {1e3: "ms", 1e6: "us"}[unit]
    p50, p99 = np.percentile(np.asarray(times), [50, 99]) * unit
    return {f"{name}_p50_{suffix}": float(p50), f"{name}_p99_{suffix}": float(p99)}


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """The b of the power law a·sizeᵇ that fits best."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def environment() -> Row:
    """The machine and the versions that all figures of this run belong to."""
    cpus = [
        line.partition(":")[2].strip()
        for line in _text("/proc/cpuinfo").splitlines()
        if line.startswith("model name")
    ]
    memory = _text("/proc/meminfo").split()[1:2]
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True)
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "cpu": cpus[0] if cpus else platform.processor(),
        "cpus": len(cpus),
        "memory_gib": round(int(memory[0]) / 2**20, 1) if memory else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": head.stdout.strip(),
        **{name: _version(name) for name in PACKAGES},
    }


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
