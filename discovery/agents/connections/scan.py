"""Connection tables by SSH: from each address of a network that answers, with a fixed command."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from cmdb.errors import CMDBError, UnknownField, WrongValue, shown
from discovery.agent import (
    Capabilities,
    Context,
    Covered,
    Event,
    Progress,
    Shard,
    Task,
    host_shards,
)
from discovery.agents.connections import ssh
from discovery.agents.connections.parsing import parse
from discovery.agents.connections.recording import Document
from discovery.scope import OutOfScope, Scope

PROFILES = ("default", "sudo")
OPTIONS = {"port": "TCP port of SSH (22)"}

AT_ONCE = 16
PACKETS = 40
"""Packets that one look takes, about; a refused connection takes two."""

POLL_SECONDS = 0.1


class Connections:
    """The agent."""

    capabilities = Capabilities(
        title="What listens on hosts, and what it is connected with, by SSH",
        targets="networks",
        profiles=PROFILES,
        credentials=("ssh_key", "ssh_password"),
        options=OPTIONS,
    )

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        """At most 256 addresses a shard, none of them denied."""
        errors: list[CMDBError] = []
        port = _port(task.options, scope, errors)
        return host_shards(scope, task, PROFILES, {"port": port}, errors)

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        """Each host as it has answered; where nobody answers there is nothing to tell."""
        with asyncio.Runner() as runner:
            looks = _Looks(shard, context)
            try:
                while looks.left and not context.stopped:
                    for target, found in runner.run(looks.some()):
                        yield from _told(target, found)
                        yield Progress(looks.done / len(shard.targets))
            finally:
                runner.run(looks.end())


def _port(options: Mapping[str, Any], scope: Scope, errors: list[CMDBError]) -> int:
    for name in options.keys() - OPTIONS.keys():
        errors.append(UnknownField(place="task", kind="option", name=name, known=OPTIONS))
    port = options.get("port", 22)
    if type(port) is not int or not 0 < port < 65_536:
        expected = "a port from 1 to 65535"
        errors.append(WrongValue(place="task", name="'port'", value=shown(port), expected=expected))
    elif port in scope.forbidden_ports:
        errors.append(OutOfScope(place="task", target=f"port {port}"))
    return int(port) if type(port) is int else 22


def _told(target: str, found: Document | CMDBError | None) -> Iterator[Event]:
    """What a look at one host comes to."""
    if isinstance(found, CMDBError):
        yield found
        return
    if found is not None:
        try:
            yield from parse(found)
        except CMDBError as error:
            yield error
            return
    yield Covered((target,), "ssh")


class _Looks:
    """The looks of a shard that are under way, and those still to begin."""

    def __init__(self, shard: Shard, context: Context) -> None:
        self.shard, self.context = shard, context
        self.waiting = list(reversed(shard.targets))
        self.running: dict[asyncio.Task[Document | CMDBError | None], str] = {}
        self.done = 0
        self._next = 0.0

    @property
    def left(self) -> bool:
        """Whether there is more to come."""
        return bool(self.waiting or self.running)

    async def some(self) -> list[tuple[str, Document | CMDBError | None]]:
        """Begin what may begin, and give what ended within a moment."""
        clock = asyncio.get_running_loop().time
        while self.waiting and len(self.running) < AT_ONCE and clock() >= self._next:
            target = self.waiting.pop()
            self._next = max(self._next, clock() - POLL_SECONDS) + PACKETS / self.context.scope.rate
            look = ssh.look(target, self.shard.options["port"], self.shard.profile, self.context)
            self.running[asyncio.create_task(look)] = target
        if not self.running:
            await asyncio.sleep(POLL_SECONDS)
            return []
        ended, _ = await asyncio.wait(
            self.running, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        self.done += len(ended)
        return [(self.running.pop(one), one.result()) for one in ended]

    async def end(self) -> None:
        """Stop what is under way."""
        for one in self.running:
            one.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
