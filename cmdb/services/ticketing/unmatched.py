"""References to CIs that external systems make and nobody knows here, kept until somebody does."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson

from cmdb.identity.changes import Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.external_systems import get_system
from cmdb.services.ticketing.links import Unknown, found_items, shown_reference, tied
from cmdb.services.ticketing.work import Work, commit
from cmdb.services.times import iso

KIND = "external_unmatched"
AT_ONCE = 200


def keep(
    work: Work,
    system: str,
    id: str,
    number: str,
    references: Sequence[Any],
    unknown: Sequence[Unknown],
) -> list[str]:
    """Have the unknown ones of a ticket's references kept for review, and the others no more.

    Gives the unknown ones as people read them.
    """
    told = []
    for reference in references:
        work.drop(KIND, _name(system, id, reference))
    for reference, error in unknown:
        text = shown_reference(reference)
        told.append(text)
        name = _name(system, id, reference)
        said = {"system": system, "id": id, "number": number, "reference": reference}
        work.keep(Document(KIND, name, {**said, "why": str(error), "at": work.at}))
    return told


@authorised(Permission.ADMINISTER, everywhere=True)
def list_unmatched(actor: Actor, env: Environment, system: str) -> list[dict[str, Any]]:
    """The references of a system that nobody knows, by its tickets; NotFound."""
    get_system(actor, env, system)
    return [
        {
            "id": one.body["id"],
            "number": one.body["number"],
            "reference": shown_reference(one.body["reference"]),
            "why": one.body["why"],
            "at": iso(one.body["at"]),
        }
        for one in _documents(env, system)
    ]


@authorised(Permission.ADMINISTER, everywhere=True)
def tie_unmatched(actor: Actor, env: Environment, system: str) -> int:
    """Tie tickets to the CIs that are known by now; gives how many references were found."""
    get_system(actor, env, system)
    waiting, found = _documents(env, system), 0
    for start in range(0, len(waiting), AT_ONCE):
        tie = partial(_tie, documents=waiting[start : start + AT_ONCE])
        found += commit(actor, env, f"tied CIs of {system}", tie)
    return found


def _tie(work: Work, documents: list[Document]) -> int:
    found = 0
    for document in documents:
        number, reference = document.body["number"], document.body["reference"]
        keys, _ = found_items(work, [reference], number)
        ticket = work.load([number]).get(number)
        if keys and work.document(KIND, document.name) is not None:
            found += 1
            work.drop(KIND, document.name)
            if ticket is not None:
                work.put(tied(ticket, keys))
    return found


def _documents(env: Environment, system: str) -> list[Document]:
    return [one for one in env.store.documents(KIND) if one.body["system"] == system]


def _name(system: str, id: str, reference: Any) -> str:
    data = orjson.dumps(reference, option=orjson.OPT_SORT_KEYS)
    return f"{system}:{id}:{hashlib.sha256(data).hexdigest()[:16]}"
