"""What nmap would be told: shards within the scope, fixed words, and nothing that anybody wrote."""

import re
from dataclasses import replace
from ipaddress import ip_network
from itertools import product
from typing import Any

import pytest

from cmdb.errors import CMDBError, Rejected, WrongValue
from discovery.agent import Context, Shard, Task
from discovery.agents.nmap import AGENT
from discovery.agents.nmap.ports import DEEP, DISCOVERY, FEW, INVENTORY, SERVICES, spans
from discovery.agents.nmap.profiles import PROFILES, arguments
from discovery.scope import FRAGILE_PORTS, Scope, network, networks
from tests.discovery import hostile

SCOPE = Scope(allow=networks(["10.20.3.0/24"], "allow"), deny=networks(["10.20.3.66"], "deny"))
TARGETS = hostile.targets()
FIXED = re.compile(
    r"nmap|-6|-n|--system-dns|--noninteractive|-oX|-|-iL|--stats-every|\d+s|--(un)?privileged"
    r"|-T[23]|--max-(retries|rate|hostgroup|os-tries)|-P[EP]|-P[SA][\d,]+|--exclude-ports|-s[nSTUV]"
    r"|--version-light|--script-timeout|-O|--osscan-limit|--host-timeout|-p|[TU:\d,-]+",
    re.ASCII,
)


def words(profile: str, scope: Scope = SCOPE, **how: Any) -> list[str]:
    return arguments(profile, scope, **{"version": 4, "raw": True, **how})


def value(line: list[str], option: str) -> str:
    return line[line.index(option) + 1]


def scanned(line: list[str]) -> set[int]:
    """The ports that a command line names, to be asked in any way."""
    named = [one[3:] for one in line if re.match("-P[SA]", one)]
    named += [value(line, "-p")] if "-p" in line else []
    spans_named = re.findall(r"(\d+)(?:-(\d+))?", ",".join(named))
    return {n for low, high in spans_named for n in range(int(low), int(high or low) + 1)}


def test_there_are_enough_hostile_targets():
    assert len(TARGETS) >= 300


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: ascii(one)[:40])
def test_no_hostile_target_gets_through(target):
    audit: list[str] = []
    if target in hostile.OUTSIDE:
        assert not planned_anyway(target)
    else:
        with pytest.raises(WrongValue):
            network(target, "target")
    for targets in ((target,), (hostile.GOOD, target), (f"{target}", hostile.GOOD)):
        shard = Shard("10.20.3.0/24", targets, "sweep")
        with pytest.raises(Rejected):
            list(AGENT.run(shard, Context(SCOPE, audit.append)))
    assert audit == []


def planned_anyway(target: str) -> list[Shard]:
    """The shards of a target that is not allowed; of one that is denied there are none."""
    try:
        return AGENT.plan(SCOPE, Task((network(target, "target"),)))
    except (Rejected, WrongValue):
        return []


@pytest.mark.parametrize("text", [*hostile.OPTIONS, *hostile.NAMES[:10], "sweep\n", "SWEEP", "-sn"])
def test_no_text_is_taken_for_a_profile_or_an_option(text):
    audit: list[str] = []
    wanted = SCOPE.allow
    tasks = [
        Task(wanted, profile=text),
        Task(wanted, options={text: True}),
        Task(wanted, options={"names": text}),
    ]
    for task in tasks:
        with pytest.raises(Rejected):
            AGENT.plan(SCOPE, task)
        shard = Shard("10.20.3.0/24", ("10.20.3.0/28",), task.profile, task.options)
        with pytest.raises(Rejected):
            list(AGENT.run(shard, Context(SCOPE, audit.append)))
    assert audit == []


@pytest.mark.parametrize(
    "number", ["200 -oN x", "200", "\uff12\uff10", -1, 0, 1.5, True, None, 2**40]
)
@pytest.mark.parametrize("name", ["rate", "host_timeout", "forbidden_ports"])
def test_only_whole_numbers_of_the_scope_reach_the_command_line(name, number):
    scope = replace(SCOPE, **{name: frozenset({number}) if name == "forbidden_ports" else number})
    with pytest.raises(WrongValue):
        words("inventory", scope)
    with pytest.raises(Rejected):
        AGENT.plan(scope, Task(SCOPE.allow))


def test_the_command_line_holds_fixed_words_and_numbers_only():
    every = product(PROFILES, (4, 6), (True, False), (True, False), (True, False))
    for profile, version, raw, fragile, names in every:
        scope = replace(SCOPE, fragile=fragile, site="--script=x")
        line = words(profile, scope, version=version, raw=raw, names=names)
        assert [one for one in line if not FIXED.fullmatch(one)] == []
        assert ("-6" in line) == (version == 6)
        assert ("-n" in line) != names
        assert "-Pn" not in line
        assert not scanned(line) & FRAGILE_PORTS


def test_profiles():
    assert "-sn" in words("sweep")
    assert "-p" not in words("sweep")
    assert {"-sS", "-sV", "--version-light"} <= set(words("inventory"))
    assert "--version-light" not in words("services")
    assert {"-O", "-sU", "--osscan-limit"} <= set(words("deep"))
    assert value(words("deep"), "-p").endswith(",U:53,123,137,161")
    for line in map(words, PROFILES):
        assert value(line, "--stats-every") == "1s"
        assert value(line, "--max-rate") == "160"
    assert FEW | {6379} <= INVENTORY < SERVICES < DEEP


def test_without_privilege_it_connects():
    for profile in PROFILES:
        line = words(profile, raw=False)
        assert "--unprivileged" in line
        assert not {"-sS", "-sU", "-O", "-PE", "-PP"} & set(line)
        assert ("-sT" in line) == (profile != "sweep")


def test_a_fragile_scope_is_scanned_gently():
    scope = replace(SCOPE, fragile=True, rate=5000)
    for profile in PROFILES:
        line = words(profile, scope)
        assert "-T2" in line
        assert int(value(line, "--max-rate")) <= 20
        assert not {"-sS", "-sV", "-sU", "-O"} & set(line)
    assert scanned(words("deep", scope)) <= FEW | set(DISCOVERY)
    assert "-sn" in words("sweep", scope)


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("forbidden", [{80, 443}, {22, 443, 6379}, {*range(1, 60_001)} - {53}])
def test_forbidden_ports_are_never_named(forbidden, raw):
    scope = replace(SCOPE, forbidden_ports=frozenset(forbidden))
    for profile in PROFILES:
        line = words(profile, scope, raw=raw)
        assert not scanned(line) & forbidden
        assert value(line, "--exclude-ports") == spans(frozenset(forbidden))


def test_os_detection_is_left_out_where_it_might_ask_a_forbidden_port():
    assert "-O" not in words("deep", replace(SCOPE, forbidden_ports=frozenset({40_000})))


def test_where_all_ports_to_knock_at_are_forbidden_nothing_is_scanned():
    scope = replace(SCOPE, forbidden_ports=frozenset(DISCOVERY))
    with pytest.raises(Rejected, match="forbidden"):
        AGENT.plan(scope, Task(SCOPE.allow))


def test_few_hosts_at_once_where_the_rate_is_low():
    assert value(words("deep", replace(SCOPE, rate=10)), "--max-hostgroup") == "1"
    assert value(words("inventory"), "--max-hostgroup") == "16"


def planned(*wanted: str, deny: tuple[str, ...] = (), most: int = 65_536) -> list[Shard]:
    allow = networks(["10.0.0.0/8", "fd00::/64"], "allow")
    scope = Scope(allow, networks(deny, "deny"), most_addresses=most)
    return AGENT.plan(scope, Task(networks(wanted, "networks"), profile="sweep"))


def test_shards_are_at_most_a_24_and_cover_all_that_is_not_denied():
    shards = planned("10.1.0.0/22", "10.9.9.9", "fd00::/119", deny=("10.1.1.0/25", "10.1.2.7"))
    assert [one.id for one in shards] == [
        *("10.1.0.0/24", "10.1.1.0/24", "10.1.2.0/24", "10.1.3.0/24", "10.9.9.0/24"),
        *("fd00::/120", "fd00::100/120"),
    ]
    sizes = [sum(ip_network(t).num_addresses for t in one.targets) for one in shards]
    assert sizes == [256, 128, 255, 256, 1, 256, 256]
    assert shards[4].targets == ("10.9.9.9/32",)


def test_the_same_task_gives_the_same_shards():
    wanted = ("10.1.0.0/20", "fd00::/118", "10.3.0.0/30")
    assert planned(*wanted) == planned(*reversed(wanted)) == planned(*wanted)


def test_everything_wrong_with_a_task_is_told_at_once():
    task = Task(networks(["11.0.0.0/24"], "n"), profile="x", options={"a": 1, "names": "yes"})
    with pytest.raises(Rejected) as caught:
        AGENT.plan(SCOPE, task)
    assert len(caught.value.errors) == 4
    with pytest.raises(CMDBError, match="more than the 100"):
        planned("10.0.0.0/24", most=100)


def test_it_says_what_it_can_do():
    assert AGENT.capabilities.profiles == ("inventory", "sweep", "services", "deep")
    assert AGENT.capabilities.targets == "networks"
