"""What the routes share: who calls, answers, versions, and requests that are repeated."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from cmdb.errors import CMDBError, InvalidInput, Unauthenticated
from cmdb.history.log import Commit
from cmdb.services import versioned
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.receipts import earlier_commit, receipt_for
from cmdb.services.signing import fingerprint

bearer = HTTPBearer(auto_error=False, description="A token made by `cmdb token create --role …`.")

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="Do it only when this is still the ETag, or `*`."),
]
IfNoneMatch = Annotated[
    str | None, Header(alias="If-None-Match", description="Answer 304 when this is still the ETag.")
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Any text of yours: a repeated request with it gets the first one's answer.",
    ),
]

Result = TypeVar("Result")
Body = TypeVar("Body", bound=BaseModel)


@dataclass(slots=True)
class Call:
    """One authenticated request."""

    request: Request
    actor: Actor
    env: Environment
    replayed: bool = False

    def once(
        self,
        key: str | None,
        body: BaseModel | None,
        act: Callable[[Receipt | None], Result],
        rebuild: Callable[[Commit], Result],
    ) -> Result:
        """Do it, or give the answer of the earlier request with the same Idempotency-Key."""
        if key is None:
            return act(None)
        data = None if body is None else body.model_dump(mode="json", exclude_unset=True)
        receipt = receipt_for(key, self.request.method, self.request.scope["path"], data)
        earlier = earlier_commit(self.actor, self.env, receipt)
        if earlier is None:
            try:
                return act(receipt)
            except CMDBError:  # perhaps because the same request was quicker
                earlier = earlier_commit(self.actor, self.env, receipt)
                if earlier is None:
                    raise
        self.replayed = True
        return rebuild(earlier)

    def untold(self, key: str | None, body: Body, secret: str | None) -> Body:
        """The body as it may be kept with its key: with a digest in place of its secret."""
        if key is None or secret is None:
            return body
        return body.model_copy(update={"secret": fingerprint(self.actor, secret)})

    def answer(
        self,
        content: Any,
        *,
        status: int = 200,
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The content as JSON; 304 without it when the caller has this version."""
        sent = dict(headers or {})
        if etag is not None:
            sent["ETag"] = etag
        if self.replayed:
            sent["Idempotency-Replayed"] = "true"
        if etag is not None and self.request.method == "GET":
            known = tags(self.request.headers.get("if-none-match"))
            if known is not None and ("*" in known or etag.strip('"') in known):
                return Response(status_code=304, headers=sent)
        return Response(orjson.dumps(content), status, sent, "application/json")

    def remove_once(self, key: str | None, act: Callable[[Receipt | None], object]) -> Response:
        """Remove something, once for an Idempotency-Key; 204, for there is nothing to show."""
        self.once(key, None, act, lambda commit: None)
        headers = {"Idempotency-Replayed": "true"} if self.replayed else None
        return Response(status_code=204, headers=headers)


async def call(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)],
) -> Call:
    """The call, whose actor the guard has found out; not worth a thread, for it never waits."""
    actor = getattr(request.state, "actor", None)
    if not isinstance(actor, Actor):
        raise Unauthenticated(detail="no token was given")
    return Call(request, actor, request.app.state.env)


Caller = Annotated[Call, Depends(call)]


def etag_of(version: int | str) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def expect(kind: str, name: str, content: Any, header: str | None) -> None:
    """PreconditionFailed when an If-Match header names another version than the content has."""
    versioned.expect(kind, name, versioned.version_of(content), expected_version(header))


def tags(header: str | None) -> list[str] | None:
    """The entity tags of an If-Match or If-None-Match header, without quotes; `*` as it is.

    Weak tags count: proxies weaken ours when they compress, and a version is exact all the same.
    """
    if header is None:
        return None
    if header.strip() == "*":
        return ["*"]
    found = re.findall(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"', header)
    rest = re.sub(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"', "", header)
    if not found or rest.strip(" ,\t"):
        detail = 'write an ETag in quotes, such as "12", or *'
        raise InvalidInput(place="If-Match", detail=detail)
    return found


def expected_version(header: str | None) -> str | None:
    """The one version an If-Match header names; None when any will do."""
    found = tags(header)
    if found is None or found == ["*"]:
        return None
    if len(found) > 1:
        raise InvalidInput(place="If-Match", detail="give one ETag only")
    return found[0]


def expected_seq(header: str | None) -> int | None:
    """The same for versions that are numbers; what is no number matches none."""
    version = expected_version(header)
    if version is None:
        return None
    return int(version) if re.fullmatch(r"[0-9]{1,18}", version, re.ASCII) else -1
