"""What discovery made of the lab: runs of real jobs into an empty store, against the truth."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation
from cmdb.schema.records import ConfigurationItem
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.ports import ItemQuery, RelationQuery
from cmdb.stores.sqlite import SQLiteStore
from discovery import runs
from discovery.jobs import put_job
from discovery.runs import RunState
from discovery.working import work
from tests.discovery.capture import Packet
from tests.discovery.lab import SITE, Lab
from tests.discovery.lab_machine import SUBNETS, Link, Machine

ROOT = Actor("root", frozenset({"administrator"}))
HOUR = 3600.0
MANY = 10_000
WORKERS, RATE = 3, 1000
LATER = re.compile(r"([\d.]+) or later")

Services = dict[int, list[tuple[str, str]]]
"""Product and version of what listens, by port."""


class Estate:
    """A store that discovery fills; an hour passes before each run."""

    def __init__(self, path: Path) -> None:
        self.now = 1_700_000_000.0
        self.env = Environment(SQLiteStore(path), lambda: self.now)

    def scan(self, lab: Lab, agent: str, **job: Any) -> RunState:
        """One run of a job over the whole lab, by workers on the scanner's network, with no error.

        Each worker takes a subnet.
        """
        self.now += HOUR
        values = {
            "name": agent,
            "agent": agent,
            "site": SITE,
            "networks": [str(network) for network in SUBNETS.values()],
            "deny": [str(network) for network in lab.denied],
            "rate": RATE,
        }
        put_job(ROOT, self.env, values | job)
        run = runs.start_run(ROOT, self.env, agent, "test").id

        def help_with_it(_: int) -> None:
            with lab.scanner.entered():
                work(ROOT, self.env, run)

        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(help_with_it, range(WORKERS)))
        shards = runs.read_shards(self.env, run)
        assert [error for shard in shards for error in shard.errors] == []
        assert {(shard.state, shard.done) for shard in shards} == {("done", 1.0)}
        ended = runs.read_run(self.env, run)
        assert ended.state == "done"
        return ended

    def hear(self, source: str, observations: Iterable[Observation | CMDBError]) -> None:
        """Take what another source says, with no error."""
        self.now += HOUR
        report = ingest(ROOT, self.env, observations, source=source, reason="test", waiting=True)
        assert report.errors == []

    def items(self, *types: str) -> list[ConfigurationItem]:
        """All CIs of some types and those below them."""
        catalog = self.env.catalog()
        below = frozenset(name for one in types for name in catalog.below(one))
        return self.env.store.find_items(ItemQuery(types=below, limit=MANY))

    @property
    def hosts(self) -> list[ConfigurationItem]:
        """All that may be a machine."""
        return self.items("device", "virtual_machine", "container", "unclassified")

    @property
    def listening(self) -> list[ConfigurationItem]:
        """All software that listens."""
        return [one for one in self.items("software") if "port" in one.attributes]

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each CI that may be a machine or listens on one, by key."""
        return {one.key: one.number for one in [*self.hosts, *self.listening]}

    def hosts_of(self, machine: Machine) -> list[ConfigurationItem]:
        """The CIs that have the present MAC address of a leg of a machine."""
        macs = {machine.macs[leg] for leg in machine.legs}
        return [one for one in self.hosts if macs & set(one.attributes.get("mac_addresses", ()))]

    def links(self, lab: Lab) -> list[Link]:
        """The connections between machines, each as often as the store has it."""
        names = {host.number: one.name for one in lab.live for host in self.hosts_of(one)}
        found = []
        for link in self.env.store.find_relations(RelationQuery(type="connects_to", limit=MANY)):
            keys, ports = link.attributes["ends"], link.attributes["ports"]
            claims = self.env.store.claims("ci", "snmp", keys)
            machines = [names.get(claims[key].subject, key) for key in keys]
            (one, port), (other, other_port) = sorted(zip(machines, ports, strict=True))
            found.append(Link(one, port, other, other_port))
        return sorted(found)

    def parts(self, host: ConfigurationItem, kind: str) -> list[ConfigurationItem]:
        """The CIs of a type that are part of a host."""
        query = RelationQuery(to_key=host.key, type="part_of", limit=MANY)
        of_it = {one.from_key for one in self.env.store.find_relations(query)}
        return [one for one in self.items(kind) if one.key in of_it]

    def sources(self, host: ConfigurationItem) -> set[str]:
        """The sources that know a CI."""
        about = self.env.store.claims_about("ci", [host.number])
        return {claim.source for claim in about[host.number]}

    def services(self, host: ConfigurationItem) -> Services:
        """What listens on a host."""
        query = RelationQuery(to_key=host.key, type="runs_on", limit=MANY)
        on = {one.from_key for one in self.env.store.find_relations(query)}
        found: Services = {}
        for item in self.listening:
            if item.key in on:
                said = item.attributes
                told = (said.get("product", ""), said.get("version", ""))
                found.setdefault(said["port"], []).append(told)
        return found


def wrong_hosts(lab: Lab, estate: Estate, legs_told: bool = False) -> list[str]:
    """What the store says of machines that is not so: each is one CI, and there are no others.

    Unless a source has told which legs a machine has, each leg is a CI: only its SSH key speaks for
    one machine, and keys are cloned, so that this is put up for review.
    """
    wrong = []
    known: set[str] = set()
    for machine in lab.live:
        found = estate.hosts_of(machine)
        known |= {one.key for one in found}
        if len(found) != (1 if legs_told else len(machine.legs)):
            wrong.append(f"{machine.name} is {len(found)} CIs: {[one.key for one in found]}")
        have = {address for one in found for address in one.attributes.get("ip_addresses", ())}
        lacks = {str(address) for address in machine.addresses.values()} - have
        if lacks:
            wrong.append(f"{machine.name} lacks {sorted(lacks)}; it has {sorted(have)}")
    phantoms = [one for one in estate.hosts if one.key not in known]
    return wrong + [f"there is no {one.key}: {one.attributes}" for one in phantoms]


def wrong_services(lab: Lab, estate: Estate, protocols: tuple[str, ...] = ("tcp",)) -> list[str]:
    """What the store says of services that is not so: product and version are as installed."""
    wrong = []
    on_hosts = 0
    for machine in lab.live:
        for host in estate.hosts_of(machine):
            found = estate.services(host)
            on_hosts += sum(map(len, found.values()))
            wrong += wrong_on(machine, found, protocols)
    if len(estate.listening) != on_hosts:
        wrong.append(f"{len(estate.listening)} services, of which {on_hosts} run on a host")
    return wrong


def wrong_on(machine: Machine, found: Services, protocols: tuple[str, ...] = ("tcp",)) -> list[str]:
    """What is said of the services of a machine that is not so."""
    wrong = []
    true = {p: s for p, s in machine.services.items() if s.protocol in protocols}
    if found.keys() != true.keys():
        wrong.append(f"{machine.name} has {sorted(true)}, found {sorted(found)}")
    for port in true.keys() & found.keys():
        service = true[port]
        if len(found[port]) > len(machine.legs):  # each leg tells of it for itself
            wrong.append(f"{machine.name}:{port} is there more than once: {found[port]}")
        for product, version in found[port]:
            if service.product.lower() not in product.lower():
                wrong.append(f"{machine.name}:{port} is {service.product}, not {product}")
            elif not fits(service.version, version):
                wrong.append(f"{product} is {service.version}, not {version}")
    return wrong


def fits(installed: str, told: str) -> bool:
    """Whether a version is told as it is; PostgreSQL tells strangers no more than "or later"."""
    later = LATER.fullmatch(told)
    if later is None:
        return told == installed
    least, true = ([int(part) for part in text.split(".")] for text in (later[1], installed))
    return least <= true


def targets(packets: Iterable[Packet]) -> set[str]:
    """The addresses of packets, as text."""
    return {str(packet.target) for packet in packets}


def allowed(lab: Lab) -> set[str]:
    """All addresses that may be scanned."""
    every = {str(address) for network in SUBNETS.values() for address in network}
    return every - {str(network.network_address) for network in lab.denied}


def fastest(packets: list[Packet], seconds: float = 1.0) -> int:
    """The most packets in any span of time."""
    times = sorted(packet.time for packet in packets)
    return max(bisect_right(times, at + seconds) - i for i, at in enumerate(times))
