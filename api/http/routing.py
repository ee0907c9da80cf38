"""Routes that read JSON strictly: media type, size and text are checked before anything else."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from api.http.models.common import Problem
from api.http.problems import BodyTooLarge, UnsupportedMediaType

MIB = 1024 * 1024
MAX_BODY = 16 * MIB
MAX_LARGE_BODY = 32 * MIB


class StrictRequest(Request):
    """A request whose JSON is read by orjson: no NaN, no broken text, no endless nesting."""

    async def json(self) -> Any:
        """The body as data."""
        return orjson.loads(await self.body())

    async def load(self, limit: int) -> None:
        """Read the body, up to the limit."""
        self._body = await bounded_body(self, limit)


async def bounded_body(request: Request, limit: int) -> bytes:
    """The body of a request; BodyTooLarge when it has more bytes than the limit."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and len(length) < 20 and int(length) > limit:
        raise BodyTooLarge(limit=limit // MIB)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise BodyTooLarge(limit=limit // MIB)
        parts.append(part)
    return b"".join(parts)


class StrictRoute(APIRoute):
    """A route that takes JSON bodies only, of a bounded size."""

    max_body: ClassVar[int] = MAX_BODY

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Check the body, then do what FastAPI does."""
        inner = super().get_route_handler()
        takes_body = self.body_field is not None

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            if takes_body:
                given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                if not (
                    given == "application/json"
                    or (given.startswith("application/") and given.endswith("+json"))
                ):
                    raise UnsupportedMediaType(given=given or "of no type")
                await strict.load(self.max_body)
            return await inner(strict)

        return handle


class LargeRoute(StrictRoute):
    """The same for bodies that carry many records."""

    max_body = MAX_LARGE_BODY


def router_at(path: str, tag: str, route_class: type[APIRoute] = StrictRoute) -> APIRouter:
    """The router of a resource."""
    return APIRouter(prefix=path, tags=[tag], route_class=route_class)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problem responses of a route, beside those that every route has."""
    words = {
        400: "The body is not JSON.",
        401: "No valid token.",
        403: "The token may not do this.",
        404: "There is no such thing, or you may not see it.",
        409: "It exists already, was changed meanwhile, or several things have this name.",
        412: "It is at another version than `If-Match` says.",
        413: "The body is too large.",
        415: "The body is not JSON.",
        422: "Something in the request is wrong; it says where, and what to do.",
        500: "A fault of the server.",
        503: "The store does not answer, or something that this needs is not set up.",
    }
    return {
        status: {"model": Problem, "description": words[status]}
        for status in sorted({*statuses, 500, 503})
    }


READING = problems(401, 403, 422)
ASKING = problems(400, 401, 403, 413, 415, 422)
WRITING = problems(400, 401, 403, 409, 413, 415, 422)

SHOWING: dict[int | str, dict[str, Any]] = {
    304: {"description": "You have this version."},
    **READING,
    **problems(404),
}
REMOVING: dict[str, Any] = {
    "status_code": 204,
    "response_class": Response,
    "responses": {**READING, **problems(404, 409, 412)},
}
"""What else is said of a route that removes something."""
