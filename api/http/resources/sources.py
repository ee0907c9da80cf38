"""Sources: how far each is trusted, and what its keys mean."""

from typing import Annotated

from fastapi import Path, Response

from api import identity
from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expect,
)
from api.http.models.common import Page
from api.http.models.sources import SourceForm, SourceRow
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from cmdb.errors import NotFound
from cmdb.services import sources
from cmdb.services.ports import Receipt
from cmdb.services.versioned import version_of

router = router_at("/sources", "sources")

Name = Annotated[str, Path(description="Name of the source.", min_length=1, max_length=128)]


@router.get("", summary="List sources", response_model=Page[SourceRow], responses=READING)
def list_sources(call: Caller) -> Response:
    """All declared sources, by name; any other is an ordinary one."""
    known = sources.get_sources(call.actor, call.env).declared
    rows = [identity.source(one) for _, one in sorted(known.items())]
    return call.answer({"items": rows, "next": None})


@router.get(
    "/{name}",
    summary="Show a source",
    response_model=SourceRow,
    responses=SHOWING,
)
def show_source(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One declared source."""
    declared = sources.get_sources(call.actor, call.env).declared
    if name not in declared:
        raise NotFound(kind="source", name=name)
    return _answer(call, name)


@router.put(
    "/{name}",
    summary="Declare a source",
    response_model=SourceRow,
    responses={**WRITING, **problems(412)},
)
def put_source(
    call: Caller,
    name: Name,
    body: SourceForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Add a source, or replace its declaration; for administrators.

    All it said is weighed anew. With `withdrawn` nothing it said counts, and what it had masked
    counts again.
    """

    def act(receipt: Receipt | None) -> None:
        now = sources.get_sources(call.actor, call.env)[name]
        expect("source", name, identity.source(now), version)
        sources.put_source(call.actor, call.env, {"name": name, **body.model_dump()}, receipt)

    call.once(key, body, act, lambda commit: None)
    return _answer(call, name)


def _answer(call: Call, name: str) -> Response:
    content = identity.source(sources.get_sources(call.actor, call.env)[name])
    return call.answer(content, etag=etag_of(version_of(content)))
