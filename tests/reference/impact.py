"""Reference for the impact semantics: plain rounds over plain dictionaries, brute force on paths.

Written from the page that defines the semantics, independently of the engine, so that the two can
be compared on any estate. Clarity comes before speed everywhere.
"""

import re
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import networkx as nx

STATES = ("ok", "at_risk", "degraded", "down")
RANK = {state: rank for rank, state in enumerate(STATES)}
STATUSES_IN_GRAPH = frozenset({"in_deployment", "live", "in_maintenance", "missing"})
VIRTUAL_ROOT = ("virtual root",)  # a tuple, so it can never equal the key of a CI

Graph: TypeAlias = "nx.Graph[Any]"
Need = int | str
Cause = dict[str, Any]
Reason = tuple[str, Cause]  # the state it gives, and what it names
Chokes = dict[str, set[str]]
History = list[dict[str, str]]  # the states after each round
Causes = dict[str, dict[int, Cause]]  # per CI, why it rose in each round


@dataclass(frozen=True)
class RelationRule:
    """What a relation type declares about impact."""

    impact: str  # "to→from", "from→to", "both", "none" or "link"
    strength: str = "hard"
    group: str | None = None
    need: Need | None = None  # default need of groups its relations are in


BUILTIN_RULES: dict[str, RelationRule] = {
    "depends_on": RelationRule("to→from"),
    "uses": RelationRule("to→from", "soft"),
    "runs_on": RelationRule("to→from"),
    "hosted_on": RelationRule("to→from"),
    "located_in": RelationRule("to→from"),
    "part_of": RelationRule("to→from"),
    "powered_by": RelationRule("to→from", group="power", need=1),
    "member_of": RelationRule("from→to", group="members", need=1),
    "connects_to": RelationRule("link"),
    "replica_of": RelationRule("none"),
    "backed_up_by": RelationRule("none"),
    "owned_by": RelationRule("none"),
    "supported_by": RelationRule("none"),
    "managed_by": RelationRule("none"),
    "covered_by": RelationRule("none"),
    "documented_by": RelationRule("none"),
}

# Rule 1: strength -> state of the provider -> state of the dependent.
DEPENDENT_BECOMES = {
    "hard": {"ok": "ok", "at_risk": "at_risk", "degraded": "degraded", "down": "down"},
    "soft": {"ok": "ok", "at_risk": "ok", "degraded": "at_risk", "down": "degraded"},
}


@dataclass
class _Group:
    """A redundancy group: its members, and how many of them the dependent needs."""

    members: set[str] = field(default_factory=set)
    default_needs: set[Need] = field(default_factory=set)
    need: int = 1


@dataclass
class _Model:
    """The impact graph: only CIs and relations that take part in it."""

    cis: set[str]
    roots: set[str]
    links: Graph  # the links, and the virtual root joined to every root
    # dependent -> (relation, provider, strength) of relations that are not in a group
    dependencies: dict[str, set[tuple[str, str, str]]]
    groups: dict[str, dict[str, _Group]]  # dependent -> name -> group
    chokes: dict[frozenset[str], Chokes] = field(default_factory=dict)  # by CIs that are down


# --- the model ---------------------------------------------------------------------------------


def resolve_need(need: Need, n: int) -> int:
    """Return how many of n members a need asks for, not more than n; refuse what is no need."""
    if isinstance(need, int) and not isinstance(need, bool) and need >= 1:
        return min(need, n)
    if isinstance(need, str) and re.fullmatch(r"([1-9][0-9]?|100)%", need):
        return -(-int(need[:-1]) * n // 100)  # rounded up, in integers
    raise ValueError(f"not a need: {need!r}")


def _build(estate: dict[str, Any], relation_types: dict[str, RelationRule]) -> _Model:
    """Return the impact graph of an estate."""
    taking_part = {
        ci["key"]: ci
        for ci in estate.get("cis") or []
        if (ci.get("status") or "live") in STATUSES_IN_GRAPH
    }
    cis = set(taking_part)
    roots = {key for key, ci in taking_part.items() if ci.get("network_root")}
    links: Graph = nx.Graph()
    links.add_node(VIRTUAL_ROOT)
    links.add_edges_from((VIRTUAL_ROOT, root) for root in roots)
    model = _Model(cis, roots, links, {key: set() for key in cis}, {key: {} for key in cis})
    for relation in estate.get("relations") or []:
        ends = {relation["from"], relation["to"]}
        if len(ends) == 2 and ends <= cis:
            _add_relation(model, relation, relation_types[relation["type"]])
    for key, groups in model.groups.items():
        for name, group in groups.items():
            _set_need(group, ((taking_part[key].get("redundancy") or {}).get(name) or {}))
    return model


def _add_relation(model: _Model, relation: dict[str, Any], rule: RelationRule) -> None:
    """Add one relation between two different CIs of the graph."""
    start, end, name = relation["from"], relation["to"], relation["type"]
    strength = relation.get("strength") or rule.strength
    group_name = relation.get("group") or rule.group
    if rule.impact == "link":
        model.links.add_edge(start, end)
    elif rule.impact == "both":
        model.dependencies[start].add((name, end, strength))
        model.dependencies[end].add((name, start, strength))
    elif rule.impact in ("to→from", "from→to"):
        dependent, provider = (start, end) if rule.impact == "to→from" else (end, start)
        if group_name is None:
            model.dependencies[dependent].add((name, provider, strength))
        else:
            group = model.groups[dependent].setdefault(group_name, _Group())
            group.members.add(provider)
            if rule.need is not None:
                group.default_needs.add(rule.need)
    elif rule.impact != "none":
        raise ValueError(f"unknown impact: {rule.impact!r}")


def _set_need(group: _Group, said: dict[str, Any]) -> None:
    """Set the need of a group: what the dependent says, else the greatest default, else 1."""
    n = len(group.members)
    if said.get("need") is not None:
        group.need = resolve_need(said["need"], n)
    else:
        group.need = max((resolve_need(need, n) for need in group.default_needs), default=1)


# --- rule 1 and rule 2 -------------------------------------------------------------------------


def _dependency_reasons(model: _Model, history: History, ci: str) -> Iterator[Reason]:
    """Rule 1: yield a reason for every relation that is not in a group."""
    for relation, provider, strength in sorted(model.dependencies[ci]):
        state = history[-1][provider]
        cause = {
            "rule": "dependency",
            "relation": relation,
            "from": [{"key": provider, "state": state}],
        }
        yield DEPENDENT_BECOMES[strength][state], cause


def _group_state(group: _Group, states: dict[str, str]) -> str:
    """Rule 2: return the state that a group gives its dependent."""
    up = [member for member in group.members if states[member] != "down"]
    healthy = [member for member in group.members if states[member] in ("ok", "at_risk")]
    if len(up) < group.need:
        return "down"
    if len(healthy) < group.need:
        return "degraded"
    if any(states[member] != "ok" for member in group.members):
        return "at_risk"
    return "ok"


def _redundancy_reasons(model: _Model, history: History, ci: str) -> Iterator[Reason]:
    """Rule 2: yield a reason for every group that is not ok."""
    for name, group in sorted(model.groups[ci].items()):
        state = _group_state(group, history[-1])
        if state == "ok":
            continue
        # One member is enough for at_risk; else so many that one too few is left.
        fewest = 1 if state == "at_risk" else len(group.members) - group.need + 1
        fallen = [key for key in group.members if RANK[history[-1][key]] >= RANK[state]]
        fallen.sort(key=lambda key: (_first_round(history, key, state), key))
        named = [{"key": key, "state": state} for key in fallen[:fewest]]
        yield state, {"rule": "redundancy", "group": name, "from": named}


# --- rule 3 ------------------------------------------------------------------------------------


def _without(graph: Graph, removed: Iterable[Hashable]) -> Graph:
    """Return a copy of a graph without some nodes."""
    copy = graph.copy()
    copy.remove_nodes_from(removed)
    return copy


def _chokes(model: _Model, down: frozenset[str]) -> Chokes:
    """Return, for every CI that reaches the virtual root, the other CIs on every path to it.

    A CI lies on every path exactly when there is no path once it is removed.
    """
    if down not in model.chokes:
        walkable = _without(model.links, down)
        reaching = nx.node_connected_component(walkable, VIRTUAL_ROOT) & model.cis
        chokes: Chokes = {ci: set() for ci in reaching}
        for other in reaching:
            still = nx.node_connected_component(_without(walkable, [other]), VIRTUAL_ROOT)
            for ci in reaching - still - {other}:
                chokes[ci].add(other)
        model.chokes[down] = chokes
    return model.chokes[down]


def _judged(model: _Model) -> set[str]:
    """Return the CIs that rule 3 judges: linked, no root, reach a root when nothing has failed."""
    return set(_chokes(model, frozenset())) - model.roots


def _border(model: _Model, down: set[str], ci: str, without: set[str]) -> list[dict[str, str]]:
    """Return the down CIs next to what a CI can still reach without some CIs."""
    reached = nx.node_connected_component(_without(model.links, down | without), ci)
    border = {key for key in down & set(model.links) if set(model.links[key]) & reached}
    return [{"key": key, "state": "down"} for key in sorted(border)]


def _connectivity_reasons(model: _Model, history: History, ci: str) -> Iterator[Reason]:
    """Rule 3: yield a reason when a CI is cut off, or newly hangs on another CI."""
    down = {key for key, state in history[-1].items() if state == "down"}
    if ci not in _judged(model) or ci in down:
        return
    chokes = _chokes(model, frozenset(down))
    if ci not in chokes:
        state, hangs_on, border = "down", None, _border(model, down, ci, set())
    else:
        new = chokes[ci] - _chokes(model, frozenset())[ci]
        if not new:
            return
        steps = nx.single_source_shortest_path_length(_without(model.links, down), ci)
        hangs_on = min(new, key=lambda other: steps[other])
        state, border = "at_risk", _border(model, down, ci, {hangs_on})
    yield state, {"rule": "connectivity", "from": border, "hangs_on": hangs_on}


# --- rounds ------------------------------------------------------------------------------------


def _reasons(model: _Model, history: History, ci: str) -> Iterator[Reason]:
    """Yield every reason that holds after the last round, in the order in which they count."""
    yield from _dependency_reasons(model, history, ci)
    yield from _redundancy_reasons(model, history, ci)
    yield from _connectivity_reasons(model, history, ci)


def _first_round(history: History, ci: str, state: str) -> int:
    """Return the first round in which a CI had at least a state."""
    return next(r for r, states in enumerate(history) if RANK[states[ci]] >= RANK[state])


def _round_0(model: _Model, failures: list[dict[str, Any]]) -> dict[str, str]:
    """Return the states of round 0: what was given, else ok; the worse where given twice."""
    states = dict.fromkeys(model.cis, "ok")
    for failure in failures:
        key, state = failure["key"], failure.get("state") or "down"
        if key not in states or state not in RANK:
            raise ValueError(f"no such failure: {key!r} {state!r}")
        states[key] = max(states[key], state, key=RANK.__getitem__)
    return states


def _run(model: _Model, failures: list[dict[str, Any]]) -> tuple[History, Causes]:
    """Return the states after each round, and per CI the cause of its rise in each round."""
    history = [_round_0(model, failures)]
    causes: Causes = {ci: {} for ci in model.cis}
    while True:
        states = dict(history[-1])
        for ci in model.cis:
            for state, cause in _reasons(model, history, ci):
                if RANK[state] > RANK[states[ci]]:  # so the first of several equals stays
                    states[ci] = state
                    causes[ci][len(history)] = cause
        if states == history[-1]:
            return history, causes
        history.append(states)


def _path(history: History, causes: Causes, ci: str, distance: int) -> list[str]:
    """Return the path from a failed CI to an impacted one."""
    path = [ci]
    while distance > 0:
        named = min(causes[ci][distance]["from"], key=lambda one: one["key"])
        ci, distance = named["key"], _first_round(history, named["key"], named["state"])
        path.append(ci)
    return path[::-1]


# --- the answers -------------------------------------------------------------------------------


def states(
    estate: dict[str, Any],
    relation_types: dict[str, RelationRule],
    failures: list[dict[str, Any]],
) -> dict[str, str]:
    """Return the final state of every CI in the graph."""
    history, _ = _run(_build(estate, relation_types), failures)
    return history[-1]


def blast_radius(
    estate: dict[str, Any],
    relation_types: dict[str, RelationRule],
    failures: list[dict[str, Any]],
) -> list[dict[str, Any]]:
    """Return every CI that ends higher than the state it was given: worst, nearest, least key."""
    history, causes = _run(_build(estate, relation_types), failures)
    rows = []
    for ci, state in history[-1].items():
        if state != history[0][ci]:
            distance = _first_round(history, ci, state)
            row = {"key": ci, "state": state, "distance": distance}
            row["causes"] = [causes[ci][distance]]
            row["path"] = _path(history, causes, ci, distance)
            rows.append(row)
    return sorted(rows, key=lambda row: (-RANK[row["state"]], row["distance"], row["key"]))


def connectivity_not_evaluated(
    estate: dict[str, Any], relation_types: dict[str, RelationRule]
) -> int:
    """Return how many linked CIs reach no root even when nothing has failed."""
    model = _build(estate, relation_types)
    return len((set(model.links) & model.cis) - set(_chokes(model, frozenset())))
