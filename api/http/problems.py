"""Errors as RFC 9457 problems: the one table domain error → HTTP status."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.http.validation import errors_of
from api.messages import message, title
from cmdb.errors import (
    AlreadyExists,
    AmbiguousReference,
    CMDBError,
    Conflict,
    Forbidden,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Rejected,
    StoreUnavailable,
    Unauthenticated,
    UnknownName,
    UnknownReference,
    UnreadableInput,
)
from cmdb.messages.signatures import BadSignature
from cmdb.sealing import NoCredentialsKey
from discovery.runner import ProgramMissing

log = logging.getLogger("cmdb.http")

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:graph-cmdb:problem:"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
RETRY_SECONDS = "5"
CHALLENGE = 'Bearer realm="cmdb"'


class NoSuchPath(CMDBError):
    """Nothing is at this path."""

    template = "there is no path {path}; the paths are listed at /docs"


class MethodNotAllowed(CMDBError):
    """The path is there, and does not take this method."""

    template = "{path} does not take {method}; it takes {allowed}"


class BodyTooLarge(CMDBError):
    """The body of the request is beyond the limit."""

    template = "the body is larger than {limit} MiB; send it in several parts"


class UnsupportedMediaType(CMDBError):
    """The body of the request is not JSON."""

    template = "the body is {given}, but must be application/json"


class InternalError(CMDBError):
    """A fault of ours; what it was is in the server's log."""

    template = "something went wrong in the server; its log has it under {reference}"


class BadRequest(CMDBError):
    """A request that HTTP itself forbids."""


STATUS: dict[type[CMDBError], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Rejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnreadableInput: HTTPStatus.BAD_REQUEST,
    BadRequest: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    NoSuchPath: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Conflict: HTTPStatus.CONFLICT,
    AlreadyExists: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    CMDBError: HTTPStatus.INTERNAL_SERVER_ERROR,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    NoCredentialsKey: HTTPStatus.SERVICE_UNAVAILABLE,
    ProgramMissing: HTTPStatus.SERVICE_UNAVAILABLE,
    BadSignature: HTTPStatus.UNAUTHORIZED,
}
"""An error has the status of its own class, or else of the nearest class above it."""

STATUS_IN_PATH: dict[type[CMDBError], HTTPStatus] = {
    UnknownReference: HTTPStatus.NOT_FOUND,
    UnknownName: HTTPStatus.NOT_FOUND,
    AmbiguousReference: HTTPStatus.CONFLICT,
}
"""The same for what the path of the request names."""

PATH_PLACES = frozenset({"path", "configuration item"})
"""What an error gives as its place when that is the path of the request."""


def status_of(error: CMDBError) -> HTTPStatus:
    """The HTTP status of an error."""
    if error.fields.get("place") in PATH_PLACES and type(error) in STATUS_IN_PATH:
        return STATUS_IN_PATH[type(error)]
    return next(STATUS[one] for one in type(error).__mro__ if one in STATUS)


def problem(
    error: CMDBError, language: str, path: str, headers: Mapping[str, str] | None = None
) -> Response:
    """The error as a response."""
    if isinstance(error, Rejected) and len(error.errors) == 1:
        error = error.errors[0]
    if isinstance(error, StoreUnavailable):
        log.error("%s", error)
        error = StoreUnavailable(
            address="of this server", detail="it does not answer; the server's log says why"
        )
    status = status_of(error)
    body: dict[str, Any] = {
        "type": TYPE + error.code,
        "title": title(error, language),
        "status": status.value,
        "detail": message(error, language),
        "instance": path,
        "code": error.code,
        "fields": _fields(error),
    }
    if isinstance(error, Rejected):
        body["errors"] = [
            {
                "code": one.code,
                "title": title(one, language),
                "detail": message(one, language),
                "fields": _fields(one),
            }
            for one in error.errors
        ]
    sent = dict(headers or {})
    if status == HTTPStatus.UNAUTHORIZED:
        sent.setdefault("WWW-Authenticate", CHALLENGE)
    elif isinstance(error, StoreUnavailable):
        sent.setdefault("Retry-After", RETRY_SECONDS)
    return Response(orjson.dumps(body, default=str), status, sent, MEDIA_TYPE)


def _fields(error: CMDBError) -> dict[str, Any]:
    fields = dict(error.fields)
    if isinstance(error, UnknownName):
        del fields["hint"]
        fields["nearest"] = error.nearest
    return fields


def install(app: FastAPI) -> None:
    """Give every error of the application the same form."""

    def answer(
        request: Request, error: CMDBError, headers: Mapping[str, str] | None = None
    ) -> Response:
        return problem(error, request.state.language, request.url.path, headers)

    @app.exception_handler(CMDBError)
    async def domain(request: Request, error: CMDBError) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if any(one["loc"][0] == "path" for one in error.errors()):
            return answer(request, NoSuchPath(path=request.url.path))
        return answer(request, Rejected(errors_of(error, request.scope.get("route"))))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        path = request.url.path
        if error.status_code == HTTPStatus.NOT_FOUND:
            return answer(request, NoSuchPath(path=path))
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(_methods(app, request))
            wrong = MethodNotAllowed(path=path, method=request.method, allowed=allowed)
            return answer(request, wrong, {"Allow": allowed})
        return answer(request, BadRequest(detail=str(error.detail)))


def _methods(app: FastAPI, request: Request) -> list[str]:
    """The methods that the path of the request takes."""

    def takes(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] == Match.FULL for route in app.router.routes)

    return [method for method in METHODS if takes(method)]
