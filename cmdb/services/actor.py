"""Who asks, and what they may do: the one place where authorisation is decided."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from cmdb.errors import Forbidden


class ScopeTooNarrow(Forbidden):
    """The actor may do this, but not for some sites or types alone."""

    template = "{actor} is limited to some sites or types, and this concerns all; use another token"


class Permission(Enum):
    """What a service needs of its caller."""

    READ = "read"
    WRITE = "write"
    OBSERVE = "observe"
    ADMINISTER = "administer"
    FOLLOW = "see tickets"
    REQUEST = "open tickets"
    TICKETS = "work on tickets"


_OWN = frozenset({Permission.FOLLOW, Permission.REQUEST})
_STAFF = _OWN | {Permission.READ, Permission.TICKETS}
"""What everybody may who works on tickets."""

ROLES: dict[str, frozenset[Permission]] = {
    "viewer": frozenset({Permission.READ, Permission.FOLLOW}),
    "collector": frozenset({Permission.OBSERVE}),
    "editor": _OWN | {Permission.READ, Permission.WRITE, Permission.OBSERVE},
    "requester": _OWN,
    "service_desk": _STAFF,
    "fulfiller": _STAFF,
    "change_manager": _STAFF | {Permission.WRITE},
    "cab_member": _STAFF,
    "problem_manager": _STAFF,
    "administrator": frozenset(Permission),
}
"""What each role may; who plans changes also writes maintenance windows."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The CIs an actor may see and change: by site and by type (with the types below); None is all.

    A CI without a site is outside every scope that is limited to sites.
    """

    sites: frozenset[str] | None = None
    types: frozenset[str] | None = None

    def covers(self, type_chain: tuple[str, ...], site: Any) -> bool:
        """Whether a CI with these types (its own and their parents) and site is inside."""
        if self.sites is not None and site not in self.sites:
            return False
        return self.types is None or not self.types.isdisjoint(type_chain)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or a program, that asks: `name` goes into the log with every write.

    `source` is the only one whose observations it may send; None is any. `user` is the name of the
    user it acts as; without one, the name of its token.
    """

    name: str
    roles: frozenset[str]
    scope: Scope = EVERYTHING
    source: str | None = None
    user: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether one of the actor's roles gives the permission."""
        return any(permission in ROLES.get(role, ()) for role in self.roles)


P = ParamSpec("P")
R = TypeVar("R")
Service = Callable[Concatenate[Actor, P], R]


def authorised(
    permission: Permission, *, everywhere: bool = False
) -> Callable[[Service[P, R]], Service[P, R]]:
    """Make a function a service: it takes the actor first, who must have the permission.

    With `everywhere` an actor with a limited scope may not do it at all.
    """

    def wrap(service: Service[P, R]) -> Service[P, R]:
        @functools.wraps(service)
        def checked(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> R:
            if not actor.may(permission):
                roles = ", ".join(r for r, allowed in ROLES.items() if permission in allowed)
                raise Forbidden(actor=actor.name, permission=permission.value, roles=roles)
            if everywhere and actor.scope != EVERYTHING:
                raise ScopeTooNarrow(actor=actor.name)
            return service(actor, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]
        return cast("Service[P, R]", checked)

    return wrap
