"""Relations between configuration items."""

from typing import Annotated

from fastapi import Path, Query, Response
from pydantic import Field

from api.http import paging
from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expected_seq,
)
from api.http.models.common import Form, Page, Text
from api.http.models.relations import (
    REFERENCE,
    RelationChange,
    RelationForm,
    RelationRow,
    shown,
)
from api.http.routing import READING, REMOVING, SHOWING, WRITING, problems, router_at
from cmdb.schema.records import Relation
from cmdb.services import relations
from cmdb.services.ports import RelationQuery
from cmdb.services.receipts import relation_of

router = router_at("/relations", "relations")

Number = Annotated[int, Path(ge=0, lt=2**62, description="Number of the relation.")]


class RelationFilter(Form):
    """Which relations to list."""

    limit: int = Field(default=100, ge=1, le=1000, description="Most rows of a page.")
    cursor: str | None = Field(
        default=None, max_length=paging.MAX_CURSOR, description="`next` of the page before."
    )
    from_key: Text | None = Field(default=None, alias="from", description=REFERENCE)
    to_key: Text | None = Field(default=None, alias="to", description=REFERENCE)
    key: Text | None = Field(default=None, description=f"Either end. {REFERENCE}")
    type: Text | None = Field(default=None, description="Name of a relation type.")


@router.get(
    "",
    summary="List relations",
    response_model=Page[RelationRow],
    responses=READING,
)
def list_relations(call: Caller, filters: Annotated[RelationFilter, Query()]) -> Response:
    """One page of the relations whose two ends you may see, in the order of their numbers.

    A page may have fewer rows than `limit` and still have a `next`.
    """
    after = -1
    if filters.cursor is not None:
        (after,) = paging.decode(filters.cursor, "relations", int)
    query = RelationQuery(
        filters.key, filters.from_key, filters.to_key, filters.type, after, filters.limit
    )
    found, following = relations.list_relations(call.actor, call.env, query)
    cursor = None if following is None else paging.encode("relations", following)
    content = {"items": [shown(one) for one in found], "next": cursor}
    return call.answer(content, headers=paging.link(call.request, cursor))


@router.post(
    "",
    summary="Create a relation",
    status_code=201,
    response_model=RelationRow,
    responses=WRITING,
)
def create_relation(call: Caller, body: RelationForm, key: IdempotencyKey = None) -> Response:
    """Enter a relation by hand; both ends must exist, and its type must allow to join them."""
    relation = call.once(
        key,
        body,
        lambda receipt: relations.put_relation(
            call.actor, call.env, body.observed(), receipt=receipt
        ),
        lambda commit: _made(relation_of(commit)),
    )
    path = call.request.url.path.rstrip("/")
    return _answer(call, relation, 201, {"Location": f"{path}/{relation.number}"})


@router.get(
    "/{number}",
    summary="Show a relation",
    response_model=RelationRow,
    responses=SHOWING,
)
def show_relation(call: Caller, number: Number, known: IfNoneMatch = None) -> Response:
    """One relation; its `ETag` is its version."""
    return _answer(call, relations.get_relation(call.actor, call.env, number), 200, {})


@router.patch(
    "/{number}",
    summary="Change a relation",
    response_model=RelationRow,
    responses={**WRITING, **problems(404, 412)},
)
def change_relation(
    call: Caller,
    number: Number,
    body: RelationChange,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Change strength and attributes by hand, as far as the body mentions them; null withdraws."""
    expected = expected_seq(version)
    relation = call.once(
        key,
        body,
        lambda receipt: relations.update_relation(
            call.actor, call.env, number, body.changes(), expected=expected, receipt=receipt
        ),
        lambda commit: relation_of(commit) or relations.get_relation(call.actor, call.env, number),
    )
    return _answer(call, relation, 200, {})


@router.delete("/{number}", summary="Remove a relation", **REMOVING)
def delete_relation(
    call: Caller, number: Number, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Remove a relation, whoever claimed it; it stays in the log."""
    expected = expected_seq(version)
    return call.remove_once(
        key,
        lambda receipt: relations.delete_relation(
            call.actor, call.env, number, expected=expected, receipt=receipt
        ),
    )


def _made(relation: Relation | None) -> Relation:
    assert relation is not None  # noqa: S101 - the commit of a creation has it
    return relation


def _answer(call: Call, relation: Relation, status: int, headers: dict[str, str]) -> Response:
    etag = etag_of(relation.seq)
    return call.answer(shown(relation), status=status, etag=etag, headers=headers)
