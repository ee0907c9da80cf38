"""Relation types: read the catalog, add to it, change it."""

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
from api.http.models.types import RelationTypeForm, RelationTypeRow, relation_type_shown
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from cmdb.services import catalog

router = router_at("/relation-types", "types")

Name = Annotated[str, Path(description="Name of the relation type.")]


@router.get(
    "", summary="List relation types", response_model=Page[RelationTypeRow], responses=READING
)
def list_relation_types(call: Caller) -> Response:
    """All relation types: how they read, what they join, which way trouble travels."""
    known = catalog.get_catalog(call.actor, call.env)
    rows = [relation_type_shown(one) for _, one in sorted(known.relation_types.items())]
    return call.answer({"items": rows, "next": None})


@router.get(
    "/{name}",
    summary="Show a relation type",
    response_model=RelationTypeRow,
    responses=SHOWING,
)
def show_relation_type(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One relation type."""
    return _answer(call, name)


@router.put(
    "/{name}",
    summary="Declare a relation type",
    response_model=RelationTypeRow,
    responses={**WRITING, **problems(412)},
)
def put_relation_type(
    call: Caller,
    name: Name,
    body: RelationTypeForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Add a relation type, or replace its declaration; for administrators."""
    data, expected = body.declaration(name), expected_version(version)
    call.once(
        key,
        body,
        lambda receipt: catalog.put_relation_type(
            call.actor, call.env, data, receipt, expected=expected
        ),
        lambda commit: None,
    )
    return _answer(call, name)


def _answer(call: Call, name: str) -> Response:
    known = catalog.get_catalog(call.actor, call.env)
    declared = known.relation_type(name, "path")
    etag = etag_of(catalog.version_of(known, declared))
    return call.answer(relation_type_shown(declared), etag=etag)
