"""External ticket systems that administrators declare: what comes in from them, what goes out.

What they send is signed with a secret (Standard Webhooks), which is sealed; what they are told goes
to a webhook that is declared by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from cmdb import sealing
from cmdb.errors import CMDBError, NotFound, UnknownName
from cmdb.identity.changes import Document
from cmdb.messages.templates import default_templates
from cmdb.schema.strict import Strict, name_faults, plain, read
from cmdb.services.actor import ROLES, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt
from cmdb.services.signing import sealed_secret, secret_faults
from cmdb.services.ticket_configuration import processes
from cmdb.services.times import iso
from cmdb.services.versioned import Documents, version_of
from cmdb.services.webhooks import TARGETS
from cmdb.tickets.foreign import PLAIN, TicketMapping, mapping_faults

KIND = "external_system"
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
        return version_of(self.body())

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
    for fault in name_faults(name, place):
        raise fault


def _system(document: Document) -> System:
    body = document.body
    known = SystemSettings.model_validate(body["settings"])
    return System(document.name, known, body["sealed"], body["at"])


SYSTEMS = Documents(KIND, "external system", _system)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_systems(actor: Actor, env: Environment) -> list[System]:
    """All systems by name."""
    return SYSTEMS.all(env)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_system(actor: Actor, env: Environment, name: str) -> System:
    """One system; NotFound."""
    return SYSTEMS.get(env, name)


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
    made: str | None = None

    def system(before: System | None) -> System:
        nonlocal made
        sealed, made = sealed_secret(secret, before.sealed if before else None)
        return System(name, known, sealed, env.clock())

    reason = f"declared external system {name}"
    SYSTEMS.put(env, actor, name, system, reason, receipt=receipt, expected=expected)
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
    reason = f"removed external system {name}"
    SYSTEMS.remove(env, actor, name, reason, receipt=receipt, expected=expected)


@authorised(Permission.ADMINISTER, everywhere=True)
def mapping_for(actor: Actor, env: Environment, system: str) -> TicketMapping:
    """The mapping that is declared for a system, or else that of our own words."""
    found = SYSTEMS.find(env, system)
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
    if known.target and TARGETS.find(env, known.target) is None:
        found.append(NotFound(kind="webhook", name=known.target))
    return found + secret_faults(secret)
