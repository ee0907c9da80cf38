"""Reference for the weights of causes: one hypothesis at a time, in plain numbers, by brute force.

Written from decision 0014, on the reference of the impact semantics.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import comb, inf, lgamma, log
from typing import Any

from tests.reference import impact
from tests.reference.impact import RANK, STATES, STATUSES_IN_GRAPH

Estate = dict[str, Any]
Cause = tuple[tuple[str, str], ...]

# predicted state → state that is said (None: nobody says) → probability
SEEN = {
    "at_risk": {None: 0.25, "at_risk": 0.15, "degraded": 0.07, "down": 0.03},
    "degraded": {None: 0.85, "at_risk": 0.10, "degraded": 0.60, "down": 0.15},
    "down": {None: 0.85, "at_risk": 0.03, "degraded": 0.17, "down": 0.65},
}
BY_CHANCE = {None: 1.0, "at_risk": 0.15, "degraded": 0.35, "down": 0.50}
COUNTS = {"ok": 0.0, "at_risk": 0.25, "degraded": 1.0, "down": 1.0}
FAILED = {"down": 0.65, "degraded": 0.35}
OUTSIDE, ANOTHER = 0.05, 0.1
SLACK = 120.0


@dataclass
class Question:
    """What is known: symptoms with their state and time, healthy CIs, gains of events by CI."""

    estate: Estate
    symptoms: Mapping[str, tuple[str | None, float | None]]
    healthy: Sequence[str] = ()
    gains: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    odds: Mapping[str, float] = field(default_factory=dict)

    def live(self) -> list[dict[str, Any]]:
        return [
            ci for ci in self.estate["cis"] if (ci.get("status") or "live") in STATUSES_IN_GRAPH
        ]


def share(some: float, others: float, a: float, b: float) -> float:
    """The logarithm of a beta-binomial of one arrangement."""

    def beta(x: float, y: float) -> float:
        return lgamma(x) + lgamma(y) - lgamma(x + y)

    return beta(a + some, b + others) - beta(a, b)


def choices(n: float, k: float) -> float:
    """The logarithm of n over k."""
    if n == int(n) and k == int(k):
        return log(comb(int(n), int(k)))
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def prior(asked: Question, key: str, providers: Iterable[str]) -> float:
    """The logarithm of a CI's own odds, against those of what is outside the model."""
    odds = {ci["key"]: asked.odds.get(ci["type"], 1.0) for ci in asked.live()}
    whole = 0.0
    for one, value in odds.items():
        factor = 1.0
        for gain in asked.gains.get(one, {}).values():
            factor *= 1.0 + gain
        whole += value * factor
    total = log(odds[key] / whole * (1.0 - OUTSIDE) / OUTSIDE)
    total += sum(log(1.0 + gain) for gain in asked.gains.get(key, {}).values())
    changed = {one for one, gains in asked.gains.items() if gains.get("changes")}
    for one in changed & set(providers) - {key}:
        total += log(1.0 + 0.25 * asked.gains[one]["changes"])
    return total


def likelihood(asked: Question, cause: Cause) -> float:
    """The logarithm of how much likelier what is known is than by chance."""
    failures = [{"key": key, "state": state} for key, state in cause]
    rules = impact.BUILTIN_RULES
    states = {ci["key"]: "ok" for ci in asked.estate["cis"]}
    states |= impact.states(asked.estate, rules, failures)
    rounds = {
        row["key"]: row["distance"] for row in impact.blast_radius(asked.estate, rules, failures)
    }
    types = {ci["key"]: ci["type"] for ci in asked.live()}
    kinds = {types[key] for key in asked.symptoms}
    population = [key for key, kind in types.items() if kind in kinds]
    count = len(asked.symptoms)
    told = [key for key in asked.symptoms if states[key] != "ok"]
    total = log(count * (count + 1)) + choices(len(population), count)
    total += log(len(types) / len(population))
    for key in told:
        said = asked.symptoms[key][0]
        total += log(SEEN[states[key]][said] / 0.85 / BY_CHANCE[said])
    known = {*asked.symptoms, *asked.healthy}
    quiet = sum(COUNTS[states[key]] for key in population if key not in known)
    false = count - len(told)
    total += share(false, len(told), 0.6, 6.0)
    total -= choices(max(len(population) - len(told) - quiet, false), false)
    total += share(len(told), quiet, 0.5, 1.0)
    missed = [key for key in asked.healthy if RANK[states[key]] >= RANK["degraded"]]
    total += share(len(missed), len(told), 1.0, 6.0)
    total += sum(log(0.75) for key in asked.healthy if states[key] == "at_risk")
    total += sum(log(0.03 / 0.15) for key, _ in cause if key in asked.healthy)
    return total + _order(asked, told, rounds)


def _order(asked: Question, told: list[str], rounds: Mapping[str, int]) -> float:
    timed = {key: since for key in told if (since := asked.symptoms[key][1]) is not None}
    if sum(since is not None for _, since in asked.symptoms.values()) < 2:
        return 0.0
    early = 0
    for key, since in timed.items():
        nearer = [other for one, other in timed.items() if rounds.get(one, 0) < rounds.get(key, 0)]
        early += since < min(nearer, default=-inf) - SLACK
    return min(early, 3) * log(0.3)


def weight(asked: Question, cause: Cause, providers: Mapping[str, set[str]]) -> float:
    """The logarithm of a hypothesis' weight, against that of what is outside the model."""
    total = likelihood(asked, cause)
    for key, state in cause:
        total += prior(asked, key, providers.get(key, ())) + log(FAILED[state])
    return total + (len(cause) - 1) * log(ANOTHER * OUTSIDE / (1 - OUTSIDE))


def reaches(asked: Question, key: str) -> bool:
    """Whether any symptom is not ok when a CI is down."""
    states = impact.states(asked.estate, impact.BUILTIN_RULES, [{"key": key, "state": STATES[-1]}])
    return any(states[symptom] != "ok" for symptom in asked.symptoms)
