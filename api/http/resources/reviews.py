"""Reviews: what waits for somebody's decision."""

from typing import Annotated

from fastapi import Path, Query, Response

from api import identity
from api.http import paging
from api.http.calls import Caller, IfNoneMatch, etag_of
from api.http.models.common import Page
from api.http.models.decisions import Review, ReviewRow
from api.http.routing import READING, SHOWING, router_at
from cmdb.services import decisions, reviews
from cmdb.services.catalog import get_catalog
from cmdb.services.versioned import version_of

router = router_at("/reviews", "identity")


@router.get("", summary="List reviews", response_model=Page[ReviewRow], responses=READING)
def list_reviews(
    call: Caller,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """One page of what is disputed, the oldest first."""
    found = reviews.list_reviews(call.actor, call.env)
    rows, following = paging.page(
        "reviews", found, lambda one: (float(one.since), one.id), (float, str), limit, cursor
    )
    content = {"items": [identity.review(one) for one in rows], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


@router.get(
    "/{id}",
    summary="Show a review",
    response_model=Review,
    responses=SHOWING,
)
def show_review(
    call: Caller,
    id: Annotated[str, Path(description="`id` of the review.")],
    choices: Annotated[
        bool, Query(description="Also say what each answer would do; nothing is done.")
    ] = False,
    known: IfNoneMatch = None,
) -> Response:
    """One review with its evidence side by side."""
    found, claims = reviews.get_review(call.actor, call.env, id)
    answers = decisions.choices(call.actor, call.env, id) if choices else None
    identifiers = identity.identifiers(get_catalog(call.actor, call.env))
    content = {
        **identity.review(found),
        "evidence": identity.evidence(found, claims, identifiers),
        "choices": None if answers is None else [identity.choice(one) for one in answers],
    }
    return call.answer(content, etag=etag_of(version_of(content)))
