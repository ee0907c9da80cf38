"""The propagation of failures, in rounds, on flat arrays; interpreted or compiled.

The functions are plain Python over NumPy arrays. A short question on a small estate runs them as
they are; a service or a large estate compiles the same functions with Numba.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cmdb.impact import network

OK, AT_RISK, DEGRADED, DOWN = 0, 1, 2, 3
STATES = ("ok", "at_risk", "degraded", "down")

HARD, SOFT, GROUP, REPEATED = 0, 1, 2, 3
"""Kinds of arc. A REPEATED arc joins a member to a group once more and counts for nothing."""


def propagation(dominators: Callable[..., Any]) -> Callable[..., Any]:
    """The propagation kernel, made with the given `dominators`."""

    def propagate(
        failed: Any,
        in_graph: Any,
        arc_start: Any,
        arc_end: Any,
        arc_target: Any,
        arc_kind: Any,
        group_dependent: Any,
        group_slack: Any,
        vertex: Any,
        net_ci: Any,
        net_start: Any,
        net_target: Any,
        net_roots: Any,
        net_judged: Any,
        net_count: Any,
    ) -> Any:
        """Least fixpoint of the impact rules, with the round of each rise.

        `failed` is (k, 2): CI number and state. Returns the final states and the log of rises:
        CI, state, index of the CI's rise before (-1 for none), and where each round starts in it;
        the last two are the end of the log.
        """
        size = len(in_graph)
        state = np.zeros(size, np.uint8)
        latest = np.zeros(size, np.int32)  # 1 + index in the log, 0 for none
        capacity = 3 * size + len(failed)
        log_ci = np.empty(capacity, np.int32)
        log_state = np.empty(capacity, np.uint8)
        log_before = np.empty(capacity, np.int32)
        rounds = np.empty(3 * size + 3, np.int32)
        degraded = np.zeros(len(group_slack), np.int32)
        downs = np.zeros(len(group_slack), np.int32)
        net_down = np.zeros(len(net_ci), np.uint8)
        count = 0
        for i in range(len(failed)):
            ci = failed[i, 0]
            if latest[ci] == 0:
                count += 1
                latest[ci] = count
                log_ci[count - 1] = ci
                log_before[count - 1] = -1
            if failed[i, 1] > state[ci]:
                state[ci] = failed[i, 1]
            log_state[latest[ci] - 1] = state[ci]
        rounds[0] = 0
        rounds[1] = count
        number = 0
        while rounds[number] < rounds[number + 1]:
            cut = False
            end = rounds[number + 1]
            for entry in range(rounds[number], end):
                ci = log_ci[entry]
                now = log_state[entry]
                before = 0
                if log_before[entry] >= 0:
                    before = log_state[log_before[entry]]
                if now == DOWN and vertex[ci] >= 0:
                    net_down[vertex[ci]] = 1
                    cut = True
                for arc in range(arc_start[ci], arc_end[ci]):
                    kind = arc_kind[arc]
                    other = arc_target[arc]
                    if kind == GROUP:
                        group = other
                        other = group_dependent[group]
                        if now >= DEGRADED and before < DEGRADED:
                            degraded[group] += 1
                        if now == DOWN and before < DOWN:
                            downs[group] += 1
                        if downs[group] >= group_slack[group]:
                            reached = DOWN
                        elif degraded[group] >= group_slack[group]:
                            reached = DEGRADED
                        else:
                            reached = AT_RISK
                    elif kind == REPEATED:
                        continue
                    else:
                        reached = now - kind
                    if reached > state[other] and in_graph[other]:
                        state[other] = reached
                        if latest[other] <= end:
                            log_ci[count] = other
                            log_before[count] = latest[other] - 1
                            count += 1
                            latest[other] = count
                        log_state[latest[other] - 1] = reached
            if cut:
                _, net_now = dominators(net_start, net_target, net_roots, net_down)
                for i in range(len(net_ci)):
                    if net_judged[i] and not net_down[i]:
                        other = net_ci[i]
                        reached = OK
                        if net_now[i] < 0:
                            reached = DOWN
                        elif net_now[i] > net_count[i]:
                            reached = AT_RISK
                        if reached > state[other]:
                            state[other] = reached
                            if latest[other] <= end:
                                log_ci[count] = other
                                log_before[count] = latest[other] - 1
                                count += 1
                                latest[other] = count
                            log_state[latest[other] - 1] = reached
            number += 1
            rounds[number + 1] = count
        return (
            state,
            latest,
            log_ci[:count].copy(),
            log_state[:count].copy(),
            log_before[:count].copy(),
            rounds[: number + 2].copy(),
        )

    return propagate


def closure(dominators: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel for final states only, made with the given `dominators`."""

    def states(
        failed: Any,
        in_graph: Any,
        arc_start: Any,
        arc_end: Any,
        arc_target: Any,
        arc_kind: Any,
        group_dependent: Any,
        group_slack: Any,
        vertex: Any,
        net_ci: Any,
        net_start: Any,
        net_target: Any,
        net_roots: Any,
        net_judged: Any,
        net_count: Any,
    ) -> Any:
        """The final states, without rounds: all `down` first, then `degraded`, then `at_risk`.

        What is down depends on nothing less than down, and so on: each CI is walked once.
        """
        size = len(in_graph)
        state = np.zeros(size, np.uint8)
        fallen = np.zeros(len(group_slack), np.int32)
        net_down = np.zeros(len(net_ci), np.uint8)
        net_now = net_count
        queue = np.empty((4, size + len(failed)), np.int32)
        count = np.zeros(4, np.int64)
        for i in range(len(failed)):
            if failed[i, 1] > state[failed[i, 0]]:
                state[failed[i, 0]] = failed[i, 1]
                queue[failed[i, 1], count[failed[i, 1]]] = failed[i, 0]
                count[failed[i, 1]] += 1
        for level in (DOWN, DEGRADED, AT_RISK):
            head = 0
            cut = False
            while head < count[level] or cut:
                if head == count[level]:
                    cut = False
                    _, net_now = dominators(net_start, net_target, net_roots, net_down)
                    for i in range(len(net_ci)):
                        if net_judged[i] and net_now[i] < 0 and state[net_ci[i]] < DOWN:
                            state[net_ci[i]] = DOWN
                            queue[DOWN, count[DOWN]] = net_ci[i]
                            count[DOWN] += 1
                    continue
                ci = queue[level, head]
                head += 1
                if state[ci] != level:
                    continue
                if level == DOWN and vertex[ci] >= 0:
                    net_down[vertex[ci]] = 1
                    cut = True
                for arc in range(arc_start[ci], arc_end[ci]):
                    kind = arc_kind[arc]
                    other = arc_target[arc]
                    reached = level - kind
                    if kind == GROUP:
                        group = other
                        other = group_dependent[group]
                        reached = AT_RISK
                        if level >= DEGRADED:
                            fallen[group] += 1
                            if fallen[group] >= group_slack[group]:
                                reached = level
                    elif kind == REPEATED:
                        continue
                    if reached > state[other] and in_graph[other]:
                        state[other] = reached
                        queue[reached, count[reached]] = other
                        count[reached] += 1
            if level == DEGRADED:
                for i in range(len(net_ci)):
                    if net_judged[i] and net_now[i] > net_count[i] and state[net_ci[i]] == OK:
                        state[net_ci[i]] = AT_RISK
                        queue[AT_RISK, count[AT_RISK]] = net_ci[i]
                        count[AT_RISK] += 1
        return state

    return states


@dataclass(frozen=True, slots=True)
class Kernels:
    """The functions that do the work, interpreted or compiled."""

    dominators: Callable[..., Any]
    propagate: Callable[..., Any]
    states: Callable[..., Any]


INTERPRETED = Kernels(
    network.dominators, propagation(network.dominators), closure(network.dominators)
)
_current = INTERPRETED


def current() -> Kernels:
    """The kernels in force: interpreted until `use` puts others in."""
    return _current


def compiled() -> Kernels:
    """The kernels compiled with Numba; compiles on the first call, or loads what is cached."""
    from cmdb.impact import compiled as module

    return Kernels(module.dominators, module.propagate, module.states)


def use(kernels: Kernels) -> None:
    """Put kernels into force."""
    global _current
    _current = kernels
