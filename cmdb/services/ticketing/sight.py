"""What of a ticket is kept from who may see it: CIs and tickets that he may not see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cmdb.services.actor import EVERYTHING, Actor, Permission
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.ticketing.access import may_see, works_on_tickets
from cmdb.tickets.process import SYSTEM, Process
from cmdb.tickets.record import ticket_of
from cmdb.tickets.ticket import Ticket

Part = tuple[Process, Mapping[str, Any]]
"""A ticket, or what the log has kept of one, with its process."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Keys of CIs and numbers of tickets that are kept from somebody, and whether anything is."""

    keys: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    assessments: bool = True

    def of(self, process: Process, content: Mapping[str, Any]) -> dict[str, Any]:
        """What he sees of a ticket."""
        if self == ALL:
            return dict(content)
        kept = {"ci": self.keys, "ticket": self.numbers}
        types = {one.name: one.type for one in process.fields}
        shown = {
            **content,
            "items": [one for one in content["items"] if one[1] not in self.keys],
            "links": [one for one in content["links"] if one[1] not in self.numbers],
            "fields": {
                name: value
                for name, value in content.get("fields", {}).items()
                if kept.get(types.get(name, ""), frozenset()).isdisjoint(_listed(value))
            },
        }
        if not self.assessments:
            shown.pop("assessment", None)
        return shown


ALL = Sight()


def content_of(ticket: Ticket) -> dict[str, Any]:
    """The parts of a ticket that may name what is kept from somebody."""
    return {"items": ticket.items, "links": ticket.links, "fields": ticket.fields}


def sight(actor: Actor, env: Environment, parts: Iterable[Part]) -> Sight:
    """What of all these is kept from the actor; nothing of what is assessed for a part of all."""
    everything = actor.scope == EVERYTHING
    if SYSTEM in actor.roles or (everything and actor.may(Permission.READ)):
        return Sight(assessments=works_on_tickets(actor))
    keys, numbers = set[str](), set[str]()
    for process, content in parts:
        keys.update(key for _, key in content["items"])
        numbers.update(number for _, number in content["links"])
        for one in process.fields:
            value = _listed(content.get("fields", {}).get(one.name))
            if one.type in ("ci", "ticket"):
                (keys if one.type == "ci" else numbers).update(value)
    visible, known = seer(env, actor), env.store.tickets.tickets(numbers)
    items = env.store.items(keys) if visible else {}
    seen = {key for key in keys if not visible or (key in items and visible(items[key]))}
    met = {n for n, record in known.items() if may_see(actor, env, ticket_of(record))}
    return Sight(frozenset(keys - seen), frozenset(numbers - met), assessments=False)


def _listed(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
