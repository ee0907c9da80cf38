"""Cursors: opaque, checked, and good for one list only."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import Query, Request

from cmdb.errors import InvalidInput

MAX_CURSOR = 4096

Limit = Annotated[int, Query(ge=1, le=1000, description="Rows of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=MAX_CURSOR, description="`next` of the page before.")
]
Row = TypeVar("Row")


def encode(*parts: Any) -> str:
    """A cursor that holds the parts."""
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def decode(cursor: str, kind: str, *types: type) -> list[Any]:
    """The parts after the first, which must be `kind`; InvalidInput for any other cursor."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise InvalidInput(place="cursor", detail="it is not a cursor of this service") from None
    fits = (
        isinstance(parts, list)
        and len(parts) == len(types) + 1
        and parts[0] == kind
        and all(type(part) is one for part, one in zip(parts[1:], types, strict=True))
        and all(0 <= part < 2**62 for part in parts[1:] if type(part) is int)
    )
    if not fits:
        raise foreign()
    return list(parts[1:])


def page(
    kind: str,
    found: Sequence[Row],
    order: Callable[[Row], tuple[Any, ...]],
    types: tuple[type, ...],
    limit: int,
    cursor: str | None,
) -> tuple[Sequence[Row], str | None]:
    """A page of what was `found`, in its `order` of values of these `types`; the next cursor."""
    if cursor is not None:
        after = tuple(decode(cursor, kind, *types))
        found = [one for one in found if order(one) > after]
    if len(found) <= limit:
        return found, None
    return found[:limit], encode(kind, *order(found[limit - 1]))


def foreign() -> InvalidInput:
    """The error for a cursor of another list."""
    detail = "it belongs to another list; begin again without a cursor"
    return InvalidInput(place="cursor", detail=detail)


def link(request: Request, cursor: str | None) -> dict[str, str]:
    """The Link header to the next page, if any."""
    if cursor is None:
        return {}
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "cursor"]
    return {"Link": f'<{_path(request)}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


def _path(request: Request) -> str:
    return str(request.url.replace(scheme="", netloc="", query="", fragment=""))
