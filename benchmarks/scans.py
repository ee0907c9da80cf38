"""Scans by the nmap agent against bare nmap with the same arguments, on machines in namespaces.

Needs root. Bare nmap and the agent take turns. nmap itself varies: the same sweep of a /24 takes
from 2 to 8 seconds, by the agent or not, and longer beside other work. So the ratio is that of the
least times; the medians show the spread, and `agent_cpu_s` is what the agent itself spends.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from ipaddress import ip_network

import numpy as np

from benchmarks.measuring import Row, Table, seconds
from discovery.agent import Context, Shard, Task
from discovery.agents.nmap import AGENT
from discovery.scope import Scope
from tests.discovery.lab import Lab
from tests.discovery.lab_machine import Plan

SIZES = (12,)
"""Machines that are up."""

ROUNDS = 5
NETWORK = ip_network("10.20.3.0/24")
SERVICES = (("nginx",), ("redis", "dropbear"), ("nginx", "dropbear"), ())
BAR = 1.15


def measure(size: int) -> Iterator[Table]:
    """A sweep of a /24, and scans of the services in it."""
    plans = [Plan(f"host{n}", {"core": n + 11}, SERVICES[n % len(SERVICES)]) for n in range(size)]
    with ExitStack() as stack:
        lab = stack.enter_context(Lab(plans, ()))
        stack.enter_context(lab.scanner.entered())
        rows = [compared(size, profile, rate) for profile, rate in CASES]
    yield Table("scans.nmap", f"nmap by the agent against bare nmap (bar: {BAR})", rows)


CASES = (("sweep", 2_000), ("inventory", 2_000), ("services", 2_000))


def compared(size: int, profile: str, rate: int) -> Row:
    """One line of the table."""
    scope = Scope((NETWORK,), rate=rate)
    (shard,) = AGENT.plan(scope, Task(scope.allow, profile=profile))
    words = command(shard, scope)
    works: list[Callable[[], object]] = [partial(bare, words), partial(scanned, shard, scope)]
    for work in works:
        work()
    spent = time.process_time()
    times = np.array([[seconds(work) for work in works] for _ in range(ROUNDS)])
    spent = (time.process_time() - spent) / ROUNDS
    least, middle = times.min(axis=0), np.median(times, axis=0)
    return {
        "profile": profile,
        "hosts": size,
        "bare_s": float(least[0]),
        "agent_s": float(least[1]),
        "agent_to_bare": float(least[1] / least[0]),
        "bare_median_s": float(middle[0]),
        "agent_median_s": float(middle[1]),
        "agent_cpu_s": spent,
    }


def command(shard: Shard, scope: Scope) -> list[str]:
    """The words with which the agent starts nmap for a shard."""
    told: list[str] = []

    def refuse(words: str) -> None:
        told.append(words.partition(": ")[0])
        raise Told

    try:
        list(AGENT.run(shard, Context(scope, refuse)))
    except Told:
        return told[0].split()
    raise ValueError("the agent has started nothing")


class Told(Exception):
    """Ends a scan before it starts."""


def bare(words: list[str]) -> None:
    """nmap itself, on the whole network."""
    done = subprocess.run(words, input=f"{NETWORK}\n".encode(), stdout=subprocess.PIPE, check=True)
    if b'exit="success"' not in done.stdout:
        sys.exit("nmap did not come to its end")


def scanned(shard: Shard, scope: Scope) -> int:
    """The agent, from its start to the last observation; how many there were."""
    return sum(1 for _ in AGENT.run(shard, Context(scope, lambda command: None)))
