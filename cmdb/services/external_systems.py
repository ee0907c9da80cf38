"""External ticket systems that administrators declare: what comes in from them, what goes out.

What they send is signed with a secret (Standard Webhooks), which is sealed; what they are told goes
to a webhook that is declared by name.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field

from cmdb import sealing
from cmdb.errors import CMDBError, NotFound, PreconditionFailed, UnknownName, WrongValue, shown
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.messages.signatures import new_secret, secret_key
from cmdb.messages.templates import default_templates
from cmdb.schema.strict import Strict, plain, read
from cmdb.services.actor import ROLES, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt, Signature
from cmdb.services.ticket_configuration import processes
from cmdb.services.times import iso
from cmdb.services.webhooks import find_target
from cmdb.tickets.foreign import PLAIN, TicketMapping, mapping_faults

KIND = "external_system"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
EVENTS = ("ticket_opened", "ticket_changed", "comment_added")


class SystemSettings(Strict):
    """What is declared of an external system, beside its secret."""

    mapping: TicketMapping = Field(
        default_factory=lambda: PLAIN, description="How its tickets read as ours, and back."
    )
    target: str = Field(
        "", max_length=64, description="Name of the webhook that tells it of ours; empty: none."
    )
    events: Annotated[tuple[str, ...], Field(max_length=100)] = Field(
        EVENTS, description="What it is told of: templates of messages, such as `ticket_changed`."
    )
    unlinked: bool = Field(
        False,
        strict=True,
        description="Whether it is also told of tickets that it has no number for, to open them.",
    )
    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)] = Field(
        ("fulfiller", "service_desk"),
        description="As what it takes part in tickets: the steps of these roles are its.",
    )


@dataclass(frozen=True, slots=True)
class System:
    """An external system as it is kept."""

    name: str
    settings: SystemSettings
    sealed: str
    at: float = 0.0

    @property
    def version(self) -> str:
        """Changes whenever it is declared; tells nothing of the secret."""
        return hashlib.sha256(orjson.dumps(self.body())).hexdigest()[:16]

    @property
    def secret(self) -> str:
        """The secret by which what comes from it is known; raises what is wrong with the key."""
        return str(sealing.unsealed(self.sealed, "external system", self.name)["secret"])

    @property
    def actor(self) -> Actor:
        """Who acts in what comes from it."""
        return Actor(f"external system {self.name}", frozenset(self.settings.roles))

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        return {"settings": plain(self.settings), "sealed": self.sealed, "at": self.at}

    def content(self) -> dict[str, Any]:
        """What is shown: nothing secret."""
        known = plain(self.settings)
        return {"name": self.name, **known, "at": iso(self.at), "version": self.version}


def check_name(name: str, place: str) -> None:
    """Refuse what is no name of a system."""
    if not NAME.fullmatch(name):
        expected = "1 to 64 letters, digits, '_', '.' and '-'"
        raise WrongValue(place=place, name="'name'", value=shown(name), expected=expected)


def all_systems(env: Environment) -> list[System]:
    """All systems by name."""
    return [_system(one) for one in env.store.documents(KIND)]


def find_system(env: Environment, name: str) -> System | None:
    """The system of a name, where there is one."""
    document = env.store.document(KIND, name)
    return None if document is None else _system(document)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_systems(actor: Actor, env: Environment) -> list[System]:
    """All systems by name."""
    return all_systems(env)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_system(actor: Actor, env: Environment, name: str) -> System:
    """One system; NotFound."""
    found = find_system(env, name)
    if found is None:
        raise NotFound(kind="external system", name=name)
    return found


@authorised(Permission.ADMINISTER, everywhere=True)
def put_system(
    actor: Actor,
    env: Environment,
    name: str,
    values: Mapping[str, Any],
    *,
    secret: str | None = None,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> str | None:
    """Declare a system, or replace it; raises everything that is wrong.

    Without a `secret` it keeps the one it has; a new system gets a random one, which is given back
    this once, for it to sign with. `expected` is the version the caller knows.
    """
    check_name(name, "external system")
    known = read(SystemSettings, dict(values), f"external system {name}")
    refuse(_faults(env, name, known, secret))
    before = find_system(env, name)
    _expect(name, before, expected)
    made = None
    if secret is None and before is None:
        made = secret = new_secret()
    sealed = before.sealed if before and secret is None else sealing.sealed({"secret": secret})
    after = System(name, known, sealed, env.clock())
    _commit(actor, env, before, after, f"declared external system {name}", receipt)
    return made


@authorised(Permission.ADMINISTER, everywhere=True)
def remove_system(
    actor: Actor,
    env: Environment,
    name: str,
    receipt: Receipt | None = None,
    expected: str | None = None,
) -> None:
    """Take nothing more from a system, and tell it nothing; its tickets stay."""
    before = get_system(actor, env, name)
    _expect(name, before, expected)
    _commit(actor, env, before, None, f"removed external system {name}", receipt)


@authorised(Permission.ADMINISTER, everywhere=True)
def mapping_for(actor: Actor, env: Environment, system: str) -> TicketMapping:
    """The mapping that is declared for a system, or else that of our own words."""
    found = find_system(env, system)
    return PLAIN if found is None else found.settings.mapping


def _faults(
    env: Environment, name: str, known: SystemSettings, secret: str | None
) -> list[CMDBError]:
    place = f"external system {name}"
    found = mapping_faults(known.mapping, processes(env), place)
    templates = default_templates()
    for kind, names, allowed in (("event", known.events, templates), ("role", known.roles, ROLES)):
        for one in names:
            if one not in allowed:
                found.append(UnknownName(place=place, kind=kind, name=one, known=tuple(allowed)))
    if known.target and find_target(env, known.target) is None:
        found.append(NotFound(kind="webhook", name=known.target))
    if secret is not None:
        try:
            secret_key(secret)
        except CMDBError as error:
            found.append(error)
    return found


def _expect(name: str, before: System | None, expected: str | None) -> None:
    current = "none" if before is None else before.version
    if expected not in (None, current):
        raise PreconditionFailed(
            kind="external system", name=name, current=current, expected=expected
        )


def _system(document: Document) -> System:
    body = document.body
    known = SystemSettings.model_validate(body["settings"])
    return System(document.name, known, body["sealed"], body["at"])


def _document(system: System | None) -> Document | None:
    return None if system is None else Document(KIND, system.name, system.body())


def _commit(
    actor: Actor,
    env: Environment,
    before: System | None,
    after: System | None,
    reason: str,
    receipt: Receipt | None,
) -> None:
    changes = ChangeSet(documents=[Change(_document(before), _document(after))])
    env.store.commit(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))
