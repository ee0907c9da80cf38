"""Another process that takes codes: `python -m tests.contract.code_taker SPEC COUNT`."""

import sys

from cmdb.services.actor import Actor
from cmdb.services.codes import give_codes
from cmdb.services.environment import Environment
from tests.contract.backends import Backend


def main() -> None:
    spec, count = sys.argv[1:]
    with Backend.from_spec(spec) as backend:
        env = Environment(backend.open())
        actor = Actor("other process", frozenset({"editor"}))
        print("ready", flush=True)
        sys.stdin.readline()
        for _ in range(int(count)):
            print(*give_codes(actor, env, "machine", {"site": "lab"}), flush=True)


if __name__ == "__main__":
    main()
