"""Asking SNMP agents: a real snmpd by both versions, and agents that do what a test says."""

import time
from collections.abc import Iterator
from threading import Event as Flag
from typing import Any

import pytest
from pysnmp.proto.rfc1902 import Integer32

from cmdb.errors import CMDBError, Rejected
from cmdb.identity.observation import ObservedItem, ObservedRelation
from discovery.agent import Context, Covered, Event, Progress, Secret, Task
from discovery.agents.snmp import AGENT, recordings
from discovery.agents.snmp.walk import Value
from discovery.asking import AskingFailed, NoCredential
from discovery.scope import Network, Scope, network
from tests.discovery.lab import SITE, Lab
from tests.discovery.lab_machine import LINKS, PLANS
from tests.discovery.lab_services import AUTHENTICATION, COMMUNITY, PRIVACY, USER
from tests.discovery.snmp_reading import DATA, ports, system
from tests.discovery.snmp_responder import Oid, Responder

V2C = Secret("v2c", "snmp_v2c", {"community": COMMUNITY})
V3 = Secret(
    "v3",
    "snmp_v3",
    {
        "user": USER,
        "auth": "SHA",
        "auth_key": AUTHENTICATION,
        "privacy": "AES",
        "privacy_key": PRIVACY,
    },
)
PUBLIC = Secret("public", "snmp_v2c", {"community": "public"})
LOOPBACK = network("127.0.0.1/32", "test")
RECORDED = recordings.read(DATA / "10.20.3.13.snmprec").values

Heard = list[tuple[str, str]]


class Asked:
    """A scan, with what it told, what was audited, and what was answered to credentials."""

    def __init__(
        self,
        networks: tuple[Network, ...],
        *secrets: Secret,
        stop: Flag | None = None,
        scope: Scope | None = None,
        **options: int,
    ) -> None:
        self.scope = scope or Scope(allow=networks, site=SITE, rate=2_000)
        self.audited: list[str] = []
        self.refused: Heard = []
        self.accepted: Heard = []
        context = Context(
            self.scope,
            self.audited.append,
            cancelled=stop or Flag(),
            secrets=lambda target, kinds: self._left(target, kinds, secrets),
            refused=lambda secret, target: self.refused.append((secret.name, target)),
            accepted=lambda secret, target: self.accepted.append((secret.name, target)),
        )
        task = Task(networks=networks, options={"timeout": 1, "retries": 0, **options})
        self.events: list[Event] = []
        for shard in AGENT.plan(self.scope, task):
            self.events += AGENT.run(shard, context)

    def _left(
        self, target: str, kinds: tuple[str, ...], secrets: tuple[Secret, ...]
    ) -> list[Secret]:
        fit = [one for one in secrets if one.kind in kinds]
        return [one for one in fit if (one.name, target) not in self.refused]

    @property
    def devices(self) -> dict[str, ObservedItem]:
        items = [one for one in self.events if isinstance(one, ObservedItem)]
        return {one.key: one for one in items if one.evidence["section"] == "system"}

    @property
    def covered(self) -> list[str]:
        return [one.targets[0] for one in self.events if isinstance(one, Covered)]

    @property
    def errors(self) -> list[CMDBError]:
        return [one for one in self.events if isinstance(one, CMDBError)]


@pytest.fixture(scope="module")
def core() -> Iterator[tuple[Lab, Network]]:
    """Two switches with snmpd and lldpd, and a machine without."""
    names = {"core1", "core2"}
    plans = [one for one in PLANS if one.name in {*names, "store1"}]
    links = [one for one in LINKS if {one.one, one.other} <= names]
    with Lab(plans, links) as lab, lab.scanner.entered():
        subnet = network("10.20.3.8/29", "test")
        for _ in range(30):
            known = [one for one in Asked((subnet,), V2C).events if "connects_to" in repr(one)]
            if len(known) == 2:
                break
            time.sleep(1)
        yield lab, subnet


def on_loopback(agent: Responder, *secrets: Secret, **how: Any) -> Asked:
    return Asked((LOOPBACK,), *(secrets or (PUBLIC,)), port=agent.port, **how)


def told(asked: Asked) -> list[Any]:
    """What was told, without the version by which it was."""
    kept = [one for one in asked.events if isinstance(one, ObservedItem | ObservedRelation)]
    for one in kept:
        one.evidence.pop("version")
    return sorted(kept, key=lambda one: (type(one).__name__, one.place))


def test_both_versions_read_a_real_agent_alike(core: tuple[Lab, Network]) -> None:
    lab, subnet = core
    plain, sealed = Asked((subnet,), V2C), Asked((subnet,), V3)
    mine = {name: f"{SITE}/{lab.machines[name].addresses['eth0']}" for name in ("core1", "core2")}

    assert plain.devices.keys() == sealed.devices.keys() == set(mine.values())
    assert told(plain) == told(sealed)
    core1 = sealed.devices[mine["core1"]]
    assert (core1.name, core1.attributes["site"], core1.coverage) == ("core1", SITE, "whole")
    assert set(core1.attributes["mac_addresses"]) == set(lab.machines["core1"].macs.values())
    links = [one for one in sealed.events if getattr(one, "type", "") == "connects_to"]
    assert [one.id for one in links] == ["port1", "port1"]


def test_who_is_silent_is_covered_and_nothing_is_told(core: tuple[Lab, Network]) -> None:
    asked = Asked((core[1],), V3)

    assert sorted(asked.covered) == sorted(map(str, core[1].hosts()))
    assert asked.errors == []
    assert len(asked.devices) == 2
    progress = [one for one in asked.events if isinstance(one, Progress)]
    assert progress[-1].done == 1
    assert sum(word.startswith("snmp v3") for word in asked.audited) == 2


def test_a_refused_credential_is_told_and_the_next_is_tried(core: tuple[Lab, Network]) -> None:
    stranger = Secret("stranger", "snmp_v3", {"user": "nobody"})
    wrong = Secret("wrong", "snmp_v3", {**V3.values, "auth_key": "not the key"})
    weak = Secret("weak", "snmp_v3", {"user": USER})
    address = str(core[0].machines["core1"].addresses["eth0"])
    only = (network(address, "test"),)
    asked = Asked(only, stranger, wrong, weak, V3)

    assert asked.refused == [(name, address) for name in ("stranger", "wrong", "weak")]
    assert asked.accepted == [("v3", address)]
    assert len(asked.devices) == 1
    nothing = Asked(only, stranger)
    assert [type(one) for one in nothing.errors] == [NoCredential]
    assert nothing.covered == []


def test_no_secret_is_audited_or_told(core: tuple[Lab, Network]) -> None:
    asked = Asked((core[1],), V2C, V3)
    words = " ".join((*asked.audited, *map(repr, asked.events)))

    assert AUTHENTICATION not in words
    assert PRIVACY not in words
    assert COMMUNITY not in words.replace(SITE, "")


def test_an_address_outside_the_scope_is_not_asked() -> None:
    with Responder({"public": RECORDED}) as agent:
        task = Task(networks=(LOOPBACK,), options={"port": agent.port})
        (shard,) = AGENT.plan(Scope(allow=(LOOPBACK,)), task)
        other = Scope(allow=(network("10.9.9.0/24", "test"),))
        context = Context(other, lambda words: None, secrets=lambda target, kinds: [PUBLIC])
        with pytest.raises(Rejected, match="outside the scope"):
            list(AGENT.run(shard, context))

        assert agent.asked == []


def test_without_credentials_nobody_is_asked() -> None:
    with Responder({"public": RECORDED}) as agent, pytest.raises(NoCredential):
        on_loopback(agent, Secret("ssh", "ssh_key", {}), Secret("x", "token", {}))
    with Responder({"public": RECORDED}) as agent:
        asked = on_loopback(agent, Secret("other", "snmp_v2c", {"community": "private"}))
        assert asked.devices == {}
        assert asked.covered == ["127.0.0.1"]


def test_a_credential_that_snmp_does_not_have_is_an_error(core: tuple[Lab, Network]) -> None:
    odd = Secret("odd", "snmp_v3", {"user": USER, "auth": "rot13", "auth_key": "12345678"})
    (error, *_) = Asked((core[1],), odd).errors

    assert "'auth' must be one of none, md5, sha" in str(error)


def test_each_question_is_counted_and_none_asked_twice() -> None:
    with Responder({"public": RECORDED}) as agent:
        asked = on_loopback(agent)
        counted = [one.packets for one in asked.events if isinstance(one, Progress)]

        assert len(agent.asked) == len(set(agent.asked)) + 1  # the knock asks for sysObjectID
        assert counted[-1] is not None
        assert counted[-1] < 25
        assert len(asked.devices) == 1


def test_an_agent_that_goes_in_circles_ends_and_is_said_to_be_incomplete() -> None:
    def circles(kind: str, oids: list[Oid]) -> list[tuple[Oid, Any]]:
        if kind == "get" or len(oids) == 1:
            return []
        return [(oid if oid[-1] == 1_000 else (*oid, 1_000), Integer32(7)) for oid in oids]

    with Responder({"public": RECORDED}, fault=circles) as agent:
        asked = on_loopback(agent)

    (device,) = asked.devices.values()
    (error,) = asked.errors
    assert "circles" in str(error)
    assert (device.coverage, device.attributes["hostname"]) == ("part", "access1")
    assert asked.covered == []


def test_an_agent_that_falls_silent_is_told_as_far_as_it_was_read() -> None:
    def silence(kind: str, oids: list[Oid]) -> list[tuple[Oid, Any]] | None:
        return None if any(oid[:7] == (1, 3, 6, 1, 2, 1, 4) for oid in oids) else []

    with Responder({"public": RECORDED}, fault=silence) as agent:
        asked = on_loopback(agent)

    assert len(asked.devices) == 1
    assert [type(one) for one in asked.errors] == [AskingFailed]
    assert asked.covered == []


def test_a_scan_that_is_cancelled_ends_and_keeps_what_it_has() -> None:
    stop = Flag()

    def cancel(kind: str, oids: list[Oid]) -> list[tuple[Oid, Any]]:
        if any(oid[:8] == (1, 3, 6, 1, 2, 1, 2, 2) for oid in oids):
            stop.set()
        return []

    with Responder({"public": RECORDED}, fault=cancel) as agent:
        asked = on_loopback(agent, stop=stop)

    assert asked.covered == []
    assert all(one.coverage == "part" for one in asked.devices.values())


def test_a_switch_that_keeps_addresses_by_vlan_is_asked_for_each() -> None:
    described = "Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE11"
    switch: dict[str, Value] = (
        system("sw1", described, "1.3.6.1.4.1.9.1.716")
        | {oid: v for oid, v in ports("Gi0/1", "Gi0/2").items() if ".17.1.4." not in oid}
        | {f"1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.{n}": b"vlan" for n in (10, 20, 1002)}
    )
    bridge = "1.3.6.1.2.1.17"
    users: dict[str, Value] = {
        f"{bridge}.1.4.1.2.5": 2,
        f"{bridge}.4.3.1.2.0.20.34.0.0.1": 5,
        f"{bridge}.4.3.1.3.0.20.34.0.0.1": 3,
    }
    with Responder({"public": switch, "public@10": users, "public@20": {}}) as agent:
        asked = on_loopback(agent)
        communities = {community for community, _ in agent.asked}

    assert communities == {"public", "public@10", "public@20"}
    (link,) = [one for one in asked.events if getattr(one, "type", "") == "connects_to"]
    assert link.attributes["ports"] == ["Gi0/2", None]
    assert link.to_key == f"{SITE}/127.0.0.1/neighbour/00:14:22:00:00:01"


def test_a_plan_has_shards_of_a_block_without_what_is_denied() -> None:
    scope = Scope(
        allow=(network("10.0.0.0/22", "t"),), deny=(network("10.0.1.0/24", "t"),), site=SITE
    )
    shards = AGENT.plan(scope, Task(networks=(network("10.0.0.0/22", "t"),)))
    targets = [target for one in shards for target in one.targets]

    assert max(len(one.targets) for one in shards) == 256
    assert len({one.id for one in shards}) == len(shards)
    assert not any(target.startswith("10.0.1.") for target in targets)
    assert len(targets) == len(set(targets))
    assert shards == AGENT.plan(scope, Task(networks=(network("10.0.0.0/22", "t"),)))


@pytest.mark.parametrize(
    "options",
    [{"port": 0}, {"port": "161"}, {"port": 9100}, {"timeout": 99}, {"colour": 1}, {"retries": -1}],
)
def test_a_plan_with_odd_options_is_refused(options: dict[str, Any]) -> None:
    scope = Scope(allow=(LOOPBACK,))
    with pytest.raises(Rejected):
        AGENT.plan(scope, Task(networks=(LOOPBACK,), options=options))
    with pytest.raises(Rejected):
        AGENT.plan(scope, Task(networks=(LOOPBACK,), profile="other"))
    with pytest.raises(Rejected):
        AGENT.plan(scope, Task(networks=(network("10.0.0.1", "t"),)))
