"""Real scans by nmap, of machines in namespaces: what is found, what leaves, and how it ends."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from cmdb.errors import CMDBError, Rejected
from cmdb.identity.observation import ObservedItem, ObservedRelation
from discovery import runner
from discovery.agent import Context, Covered, Event, Progress, Shard, Task
from discovery.agents.nmap import AGENT
from discovery.scope import FRAGILE_PORTS, Scope, networks
from tests.discovery import hostile
from tests.discovery.capture import Capture, Packet
from tests.discovery.lab import Lab
from tests.discovery.lab_machine import Machine, Plan
from tests.discovery.nmap_recordings import Reading, reading_of

PLANS = (
    Plan("one", {"core": 11}, ("nginx", "dropbear")),
    Plan("two", {"core": 12}, ("redis", "dropbear")),
    Plan("three", {"core": 13}, ("snmpd",)),
    Plan("shy", {"core": 14}, answers="arp"),
    Plan("vault", {"core": 20}, ("redis",), denied=True),
)
ALLOWED = networks(["10.20.3.0/27"], "networks")
STOP_SECONDS = 2.0
PROGRAMS = ("nmap", "setpriv", "ssh-keyscan")


@pytest.fixture(scope="module")
def small() -> Iterator[Lab]:
    with Lab(PLANS, ()) as made:
        yield made


@pytest.fixture(scope="module")
def scope(small: Lab) -> Scope:
    return Scope(ALLOWED, small.denied, site="lab", rate=1000)


@pytest.fixture(scope="module")
def inventory(small: Lab, scope: Scope) -> list[Event]:
    """The events of one scan, which several tests look at."""
    return scan(small, scope, "inventory")


def scan(
    lab: Lab, scope: Scope, profile: str, seen: Callable[[Event, Context], None] = lambda *_: None
) -> list[Event]:
    """All events of a scan of what is allowed; `seen` is told each as it comes."""
    events: list[Event] = []
    with lab.scanner.entered():
        for shard in AGENT.plan(scope, Task(scope.allow, profile=profile)):
            context = Context(scope, lambda command: None)
            for event in AGENT.run(shard, context):
                events.append(event)
                seen(event, context)
    return events


def reading(events: list[Event]) -> Reading:
    kinds = (ObservedItem, ObservedRelation, CMDBError)
    return reading_of(one for one in events if isinstance(one, kinds))


def covered(events: list[Event]) -> list[Covered]:
    return [one for one in events if isinstance(one, Covered)]


def key(machine: Machine) -> str:
    return f"lab/{machine.addresses['eth0']}"


def running(lab: Lab) -> list[str]:
    """The programs of a scan that run on the network of this lab's scanner."""
    inode = Path(f"/proc/{lab.scanner.pid}/ns/net").stat().st_ino
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "ns/net").stat().st_ino == inode:
                found.append((entry / "comm").read_text().strip())
        except OSError:
            continue  # it has ended
    return [name for name in found if name in PROGRAMS]


def most_in(packets: list[Packet], seconds: float) -> int:
    """The most packets in any span of so many seconds."""
    times = sorted(one.time for one in packets)
    most = first = 0
    for last, time_of_last in enumerate(times):
        while time_of_last - times[first] > seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def test_all_that_is_there_is_found_and_nothing_else(small, scope):
    events = scan(small, scope, "services")
    found = reading(events)

    assert found.errors == []
    assert set(found.hosts) == {key(machine) for machine in small.live}
    for machine in small.live:
        host = found.items[key(machine)]
        assert host.attributes["mac_addresses"] == [machine.macs["eth0"]]
        tcp = {n: one for n, one in machine.services.items() if one.protocol == "tcp"}
        inner = found.of(key(machine))
        assert {f"tcp/{number}" for number in tcp} == set(inner)
        for number, service in tcp.items():
            attributes = inner[f"tcp/{number}"].attributes
            assert service.product in attributes["product"]
            assert attributes["version"] == service.version
            assert attributes["cpes"]
        if machine.host_key is not None:
            digest = hashlib.sha256(base64.b64decode(machine.host_key.split()[1])).digest()
            told = f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"
            assert host.attributes["ssh_host_keys"] == [told]


def test_a_shard_that_came_to_its_end_is_covered_and_its_progress_only_grows(inventory):
    (whole,) = covered(inventory)

    assert whole.method == "nmap/inventory"
    assert sum(ip_network(one).num_addresses for one in whole.targets) == 31  # all but the vault
    done = [one.done for one in inventory if isinstance(one, Progress)]
    assert done == sorted(set(done))
    assert done[-1] == 1.0


def test_a_deep_scan_finds_udp_and_guesses_systems(small, scope):
    one = networks(["10.20.3.13"], "networks")
    found = reading(scan(small, replace(scope, allow=one), "deep"))

    assert found.of("lab/10.20.3.13")["udp/161"].attributes["protocol"] == "snmp"
    assert found.items["lab/10.20.3.13"].attributes["guess"].startswith("Linux")


def test_two_scans_tell_the_same(small, scope, inventory):
    first, second = reading(inventory), reading(scan(small, scope, "inventory"))
    assert first == second
    assert len(first.items) == 8


def test_only_allowed_targets_and_ports_are_touched(small, scope):
    forbidden = FRAGILE_PORTS | {6379}
    with Capture(small.scanner) as capture:
        events = scan(small, replace(scope, forbidden_ports=forbidden), "services")

    assert "tcp/6379" not in reading(events).of("lab/10.20.3.12")
    assert {one.target for one in capture.packets if not scope.permits(one.target)} == set()
    assert {one.port for one in capture.packets} & forbidden == set()
    assert len({one.target for one in capture.packets}) == 31


@pytest.mark.parametrize("rate", [40, 200])
def test_no_more_leaves_than_the_rate_allows(small, scope, rate):
    wide = networks(["10.20.3.0/25"], "networks")
    with Capture(small.scanner) as capture:
        events = scan(small, replace(scope, allow=wide, rate=rate), "sweep")

    assert len(reading(events).hosts) == len(small.live)
    assert len(capture.packets) >= 127
    assert most_in(capture.packets, 3.0) <= 3.0 * rate


def test_nothing_hostile_leaves_the_machine(small, scope):
    with Capture(small.scanner) as capture, small.scanner.entered():
        for target in hostile.targets():
            context = Context(scope, lambda command: None)
            for targets in ((target,), (hostile.GOOD, target)):
                with pytest.raises(Rejected):
                    list(AGENT.run(Shard("x", targets, "services"), context))
        shard = Shard("x", (hostile.GOOD,), "sweep")
        assert list(AGENT.run(shard, Context(scope, lambda command: None)))

    assert {one.target for one in capture.packets} == {ip_address(hostile.GOOD)}
    assert not Path("/tmp/nmap-was-here").exists()


def test_one_that_is_cancelled_ends_at_once_and_keeps_what_was_finished(small, scope):
    cancelled: list[float] = []

    def cancel(event: Event, context: Context) -> None:
        if isinstance(event, Progress) and event.done > 0.2 and not cancelled:
            cancelled.append(time.monotonic())
            context.cancelled.set()

    few = networks(["10.20.3.11", "10.20.3.12/30"], "networks")
    gentle = replace(scope, allow=few, fragile=True, host_timeout=3, rate=20)  # host by host
    events = scan(small, gentle, "inventory", cancel)

    assert time.monotonic() - cancelled[0] < STOP_SECONDS
    assert running(small) == []
    assert 0 < len(reading(events).hosts) < len(small.live)
    assert covered(events) == []


def test_the_deadline_ends_a_scan(small, scope):
    passed: list[float] = []

    def hurry(event: Event, context: Context) -> None:
        if isinstance(event, Progress) and not passed:
            context.deadline = time.monotonic()
            passed.append(context.deadline)

    events = scan(small, replace(scope, rate=20), "deep", hurry)

    assert time.monotonic() - passed[0] < STOP_SECONDS
    assert running(small) == []
    assert covered(events) == []


def test_one_whose_reader_goes_away_leaves_no_process(small, scope):
    with small.scanner.entered():
        (shard,) = AGENT.plan(scope, Task(scope.allow, profile="inventory"))
        events = AGENT.run(shard, Context(scope, lambda command: None))
        next(events)
        assert running(small) == ["nmap"]
        events.close()  # type: ignore[attr-defined]
    assert running(small) == []


def test_without_nmap_it_says_so(small, scope, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with small.scanner.entered():
        (shard,) = AGENT.plan(scope, Task(scope.allow, profile="sweep"))
        with pytest.raises(runner.ProgramMissing, match="nmap"):
            list(AGENT.run(shard, Context(scope, lambda command: None)))


def test_without_ssh_keyscan_all_else_is_told(small, scope, monkeypatch, tmp_path):
    for program in ("nmap", "setpriv"):
        (tmp_path / program).symlink_to(runner.found(program))
    with small.scanner.entered():
        monkeypatch.setenv("PATH", str(tmp_path))
        (shard,) = AGENT.plan(scope, Task(scope.allow, profile="inventory"))
        events = list(AGENT.run(shard, Context(scope, lambda command: None)))
        monkeypatch.undo()
    found = reading(events)

    assert [type(one) for one in found.errors] == [runner.ProgramMissing]
    assert len(found.hosts) == len(small.live)
    assert covered(events)
