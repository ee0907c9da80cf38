"""Root causes: how often they are found, against simple rules and the codebook; calibration; time.

    python -m benchmarks root_cause              all of it
    python -m benchmarks.root_cause FILE...      cases from files (see root_cause_cases)

Estates and incidents come from seeds that were never used while the model was made.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.estates import layered
from benchmarks.measuring import Row, Table, best
from benchmarks.report import markdown
from benchmarks.root_cause_cases import NOW, Case, Estate, Noise, estates, incident, read_cases
from benchmarks.root_cause_rivals import RIVALS, Known
from cmdb.impact.building import build
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import DEGRADED, DOWN
from cmdb.root_cause.answer import Answer
from cmdb.root_cause.diagnosis import diagnose
from cmdb.root_cause.evidence import Evidence, Symptom
from cmdb.schema.catalog import builtin_catalog

SIZES = (100_000, 1_000_000)
"""CIs of the estates on which time is measured; the quality comes with the first."""

INCIDENTS = 20
"""Incidents of an estate, a noise level and a number of causes."""

SEEDS = (101, 102)
MISSED, FALSE, CAUSES = (0.0, 0.15, 0.3), (0.0, 0.1, 0.2), (1, 2, 3)
OURS = "ours"
SYMPTOMS, QUESTIONS, WRONG = (10, 200), 40, 0.1
"""Symptoms of the questions that are timed, how many of these, and the share of false symptoms."""

BINS = 10
RESAMPLED = 1_000

Floats = npt.NDArray[np.float64]


class Result(NamedTuple):
    """One incident: by method, top-1 and the share of causes in the top 3; what ours said."""

    estate: str
    noise: Noise
    first: dict[str, float]
    third: dict[str, float]
    told: list[tuple[float, float]]  # probability and truth: the best candidate, then the others
    outside: tuple[float, float]


def measure(size: int) -> Iterator[Table]:
    """How long it takes on an estate of a size; and with the first one how good it is."""
    if size == SIZES[0]:
        results = []
        for seed in SEEDS:
            for estate in estates(seed):
                results += evaluated(estate, INCIDENTS, seed)
        yield from tables(results)
    snapshot = build(layered(size).topology(), builtin_catalog())
    rows = [timed(snapshot, count) for count in SYMPTOMS]
    yield Table("root_cause.time", "Root causes: time of one question, ms", rows)


def timed(snapshot: Snapshot, count: int) -> Row:
    """Questions with so many symptoms; each cause hits at least twice as many CIs."""
    chance = np.random.default_rng(7)
    questions: list[Evidence] = []
    while len(questions) < QUESTIONS:
        cause = int(chance.integers(snapshot.graph.size))
        if not snapshot.in_graph(cause):
            continue
        hit = Propagation(snapshot, {cause: DOWN})
        felt = hit.numbers[hit.states >= DEGRADED]
        if len(felt) < 2 * count:
            continue
        real = chance.choice(felt, count - int(WRONG * count), replace=False).tolist()
        wrong = chance.integers(snapshot.graph.size, size=count - len(real)).tolist()
        known = [ci for ci in dict.fromkeys(real + wrong) if snapshot.in_graph(ci)]
        questions.append(Evidence([Symptom(ci) for ci in known], at=NOW))
    diagnose(snapshot, questions[0])

    def answered(asked: Evidence) -> None:
        Answer(diagnose(snapshot, asked), NOW).content()

    ranking = best(lambda asked: diagnose(snapshot, asked), questions)
    found: Row = {"size": snapshot.graph.size, "symptoms": count, "questions": len(questions)}
    columns = (("ranking", ranking), ("answer", best(answered, questions)))
    for name, times in (*columns, ("processor", processor(answered, questions))):
        p50, p95 = np.percentile(times, [50, 95]) * 1e3
        found |= {f"{name}_p50_ms": float(p50), f"{name}_p95_ms": float(p95)}
    return found


def processor(work: Callable[[Evidence], None], questions: list[Evidence]) -> Floats:
    """The processor time of each question in seconds: what a busy machine does not change much."""
    times = []
    for asked in questions:
        start = time.process_time()
        work(asked)
        times.append(time.process_time() - start)
    return np.array(times)


def evaluated(estate: Estate, size: int, seed: int) -> Iterator[Result]:
    """Incidents of all kinds on one estate."""
    known = Known(estate.snapshot)
    for number, levels in enumerate(product(MISSED, FALSE, CAUSES)):
        noise = Noise(*levels)
        for i in range(size):
            chance = np.random.default_rng([seed, number, i])
            yield judged(known, estate.name, noise, incident(estate, noise, chance), chance)


def judged(
    known: Known, name: str, noise: Noise, case: Case, chance: np.random.Generator
) -> Result:
    """Ask all methods."""
    found = diagnose(known.snapshot, case.evidence)
    ranked = {OURS: list(found.scores)}
    if case.truth:
        ranked |= {rival: ask(known, case, chance) for rival, ask in RIVALS.items()}
    first = {method: float(bool(case.truth & set(row[:1]))) for method, row in ranked.items()}
    third = {method: _within(case.truth, row[:3]) for method, row in ranked.items()}
    main = case.main(known.snapshot)
    told = [(score, main.get(ci, 0.0)) for ci, score in list(found.scores.items())[:10]]
    return Result(name, noise, first, third, told, (found.outside, float(not case.truth)))


def _within(truth: frozenset[int], row: list[int]) -> float:
    return len(truth & set(row)) / max(min(len(truth), 3), 1)


def tables(results: list[Result]) -> Iterator[Table]:
    """What they come to."""
    fair = [one for one in results if len(one.first) > 1]
    groups: dict[str, list[Result]] = defaultdict(list)
    for one in fair:
        noise = one.noise
        groups[f"missed {noise.missed:.0%}, false {noise.false:.0%}"].append(one)
    yield _table("noise", "by noise, all estates and numbers of causes", groups)
    for title, name in (("causes", "{0.noise.causes} causes"), ("estates", "{0.estate}")):
        groups = defaultdict(list)
        for one in fair:
            groups[name.format(one)].append(one)
        yield _table(title, f"by {title}", groups)
    yield Table("root_cause.calibration", "Calibration: said and true", list(calibration(results)))


def _table(name: str, title: str, groups: dict[str, list[Result]]) -> Table:
    rows = [row(group, found) for group, found in groups.items()]
    return Table(f"root_cause.{name}", f"Root causes {title}", rows)


def row(name: str, found: list[Result]) -> Row:
    """Shares of all methods, and by how much ours is ahead of the best other one (95 %)."""
    made: Row = {"of": name, "incidents": len(found)}
    for title, measured in (("top1", "first"), ("top3", "third")):
        values = {
            method: np.array([getattr(one, measured)[method] for one in found])
            for method in (OURS, *RIVALS)
        }
        made |= {f"{title}_{method}": f"{value.mean():.3f}" for method, value in values.items()}
        rival = max(RIVALS, key=lambda method: values[method].mean())
        low, high = interval(values[OURS] - values[rival])
        made[f"{title}_ahead"] = f"{low:+.3f} to {high:+.3f}"
    return made


def interval(values: Floats) -> tuple[float, float]:
    """The mean's 95 % confidence interval, by resampling."""
    chance = np.random.default_rng(1)
    rows = chance.integers(0, len(values), (RESAMPLED, len(values)))
    low, high = np.percentile(values[rows].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def calibration(results: list[Result]) -> Iterator[Row]:
    """By what was said: how often it was true; and the expected calibration error."""
    alone = [one for one in results if one.noise.causes == 1]
    kinds = {
        "best candidate, one cause": [one.told[0] for one in alone],
        "best candidate, all": [one.told[0] for one in results],
        "first ten, all": [pair for one in results for pair in one.told],
        "outside, one cause": [one.outside for one in alone],
    }
    for kind, pairs in kinds.items():
        said, true = np.array(pairs).T
        places = np.minimum((said * BINS).astype(int), BINS - 1)
        error = sum(
            abs(said[places == b].mean() - true[places == b].mean()) * (places == b).mean()
            for b in range(BINS)
            if (places == b).any()
        )
        shown = {
            f"{b / BINS:.1f}": f"{true[places == b].mean():.2f} ({int((places == b).sum())})"
            if (places == b).any()
            else ""
            for b in range(BINS)
        }
        yield {"of": kind, "error": f"{error:.3f}", **shown}


def main(paths: list[str]) -> None:
    """Judge the cases of files, and all of them together."""
    rows, every = [], list[Result]()
    for path in paths:
        snapshot, cases = read_cases(Path(path))
        known, chance = Known(snapshot), np.random.default_rng(1)
        noise = Noise(0.0, 0.0, 1)
        found = [judged(known, path, noise, case, chance) for case in cases]
        rows.append(row(Path(path).stem, found))
        every += found
    print(markdown([*rows, row("all", every)]))


if __name__ == "__main__":
    main(sys.argv[1:])
