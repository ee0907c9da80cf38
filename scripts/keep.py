"""Run a command for as long as the process that started this one wants it.

    python scripts/keep.py COMMAND [ARGUMENT...]

On "stop" from standard input the command is asked to end (SIGTERM) and has 45 seconds to do so; on
"kill", and when standard input ends because its other side is gone, the command is killed. So
a test session, however it ends, leaves no server behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

STOP_SECONDS = 45.0


def main(command: list[str]) -> None:
    """Run `command`, obey the one order, and end when the command has ended."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def await_end() -> None:
        process.wait()
        os._exit(0)  # the main thread may still be waiting for an order

    waiter = threading.Thread(target=await_end)
    waiter.start()
    if os.read(0, 16).strip() == b"stop":
        process.terminate()
        waiter.join(STOP_SECONDS)
    process.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
