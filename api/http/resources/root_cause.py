"""The root cause question: what most likely caused the symptoms."""

from fastapi import Response

from api.http.calls import Caller
from api.http.models.root_cause import RootCauseAnswer, RootCauseForm
from api.http.routing import ASKING, router_at
from cmdb.services.root_cause import root_cause

router = router_at("/root-cause", "root cause")


@router.post(
    "",
    summary="What is the cause?",
    response_model=RootCauseAnswer,
    responses=ASKING,
)
def ask_root_cause(call: Caller, body: RootCauseForm) -> Response:
    """The likeliest causes of symptoms, each with all that speaks for and against it.

    And the looks that would tell more: what they show goes back in as `healthy` or `symptoms`.
    """
    found = root_cause(call.actor, call.env, body.complaints(), body.healthy, limit=body.limit)
    return call.answer(found.content())
