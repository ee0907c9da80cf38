"""A generated estate of a given size: layers, sites, hubs, rings, groups, several roots."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation

LAYERS = (
    ("router", 0.002),
    ("switch", 0.048),
    ("server", 0.30),
    ("virtual_machine", 0.30),
    ("database", 0.15),
    ("application", 0.17),
    ("business_service", 0.03),
)
BOUNDS = np.concatenate([[0.0], np.cumsum([share for _, share in LAYERS])])
GROUPED, SOFT, LINKED = 0.18, 0.31, 0.10
TYPES = ("depends_on", "uses", "depends_on", "depends_on", "connects_to")
GROUPS = (None, None, "nodes", "feeds", None)
LINK = 4
PLATFORM_SKEW = 4.0
SPARE = 1.2
"""So many more dependencies are drawn, because some are drawn twice."""

CHUNK = 100_000
CONFIRMED_AT = 1_767_225_600.0  # 2026-01-01

Numbers = npt.NDArray[np.int64]
Chance = np.random.Generator


@dataclass(frozen=True)
class Shape:
    """How far failures reach."""

    site: int = 1_500
    """CIs a site; most relations stay inside one."""
    shared: float = 0.03
    """Share of dependencies on platforms that all sites share."""
    abroad: float = 0.001
    """Share of dependencies on any CI of another site."""
    hubs: float = 2.0
    """Skew of the choice of providers; 1 is none: all have as many dependents."""
    cyclic: float = 0.0005
    """Share of dependencies on later CIs of a layer that stay so; the others are turned round."""
    mutual: float = 0.0002
    """Share of dependencies, of CIs of one layer and site, that go back: they close cycles."""


USUAL = Shape()
MEAN_50 = Shape(site=250, shared=0.003, abroad=0.0002, mutual=0.00002)
MEAN_200 = Shape(site=1_000, shared=0.016, mutual=0.00005)
MEAN_10_PERCENT = Shape(site=2_000, shared=0.0, abroad=0.2, hubs=1.0, cyclic=0.3)
"""Shapes by the mean radius: 50 and 200 CIs in an estate of 1M; a tenth of any estate."""


@dataclass(frozen=True)
class Estate:
    """CIs 0 to `size`, by layer; relations as parallel arrays."""

    seed: int
    layer: Numbers
    site: Numbers
    ends: Numbers  # (relations, 2): dependent, provider
    kind: Numbers  # of a relation: 0 hard, 1 soft, 2 and 3 two groups, 4 network link

    @property
    def size(self) -> int:
        """How many CIs there are."""
        return len(self.layer)

    @property
    def roots(self) -> Numbers:
        """The network roots: three of the routers."""
        return np.flatnonzero(self.layer == 0)[:3]

    def key(self, number: int) -> str:
        """The key of a CI."""
        return f"{LAYERS[self.layer[number]][0]}-{number}"

    def topology(self) -> Topology:
        """What a snapshot is built from."""
        return Topology(1, self._items(), self._relations())

    def _items(self) -> Iterator[TopologyItem]:
        roots = set(self.roots.tolist())
        for start in range(0, self.size, CHUNK):
            part = slice(start, start + CHUNK)
            rows = zip(self.layer[part].tolist(), self.site[part].tolist(), strict=True)
            for i, (layer, site) in enumerate(rows, start):
                name = LAYERS[layer][0]
                yield TopologyItem(
                    i, key := f"{name}-{i}", name, key, "live", i in roots, {}, f"site-{site}",
                    CONFIRMED_AT, "estate",
                )  # fmt: skip

    def relation(self, number: int) -> TopologyRelation:
        """One relation."""
        return next(self._relations(number, number + 1))

    def _relations(self, start: int = 0, stop: int | None = None) -> Iterator[TopologyRelation]:
        stop = len(self.kind) if stop is None else stop
        for begin in range(start, stop, CHUNK):
            part = slice(begin, min(begin + CHUNK, stop))
            rows = zip(self.ends[part].tolist(), self.kind[part].tolist(), strict=True)
            for i, ((a, b), kind) in enumerate(rows, begin):
                yield TopologyRelation(
                    i, a, TYPES[kind], b, GROUPS[kind], None, CONFIRMED_AT, "estate"
                )

    def data(self) -> dict[str, Any]:
        """The estate form."""
        items = [
            {
                "key": one.key,
                "type": one.type,
                "name": one.name,
                "network_root": one.network_root,
                "attributes": {"environment": "production"},
            }
            for one in self._items()
        ]
        keys = [one["key"] for one in items]
        return {
            "cis": items,
            "relations": [
                {"from": keys[r.from_number], "type": r.type, "to": keys[r.to_number]}
                | ({"group": r.group} if r.group else {})
                for r in self._relations()
            ],
        }


def layered(
    size: int, relations_per_ci: float = 5.0, seed: int = 1, shape: Shape = USUAL
) -> Estate:
    """An estate of `size` CIs.

    Sites have all layers; a CI depends on CIs of its layer and of the two below, mostly at its
    site, where the first of each layer are hubs. A tenth of the CIs is linked: switches in a chain
    between two routers at each site, routers in a wide-area ring with the network roots, servers to
    two switches.
    """
    chance = np.random.default_rng(seed)
    sites = max(1, size // shape.site)
    number = np.arange(size)
    place, site = (number // sites) / (size / sites), number % sites
    layer = (np.searchsorted(BOUNDS, place, side="right") - 1).clip(0, len(LAYERS) - 1)
    links = _links(layer, site, sites, chance)
    wanted = int(size * relations_per_ci) - len(links)
    ends = _dependencies(layer, place, sites, wanted, shape, chance)
    kinds = [1 - GROUPED - SOFT, SOFT, GROUPED / 2, GROUPED / 2]
    kind = chance.choice(4, len(ends), p=kinds)
    return Estate(
        seed,
        layer,
        site,
        np.concatenate([ends, links]),
        np.concatenate([kind, np.full(len(links), LINK)]),
    )


def _dependencies(
    layer: Numbers,
    place: npt.NDArray[np.float64],
    sites: int,
    wanted: int,
    shape: Shape,
    chance: Chance,
) -> Numbers:
    """Different pairs of a dependent and a provider, in no order."""
    size, drawn = len(layer), int(wanted * SPARE) + 1
    dependent = chance.choice(np.flatnonzero(layer >= 2), drawn)
    first = np.searchsorted(place, BOUNDS) // sites  # of each layer, within a site
    below = chance.integers(np.maximum(layer[dependent] - 2, 0), layer[dependent] + 1)
    low = first[below]
    width = np.maximum(first[below + 1] - low, 1)
    within = low + (width * chance.random(drawn) ** shape.hubs).astype(np.int64)
    abroad = chance.random(drawn) < shape.abroad
    where = np.where(abroad, chance.integers(0, sites, drawn), dependent % sites)
    shared = chance.random(drawn) < shape.shared
    within[shared] = low[shared]
    skewed = chance.random(int(shared.sum())) ** PLATFORM_SKEW
    where[shared] = (sites * skewed).astype(np.int64)
    provider = (within * sites + where).clip(0, size - 1)
    turned = (provider > dependent) & (chance.random(drawn) >= shape.cyclic)
    upper = np.where(turned, provider, dependent)
    lower = np.where(turned, dependent, provider)
    pairs = np.unique((upper * size + lower)[upper != lower])
    mutual = int(wanted * shape.mutual)
    pairs = chance.permutation(pairs)[: wanted - mutual]
    ends = np.stack([pairs // size, pairs % size], axis=1)
    one, other = ends.T
    near = (one > other) & (layer[one] == layer[other]) & (one % sites == other % sites)
    near &= other // sites > first[layer[other]]  # no platform
    back = chance.permutation(ends[near])[:mutual, ::-1]
    back = back[~np.isin(back[:, 0] * size + back[:, 1], pairs)]
    return np.concatenate([ends, back])


def _links(layer: Numbers, site: Numbers, sites: int, chance: Chance) -> Numbers:
    """Different pairs of CIs of the network."""
    routers, switches, servers = (np.flatnonzero(layer == one) for one in range(3))
    servers = servers[: max(0, int(len(layer) * LINKED) - len(routers) - len(switches))]
    router_of = routers[site[switches] % len(routers)]
    before = np.where(np.arange(len(switches)) < sites, router_of, np.roll(switches, sites))
    across = switches[chance.integers(0, len(switches), len(switches) // 4)]
    to = routers[chance.integers(0, len(routers), len(across))]
    pairs = [
        (routers, np.roll(routers, 1)),
        (switches, before),
        (switches[-sites:], router_of[-sites:]),
        (across, to),
    ]
    for _ in range(2):
        row = chance.integers(0, max(1, len(switches) // sites), len(servers))
        pairs.append((servers, switches[(site[servers] + sites * row) % len(switches)]))
    links = np.concatenate([np.stack(pair, axis=1) for pair in pairs])
    links = np.sort(links[links[:, 0] != links[:, 1]], axis=1)
    return np.unique(links, axis=0)
