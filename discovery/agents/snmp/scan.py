"""SNMP scans: every address of a network is asked, and each agent told as soon as it is read."""

import asyncio
import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from cmdb.errors import CMDBError, Rejected, UnknownField, WrongValue, shown
from discovery.agent import (
    Capabilities,
    Context,
    Covered,
    Event,
    Progress,
    Secret,
    Shard,
    Task,
    host_shards,
)
from discovery.agents.snmp import collect, device
from discovery.agents.snmp.knock import ENGINE, Answers, knock
from discovery.agents.snmp.transport import KINDS, V3, Broken, Refused, Session, Silent
from discovery.agents.snmp.walk import Walk
from discovery.asking import AskingFailed, NoCredential
from discovery.scope import OutOfScope, Scope, networks

PROFILES = ("default",)
OPTIONS = {
    "port": "UDP port of the agents (161)",
    "timeout": "seconds to wait for an answer (2)",
    "retries": "how often a question is asked again (1)",
}
LIMITS = {"port": (1, 65_535), "timeout": (1, 30), "retries": (0, 5)}
USUAL = {"port": 161, "timeout": 2, "retries": 1}

AT_ONCE, FRAGILE_AT_ONCE = 24, 2
POLL_SECONDS = 0.1
METHOD = "snmp"


class SNMPAgent:
    """The agent; see `discovery.agent.Agent`."""

    capabilities = Capabilities(
        title="SNMP: devices, their interfaces, parts and neighbours",
        targets="networks",
        profiles=PROFILES,
        credentials=KINDS,
        options=OPTIONS,
    )

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        """At most 256 addresses a shard, none of them denied."""
        errors: list[CMDBError] = []
        options = _options(task.options, scope, errors)
        return host_shards(scope, task, PROFILES, options, errors)

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        """Each agent as it was read; where nobody answers there is nothing to tell."""
        errors: list[CMDBError] = []
        _options(shard.options, context.scope, errors)
        if errors:
            raise Rejected(errors)
        with asyncio.Runner() as runner:
            looks = _Looks(shard, context)
            try:
                while looks.left and not context.stopped:
                    for target, found in runner.run(looks.some()):
                        yield from _told(target, found)
                        yield Progress(looks.done / len(shard.targets), looks.packets)
            finally:
                runner.run(looks.end())


def _options(given: Mapping[str, Any], scope: Scope, errors: list[CMDBError]) -> dict[str, int]:
    for name in given.keys() - OPTIONS.keys():
        errors.append(UnknownField(place="task", kind="option", name=name, known=OPTIONS))
    options = {**USUAL, **{name: value for name, value in given.items() if name in OPTIONS}}
    for name, value in options.items():
        low, high = LIMITS[name]
        if type(value) is not int or not low <= value <= high:
            expected = f"a whole number from {low} to {high}"
            errors.append(
                WrongValue(place="task", name=f"'{name}'", value=shown(value), expected=expected)
            )
    if options["port"] in scope.forbidden_ports:
        errors.append(OutOfScope(place="task", target=f"port {options['port']}"))
    return options


Found = Walk | CMDBError | None


def _told(target: str, found: Found) -> Iterator[Event]:
    """What a look at one address comes to."""
    if isinstance(found, CMDBError):
        yield found
        return
    if found is not None:
        yield from device.observations(found)
        if not found.complete:
            detail = f"it was not read wholly: {found.evidence.get('cut_short', 'stopped')}"
            yield AskingFailed(target=target, detail=detail)
            return
    yield Covered((target,), METHOD)


class _Looks:
    """The looks of a shard: first a knock at each address, then a walk of each that answered."""

    def __init__(self, shard: Shard, context: Context) -> None:
        self.shard, self.context = shard, context
        self.waiting: list[str] = []
        self.answers: Answers | None = None
        self.running: dict[asyncio.Task[Found], str] = {}
        self.done = self.packets = 0
        self._next = 0.0

    @property
    def left(self) -> bool:
        """Whether there is more to come."""
        return self.answers is None or bool(self.waiting or self.running)

    async def some(self) -> list[tuple[str, Found]]:
        """Begin what may begin, and give what ended within a moment."""
        if self.answers is None:
            found = await self._knock()
        else:
            most = FRAGILE_AT_ONCE if self.context.scope.fragile else AT_ONCE
            while self.waiting and len(self.running) < most:
                target = self.waiting.pop()
                self.running[asyncio.create_task(self._look(target))] = target
            ended, _ = await asyncio.wait(
                self.running, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            found = [(self.running.pop(one), one.result()) for one in ended]
        self.done += len(found)
        return found

    async def _knock(self) -> list[tuple[str, Found]]:
        """Find out who is to be walked; the others are done."""
        targets = networks(self.shard.targets, f"shard {self.shard.id}")
        self.context.scope.check(targets, f"shard {self.shard.id}")
        options = self.shard.options
        secrets = {one: self.context.secrets(one, KINDS) for one in self.shard.targets}
        if not any(secrets.values()):
            raise NoCredential(target=f"shard {self.shard.id}", kinds=" or ".join(KINDS))
        names = dict.fromkeys(one.name for some in secrets.values() for one in some)
        whom = f"{self.shard.targets[0]} to {self.shard.targets[-1]}"
        self.context.audit(f"snmp knock {whom} port {options['port']} as {', '.join(names)}")
        self.answers = await knock(
            secrets,
            options["port"],
            self.budget,
            lambda: self.context.stopped,
            seconds=options["timeout"],
            retries=options["retries"],
        )
        if self.context.stopped:
            return []
        self.waiting = [one for one in reversed(self.shard.targets) if self.answers.get(one)]
        return [(one, None) for one in self.shard.targets if not self.answers.get(one)]

    async def end(self) -> None:
        """Stop what is under way."""
        for one in self.running:
            one.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)

    async def budget(self) -> None:
        """Wait until another packet may leave."""
        clock = asyncio.get_running_loop().time
        self.packets += 1
        self._next = max(self._next, clock()) + 1 / self.context.scope.rate
        await asyncio.sleep(self._next - clock())

    async def _look(self, target: str) -> Found:
        """The walk of an agent, or what went wrong."""
        try:
            self.context.scope.check([ipaddress.ip_address(target)], "target")
            return await self._try(target)
        except CMDBError as error:
            return error
        except (Broken, OSError) as error:
            return AskingFailed(target=target, detail=str(error) or type(error).__name__)

    async def _try(self, target: str) -> Walk:
        """Try the credentials in their order, until one is taken."""
        tried: set[str] = set()
        while left := [one for one in self._usable(target) if one.name not in tried]:
            secret = left[0]
            tried.add(secret.name)
            version = "v3" if secret.kind == V3 else "v2c"
            port = self.shard.options["port"]
            self.context.audit(f"snmp {version} {target} port {port} as '{secret.name}'")
            try:
                async with self._session(target, secret) as session:
                    values = await collect.system_group(session)
                    if values:
                        self.context.accepted(secret, target)
                        return await self._read(session, Walk(values, target), version)
            except Refused:
                self.context.refused(secret, target)
            except Silent:
                continue
        raise NoCredential(target=target, kinds=" or ".join(KINDS))

    def _usable(self, target: str) -> list[Secret]:
        """The credentials that may still be tried, as far as the address speaks their version."""
        answered = (self.answers or {}).get(target, set())
        secrets = self.context.secrets(target, KINDS)
        return [one for one in secrets if (ENGINE if one.kind == V3 else one.name) in answered]

    def _session(self, target: str, secret: Secret, vlan: int | None = None) -> Session:
        options = self.shard.options
        return Session(
            target,
            options["port"],
            secret,
            self.budget,
            seconds=options["timeout"],
            retries=options["retries"],
            vlan=vlan,
        )

    async def _read(self, session: Session, walk: Walk, version: str) -> Walk:
        walk.site = self.context.scope.site
        walk.evidence = {"version": version, "target": session.target}

        def stopped() -> bool:
            return self.context.stopped

        def in_vlan(number: int) -> Session:
            return self._session(session.target, session.secret, number)

        try:
            async with asyncio.timeout(self.context.scope.host_timeout):
                await collect.collect(session, walk, stopped)
                await collect.learned_by_vlan(walk, in_vlan, stopped)
        except TimeoutError:
            walk.complete = False
            limit = self.context.scope.host_timeout
            walk.evidence["cut_short"] = f"it took more than {limit} seconds"
        return walk
