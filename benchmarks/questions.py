"""Questions about one failed CI, chosen by how far it reaches; and a snapshot to ask them on."""

import random
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.estates import Estate
from cmdb.impact.building import build
from cmdb.impact.engine.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.schema.catalog import builtin_catalog

SEED = 7
OF_A_CLASS, AT_RANDOM, HUBS = 40, 4_000, 3_000
BOUNDS = (1, 100, 1_000, 10_000, 100_000)
DOWN = 3


class Asked(NamedTuple):
    """One failed CI, how many others it impacts, and its failure as the engine takes it."""

    ci: int
    radius: int
    failed: npt.NDArray[np.int32]


def snapshot_of(estate: Estate) -> Snapshot:
    """The snapshot of an estate with the built-in types."""
    return build(estate.topology(), builtin_catalog())


def asked_about(snapshot: Snapshot, numbers: npt.ArrayLike) -> list[Asked]:
    """The questions about these CIs, each alone down."""
    engine = Propagation()
    asked = []
    for ci in np.asarray(numbers).tolist():
        failed = np.array([[ci, DOWN]], np.int32)
        engine.run(snapshot.graph, snapshot.network, failed)
        asked.append(Asked(ci, len(engine.impacted()[0]), failed))
    return asked


def candidates(snapshot: Snapshot) -> list[Asked]:
    """CIs at random, and those that most depend on."""
    size = snapshot.graph.size
    chance = np.random.default_rng(SEED)
    at_random = chance.permutation(size)[:AT_RANDOM]
    degree = np.diff(snapshot.graph.arrays["out_start"])
    hubs = np.argsort(-degree, kind="stable")[:HUBS]
    return asked_about(snapshot, np.unique(np.concatenate([at_random, hubs])))


def by_class(snapshot: Snapshot) -> dict[str, list[Asked]]:
    """Questions of each class of radius, in no order."""
    chance = random.Random(SEED)
    found = candidates(snapshot)
    classes = {}
    for low, high in zip(BOUNDS, (*BOUNDS[1:], 2**31), strict=True):
        inside = [one for one in found if low <= one.radius < high]
        if inside:
            name = f"{low:,} to {high:,}" if high < 2**31 else f"above {low:,}"
            classes[name] = chance.sample(inside, min(OF_A_CLASS, len(inside)))
    return classes


def nearest(asked: list[Asked], radius: int, count: int) -> list[Asked]:
    """Those whose radius is nearest to one asked for."""
    return sorted(asked, key=lambda one: abs(np.log((one.radius + 0.5) / radius)))[:count]
