"""The impact question: what follows from failures."""

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any

import orjson
from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from api.http import paging
from api.http.calls import Call, Caller
from api.http.models.common import Form
from api.http.models.impact import ImpactAnswer, ScenariosAnswer
from api.http.models.questions import ImpactForm, ScenariosForm
from api.http.negotiation import preferred
from api.http.routing import ASKING, router_at
from cmdb.impact.blast_radius import BlastRadius
from cmdb.pictures import FORMATS, policy
from cmdb.services.impact import blast_radius, snapshot_of
from cmdb.services.pictures import picture
from cmdb.services.scenarios import compare

router = router_at("/impact", "impact")

JSON = "application/json"
NDJSON = "application/x-ndjson"
PICTURES = {
    "image/svg+xml": "svg",
    "text/html": "html",
    "application/graphml+xml": "graphml",
    "application/vnd.json-graph+json": "json-graph",
}
OFFERED = (JSON, NDJSON, *PICTURES)
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
SHOWN = "; ".join(f"`{name}`" for name in OFFERED[1:])


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
                },
                **{
                    name: {"schema": {"type": "string", "description": f"A picture: {form}."}}
                    for name, form in PICTURES.items()
                },
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
        str | None, Header(description=f"The whole answer line by line, or as a picture: {SHOWN}.")
    ] = None,
) -> Response:
    """The blast radius of the failures, exact and explained; what-if with `assume`.

    A following page is computed at the commit of the first one, so the pages fit together.
    """
    seq, start, asked = None, 0, None
    if page.cursor is not None:
        seq, start, asked = paging.decode(page.cursor, "impact", int, int, str)
    radius = blast_radius(
        call.actor,
        call.env,
        body.failed(),
        as_of=body.as_of,
        at=body.at,
        assumption=body.assumption(),
        snapshot=None if seq is None else snapshot_of(call.env, seq),
    )
    digest = _digest(body, radius)
    if asked not in (None, digest):
        raise paging.foreign()
    form = preferred(accept, OFFERED)
    if form == NDJSON:
        lines = _lines(radius.head(), radius)
        return StreamingResponse(lines, media_type=NDJSON, headers={"Vary": "Accept"})
    if form in PICTURES:
        return _picture(call, radius, form)
    stop, following = start + page.limit, None
    if stop < radius.count:
        following = paging.encode("impact", radius.snapshot.seq, stop, digest)
    rows = list(radius.rows(start, stop))
    content = {**radius.head(), "impacted": rows, **radius.tail(), "next": following}
    return call.answer(content, headers={"Vary": "Accept", **paging.link(call.request, following)})


@router.post(
    "/scenarios",
    summary="What follows from this, and from that?",
    response_model=ScenariosAnswer,
    responses=ASKING,
)
def compare_scenarios(call: Caller, body: ScenariosForm) -> Response:
    """Several questions side by side: each in short, and the services that differ."""
    return call.answer(compare(call.actor, call.env, body.asked()))


def _digest(body: ImpactForm, radius: BlastRadius) -> str:
    """What tells one question from another, with the windows that take part in it."""
    asked = body.model_dump(mode="json", warnings=False)
    data = orjson.dumps([asked, sorted(radius.failures.items())])
    return hashlib.sha256(data).hexdigest()[:16]


def _picture(call: Call, radius: BlastRadius, form: str) -> Response:
    """The answer as a picture, in the language of the request."""
    drawn = FORMATS[PICTURES[form]](picture(radius), call.request.state.language)
    headers = {"Vary": "Accept"}
    if form == "text/html":
        headers["Content-Security-Policy"] = f"{policy()}; frame-ancestors 'none'"
    elif form == "image/svg+xml":
        headers["Content-Security-Policy"] = SVG_POLICY
    return Response(drawn.encode("utf-8", "replace"), 200, headers, form)


def _lines(head: dict[str, Any], radius: BlastRadius) -> Iterator[bytes]:
    """The whole answer, line by line."""
    yield orjson.dumps(head) + b"\n"
    for row in radius.rows():
        yield orjson.dumps(row) + b"\n"
    yield orjson.dumps(radius.tail()) + b"\n"
