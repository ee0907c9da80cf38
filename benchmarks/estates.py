"""A generated estate of a given size, as arrays: layers, sites, hubs, rings, groups, several roots."""

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
GROUPED, SOFT, LINKED = 0.175, 0.31, 0.10
HUBS = 2.0
"""Skew of the choice of providers: shared platforms have many dependents, as in real estates."""

SITE = 2_000
"""CIs a site; most relations stay inside one."""

ABROAD, SHARED, CYCLIC = 0.004, 0.01, 0.0005
"""Shares of dependencies on another site, on platforms that all sites share, and in rings."""

Numbers = npt.NDArray[np.int64]


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
        return len(self.layer)

    def key(self, number: int) -> str:
        return f"{LAYERS[self.layer[number]][0]}-{number}"

    def topology(self) -> Topology:
        return Topology(1, self._items(), self._relations())

    def _items(self) -> Iterator[TopologyItem]:
        roots = set(self.roots.tolist())
        for i, (layer, site) in enumerate(zip(self.layer.tolist(), self.site.tolist(), strict=True)):
            name = LAYERS[layer][0]
            key = f"{name}-{i}"
            yield TopologyItem(i, key, name, key, "live", i in roots, {}, f"site-{site}", 1.0, "b")

    @property
    def roots(self) -> Numbers:
        return np.flatnonzero(self.layer == 0)[:3]

    def _relations(self) -> Iterator[TopologyRelation]:
        types = ("depends_on", "uses", "depends_on", "depends_on", "connects_to")
        groups = (None, None, "nodes", "feeds", None)
        rows = zip(self.ends[:, 0].tolist(), self.ends[:, 1].tolist(), self.kind.tolist(), strict=True)
        for i, (a, b, kind) in enumerate(rows):
            yield TopologyRelation(i, a, types[kind], b, groups[kind], None, 1.0, "b")

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


def layered(size: int, relations_per_ci: float = 5.0, seed: int = 1) -> Estate:
    """An estate of about `size` CIs.

    Sites have all layers; a CI depends on CIs of the layers below, mostly at its site, where the
    first of each layer are hubs. A tenth of the CIs is linked: switches in rings below the routers
    of the site, the sites' routers in a wide-area ring with the network roots, servers to two
    switches.
    """
    chance = np.random.default_rng(seed)
    sites = max(1, size // SITE)
    shares = np.cumsum([share for _, share in LAYERS])
    place = (np.arange(size) // sites) / (size / sites)  # within its site
    layer = np.searchsorted(shares / shares[-1], place, side="right").clip(0, len(LAYERS) - 1)
    site = np.arange(size) % sites
    links = _links(layer, site, sites, chance)
    wanted = int(size * relations_per_ci) - len(links)
    upper = np.flatnonzero(layer >= 2)
    dependent = chance.choice(upper, wanted)
    first = np.searchsorted(place, np.concatenate([[0], shares / shares[-1]]))
    below = chance.integers(np.maximum(layer[dependent] - 2, 0), layer[dependent] + 1)
    low, high = first[below] // sites, np.maximum(first[below + 1] // sites, first[below] // sites + 1)
    skewed = low + ((high - low) * chance.random(wanted) ** HUBS).astype(np.int64)
    shared = chance.random(wanted) < SHARED
    skewed[shared] = low[shared]
    where = np.where(chance.random(wanted) < ABROAD, chance.integers(0, sites, wanted), site[dependent])
    where[shared] = (sites * chance.random(int(shared.sum())) ** 4).astype(np.int64)
    provider = (skewed * sites + where).clip(0, size - 1)
    forward = provider < dependent
    turned = ~forward & (chance.random(wanted) >= CYCLIC)
    ends = np.stack([dependent, provider], axis=1)
    ends[turned] = ends[turned][:, ::-1]
    kind = chance.choice(
        4, wanted, p=[1 - GROUPED - SOFT, SOFT, GROUPED / 2, GROUPED / 2]
    )
    keep = ends[:, 0] != ends[:, 1]
    _, once = np.unique(ends[keep, 0] * size + ends[keep, 1], return_index=True)
    ends, kind = ends[keep][once], kind[keep][once]
    return Estate(
        seed,
        layer,
        site,
        np.concatenate([ends, links]),
        np.concatenate([kind, np.full(len(links), 4)]),
    )


def _links(layer: Numbers, site: Numbers, sites: int, chance: np.random.Generator) -> Numbers:
    routers, switches = np.flatnonzero(layer == 0), np.flatnonzero(layer == 1)
    servers = np.flatnonzero(layer == 2)
    servers = servers[: max(0, int(len(layer) * LINKED) - len(routers) - len(switches))]
    pairs = [np.stack([routers, np.roll(routers, 1)], axis=1)]
    pairs.append(np.stack([switches, np.where(np.arange(len(switches)) < sites, routers[
        site[switches] % len(routers)], np.roll(switches, sites))], axis=1))
    last = switches[-sites:]
    pairs.append(np.stack([last, routers[site[last] % len(routers)]], axis=1))
    across = switches[chance.integers(0, len(switches), len(switches) // 4)]
    pairs.append(np.stack([across, routers[chance.integers(0, len(routers), len(across))]], axis=1))
    of_site = np.stack([site[servers] + sites * (chance.integers(0, max(1, len(switches) // sites), len(
        servers))) for _ in range(2)], axis=1)
    for column in range(2):
        pairs.append(np.stack([servers, switches[of_site[:, column] % len(switches)]], axis=1))
    links = np.concatenate(pairs)
    links = np.sort(links[links[:, 0] != links[:, 1]], axis=1)
    return np.unique(links, axis=0)
