"""Criticality: single points of failure, and what would take a service down."""

from typing import Annotated

from fastapi import Header, Query, Response

from api.criticality_csv import ranking_csv
from api.http import paging
from api.http.calls import Caller
from api.http.models.criticality import Cuts, CutsForm, Ranking
from api.http.models.questions import AS_OF
from api.http.negotiation import preferred
from api.http.routing import ASKING, READING, router_at
from cmdb.services import criticality

router = router_at("/criticality", "criticality")

JSON, CSV = "application/json", "text/csv"


@router.get(
    "",
    summary="Which CIs take others with them?",
    response_model=Ranking,
    responses={
        200: {
            "description": "One page of the ranking, also as CSV.",
            "content": {CSV: {"schema": {"type": "string", "description": "A row a CI."}}},
        },
        **READING,
    },
)
def list_critical(
    call: Caller,
    limit: paging.Limit = 50,
    cursor: paging.Cursor = None,
    as_of: Annotated[str | None, Query(max_length=64, description=AS_OF)] = None,
    accept: Annotated[str | None, Header(description=f"`{CSV}` for a table.")] = None,
) -> Response:
    """All CIs that take a service or another CI down or degrade it when they fail alone, ranked."""
    kind, seq, start = f"criticality {as_of}", None, 0
    if cursor is not None:
        seq, start = paging.decode(cursor, kind, int, int)
    ranking = criticality.rank(call.actor, call.env, as_of=as_of, seq=seq)
    stop, following = start + limit, None
    if stop < ranking.count:
        following = paging.encode(kind, ranking.snapshot.seq, stop)
    headers = {"Vary": "Accept", **paging.link(call.request, following)}
    rows = ranking.rows(start, stop)
    if preferred(accept, (JSON, CSV)) == CSV:
        return Response(ranking_csv(rows), 200, headers, CSV)
    return call.answer({**ranking.head(), "items": rows, "next": following}, headers=headers)


@router.post(
    "",
    summary="What would take a service down?",
    response_model=Cuts,
    responses=ASKING,
)
def find_cuts(call: Caller, body: CutsForm) -> Response:
    """The smallest sets of failures that take a service down, why, and what is left."""
    found = criticality.cuts(
        call.actor,
        call.env,
        body.service,
        body.failures(),
        size=body.size,
        seconds=body.seconds,
        limit=body.limit,
        as_of=body.as_of,
    )
    return call.answer(found)
