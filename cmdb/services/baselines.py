"""Baselines: names for the state of the CMDB as of a commit (ITIL: configuration baseline)."""

import re
from dataclasses import dataclass
from typing import Any

from cmdb.errors import AlreadyExists, NoSuchMoment, NotFound, WrongValue
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, Signature
from cmdb.services.times import iso

KIND = "baseline"
NAME = re.compile(r"(?!\d+$)\S(?:[^\x00-\x1f\x7f/]{0,126}\S)?")
MOST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Baseline:
    """The state after commit `seq`, named at a moment; `ticket` is the release that did."""

    name: str
    seq: int
    at: float
    by: str
    note: str = ""
    ticket: str = ""

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        names = ("seq", "at", "by", "note", "ticket")
        return {name: getattr(self, name) for name in names}

    def content(self) -> dict[str, Any]:
        """What is shown."""
        return {"name": self.name, **self.body(), "at": iso(self.at)}


@authorised(Permission.READ)
def list_baselines(actor: Actor, env: Environment) -> list[Baseline]:
    """All baselines, the latest state first."""
    found = [Baseline(one.name, **one.body) for one in env.store.documents(KIND)]
    return sorted(found, key=lambda one: (-one.seq, one.name))


@authorised(Permission.READ)
def get_baseline(actor: Actor, env: Environment, name: str) -> Baseline:
    """One baseline; NotFound."""
    known = env.store.document(KIND, name)
    if known is None:
        raise NotFound(kind=KIND, name=name)
    return Baseline(name, **known.body)


@authorised(Permission.WRITE)
def create_baseline(
    actor: Actor,
    env: Environment,
    name: str,
    *,
    seq: int | None = None,
    note: str = "",
    receipt: Receipt | None = None,
) -> Baseline:
    """Name the state of now, or of an earlier commit; AlreadyExists for a name that is taken."""
    if not NAME.fullmatch(name):
        expected = "1 to 128 characters with one that is no digit, and without '/'"
        raise WrongValue(place="baseline", name="'name'", value=repr(name), expected=expected)
    if len(note) > MOST_NOTE:
        expected = f"at most {MOST_NOTE} characters"
        raise WrongValue(place="baseline", name="'note'", value=len(note), expected=expected)
    last = env.store.seq()
    if seq is not None and not 1 <= seq <= last:
        raise NoSuchMoment(place="seq", value=seq, last=last)
    made: list[Baseline] = []

    def plan() -> ChangeSet:
        if env.store.document(KIND, name) is not None:
            raise AlreadyExists(kind=KIND, name=name)
        # the commit that names the state of now is part of it
        at = env.store.seq() + 1 if seq is None else seq
        made[:] = [Baseline(name, at, env.clock(), actor.user or actor.name, note)]
        return ChangeSet(documents=[Change(None, Document(KIND, name, made[0].body()))])

    signature = Signature(actor.name, env.clock(), f"named baseline {name}", receipt=receipt)
    env.store.commit_planned(plan, signature)
    return made[0]


@authorised(Permission.ADMINISTER)
def remove_baseline(
    actor: Actor, env: Environment, name: str, receipt: Receipt | None = None
) -> None:
    """Forget a name; the state stays in the log."""
    known = env.store.document(KIND, name)
    if known is None:
        raise NotFound(kind=KIND, name=name)
    signature = Signature(actor.name, env.clock(), f"removed baseline {name}", receipt=receipt)
    env.store.commit(ChangeSet(documents=[Change(known, None)]), signature)
