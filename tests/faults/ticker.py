"""Looks after tickets until it is killed: `python -m tests.faults.ticker SPEC CLOCK`.

What time it is stands in the file CLOCK.
"""

import sys
import time
from pathlib import Path

from cmdb.services.environment import Environment
from cmdb.services.ticketing.clockwork import tick_tickets
from tests.contract.backends import Backend


def main() -> None:
    """Tick until killed."""
    spec, path = sys.argv[1], Path(sys.argv[2])
    env = Environment(Backend.from_spec(spec).open(), lambda: float(path.read_text()))
    print("ready", flush=True)
    while True:
        tick_tickets(env)
        time.sleep(0.002)


if __name__ == "__main__":
    main()
