"""A generated estate of a given size: layers of services, applications, software and machines."""

import random
from typing import Any

LAYERS = (
    ("business_service", 0.01),
    ("application", 0.04),
    ("database", 0.15),
    ("virtual_machine", 0.35),
    ("server", 0.35),
    ("switch", 0.095),
    ("router", 0.005),
)

HUBS = 2.5
"""Skew of the choice of providers: shared platforms have many dependents, as in real estates."""


def layered(size: int, relations_per_ci: float = 2.7, seed: int = 1) -> dict[str, Any]:
    """About `size` CIs in layers, each depending on some of the layers below.

    A sixth of the dependencies is in redundancy groups, a third of the rest is soft; machines are
    linked to switches, these in a tree with cross links below a few network roots.
    """
    chance = random.Random(seed)
    cis: list[dict[str, Any]] = []
    layers: list[list[str]] = []
    for type_name, share in LAYERS:
        keys = [f"{type_name}-{i}" for i in range(max(2, int(size * share)))]
        layers.append(keys)
        root = type_name == "router"
        cis += [
            {
                "key": key,
                "type": type_name,
                "name": f"{type_name.replace('_', ' ')} {i}",
                "network_root": root and i < 3,
                "attributes": {"environment": "production"},
            }
            for i, key in enumerate(keys)
        ]
    relations = _links(layers, chance)
    wanted = int(size * relations_per_ci) - len(relations)
    seen: set[tuple[str, str]] = set()
    while wanted > len(seen):
        layer = chance.choices(range(4), (1, 4, 15, 35))[0]
        source = chance.choice(layers[layer])
        below = layers[chance.randint(layer, 4)]
        target = below[int(len(below) * chance.random() ** HUBS)]  # the first are hubs
        if source == target or (source, target) in seen:
            continue
        seen.add((source, target))
        kind = chance.random()
        relation: dict[str, Any] = {"from": source, "type": "depends_on", "to": target}
        if kind < 0.17:
            relation["group"] = chance.choice(("nodes", "feeds"))
        elif kind < 0.45:
            relation["type"] = "uses"
        relations.append(relation)
    return {"cis": cis, "relations": relations}


def _links(layers: list[list[str]], chance: random.Random) -> list[dict[str, Any]]:
    switches, routers = layers[5], layers[6]
    pairs = {(switches[i], switches[(i - 1) // 8]) for i in range(1, len(switches))}
    pairs |= {(chance.choice(switches), chance.choice(switches)) for _ in switches[::4]}
    pairs |= {(switch, chance.choice(routers)) for switch in switches[:40]}
    pairs |= {(routers[i], routers[i - 1]) for i in range(1, len(routers))}
    return [{"from": a, "type": "connects_to", "to": b} for a, b in sorted(pairs) if a != b]
