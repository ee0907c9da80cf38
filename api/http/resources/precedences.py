"""Precedences: which source wins for which attribute."""

from typing import Annotated, Any

from fastapi import Path, Response

from api import identity
from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    etag_of,
    expect,
)
from api.http.models.common import Page
from api.http.models.sources import PrecedenceForm, PrecedenceRow
from api.http.routing import READING, WRITING, problems, router_at
from cmdb.schema.sources import Precedence
from cmdb.services import sources
from cmdb.services.ports import Receipt
from cmdb.services.versioned import version_of

router = router_at("/precedences", "sources")


@router.get("", summary="List precedences", response_model=Page[PrecedenceRow], responses=READING)
def list_precedences(call: Caller) -> Response:
    """All precedences, by type and attribute."""
    known = sources.get_sources(call.actor, call.env).precedences
    rows = [identity.precedence(one) for _, one in sorted(known.items())]
    return call.answer({"items": rows, "next": None})


@router.put(
    "/{type}/{attribute}",
    summary="Prefer sources",
    response_model=PrecedenceRow,
    responses={**WRITING, **problems(404, 412)},
)
def put_precedence(
    call: Caller,
    type: Annotated[str, Path(description="Name of a CI type; it holds for those below, too.")],
    attribute: Annotated[
        str, Path(description="An attribute, `type`, `name`, `status`, …, or `*` for all.")
    ],
    body: PrecedenceForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Say which sources win, and conclude anew what that changes; for administrators."""

    def act(receipt: Receipt | None) -> None:
        expect("precedence", f"{type}.{attribute}", _shown(call, type, attribute), version)
        data = {"type": type, "attribute": attribute, "sources": body.sources}
        sources.put_precedence(call.actor, call.env, data, receipt)

    call.once(key, body, act, lambda commit: None)
    content = _shown(call, type, attribute)
    return call.answer(content, etag=etag_of(version_of(content)))


def _shown(call: Call, type: str, attribute: str) -> dict[str, Any]:
    """The precedence now; without any sources where none is declared."""
    known = sources.get_sources(call.actor, call.env).precedences
    return identity.precedence(known.get((type, attribute), Precedence(type, attribute, ())))
