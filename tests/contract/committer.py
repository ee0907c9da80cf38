"""Another process that commits: `python -m tests.contract.committer SPEC NAME COUNT`."""

import sys

from tests.contract.backends import Backend
from tests.contract.records import commit, item, relation


def main() -> None:
    spec, name, count = sys.argv[1:]
    with Backend.from_spec(spec) as backend:
        store = backend.open()
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(int(count)):
            a, b = f"{name}-{number}-a", f"{name}-{number}-b"
            print(commit(store, item(a), item(b), relation(a, "uses", b)).seq, flush=True)


if __name__ == "__main__":
    main()
