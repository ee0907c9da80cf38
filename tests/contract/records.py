"""Short ways to make records and change sets."""

from dataclasses import replace
from typing import Any

from cmdb.identity.changes import Change, ChangeSet, Content, Document, Note
from cmdb.identity.claims import Claim
from cmdb.schema.records import ConfigurationItem, Relation, TicketRecord, Tie
from cmdb.services.ports import Signature

SIGNATURE = Signature("ann", 100.5, "because", "run-1")


def item(key: str, type: str = "server", **fields: Any) -> ConfigurationItem:
    return ConfigurationItem(key, type, fields.pop("name", key), **fields)


def relation(from_key: str, type: str, to_key: str, **fields: Any) -> Relation:
    return Relation(from_key, type, to_key, **fields)


def claim(kind: str, source: str, key: str, subject: int, **fields: Any) -> Claim:
    values = {"observed_at": 50.0, "confirmed_at": 50.0, "run": "r", "body": {"type": "server"}}
    return Claim(kind, source, key, subject, **{**values, **fields})


def ticket(number: str, **fields: Any) -> TicketRecord:
    ties = {n: tuple(Tie(*one) for one in fields.pop(n, ())) for n in ("items", "links")}
    values = {"kind": "incident", "state": "recorded", "title": number, "open": True}
    return TicketRecord(number, **{**values, "opened": 10.0, "changed": 10.0, **fields, **ties})


def changes(*records: Any) -> ChangeSet:
    """Pairs `(before, after)`, or records to be created.

    A new record without a number of its own gets a fresh placeholder.
    """
    made = ChangeSet()
    lists = {
        ConfigurationItem: made.items,
        Relation: made.relations,
        Claim: made.claims,
        Document: made.documents,
        TicketRecord: made.tickets,
    }
    for one in records:
        if isinstance(one, Note | Content):
            (made.notes if isinstance(one, Note) else made.contents).append(one)  # type: ignore[arg-type]
            continue
        before, after = one if type(one) is tuple else (None, one)
        unnumbered = isinstance(after, ConfigurationItem | Relation) and after.number == -1
        if before is None and unnumbered:
            after = replace(after, number=made.fresh_number() - 1000)
        lists[type(after or before)].append(Change(before, after))
    return made


def commit(store: Any, *records: Any, signature: Signature = SIGNATURE) -> Any:
    return store.commit(changes(*records), signature)


def estate(store: Any, *keys: str, **fields: Any) -> dict[str, ConfigurationItem]:
    """New CIs with these keys, as stored."""
    commit(store, *(item(key, **fields) for key in keys))
    return store.items(keys)
