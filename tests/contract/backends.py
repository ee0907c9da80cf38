"""Databases of each kind for tests, and how to open stores in them, also from other processes."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

PARENTS = {"server": "computer", "hypervisor": "computer", "computer": "device"}


def labels(type_name: str) -> tuple[str, ...]:
    """The names of a type and its parents, as in a catalog."""
    chain = [type_name]
    while chain[-1] in PARENTS:
        chain.append(PARENTS[chain[-1]])
    return (*chain, "ci")


@dataclass
class Backend:
    """One database; closes the stores that were opened in it."""

    kind: str
    path: str = ""
    uri: str = ""
    user: str = ""
    password: str = ""
    database: str = "neo4j"
    opened: list[Any] = field(default_factory=list, repr=False)

    def open(self, **options: Any) -> Any:
        """A store on this database."""
        if self.kind == "sqlite":
            from cmdb.stores.sqlite import SQLiteStore

            store: Any = SQLiteStore(Path(self.path))
        else:
            from cmdb.stores.neo4j import Neo4jStore

            access = (self.uri, self.user, self.password, self.database)
            store = Neo4jStore(*access, labels=labels, **options)
        self.opened.append(store)
        return store

    def spec(self) -> str:
        """What another process needs to open it (see `from_spec`)."""
        return json.dumps({k: v for k, v in vars(self).items() if k != "opened"})

    @classmethod
    def from_spec(cls, spec: str) -> "Backend":
        """The backend of a `spec`."""
        return cls(**json.loads(spec))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for store in self.opened:
            store.close()
