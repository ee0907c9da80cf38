"""An agent that finds one host and then looks without end, with a program that has a child.

Its address is a FIFO, into which the program writes the numbers of both processes.
"""

from collections.abc import Iterator

from discovery.agent import Capabilities, Context, Event, Progress, Shard, Task
from discovery.runner import output
from discovery.scope import Scope
from tests.discovery.scripted import host

SCRIPT = 'sleep 1000 & echo "$$ $!" >"$1"; wait'


class Endless:
    """The agent."""

    capabilities = Capabilities("Endless", "address")

    def plan(self, scope: Scope, task: Task) -> list[Shard]:
        return [Shard("all", (task.address,), "default")]

    def run(self, shard: Shard, context: Context) -> Iterator[Event]:
        yield host("10.0.0.1")
        yield Progress(0.5, 1)
        for _ in output(["sh", "-c", SCRIPT, "sh", *shard.targets], context):
            yield Progress(0.6, 2)


AGENT = Endless()
