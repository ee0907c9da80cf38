"""CI types: read the catalog, add to it, change it."""

from typing import Annotated

from fastapi import Path, Response

from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expected_version,
)
from api.http.models.common import Page
from api.http.models.types import TypeForm, TypeRow, type_shown
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from cmdb.schema.declarations import CIType
from cmdb.services import catalog

router = router_at("/types", "types")

Name = Annotated[str, Path(description="Name of the type.")]


@router.get("", summary="List CI types", response_model=Page[TypeRow], responses=READING)
def list_types(call: Caller) -> Response:
    """All CI types, each with its own and inherited attributes."""
    known = catalog.get_catalog(call.actor, call.env)
    rows = [type_shown(known, one) for _, one in sorted(known.ci_types.items())]
    return call.answer({"items": rows, "next": None})


@router.get(
    "/{name}",
    summary="Show a CI type",
    response_model=TypeRow,
    responses=SHOWING,
)
def show_type(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One CI type with its own and inherited attributes."""
    return _answer(call, name)


@router.put(
    "/{name}",
    summary="Declare a CI type",
    response_model=TypeRow,
    responses={**WRITING, **problems(412)},
)
def put_type(
    call: Caller, name: Name, body: TypeForm, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Add a CI type, or replace its declaration; for administrators."""
    data, expected = body.declaration(name), expected_version(version)
    call.once(
        key,
        body,
        lambda receipt: catalog.put_ci_type(call.actor, call.env, data, receipt, expected=expected),
        lambda commit: None,
    )
    return _answer(call, name)


def _answer(call: Call, name: str) -> Response:
    known = catalog.get_catalog(call.actor, call.env)
    declared: CIType = known.ci_type(name, "path")
    etag = etag_of(catalog.version_of(known, declared))
    return call.answer(type_shown(known, declared), etag=etag)
