"""Reports."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query, Response

from api.http.calls import Caller
from api.http.models.root_cause import AccuracyReport
from api.http.routing import READING, router_at
from cmdb.reports.root_cause_accuracy import Accuracy, accuracy, by_period
from cmdb.services.ticketing.accuracy import root_cause_verdicts

router = router_at("/reports", "reports")


@router.get(
    "/root-cause-accuracy",
    summary="How often root cause analysis was right",
    response_model=AccuracyReport,
    responses=READING,
)
def root_cause_accuracy(
    call: Caller,
    limit: Annotated[
        int, Query(ge=1, le=2000, description="So many incidents, the latest ones, at most.")
    ] = 200,
) -> Response:
    """On incidents that ended with a CI confirmed as `cause`, by what was known before each."""
    verdicts = root_cause_verdicts(call.actor, call.env, limit=limit)
    months = [_row(one) for one in by_period(verdicts)]
    return call.answer({"whole": _row(accuracy(verdicts)), "months": months})


def _row(one: Accuracy) -> dict[str, Any]:
    return {**asdict(one), "top": {str(k): share for k, share in one.top.items()}}
