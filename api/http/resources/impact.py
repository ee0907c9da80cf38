"""The impact question: what follows from failures."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any

import orjson
from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.http import paging
from api.http.calls import Caller
from api.http.models.common import Form
from api.http.models.impact import ImpactAnswer, ImpactForm
from api.http.routing import ASKING, router_at
from cmdb.impact.blast_radius import BlastRadius
from cmdb.services.impact import Failure, blast_radius

router = router_at("/impact", "impact")

NDJSON = "application/x-ndjson"


class ImpactPage(Form):
    """Which rows to show."""

    limit: int = Field(default=100, ge=1, le=10_000, description="Rows of a page.")
    cursor: str | None = Field(
        default=None, max_length=paging.MAX_CURSOR, description="`next` of the page before."
    )


@router.post(
    "",
    summary="What follows from failures?",
    response_model=ImpactAnswer,
    responses={
        200: {
            "description": "One page of rows with the summary of all; or all of them as NDJSON.",
            "content": {
                NDJSON: {
                    "schema": {
                        "type": "string",
                        "description": "First `seq`, `as_of` and `failures`, then one row a line, "
                        "at last `summary` and `confidence`.",
                    }
                }
            },
        },
        **ASKING,
    },
)
def ask_impact(
    call: Caller,
    body: ImpactForm,
    page: Annotated[ImpactPage, Query()],
    accept: Annotated[
        str | None, Header(description=f"`{NDJSON}` for the whole answer, line by line.")
    ] = None,
) -> Response:
    """The blast radius of the failures, exact and explained.

    A following page is computed at the commit of the first one, so the pages fit together.
    """
    failures = [Failure(one.key, one.state) for one in body.failures]
    digest = hashlib.sha256(orjson.dumps(body.model_dump(mode="json"))).hexdigest()[:16]
    as_of, start = body.as_of, 0
    if page.cursor is not None:
        as_of, start, asked = paging.decode(page.cursor, "impact", int, int, str)
        if asked != digest:
            raise paging.foreign()
    radius = blast_radius(call.actor, call.env, failures, as_of=as_of)
    head = {**radius.head(), "as_of": body.as_of}
    if NDJSON in (accept or ""):
        return StreamingResponse(
            _lines(head, radius), media_type=NDJSON, headers={"Vary": "Accept"}
        )
    stop, following = start + page.limit, None
    if stop < radius.count:
        following = paging.encode("impact", radius.snapshot.seq, stop, digest)
    rows = list(radius.rows(start, stop))
    content = {**head, "impacted": rows, **radius.tail(), "next": following}
    return call.answer(content, headers={"Vary": "Accept", **paging.link(call.request, following)})


def _lines(head: dict[str, Any], radius: BlastRadius) -> Iterator[bytes]:
    """The whole answer, line by line."""
    yield orjson.dumps(head) + b"\n"
    for row in radius.rows():
        yield orjson.dumps(row) + b"\n"
    yield orjson.dumps(radius.tail()) + b"\n"
