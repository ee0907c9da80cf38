"""Users: people with roles, in teams, some of them the managers of others.

A user is never removed, as tickets and the log name people for ever: one who has left is inactive.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from cmdb.errors import (
    AlreadyExists,
    CMDBError,
    InvalidInput,
    NotFound,
    UnknownName,
)
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.schema.strict import Strict, plain, read
from cmdb.services.actor import ROLES, Actor, Permission, Scope, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt, Signature
from cmdb.services.revisions import Revised
from cmdb.services.versioned import expect, version_of

KIND = "user"
RESERVED = "me"
NAME = re.compile(r"[^\W_][\w.@+-]{0,63}")
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def _name(text: str) -> str:
    if text == RESERVED or not NAME.fullmatch(text):
        raise ValueError("a name of 1 to 64 letters, digits, '_', '.', '@', '+' and '-', not 'me'")
    return text


def _line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a string of printable characters")
    return text


def _address(text: str) -> str:
    if text and not ADDRESS.fullmatch(text):
        raise ValueError("an address such as li@example.org")
    return text


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


Line = Annotated[str, Field(max_length=256), AfterValidator(_line)]
Named = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_line)]
Address = Annotated[str, Field(max_length=254), AfterValidator(_line), AfterValidator(_address)]
Names = Annotated[tuple[Named, ...], Field(max_length=1000), AfterValidator(_distinct)]


class User(Strict):
    """A person who uses the CMDB."""

    name: Annotated[str, AfterValidator(_name)] = Field(description="Name; stays for life.")
    display: Line = Field("", description="Name as others see it; empty: the same as `name`.")
    email: Annotated[
        str, Field(max_length=254), AfterValidator(_line), AfterValidator(_address)
    ] = Field("", description="Where mail goes; empty: none is sent.")
    language: Literal["en", "zh"] = Field("en", description="Language of what is sent to them.")
    roles: Names = Field(min_length=1, description="What they may do: names of roles.")
    teams: Names = Field((), description="Teams they are in.")
    sites: Names = Field((), description="Sites whose CIs they see and change; none: all.")
    manager: Line = Field("", description="The user to whom what is late goes up.")
    active: bool = Field(True, strict=True, description="Whether they may do anything.")

    @property
    def shown(self) -> str:
        """The name as others see it."""
        return self.display or self.name

    @property
    def scope(self) -> Scope:
        """The CIs they see and change."""
        return Scope(frozenset(self.sites) if self.sites else None)

    @property
    def version(self) -> str:
        """Its version, for optimistic concurrency: a digest of what it says."""
        return version_of(self.body())

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        return {name: value for name, value in plain(self).items() if name != "name"}


@authorised(Permission.ADMINISTER, everywhere=True)
def create_user(
    actor: Actor, env: Environment, values: Mapping[str, Any], receipt: Receipt | None = None
) -> User:
    """A new user; `values` are the fields of a User, of which `name` and `roles` are needed."""

    def plan() -> Change[Document]:
        user, known = read(User, dict(values), "user"), people(env)
        same = [one for one in known if one.casefold() == user.name.casefold()]
        if same:
            raise AlreadyExists(kind="user", name=same[0])
        _check(user, known)
        return Change(None, _document(user))

    return _commit(actor, env, plan, f"created user {values.get('name')}", receipt)


@authorised(Permission.ADMINISTER, everywhere=True)
def edit_user(
    actor: Actor,
    env: Environment,
    name: str,
    values: Mapping[str, Any],
    *,
    expected: str | None = None,
    receipt: Receipt | None = None,
) -> User:
    """Change what `values` mentions; `expected` is the version the caller knows."""

    def plan() -> Change[Document]:
        known = people(env)
        before = _known(known, name)
        expect("user", name, before.version, expected)
        after = read(User, {**before.body(), **values, "name": name}, f"user {name}")
        _check(after, known)
        return Change(_document(before), _document(after))

    return _commit(actor, env, plan, f"changed user {name}", receipt)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_user(actor: Actor, env: Environment, name: str) -> User:
    """One user; NotFound when there is none."""
    return one(env, name)


@authorised(Permission.ADMINISTER, everywhere=True)
def list_users(actor: Actor, env: Environment, *, active: bool | None = None) -> list[User]:
    """The users by name: all, or those that are active or not."""
    found = people(env).values()
    return [one for one in found if active is None or one.active == active]


def one(env: Environment, name: str) -> User:
    """One user, whoever asks; NotFound when there is none."""
    known = env.store.document(KIND, name)
    if known is None:
        raise NotFound(kind="user", name=name)
    return _user(known)


def own(env: Environment, actor: Actor) -> User:
    """The user who asks; made up for a token that acts as none."""
    known = env.store.document(KIND, actor.user)
    if known is not None:
        return _user(known)
    sites = _distinct(actor.scope.sites or ())
    roles = _distinct(actor.roles)
    return User.model_construct(name=actor.user, roles=roles, sites=sites)


def people(env: Environment) -> Mapping[str, User]:
    """All users by name, also those who have left."""
    return _PEOPLE.of(env)


def _read(env: Environment, revision: str) -> Mapping[str, User]:
    return MappingProxyType({one.name: _user(one) for one in env.store.documents(KIND)})


_PEOPLE = Revised("users", "revision", _read)


def members_of(env: Environment, team: str) -> list[User]:
    """The active users in a team, by name."""
    return [one for one in people(env).values() if one.active and team in one.teams]


def with_role(env: Environment, role: str) -> list[User]:
    """The active users who have a role, by name."""
    return [one for one in people(env).values() if one.active and role in one.roles]


def _check(user: User, known: Mapping[str, User]) -> None:
    """Raise everything that is wrong with what the user names."""
    place = f"user {user.name}"
    errors: list[CMDBError] = [
        UnknownName(place=place, kind="role", name=role, known=ROLES)
        for role in user.roles
        if role not in ROLES
    ]
    above, seen = user.manager, {user.name}
    if above and above != user.name and above not in known:
        errors.append(UnknownName(place=place, kind="user", name=above, known=known))
    while above and above not in seen:
        seen.add(above)
        above = known[above].manager if above in known else ""
    if above:
        detail = f"'{user.manager}' is below them, or they themselves; name another manager"
        errors.append(InvalidInput(place=place, detail=detail))
    refuse(errors)


def _known(users: Mapping[str, User], name: str) -> User:
    if name not in users:
        raise NotFound(kind="user", name=name)
    return users[name]


def _commit(
    actor: Actor,
    env: Environment,
    plan: Callable[[], Change[Document]],
    reason: str,
    receipt: Receipt | None,
) -> User:
    """Do what was planned while nobody else could commit."""
    made: list[Change[Document]] = []

    def changes() -> ChangeSet:
        made[:] = [plan()]
        (change,) = made
        if change.before == change.after:
            return ChangeSet()
        return ChangeSet(documents=[change, _PEOPLE.renewed(env)])

    env.store.commit_planned(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))
    assert made[0].after is not None  # noqa: S101 - users are never removed
    return _user(made[0].after)


def _document(user: User) -> Document:
    return Document(KIND, user.name, user.body())


def _user(document: Document) -> User:
    return User.model_validate({"name": document.name, **document.body})
