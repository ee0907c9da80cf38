"""Imports of tickets of older systems, as a table or as rows."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from api.http.calls import Call, Caller, IdempotencyKey
from api.http.models.common import Form
from api.http.models.ticket_imports import ImportAnswer, ImportForm
from api.http.problems import UnsupportedMediaType
from api.http.routing import MAX_LARGE_BODY, WRITING, bounded_body, router_at
from api.http.validation import errors_of
from api.ticket_imports import import_answer, rows_of_csv
from cmdb.errors import MissingField, Rejected, UnreadableInput
from cmdb.schema.strict import read
from cmdb.services.external_systems import mapping_for
from cmdb.services.observing import keep_answer, kept_answer
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.importing import Row, import_tickets
from cmdb.tickets.foreign import TicketMapping

router = router_at("/tickets/imports", "tickets")


class Sent(Form):
    """What a request says, so that a repeated one is known."""

    query: str
    digest: str


BODY = {
    "requestBody": {
        "required": True,
        "description": "At most 32 MiB.",
        "content": {
            "text/csv": {"schema": {"type": "string", "description": "A table with headings."}},
            "application/json": {"schema": ImportForm.model_json_schema()},
        },
    }
}


@router.post(
    "",
    summary="Take over tickets of an older system",
    response_model=ImportAnswer,
    responses=WRITING,
    openapi_extra=BODY,
)
async def import_all(
    request: Request,
    call: Caller,
    system: Annotated[
        str | None, Query(max_length=64, description="With a table: whose tickets they are.")
    ] = None,
    kind: Annotated[
        str | None, Query(max_length=64, description="With a table: kind of ticket.")
    ] = None,
    dry_run: Annotated[
        bool, Query(description="With a table: change nothing, and only tell.")
    ] = False,
    overwrite: Annotated[
        bool, Query(description="With a table: also what was changed here since the last import.")
    ] = False,
    key: IdempotencyKey = None,
) -> Response:
    """Take them over as they stand or ended there; for administrators.

    Good rows go in, and each bad one is told. No clock runs for what is past, and nobody is told.
    The same number of the same system is the same ticket; what was changed here since stays.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in ("text/csv", "application/json"):
        raise UnsupportedMediaType(given=given or "of no type")
    body = await bounded_body(request, MAX_LARGE_BODY)
    if given == "text/csv":
        form: dict[str, Any] = {"system": system, "kind": kind, "mapping": None}
        form |= {"dry_run": dry_run, "overwrite": overwrite}
        if not system:
            raise MissingField(place="query", name="system")
    else:
        form = _form(request, body).model_dump()
    answer = await run_in_threadpool(_imported, call, form, body, key)
    return call.answer(answer)


def _form(request: Request, body: bytes) -> ImportForm:
    try:
        return ImportForm.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        detail = f"it is not JSON: {error.msg}"
        raise UnreadableInput(place="body", detail=detail) from None
    except ValidationError as error:
        located = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        found = errors_of(RequestValidationError(located), request.scope.get("route"))
        raise Rejected(found) from None


def _rows(form: dict[str, Any], body: bytes) -> tuple[Iterator[Row], str | None]:
    """The rows of a table or of a form, and the encoding of the table."""
    if "rows" not in form:
        return rows_of_csv(BytesIO(body), "body")
    return ((f"rows[{position}]", row) for position, row in enumerate(form["rows"])), None


def _imported(call: Call, form: dict[str, Any], body: bytes, key: str | None) -> dict[str, Any]:
    given = form["mapping"]
    mapping = (
        mapping_for(call.actor, call.env, form["system"])
        if given is None
        else read(TicketMapping, given, "mapping")
    )
    if form["kind"] is not None:
        mapping = mapping.model_copy(update={"kind": form["kind"]})

    rows, encoding = _rows(form, body)

    def act(receipt: Receipt | None) -> dict[str, Any]:
        report = import_tickets(
            call.actor,
            call.env,
            rows,
            system=form["system"],
            mapping=mapping,
            dry_run=form["dry_run"],
            overwrite=form["overwrite"],
        )
        made = import_answer(report, form["dry_run"], call.request.state.language, encoding)
        if receipt is not None and not form["dry_run"]:
            keep_answer(call.actor, call.env, made, receipt, "")
        return made

    sent = Sent(query=str(call.request.url.query), digest=hashlib.sha256(body).hexdigest())
    return call.once(key, sent, act, kept_answer)
