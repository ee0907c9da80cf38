"""Alerts: the way in for monitoring, and what people do with alerts that match no CI."""

import asyncio
from typing import Annotated, Any

from fastapi import Path, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.calls import Call, Caller, IdempotencyKey
from api.http.models.alerts import AlertAnswer, MatchForm
from api.http.models.tickets import TicketRow
from api.http.problems import UnsupportedMediaType
from api.http.routing import MAX_BODY, WRITING, bounded_body, problems, router_at
from api.http.ticket_lists import answered
from api.messages import message
from cmdb.errors import CMDBError, InvalidInput, Rejected
from cmdb.services.alerting.intake import Taken, alert_source, submit_alerts
from cmdb.services.alerting.review import match_by_hand
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.finding import get_ticket
from cmdb.tickets.alerts import Alert
from cmdb.tickets.ticket import Ticket
from discovery.alerting import Received, read

router = router_at("/alerts", "alerts")

OWN = "graph-cmdb"
"""What our own webhooks say that they are."""

SHOWN = 100
"""Errors of a call that the answer tells."""

KINDS = ("application/json", "application/x-ndjson", "text/plain", "application/octet-stream")


@router.post(
    "/{source}",
    summary="Send alerts",
    response_model=AlertAnswer,
    responses={**WRITING, **problems(404)},
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "What the source sends, in its own form, at most 16 MiB.",
            "content": {kind: {"schema": {"description": "Alerts."}} for kind in KINDS[:3]},
        }
    },
)
async def send_alerts(
    request: Request,
    call: Caller,
    source: Annotated[str, Path(description="Name of the source.", max_length=64)],
) -> Response:
    """Point a webhook of Alertmanager, Zabbix or another system here, with a token.

    `source` is one that is declared, such as `alertmanager`; it says which form is sent. What is
    wrong with an alert is told, and the others are taken. The answer comes when all is committed,
    so that whoever got none may send again: repeated alerts change nothing. The token is best one
    of the role collector that is good for this source.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS and not kind.endswith("+json"):
        raise UnsupportedMediaType(given=kind or "of no type")
    if request.headers.get("user-agent", "").startswith(OWN):
        detail = "it comes from a webhook of this service, and would go round; name another target"
        raise InvalidInput(place="request", detail=detail)
    body = await bounded_body(request, MAX_BODY)
    alerts, errors = await run_in_threadpool(_read, call, source, body)
    if errors and not alerts:
        raise Rejected(errors[:SHOWN])
    taken = await asyncio.wrap_future(submit_alerts(call.actor, call.env, alerts))
    return call.answer(_answer(taken, errors, call.request.state.language))


def _read(call: Call, name: str, body: bytes) -> tuple[list[Alert], list[CMDBError]]:
    source = alert_source(call.actor, call.env, name)
    sender = call.request.client.host if call.request.client else ""
    found = list(read(Received(body, source, call.env.clock(), sender)))
    errors = [one for one in found if isinstance(one, CMDBError)]
    return [one for one in found if isinstance(one, Alert)], errors


def _answer(taken: Taken, errors: list[CMDBError], language: str) -> dict[str, Any]:
    told = [{"code": one.code, "message": message(one, language)} for one in errors[:SHOWN]]
    counts = {name: getattr(taken, name) for name in ("new", "changed", "repeated", "unmatched")}
    return {**counts, "refused": len(errors), "errors": told}


@router.post(
    "/{number}/match",
    summary="Say which CI an alert is about",
    response_model=TicketRow,
    responses={**WRITING, **problems(404, 412)},
)
def match(
    call: Caller,
    number: Annotated[str, Path(description="Number of the alert.", max_length=64)],
    body: MatchForm,
    key: IdempotencyKey = None,
) -> Response:
    """Match an alert that was kept for review; it is then looked at like any other."""

    def act(receipt: Receipt | None) -> Ticket:
        return match_by_hand(call.actor, call.env, number, body.key, receipt)

    ticket = call.once(key, body, act, lambda _: get_ticket(call.actor, call.env, number))
    return answered(call, ticket)
