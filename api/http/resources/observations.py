"""Observations: the way in for programs."""

from collections.abc import Iterator
from typing import Any

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from api.http.calls import Call, Caller, IdempotencyKey
from api.http.models.observations import (
    KINDS,
    ObservationAnswer,
    ObservationBatch,
    answer,
    place_of,
)
from api.http.routing import WRITING, LargeRoute, router_at
from api.http.validation import errors_of
from cmdb.errors import CMDBError, MissingField, WrongValue, shown
from cmdb.identity.observation import Observation
from cmdb.services.observing import keep_answer, kept_answer, observe
from cmdb.services.ports import Receipt
from cmdb.services.times import moment

router = router_at("/observations", "observations", LargeRoute)


@router.post(
    "",
    summary="Send what a source saw",
    response_model=ObservationAnswer,
    responses=WRITING,
)
def send_observations(call: Caller, body: ObservationBatch, key: IdempotencyKey = None) -> Response:
    """Reconcile up to 10,000 observations of one source, at most 32 MiB.

    Good ones go in; each bad one is told with its index. The same batch again changes nothing. A
    relation whose end nobody knows yet waits for it. Needs the role collector, editor or
    administrator.
    """
    source = body.source or call.actor.source
    if source is None:
        raise MissingField(place="body", name="source")
    at = None if body.observed_at is None else moment(body.observed_at, "body", "observed_at")

    def act(receipt: Receipt | None) -> dict[str, Any]:
        report = observe(
            call.actor,
            call.env,
            list(_observations(call, body.observations, at)),
            source=source,
            reason=f"observations of {source}",
            run=body.run,
            dry_run=body.dry_run,
        )
        made = answer(report, body.dry_run, call.request.state.language)
        if receipt is not None and not body.dry_run:
            keep_answer(call.actor, call.env, made, receipt, report.run)
        return made

    return call.answer(call.once(key, body, act, kept_answer))


def _observations(
    call: Call, raws: list[Any], at: float | None
) -> Iterator[Observation | CMDBError]:
    for index, raw in enumerate(raws):
        place = place_of(index)
        if not isinstance(raw, dict):
            yield WrongValue(place=place, name="it", value=shown(raw), expected="an object")
            continue
        kind = raw.get("kind")
        model = KINDS.get(kind) if isinstance(kind, str) else None
        if model is None:
            expected = "'item' or 'relation'"
            yield WrongValue(place=place, name="'kind'", value=shown(kind), expected=expected)
            continue
        try:
            yield model.model_validate(raw).observed(place, at)
        except ValidationError as error:
            located = [
                {**one, "loc": ("body", "observations", index, *one["loc"])}
                for one in error.errors()
            ]
            yield from errors_of(RequestValidationError(located), call.request.scope["route"])
        except CMDBError as error:
            yield error
