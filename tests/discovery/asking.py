"""Runs agents that ask one service, as a worker does."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from cmdb.errors import CMDBError
from discovery import readers
from discovery.agent import Context, Covered, Event, Secret, Task
from discovery.keyring import Keyring
from discovery.scope import Scope
from tests.readings import check_joins, taken

EVERYWHERE = (ipaddress.ip_network("127.0.0.0/8"),)


def token(value: str, name: str = "") -> Secret:
    return Secret(name or value, "token", {"token": value})


class Asked:
    """What an agent tells of an address."""

    def __init__(
        self,
        agent: str,
        address: str,
        *secrets: Secret,
        scope: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.commands: list[str] = []
        self.scope = Scope(**{"allow": EVERYWHERE, "site": "hq", **(scope or {})})
        keys = Keyring(secrets)
        self.context = Context(
            self.scope,
            self.commands.append,
            secrets=keys.secrets,
            refused=keys.refused,
            accepted=keys.accepted,
        )
        found = readers.agent(agent)
        (shard,) = found.plan(self.scope, Task(address=address, options=options))
        self.reading = Reading(found.run(shard, self.context))


class Reading:
    """Observations that the catalog takes as they are, and whose hosts are there."""

    def __init__(self, found: Iterable[Event]) -> None:
        self.events: list[Event] = list(found)
        validator = taken(self.events)
        self.items = {one.key: one for one in validator.items}
        assert len(self.items) == len(validator.items)
        self.relations = {(one.from_key, one.type, one.to_key): one for one in validator.relations}
        names = {
            (one.from_key, one.type, one.to_key, one.group, one.id) for one in validator.relations
        }
        assert len(names) == len(validator.relations)
        for item in validator.items:
            assert item.within is None or item.within in self.items
        self.errors = [str(one) for one in self.events if isinstance(one, CMDBError)]
        self.covered = [one for one in self.events if isinstance(one, Covered)]

    def joinable(self) -> None:
        """Check that relations between known ends may join them."""
        check_joins(self.relations.values(), self.items)
