"""Imports an estate in small batches and prints each acknowledged commit, until it is killed."""

import sys

from cmdb.services import ingest as ingestion
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from discovery.agents.estate import parse
from tests.contract.backends import Backend

SIZE = 400


def estate(round_number: int) -> dict:
    """The same CIs every round with other values, and relations of their own."""
    cis = [
        {"key": f"s{i}", "type": "server", "attributes": {"description": f"{round_number}"}}
        for i in range(SIZE)
    ]
    relations = [
        {"from": f"s{i}", "type": "depends_on", "to": f"s{i - 1}", "id": f"{round_number}"}
        for i in range(1, SIZE)
    ]
    return {"cis": cis, "relations": relations}


def main(spec: str, round_number: int) -> None:
    """Import, telling every commit that was acknowledged."""
    ingestion.BATCH = 40
    store = Backend.from_spec(spec).open()
    env = Environment(store)
    print("ready", flush=True)

    def acknowledged(doing: str, done: int, total: int) -> None:
        print(store.seq(), flush=True)

    ingestion.ingest(
        Actor("writer", frozenset({"editor"})),
        env,
        parse(estate(round_number)),
        source="estate",
        reason=f"round {round_number}",
        progress=acknowledged,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
