"""Codes of a CI type."""

from typing import Annotated

from fastapi import Path, Response

from api.http.calls import Caller, IdempotencyKey
from api.http.models.codes import CodesForm, GivenCodes
from api.http.routing import WRITING, problems, router_at
from cmdb.services import codes

router = router_at("/types", "types")


@router.post(
    "/{name}/codes",
    summary="Ask for the next codes",
    status_code=201,
    response_model=GivenCodes,
    responses={**WRITING, **problems(404)},
)
def give_codes(
    call: Caller,
    name: Annotated[str, Path(description="Name of the type.")],
    body: CodesForm,
    key: IdempotencyKey = None,
) -> Response:
    """The next codes by the type's code rule; they are never given again."""
    given = call.once(
        key,
        body,
        lambda receipt: codes.give_codes(
            call.actor, call.env, name, body.values, body.count, receipt, reason=body.reason or ""
        ),
        codes.codes_given,
    )
    return call.answer({"codes": given}, status=201)
