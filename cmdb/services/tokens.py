"""API tokens: made once, shown once, kept only as a hash."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from cmdb.errors import InvalidInput, NotFound, Unauthenticated, UnknownName, WrongValue
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services import users
from cmdb.services.actor import ROLES, Actor, Permission, Scope, authorised
from cmdb.services.environment import Environment
from cmdb.services.observing import check_source
from cmdb.services.ports import Signature

KIND = "token"
COLLECTOR = "collector"
PREFIX = "cmdb"
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """A time span such as `90d`, `12h`, `30m` or `2w`; WrongValue otherwise."""
    match = re.fullmatch(r"([1-9]\d{0,5})([mhdw])", text, re.ASCII)
    if match is None:
        raise WrongValue(
            place="expires", name="it", value=repr(text), expected="a span such as 90d, 12h or 30m"
        )
    return timedelta(**{UNITS[match[2]]: int(match[1])})


@authorised(Permission.ADMINISTER)
def create_token(
    actor: Actor,
    env: Environment,
    *,
    role: str = "",
    user: str = "",
    name: str = "",
    expires: timedelta | None = None,
    scope: Scope | None = None,
    source: str | None = None,
) -> str:
    """A new token, returned once. The store keeps its SHA-256, role or user, limits and expiry.

    A token of a `user` has the roles that the user has when it is used. With a `source` a collector
    may send that source's observations only. The secret has 256 random bits, so a fast hash is
    enough (nothing to guess).
    """
    if bool(role) == bool(user):
        raise InvalidInput(place="token", detail="give it either a role or a user")
    if role and role not in ROLES:
        raise UnknownName(place="role", kind="role", name=role, known=ROLES)
    if user:
        users.one(env, user)
    if source is not None:
        if role != COLLECTOR:
            other = role or "of a user"
            detail = f"it limits what a {COLLECTOR} may send; leave it out for the role {other}"
            raise InvalidInput(place="source", detail=detail)
        check_source(source, "source")
    for type_name in sorted((scope and scope.types) or ()):
        env.catalog().ci_type(type_name, "scope")
    number, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    now = env.clock()
    body = {
        "name": name or user,
        "role": role,
        "user": user,
        "hash": _hash(secret),
        "created_at": now,
        "expires_at": None if expires is None else now + expires.total_seconds(),
        "sites": sorted(scope.sites) if scope and scope.sites is not None else None,
        "types": sorted(scope.types) if scope and scope.types is not None else None,
        "source": source,
    }
    changes = ChangeSet(documents=[Change(None, Document(KIND, number, body))])
    env.store.commit(
        changes, Signature(actor.name, now, f"created {role or 'user'} token for {name or user}")
    )
    return f"{PREFIX}_{number}_{secret}"


@authorised(Permission.ADMINISTER)
def list_tokens(actor: Actor, env: Environment) -> list[Document]:
    """All tokens, without anything secret."""
    return [
        Document(KIND, d.name, {k: v for k, v in d.body.items() if k != "hash"})
        for d in env.store.documents(KIND)
    ]


@authorised(Permission.ADMINISTER)
def revoke_token(actor: Actor, env: Environment, number: str) -> None:
    """Make a token worthless at once."""
    known = env.store.document(KIND, number)
    if known is None:
        raise NotFound(kind="token", name=number)
    changes = ChangeSet(documents=[Change(known, None)])
    env.store.commit(changes, Signature(actor.name, env.clock(), f"revoked token {number}"))


def authenticate(env: Environment, token: str) -> Actor:
    """The actor a token stands for; Unauthenticated when it is unknown or has expired."""
    prefix, _, rest = token.partition("_")
    number, _, secret = rest.partition("_")
    known = env.store.document(KIND, number) if prefix == PREFIX and number else None
    if known is None or not hmac.compare_digest(known.body["hash"], _hash(secret)):
        raise Unauthenticated(detail="the token is not valid")
    expires_at = known.body["expires_at"]
    if expires_at is not None and expires_at <= env.clock():
        raise Unauthenticated(detail="the token has expired")
    return _actor(env, known)


def _actor(env: Environment, token: Document) -> Actor:
    """Whom a valid token stands for: its user as the user is now, within the token's limits."""
    body = token.body
    scope = Scope(*(None if body[n] is None else frozenset(body[n]) for n in ("sites", "types")))
    named = body.get("user") or body["name"]
    label = f"{named} (token {token.name})"
    if not body.get("user"):
        return Actor(label, frozenset({body["role"]}), scope, body.get("source"), named)
    user = users.one(env, named)
    if not user.active:
        raise Unauthenticated(detail="the user of the token is not active")
    limits = [one for one in (scope.sites, user.scope.sites) if one is not None]
    sites = frozenset.intersection(*limits) if limits else None
    return Actor(label, frozenset(user.roles), Scope(sites, scope.types), user=named)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
