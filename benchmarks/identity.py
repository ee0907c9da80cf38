"""Identity against the truth of a synthetic feed: pairwise precision and recall, and confusion."""

import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.identity_feed import ROUNDS, SOURCES, Feed, feed
from benchmarks.measuring import Row, Table
from cmdb.identity.claims import Claim, Name
from cmdb.identity.identifiers import values
from cmdb.identity.observation import ObservedItem
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.stores.sqlite import SQLiteStore

SIZES = (10_000,)
SEEDS = range(1, 11)
PRECISION, RECALL = 0.999, 0.98
"""The bars; the worst seed counts."""

ACTOR = Actor("benchmark", frozenset({"administrator"}))
NOTHING_BEFELL = "none"

Groups = dict[Name, Hashable]
"""What each claim is taken to be about."""


class Score(NamedTuple):
    """Pairs of claims about one device, and pairs found: both, and each without the other."""

    right: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float:
        """Of the pairs found, the share that is true."""
        return self.right / (self.right + self.wrong or 1)

    @property
    def recall(self) -> float:
        """Of the true pairs, the share that is found."""
        return self.right / (self.right + self.missed or 1)

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.right / (2 * self.right + self.missed + self.wrong or 1)


@dataclass(slots=True)
class Result:
    """What became of a feed: by the product, by raw equality, and by the identifiers alone.

    `attainable` joins claims about one device that share an identifying value, and no others: more
    recall is not to be had from these claims.
    """

    fed: Feed
    found: Groups
    naive: Groups
    attainable: Groups
    reviews: int
    errors: int
    seconds: float


def measure(size: int) -> Iterator[Table]:
    """All seeds, the worst of them, and the confusion of all."""
    results = [identified(feed(size, seed)) for seed in SEEDS]
    rows = [row(seed, one) for seed, one in zip(SEEDS, results, strict=True)]
    title = f"Identity of {size:,} devices; bars: precision {PRECISION}, recall {RECALL}"
    yield Table("identity.seeds", title, [*rows, worst(rows)])
    yield Table("identity.confusion", "Pairs of claims by what befell a device", confusion(results))
    rows = [row(seed, identified(feed(size, seed, lasting=True))) for seed in SEEDS[:2]]
    title = "The same where what a source does not tell once it never tells"
    yield Table("identity.lasting", title, [*rows, worst(rows)])


def identified(fed: Feed) -> Result:
    """Load a feed into a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        env = Environment(SQLiteStore(Path(folder) / "cmdb.db"), lambda: ROUNDS[-1])
        start = time.perf_counter()
        errors = 0
        for source, observations in fed.loads:
            report = ingest(ACTOR, env, observations, source=source, reason="benchmark")
            errors += len(report.errors)
        elapsed = time.perf_counter() - start
        claims = [claim for source in SOURCES for claim in env.store.claims_of("ci", source)]
        reviews = len(env.store.documents("review"))
        catalog = env.catalog()
        env.close()

    def told(claim: Claim) -> Iterator[Hashable]:
        device = fed.truth.get(claim.name)
        for value in values(catalog, claim.body or {}) if device is not None else ():
            yield device, value.rule, value.value

    return Result(
        fed,
        {claim.name: claim.subject for claim in claims},
        joined((name, raw(name[0], seen)) for name, seen in fed.last.items()),
        joined((claim.name, told(claim)) for claim in claims),
        reviews,
        errors,
        elapsed,
    )


def raw(source: str, seen: ObservedItem) -> Iterator[Hashable]:
    """What a program without safeguards would join by: values as they are told."""
    attributes = seen.attributes
    for name in ("serial_number", "uuid", "snmp_engine_id", "fqdn"):
        if name in attributes:
            yield name, attributes[name]
    for name in ("mac_addresses", "ssh_host_keys"):
        for value in attributes.get(name, ()):
            yield name, value
    for value in attributes.get("ip_addresses", ()):
        yield "address", attributes["site"], value


def joined(told: Iterable[tuple[Name, Iterable[Hashable]]]) -> Groups:
    """Claims joined by each value they share (union-find)."""
    leader: dict[Hashable, Hashable] = {}

    def find(one: Hashable) -> Hashable:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    names = []
    for name, shared in told:
        names.append(name)
        for value in shared:
            leader[find(value)] = find(("claim", name))
    return {name: find(("claim", name)) for name in names}


def score(truth: dict[Name, int], found: Groups) -> Score:
    """The pairs of all claims whose truth is known."""
    true = _pairs(truth.values())
    told = _pairs(found[name] for name in truth)
    right = _pairs((device, found[name]) for name, device in truth.items())
    return Score(right, true - right, told - right)


def _pairs(groups: Iterable[Hashable]) -> int:
    """How many pairs have the same group."""
    return sum(n * (n - 1) // 2 for n in Counter(groups).values())


def row(seed: int, one: Result) -> Row:
    """One seed."""
    truth = one.fed.truth
    ours, naive = score(truth, one.found), score(truth, one.naive)
    devices, cis = defaultdict(set), defaultdict(set)
    for name, device in truth.items():
        devices[one.found[name]].add(device)
        cis[device].add(one.found[name])
    return {
        "seed": seed,
        "claims": len(truth),
        "precision": f"{ours.precision:.5f}",
        "recall": f"{ours.recall:.4f}",
        "f1": f"{ours.f1:.4f}",
        "attainable_recall": f"{score(truth, one.attainable).recall:.4f}",
        "wrong_merges": sum(len(found) > 1 for found in devices.values()),
        "splits": sum(len(found) > 1 for found in cis.values()),
        "reviews": one.reviews,
        "naive_precision": f"{naive.precision:.4f}",
        "naive_recall": f"{naive.recall:.4f}",
        "errors": one.errors,
        "seconds": one.seconds,
    }


def worst(rows: list[Row]) -> Row:
    """The worst of each figure."""
    least = ("precision", "recall", "f1", "attainable_recall", "naive_precision", "naive_recall")
    made = {name: (min if name in least else max)(row[name] for row in rows) for name in rows[0]}
    return made | {"seed": "worst"}


def confusion(results: list[Result]) -> list[Row]:
    """By what befell a device: pairs in which such a device has a part, of all seeds together."""
    marks = sorted({mark for one in results for device in one.fed.devices for mark in device.marks})
    rows = []
    for mark in [*marks, NOTHING_BEFELL]:
        devices, ours, naive = 0, Score(0, 0, 0), Score(0, 0, 0)
        for one in results:
            part = {d.number for d in one.fed.devices if mark in (d.marks or {NOTHING_BEFELL})}
            devices += len(part)
            ours = _sum(ours, _of(part, one.fed.truth, one.found))
            naive = _sum(naive, _of(part, one.fed.truth, one.naive))
        rows.append(
            {"befell": mark, "devices": devices}
            | {"right": ours.right, "missed": ours.missed, "wrong": ours.wrong}
            | {"precision": f"{ours.precision:.5f}", "recall": f"{ours.recall:.4f}"}
            | {"naive_right": naive.right, "naive_missed": naive.missed, "naive_wrong": naive.wrong}
        )
    return rows


def _of(part: set[int], truth: dict[Name, int], found: Groups) -> Score:
    """The pairs in which at least one claim is about a device of this part."""
    others = {name: device for name, device in truth.items() if device not in part}
    whole, rest = score(truth, found), score(others, found)
    return Score(*(all_ - one for all_, one in zip(whole, rest, strict=True)))


def _sum(one: Score, other: Score) -> Score:
    return Score(*(a + b for a, b in zip(one, other, strict=True)))
