"""Configuration items."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Path, Query, Response

from api import identity
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
from api.http.models.common import Page
from api.http.models.items import CI, CIChange, CIForm, CIRow, row, shown
from api.http.models.provenance import ExplanationAnswer
from api.http.routing import READING, REMOVING, WRITING, problems, router_at
from cmdb.errors import InvalidInput
from cmdb.schema.records import STATUSES, ConfigurationItem
from cmdb.services import items
from cmdb.services.ports import ItemQuery
from cmdb.services.provenance import explain_item
from cmdb.services.receipts import item_of
from cmdb.services.versioned import version_of

router = router_at("/cis", "configuration items")

NAMED = ("limit", "cursor", "sort", "type", "status", "q")
Reference = Annotated[
    str, Path(description="Key, alias, `source:key` or unique name; `/` may be written as it is.")
]


@router.get(
    "",
    summary="List configuration items",
    response_model=Page[CIRow],
    responses=READING,
    openapi_extra={"x-attribute-filters": "Any declared attribute is a query parameter."},
)
def list_cis(
    call: Caller,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
    sort: Annotated[
        str, Query(description="`key`, `name`, `type` or `status`; `-` before it turns it round.")
    ] = "key",
    type: Annotated[str | None, Query(description="Only this type and the types below it.")] = None,
    status: Annotated[
        str | None, Query(description=f"Only this status: {', '.join(STATUSES)}.")
    ] = None,
    q: Annotated[
        str | None, Query(min_length=1, max_length=512, description="Text in name or key.")
    ] = None,
) -> Response:
    """One page of the CIs you may see.

    Every other query parameter filters by an attribute, such as `?vendor=Huawei&vlan_id=12`.
    """
    field, descending = sort.removeprefix("-"), sort.startswith("-")
    after = None if cursor is None else paging.decode(cursor, f"cis {sort}", str, str)
    query = ItemQuery(
        status=status,
        text=q,
        sort=field,
        descending=descending,
        after=None if after is None else (after[0], after[1]),
        limit=limit + 1,
    )
    found = items.list_items(call.actor, call.env, query, type_name=type, filters=_filters(call))
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = paging.encode(f"cis {sort}", getattr(last, field), last.key)
    content = {"items": [row(one) for one in found[:limit]], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


def _filters(call: Call) -> dict[str, str]:
    """The query parameters that name attributes."""
    filters: dict[str, str] = {}
    for name, value in call.request.query_params.multi_items():
        if name in filters:
            raise InvalidInput(place="filter", detail=f"give '{name}' once only")
        if name not in NAMED:
            filters[name] = value
    return filters


@router.post(
    "",
    summary="Create a configuration item",
    status_code=201,
    response_model=CI,
    responses=WRITING,
)
def create_ci(call: Caller, body: CIForm, key: IdempotencyKey = None) -> Response:
    """Enter a CI by hand: what people enter wins over every other source."""
    item = call.once(
        key,
        body,
        lambda receipt: items.create_item(call.actor, call.env, body.observed(), receipt),
        lambda commit: _made(call, item_of(commit), body.key),
    )
    path = call.request.url.path.rstrip("/")
    return _answer(call, item, 201, {"Location": f"{path}/{quote(item.key, safe='')}"})


@router.get(  # before the next route, which takes any path
    "/{reference:path}/explanation",
    summary="Explain a configuration item",
    response_model=ExplanationAnswer,
    responses={304: {"description": "You have this version."}, **READING, **problems(404, 409)},
)
def explain_ci(call: Caller, reference: Reference, known: IfNoneMatch = None) -> Response:
    """Who says what of each field of a CI, since when, and why one of them is believed."""
    fields = explain_item(call.actor, call.env, reference)
    content = {"fields": identity.explanation(fields)}
    return call.answer(content, etag=etag_of(version_of(content)))


@router.get(
    "/{reference:path}",
    summary="Show a configuration item",
    response_model=CI,
    responses={304: {"description": "You have this version."}, **READING, **problems(404, 409)},
)
def show_ci(call: Caller, reference: Reference, known: IfNoneMatch = None) -> Response:
    """One CI with the sources that know it; its `ETag` is its version."""
    view = items.get_item(call.actor, call.env, reference)
    return call.answer(shown(view), etag=etag_of(view.item.seq))


@router.patch(
    "/{reference:path}",
    summary="Change a configuration item",
    response_model=CI,
    responses={**WRITING, **problems(404, 412)},
)
def change_ci(
    call: Caller,
    reference: Reference,
    body: CIChange,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Change by hand what the body mentions; an attribute of null withdraws the manual value."""
    expected = expected_seq(version)
    item = call.once(
        key,
        body,
        lambda receipt: items.update_item(
            call.actor, call.env, reference, body.changes(), expected=expected, receipt=receipt
        ),
        lambda commit: _made(call, item_of(commit), reference),
    )
    return _answer(call, item, 200, {})


@router.delete("/{reference:path}", summary="Remove a configuration item", **REMOVING)
def delete_ci(
    call: Caller, reference: Reference, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Remove a CI entered by mistake, with its relations.

    A CI whose life has ended is not removed: set its status to `retired` or `disposed`.
    """
    expected = expected_seq(version)
    return call.remove_once(
        key,
        lambda receipt: items.delete_item(
            call.actor, call.env, reference, expected=expected, receipt=receipt
        ),
    )


def _made(call: Call, item: ConfigurationItem | None, reference: str) -> ConfigurationItem:
    """What an earlier request left behind; it may have changed nothing."""
    return item or items.get_item(call.actor, call.env, reference).item


def _answer(call: Call, item: ConfigurationItem, status: int, headers: dict[str, Any]) -> Response:
    view = items.view_item(call.actor, call.env, item)
    return call.answer(shown(view), status=status, etag=etag_of(item.seq), headers=headers)
