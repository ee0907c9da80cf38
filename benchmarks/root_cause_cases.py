"""Incidents to find the cause of: estates, synthetic faults on them, and cases from files.

A case file is JSON: `{"graph": estate form, "cases": [{"symptoms": [{"key", "state", "since"}],
"healthy": [keys], "truth": [keys], "events": [{"key", "at", "kind"}]}]}`; one case may also stand
beside the graph itself. All but `graph`, `symptoms` and `truth` may be left out.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.estates import layered
from cmdb.impact.building import build
from cmdb.impact.propagation import Propagation
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.states import AT_RISK, DEGRADED, DOWN, STATES
from cmdb.impact.topology import Topology, TopologyItem, TopologyRelation
from cmdb.root_cause.evidence import CHANGE, DISCOVERY, Event, Evidence, Symptom
from cmdb.schema.catalog import builtin_catalog

NOW = 1_767_225_600.0
HOUR = 3_600.0
MOST_SYMPTOMS, MOST_HEALTHY = 60, 300
MONITORED = 0.7
"""The share of CIs that are monitored, by estate."""

NEVER_MONITORED = ("location", "person", "team", "organization", "document", "contract")
RIGHT_STATE, NO_STATE = 0.8, 0.3
"""How often a symptom's state is told as it is, and how often not at all."""

ROUND, DELAY = 20.0, 45.0
"""Seconds that an effect takes for each round, and until it is noticed, on average."""

ANSWERED = 0.5
"""The share of cases in which the monitored CIs without an alarm are known to be healthy."""

CHANGED = 0.4
"""The share of causes that were changed shortly before."""

HERRINGS = 0.01
"""The share of all CIs that were changed within three days, beside five."""

UNKNOWN_CAUSE = 0.05
"""The share of incidents with one cause where that is nothing in the model."""

Json = dict[str, Any]
Chance = np.random.Generator


@dataclass(frozen=True)
class Case:
    """One incident: what is known, and the true causes (none: nothing in the model)."""

    evidence: Evidence
    truth: frozenset[int]

    def main(self, snapshot: Snapshot) -> dict[int, float]:
        """How the causes share in the symptoms: which is the main one, and how surely."""
        symptoms = {one.ci for one in self.evidence.symptoms}
        count = {
            ci: sum(one in symptoms for one in _hit(snapshot, {ci: DOWN})) for ci in self.truth
        }
        most = [ci for ci, n in count.items() if n == max(count.values())]
        return dict.fromkeys(most, 1.0 / len(most)) if most else {}


@dataclass(frozen=True)
class Noise:
    """What a set of cases is like: shares of missed and of false symptoms, number of causes."""

    missed: float
    false: float
    causes: int


@dataclass
class Estate:
    """A graph with what is monitored in it, and those CIs that can be causes."""

    name: str
    snapshot: Snapshot
    monitored: frozenset[int]
    causes: list[int] = field(default_factory=list)


def snapshot_of(graph: Json) -> Snapshot:
    """The snapshot of an estate form."""
    numbers = {one["key"]: i for i, one in enumerate(graph["cis"])}
    items = [
        TopologyItem(
            i, one["key"], one["type"], one.get("name") or one["key"], one.get("status") or "live",
            bool(one.get("network_root")), one.get("redundancy") or {}, None, NOW, "case",
        )
        for i, one in enumerate(graph["cis"])
    ]  # fmt: skip
    relations = [
        TopologyRelation(
            i, numbers[one["from"]], one["type"], numbers[one["to"]],
            one.get("group"), one.get("strength"), NOW, "case",
        )
        for i, one in enumerate(graph.get("relations", ()))
    ]  # fmt: skip
    return build(Topology(1, items, relations), builtin_catalog())


def read_cases(path: Path) -> tuple[Snapshot, list[Case]]:
    """The cases of a file."""
    data = json.loads(path.read_text())
    snapshot = snapshot_of(data["graph"])
    return snapshot, [case_of(snapshot, one) for one in data.get("cases", [data])]


def case_of(snapshot: Snapshot, data: Json) -> Case:
    """A case from its JSON form."""
    known = snapshot.known
    symptoms = [
        Symptom(
            known(one["key"]),
            STATES.index(one["state"]) if one.get("state") else 0,
            one.get("since"),
        )
        for one in data["symptoms"]
    ]
    events = [
        Event(known(one["key"]), one["at"], one.get("kind", CHANGE))
        for one in data.get("events", ())
    ]
    healthy = [known(key) for key in data.get("healthy", ())]
    return Case(
        Evidence(symptoms, healthy, events, data.get("at", NOW)),
        frozenset(known(key) for key in data["truth"]),
    )


def estates(seed: int) -> Iterator[Estate]:
    """The estates of a seed: layered, microservices, a ring network, and the example bank."""
    chance = np.random.default_rng(seed)
    layers = layered(1_500, 4.0, seed).topology()
    yield _estate("layered", build(layers, builtin_catalog()), chance)
    yield _estate("microservices", snapshot_of(microservices(chance)), chance)
    yield _estate("ring", snapshot_of(ring(chance)), chance)
    yield _estate("bank", snapshot_of(bank()), chance)


def _estate(name: str, snapshot: Snapshot, chance: Chance) -> Estate:
    is_a = snapshot.catalog.is_a
    inside = [
        item.number
        for item in snapshot.items()
        if snapshot.in_graph(item.number)
        and not any(is_a(item.type, one) for one in NEVER_MONITORED)
    ]
    watched = frozenset(ci for ci in inside if chance.random() < MONITORED)
    made = Estate(name, snapshot, watched)
    for item in snapshot.items():
        if snapshot.in_graph(item.number):
            hit = _hit(snapshot, {item.number: DOWN})
            if len(watched & {ci for ci, (state, _) in hit.items() if state >= DEGRADED}) >= 2:
                made.causes.append(item.number)
    return made


def _hit(snapshot: Snapshot, failures: dict[int, int]) -> dict[int, tuple[int, int]]:
    """What is not ok after failures: state and round by number."""
    found = Propagation(snapshot, failures)
    rows = zip(found.numbers.tolist(), found.states.tolist(), found.distances.tolist(), strict=True)
    return {ci: (state, 0) for ci, state in failures.items()} | {
        ci: (state, distance) for ci, state, distance in rows
    }


def incident(estate: Estate, noise: Noise, chance: Chance) -> Case:
    """A synthetic incident on an estate."""
    unknown = noise.causes == 1 and chance.random() < UNKNOWN_CAUSE
    while True:
        failures, causes = _unmodelled(estate, chance), list[int]()
        if not unknown:
            causes = chance.choice(estate.causes, noise.causes, replace=False).tolist()
            failures = {ci: DOWN if chance.random() < 0.7 else DEGRADED for ci in causes}
        symptoms = _alarms(estate, _hit(estate.snapshot, failures), noise, chance)
        if len(symptoms) >= 2:
            break
    healthy: list[int] = []
    if chance.random() < ANSWERED:
        quiet = np.array(sorted(estate.monitored - {one.ci for one in symptoms}), np.int64)
        wanted = min(len(quiet), MOST_HEALTHY)
        healthy = chance.choice(quiet, wanted, replace=False).tolist()
    evidence = Evidence(symptoms, healthy, _events(estate, causes, chance), NOW + HOUR)
    return Case(evidence, frozenset(causes))


def _unmodelled(estate: Estate, chance: Chance) -> dict[int, int]:
    """CIs of one type fail because of something that the model does not have."""
    kind = estate.snapshot.item(int(chance.choice(estate.causes))).type
    alike = [ci for ci in estate.causes if estate.snapshot.item(ci).type == kind]
    wanted = min(len(alike), int(chance.integers(3, 7)))
    return dict.fromkeys(chance.choice(alike, wanted, replace=False).tolist(), DOWN)


def _alarms(
    estate: Estate, hit: dict[int, tuple[int, int]], noise: Noise, chance: Chance
) -> list[Symptom]:
    """What is reported of what is hit, and what is reported wrongly."""
    real = [
        (ci, *hit[ci])
        for ci in sorted(estate.monitored & hit.keys())
        if chance.random() < ((1 - noise.missed) if hit[ci][0] > AT_RISK else 0.1)
    ]
    if len(real) > MOST_SYMPTOMS:
        real = [real[at] for at in sorted(chance.choice(len(real), MOST_SYMPTOMS, replace=False))]
    found = [
        Symptom(ci, _told(state, chance), NOW + ROUND * far + float(chance.exponential(DELAY)))
        for ci, state, far in real
    ]
    quiet = np.array(sorted(estate.monitored - hit.keys()), np.int64)
    wanted = min(int(chance.poisson(len(real) * noise.false / (1 - noise.false))), len(quiet))
    for ci in chance.choice(quiet, wanted, replace=False).tolist():
        state = int(chance.choice([AT_RISK, DEGRADED, DOWN]))
        found.append(Symptom(ci, _told(state, chance), NOW + float(chance.uniform(-600, 600))))
    return found


def _told(state: int, chance: Chance) -> int:
    """What is said of a state."""
    if chance.random() < NO_STATE:
        return 0
    if chance.random() < RIGHT_STATE:
        return state
    return int(chance.choice([one for one in (AT_RISK, DEGRADED, DOWN) if one != state]))


def _events(estate: Estate, causes: list[int], chance: Chance) -> list[Event]:
    """Changes: of some causes, and of CIs that have nothing to do with it."""
    events = [
        Event(ci, NOW - float(chance.exponential(2 * HOUR)), _kind(chance))
        for ci in causes
        if chance.random() < CHANGED
    ]
    size = estate.snapshot.graph.size
    others = chance.choice(size, 5 + int(HERRINGS * size), replace=False).tolist()
    return events + [
        Event(ci, NOW - float(chance.uniform(0, 72 * HOUR)), _kind(chance)) for ci in others
    ]


def _kind(chance: Chance) -> str:
    return CHANGE if chance.random() < 0.5 else DISCOVERY


def bank() -> Json:
    """The example estate."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))
    from bank import estate  # type: ignore[import-not-found]

    found: Json = estate()
    return found


def microservices(chance: Chance) -> Json:
    """Services that call each other, some in several instances, with databases and hosts."""
    cis: list[Json] = []
    relations: list[Json] = []

    def add(key: str, kind: str, **rest: Any) -> str:
        cis.append({"key": key, "type": kind, **rest})
        return key

    def relate(one: str, kind: str, other: str, **rest: Any) -> None:
        relations.append({"from": one, "type": kind, "to": other, **rest})

    hosts = [add(f"node-{i}", "server") for i in range(8)]
    machines = [add(f"vm-{i}", "virtual_machine") for i in range(24)]
    for i, machine in enumerate(machines):
        relate(machine, "hosted_on", hosts[i % len(hosts)])
    queues = [add(f"queue-{i}", "middleware") for i in range(4)]
    stores = [add(f"db-{i}", "database") for i in range(20)]
    for one in queues + stores:
        relate(one, "runs_on", str(chance.choice(machines)))
    services = [add(f"svc-{i}", "application") for i in range(70)]
    for i, service in enumerate(services):
        copies = int(chance.choice([1, 1, 2, 3]))
        for copy, machine in enumerate(chance.choice(machines, copies, replace=False)):
            box = add(f"pod-{i}-{copy}", "container")
            relate(box, "hosted_on", str(machine))
            relate(service, "runs_on", box, **({"group": "pods"} if copies > 1 else {}))
        below = services[i + 1 :]
        wanted = min(len(below), int(chance.choice([0, 1, 2, 2, 3])))
        near = chance.choice(below[:25], wanted, replace=False) if wanted else []
        for other in near:
            relate(service, "uses" if chance.random() < 0.3 else "depends_on", str(other))
        if chance.random() < 0.5:
            relate(service, "depends_on", str(chance.choice(stores)))
        if chance.random() < 0.15:
            relate(service, "uses", str(chance.choice(queues)))
    for i in range(10):
        front = add(f"front-{i}", "business_service")
        for other in chance.choice(services[:15], 2, replace=False):
            relate(front, "depends_on", str(other))
    return {"cis": cis, "relations": relations}


def ring(chance: Chance) -> Json:
    """A core of two routers, rings of switches on it, servers on switches, applications on them."""
    cis: list[Json] = []
    relations: list[Json] = []

    def add(key: str, kind: str, **rest: Any) -> str:
        cis.append({"key": key, "type": kind, **rest})
        return key

    def relate(one: str, kind: str, other: str) -> None:
        relations.append({"from": one, "type": kind, "to": other})

    cores = [add(f"core-{i}", "router", network_root=True) for i in range(2)]
    relate(cores[0], "connects_to", cores[1])
    servers: list[str] = []
    for loop in range(6):
        switches = [add(f"ring-{loop}-{i}", "switch") for i in range(int(chance.integers(4, 9)))]
        for one, other in zip([cores[0], *switches], [*switches, cores[1]], strict=True):
            relate(one, "connects_to", other)
        for switch in switches:
            access = add(f"{switch}-access", "switch")
            relate(switch, "connects_to", access)
            for i in range(int(chance.integers(2, 5))):
                servers.append(add(f"{access}-server-{i}", "server"))
                relate(access, "connects_to", servers[-1])
    apps: list[str] = []
    for i in range(120):
        apps.append(add(f"app-{i}", "application"))
        relate(apps[-1], "runs_on", str(chance.choice(servers)))
        if i > 10 and chance.random() < 0.6:
            relate(apps[-1], "depends_on", str(chance.choice(apps[:-1])))
    for i in range(15):
        service = add(f"service-{i}", "business_service")
        for other in chance.choice(apps, 2, replace=False):
            relate(service, "uses", str(other))
    return {"cis": cis, "relations": relations}
