"""A worker on a queue, in a process of its own, with an agent that a folder of a test controls.

python -m tests.discovery.queue_worker ADDRESS STORE FOLDER: each look at a shard is noted in
FOLDER/log; a shard waits while there is a file FOLDER/hold.
"""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

from cmdb.bootstrap import open_environment
from discovery import readers, runs, workers, working
from discovery.agent import Context, Shard
from discovery.workers import queued
from tests.discovery.scripted import ScriptedAgent


def main(address: str, store: str, folder: Path) -> None:
    """Work until a signal ends it."""
    lock = threading.Lock()

    def note(what: str, shard: Shard) -> None:
        with lock, (folder / "log").open("a") as file:
            file.write(f"{what} {shard.id} {os.getpid()}\n")

    def before(shard: Shard, context: Context) -> None:
        note("begin", shard)
        end = time.monotonic() + 0.05
        while (folder / "hold").exists() or time.monotonic() < end:
            if context.cancelled.wait(0.02):
                break
        note("end", shard)

    class Everything(dict[str, list[str]]):
        def get(self, shard: str, default: object = ()) -> list[str]:  # type: ignore[override]
            return [shard.replace(".0/30", ".1"), shard.replace(".0/30", ".2")]

    agent = ScriptedAgent(Everything(), before)
    known = readers.agent
    readers.agent = lambda name: agent if name == "scripted" else known(name)
    runs.SILENT, working.HEARTBEAT, working.LOOK = 3.0, 0.5, 0.05
    queued.HEARTBEAT, queued.STALLED = 0.5, 3.0
    queued.TICK_SECONDS = workers.TICK_SECONDS = 1
    env = open_environment(store)
    try:
        asyncio.run(queued.serve(address, env, None, 2))
    finally:
        env.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
