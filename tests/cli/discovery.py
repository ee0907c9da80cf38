"""What the tests of discovery on the command line share: a command that scans without end."""

import contextlib
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE = 60.0
STOP_SECONDS = 2.0
"""How soon a scan is gone that was told to stop."""


class Scan:
    """A FIFO by which the program of an endless scan tells its processes."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self._reading = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # so that it never ends
        self.parent = 0
        self._held: list[int] = []

    def begun(self) -> None:
        """Wait until the scan is under way, and hold its processes: their numbers stay theirs."""
        assert select.select([self._reading], [], [], PATIENCE)[0], "the scan did not begin"
        pids = [int(word) for word in os.read(self._reading, 100).split()]
        self.parent = int(Path(f"/proc/{pids[0]}/stat").read_text().rpartition(")")[2].split()[1])
        self._forget()
        self._held = [os.pidfd_open(pid) for pid in pids]

    def gone(self, seconds: float = STOP_SECONDS) -> bool:
        """Whether the program and its child end in time."""
        end = time.monotonic() + seconds
        return all(
            select.select([one], [], [], max(0.0, end - time.monotonic()))[0] for one in self._held
        )

    def close(self) -> None:
        self._forget()
        os.close(self._reading)

    def _forget(self) -> None:
        while self._held:
            os.close(self._held.pop())


class Process:
    """A command with the agents of the tests; whoever waits for it in vain sees it killed."""

    def __init__(self, *arguments: str) -> None:
        words = [sys.executable, "-m", "tests.cli.with_agents", *arguments]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        self.guard = threading.Timer(PATIENCE, self.kill)
        self.guard.start()

    def kill(self) -> None:
        """End it, and the processes it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def told(self, pattern: str) -> str:
        """What a line on stderr has in the place of the pattern's group."""
        assert self.process.stderr is not None
        lines = []
        for line in self.process.stderr:
            if found := re.search(pattern, line):
                return found[1]
            lines.append(line)
        raise AssertionError("".join(lines))

    def end(self) -> tuple[int, str, str]:
        """Exit code and what else it wrote."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[Process]:
    made = Process(*arguments)
    try:
        yield made
    finally:
        made.guard.cancel()
        if made.process.poll() is None:
            made.kill()
            made.process.communicate()
