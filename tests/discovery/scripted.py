"""An agent that does what a test says, for the tests of jobs, runs and workers."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cmdb.identity.observation import ObservedItem
from discovery.agent import Capabilities, Context, Covered, Event, Progress, Shard, Task
from discovery.scope import Scope


@dataclass
class ScriptedAgent:
    """Each network of a task is a shard; `hosts` says what is found in each, `before` is called
    with the shard and its context first.
    """

    hosts: dict[str, list[str]] = field(default_factory=dict)
    before: Callable[[Shard, Context], None] = lambda shard, context: None
    ran: list[str] = field(default_factory=list)
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities("Scripted", "networks", ("default", "other"))
    )

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        chosen = scope.chosen(task.networks, "networks")
        return [Shard(str(one), (str(one),), task.profile) for one in chosen]

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        self.ran.append(shard.id)
        context.audit(f"look at {shard.id}")
        self.before(shard, context)
        for number, address in enumerate(self.hosts.get(shard.id, ())):
            if context.stopped:
                return
            yield host(address)
            yield Progress(number / 10, number)
        if not context.stopped:
            yield Covered(shard.targets, "scripted")


def host(address: str) -> ObservedItem:
    """What the agent says of an address."""
    tail = int(address.rpartition(".")[2])
    return ObservedItem(
        address,
        "device",
        address,
        attributes={"ip_addresses": [address], "mac_addresses": [f"00:1a:2b:00:00:{tail:02x}"]},
    )


@dataclass
class Gate:
    """Holds an agent until a test lets it go on, or its run is stopped."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def __call__(self, shard: Shard, context: Context) -> None:
        self.reached.set()
        while not self.opened.is_set() and not context.cancelled.wait(0.02):
            pass
