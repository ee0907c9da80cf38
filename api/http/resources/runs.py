"""Runs: what one import or one scan did, and how to take it back."""

from typing import Annotated

from fastapi import Path, Response

from api import identity
from api.http.calls import Caller, IdempotencyKey, IfMatch, IfNoneMatch, etag_of, expect
from api.http.models.provenance import RunRow
from api.http.routing import REMOVING, SHOWING, router_at
from cmdb.services import runs
from cmdb.services.ports import Receipt
from cmdb.services.versioned import version_of

router = router_at("/runs", "runs")

Id = Annotated[str, Path(description="`run` as the import or the observations' answer has it.")]


@router.get(
    "/{id:path}",
    summary="Show a run",
    response_model=RunRow,
    responses=SHOWING,
)
def show_run(call: Caller, id: Id, known: IfNoneMatch = None) -> Response:
    """Who ran it, when, why, and its commits."""
    content = identity.run(runs.get_run(call.actor, call.env, id))
    return call.answer(content, etag=etag_of(version_of(content)))


@router.delete("/{id:path}", summary="Undo a run", **REMOVING)
def undo_run(call: Caller, id: Id, key: IdempotencyKey = None, version: IfMatch = None) -> Response:
    """Take back every word of the run, in one commit; what was said or decided since stays.

    The run stays in the log.
    """

    def act(receipt: Receipt | None) -> None:
        if version is not None:
            expect("run", id, identity.run(runs.get_run(call.actor, call.env, id)), version)
        runs.undo_run(call.actor, call.env, id, receipt)

    return call.remove_once(key, act)
