"""A process that commits until it is killed: `python -m tests.faults.writer SPEC NAME`.

It prints `seq batch` for every commit that was acknowledged.
"""

import sys

from cmdb.identity.changes import Document
from tests.contract.backends import Backend
from tests.contract.records import SIGNATURE, changes, claim, item, relation

ITEMS = 40
ENTRIES = ITEMS + (ITEMS - 1) + ITEMS + (ITEMS - 1) + 1


def batch(store, name: str, number: int):
    """The change set of one batch: a chain of new CIs with claims, and a document that changes."""
    keys = [f"{name}-{number}-{n}" for n in range(ITEMS)]
    items = [item(key, number=-1 - n) for n, key in enumerate(keys)]
    links = [relation(keys[n], "uses", keys[n + 1], number=-1 - n) for n in range(ITEMS - 1)]
    said = [claim("ci", "s", one.key, one.number) for one in items]
    said += [claim("relation", "s", one.from_key, one.number) for one in links]
    before = store.document("batch", "last")
    return changes(*items, *links, *said, (before, Document("batch", "last", {"key": keys[0]})))


def main() -> None:
    """Commit until killed."""
    spec, name = sys.argv[1:]
    backend = Backend.from_spec(spec)
    store = backend.open() if backend.kind == "sqlite" else backend.open(retry_seconds=90.0)
    number = 0
    while True:
        done = store.commit(batch(store, name, number), SIGNATURE)
        print(done.seq, number, flush=True)
        number += 1


if __name__ == "__main__":
    main()
