"""Case files from PetShop, public faults of a microservice application (CC-BY-4.0).

    python -m benchmarks.petshop DATASET OUTPUT     then: python -m benchmarks.root_cause OUTPUT/*

DATASET is the folder `dataset` of github.com/amazon-science/petshop-root-cause-analysis (Hardt et
al. 2023, "The PetShop dataset"). Alarms are made as the authors' own baseline makes them: the
metric of the incident is out by more than five median deviations at the time of the incident; but
what was out before the incident is no symptom of it. The other metrics, by the same measure, are
the CIs' own alerts.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.root_cause.evidence import ALERT

OUT, FAR_OUT = 5.0, 20.0
"""Median deviations that are an anomaly, and those of a CI that is clearly degraded."""

FEWEST, SETTLED = 10, 2
"""Points that tell what is normal, and points of an incident that are skipped."""

MAD_SCALE = 1.4826
OTHER = ("latency", "availability", "requests")

Series = dict[tuple[str, str, str], npt.NDArray[np.float64]]
Json = dict[str, Any]


def main(dataset: Path, output: Path) -> None:
    """Write a file for each part of the data that is there as a whole."""
    output.mkdir(parents=True, exist_ok=True)
    for traffic in sorted(path for path in dataset.iterdir() if path.is_dir()):
        if (traffic / "noissue" / "metrics.csv").exists():
            for split in ("train", "test"):
                cases = converted(traffic, split)
                path = output / f"{traffic.name}-{split}.json"
                path.write_text(json.dumps(cases, indent=1))
                print(path, len(cases["cases"]))


def converted(traffic: Path, split: str) -> Json:
    """The cases of one part."""
    with (traffic / "graph.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    relations = [
        {"from": row[0], "type": "depends_on", "to": name}
        for row in rows
        for name, value in zip(head[1:], row[1:], strict=True)
        if float(value) and name != row[0]
    ]
    normal, _ = read(traffic / "noissue" / "metrics.csv")
    keys = head[1:]
    cases = [case(keys, normal, folder) for folder in sorted((traffic / split).iterdir())]
    cis = [{"key": key, "type": "application"} for key in keys]
    return {"graph": {"cis": cis, "relations": relations}, "cases": [one for one in cases if one]}


def case(keys: list[str], normal: Series, folder: Path) -> Json | None:
    """One incident; None where the one who asks saw nothing."""
    target = json.loads((folder / "target.json").read_text())
    asked, cause = target["target"], target["root_cause"]["node"]
    seen, times = read(folder / "metrics.csv")
    kind = (asked["metric"], asked["agg"])
    scores = {key: score(normal.get((key, *kind)), seen.get((key, *kind))) for key in keys}
    own = scores[asked["node"]]
    at = next((i for i in range(SETTLED, len(own)) if own[i] > OUT), None)
    if at is None:
        return None
    alarmed = [key for key in keys if len(scores[key]) > at and is_new(scores[key], at)]
    well = [key for key in keys if key not in alarmed and known(seen.get((key, *kind)), at)]
    events = [
        {"key": key, "at": times[at], "kind": ALERT}
        for key in keys
        for metric in OTHER
        if metric != asked["metric"]
        and any(
            is_new(score(normal.get(one), series), at)
            for one, series in seen.items()
            if one[:2] == (key, metric) and one in normal
        )
    ]
    return {
        "symptoms": [
            {"key": key, "state": "degraded" if scores[key][at] > FAR_OUT else "at_risk"}
            for key in alarmed
        ],
        "healthy": well,
        "events": events,
        "truth": [cause],
        "target": asked["node"],
        "at": times[at],
    }


def read(path: Path) -> tuple[Series, list[float]]:
    """The series of a file by CI, metric and statistic; and their times."""
    with path.open(newline="") as file:
        names, metrics, statistics, _, *rows = csv.reader(file)
    table = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows])
    heads = zip(names[1:], metrics[1:], statistics[1:], strict=True)
    return {head: table[:, i] for i, head in enumerate(heads, 1)}, table[:, 0].tolist()


def is_new(scores: npt.NDArray[np.float64], at: int) -> bool:
    """Whether a series is out at a time, and was not before the incident."""
    return bool(scores[at] > OUT and scores[0] <= OUT)


def known(series: npt.NDArray[np.float64] | None, at: int) -> bool:
    """Whether there was a value then."""
    return series is not None and not np.isnan(series[at])


def score(
    normal: npt.NDArray[np.float64] | None, seen: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.float64]:
    """How many median deviations each point is out; 0 where nothing is known."""
    if seen is None:
        return np.zeros(0)
    usual = np.zeros(0) if normal is None else normal[~np.isnan(normal)]
    if len(usual) < FEWEST:
        return np.zeros(len(seen))
    middle = np.median(usual)
    spread = MAD_SCALE * np.median(np.abs(usual - middle))
    away: npt.NDArray[np.float64] = np.abs(np.nan_to_num(seen, nan=middle) - middle)
    return away / spread if spread else np.where(away > 0, np.inf, 0.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
