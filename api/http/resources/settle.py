"""Settling: what time alone changes."""

from typing import Any

from fastapi import Response

from api.http.calls import Caller, IdempotencyKey
from api.http.models.sources import Settled
from api.http.routing import WRITING, router_at
from cmdb.services.observing import keep_answer, kept_answer
from cmdb.services.ports import Receipt
from cmdb.services.sources import settle

router = router_at("/settle", "sources")


@router.post("", summary="Settle", response_model=Settled, responses=WRITING)
def settle_now(call: Caller, key: IdempotencyKey = None) -> Response:
    """Let values of silent sources yield, and relations that were not confirmed fade.

    All else is concluded as it is heard.
    """

    def act(receipt: Receipt | None) -> dict[str, Any]:
        answer = {"changed": settle(call.actor, call.env)}
        if receipt is not None:
            keep_answer(call.actor, call.env, answer, receipt, "")
        return answer

    return call.answer(call.once(key, None, act, kept_answer))
