"""API tokens: made once, shown once, kept only as a hash."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta

from cmdb.errors import InvalidInput, NotFound, Unauthenticated, UnknownName, WrongValue
from cmdb.identity.changes import Change, ChangeSet, Document
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
    role: str,
    name: str,
    expires: timedelta | None = None,
    scope: Scope | None = None,
    source: str | None = None,
) -> str:
    """A new token, returned once. The store keeps its SHA-256, role, limits and expiry.

    With a `source` a collector may send that source's observations only. The secret has 256 random
    bits, so a fast hash is enough (nothing to guess).
    """
    if role not in ROLES:
        raise UnknownName(place="role", kind="role", name=role, known=ROLES)
    if source is not None:
        if role != COLLECTOR:
            detail = f"it limits what a {COLLECTOR} may send; leave it out for the role {role}"
            raise InvalidInput(place="source", detail=detail)
        check_source(source, "source")
    for type_name in sorted((scope and scope.types) or ()):
        env.catalog().ci_type(type_name, "scope")
    number, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    now = env.clock()
    body = {
        "name": name,
        "role": role,
        "hash": _hash(secret),
        "created_at": now,
        "expires_at": None if expires is None else now + expires.total_seconds(),
        "sites": sorted(scope.sites) if scope and scope.sites is not None else None,
        "types": sorted(scope.types) if scope and scope.types is not None else None,
        "source": source,
    }
    changes = ChangeSet(documents=[Change(None, Document(KIND, number, body))])
    env.store.commit(changes, Signature(actor.name, now, f"created {role} token for {name}"))
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
    sites, types = known.body["sites"], known.body["types"]
    scope = Scope(
        None if sites is None else frozenset(sites), None if types is None else frozenset(types)
    )
    name = f"{known.body['name']} (token {number})"
    return Actor(name, frozenset({known.body["role"]}), scope, known.body.get("source"))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
