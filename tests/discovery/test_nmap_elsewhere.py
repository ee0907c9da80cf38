"""Scans where something is different: no right to raw packets, IPv6, names, a firewall."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import CMDBError
from cmdb.identity.observation import ObservedItem, ObservedRelation
from discovery.agent import Context, Covered, Event, Task
from discovery.agents.nmap import AGENT
from discovery.agents.nmap.phantoms import AnswersForAll
from discovery.agents.nmap.privileges import privileged
from discovery.scope import Scope, networks
from tests.discovery import lab_services
from tests.discovery.namespaces import Namespace, cable
from tests.discovery.nmap_recordings import Reading, reading_of

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65_534


@pytest.fixture
def pair() -> Iterator[tuple[Namespace, Namespace]]:
    """A scanner at 10.30.0.254, and a machine to be given addresses."""
    with Namespace("scanner") as scanner, Namespace("other") as other:
        cable(scanner, "eth0", other, "eth0")
        scanner.ip("addr add 10.30.0.254/24 dev eth0", "link set eth0 up")
        other.ip("link set eth0 up")
        yield scanner, other


def events_of(machine: Namespace, scope: Scope, profile: str, **options: Any) -> list[Event]:
    with machine.entered():
        (shard,) = AGENT.plan(scope, Task(scope.allow, profile=profile, options=options))
        return list(AGENT.run(shard, Context(scope, lambda command: None)))


def reading(events: list[Event]) -> Reading:
    kinds = (ObservedItem, ObservedRelation, CMDBError)
    return reading_of(one for one in events if isinstance(one, kinds))


def covered(events: list[Event]) -> bool:
    return any(isinstance(one, Covered) for one in events)


@pytest.mark.parametrize("profile", ["sweep", "inventory"])
def test_what_answers_for_every_address_is_no_host(pair, profile):
    scanner, firewall = pair
    firewall.ip("route add local 10.30.0.0/26 dev lo")
    scope = Scope(networks(["10.30.0.0/28"], "networks"), rate=5000)
    events = events_of(scanner, scope, profile)

    assert reading(events).items == {}
    assert [type(one) for one in reading(events).errors] == [AnswersForAll]
    assert not covered(events)


def test_ipv6(pair):
    scanner, other = pair
    for machine, last in ((scanner, "fe"), (other, "5")):
        for name in ("all", "eth0"):
            machine.run("sh", "-c", f"echo 0 > /proc/sys/net/ipv6/conf/{name}/disable_ipv6")
        machine.ip(f"addr add fd00::{last}/64 dev eth0 nodad")
    scope = Scope(networks(["fd00::/124"], "networks"), site="lab", rate=1000)
    events = events_of(scanner, scope, "inventory")

    assert list(reading(events).items) == ["lab/fd00::5"]
    assert covered(events)


def test_names_are_asked_for_only_when_that_is_wanted(pair):
    scope = Scope(networks(["127.0.0.1"], "networks"))
    silent, named = (events_of(pair[0], scope, "sweep", names=wanted) for wanted in (False, True))

    assert "hostname" not in reading(silent).items["127.0.0.1"].attributes
    assert reading(named).items["127.0.0.1"].attributes["hostname"] == "localhost"


UNPRIVILEGED = """
from discovery.agent import Context, Task
from discovery.agents.nmap import AGENT
from discovery.agents.nmap.privileges import privileged
from discovery.scope import Scope, networks
scope = Scope(networks(["10.30.0.1"], "networks"), rate=1000)
print(privileged())
for shard in AGENT.plan(scope, Task(scope.allow, profile="deep")):
    for event in AGENT.run(shard, Context(scope, lambda command: None)):
        print(type(event).__name__, getattr(event, "key", ""), getattr(event, "method", ""))
"""


def test_without_the_right_to_send_raw_packets_it_connects(pair, tmp_path):
    scanner, other = pair
    other.ip("addr add 10.30.0.1/24 dev eth0")
    tmp_path.chmod(0o711)
    program = lab_services.start("nginx", other, tmp_path / "nginx")
    lab_services.await_ready("nginx", other, tmp_path / "nginx", program)
    drop = ("setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw")
    words = scanner.words(*drop, sys.executable, "-c", UNPRIVILEGED)
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    lines = done.stdout.splitlines()

    assert lines[:1] == ["False"], done.stderr
    assert "ObservedItem 10.30.0.1 " in lines
    assert "ObservedItem 10.30.0.1/tcp/80 " in lines
    assert lines[-1] == "Covered  nmap/deep/unprivileged"


def as_nobody(question: Callable[[], bool]) -> bool:
    """The answer of a child process that runs as another user."""
    child = os.fork()
    if child == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        os._exit(int(question()))
    return bool(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def test_who_may_send_raw_packets(monkeypatch):
    monkeypatch.delenv("NMAP_PRIVILEGED", raising=False)
    assert privileged()
    assert not as_nobody(privileged)
    monkeypatch.setenv("NMAP_PRIVILEGED", "1")
    assert as_nobody(privileged)
