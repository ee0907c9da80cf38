"""Baselines."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Response

from api.http.calls import Caller, IdempotencyKey, IfMatch, IfNoneMatch, etag_of, expect
from api.http.models.baselines import BaselineForm, BaselineRow
from api.http.models.common import Page
from api.http.routing import READING, REMOVING, SHOWING, WRITING, router_at
from cmdb.services import baselines
from cmdb.services.ports import Receipt
from cmdb.services.versioned import version_of

router = router_at("/baselines", "baselines")

Name = Annotated[str, Path(description="Name of the baseline.", max_length=128)]


@router.get("", summary="List baselines", response_model=Page[BaselineRow], responses=READING)
def list_baselines(call: Caller) -> Response:
    """All baselines, that of the latest state first."""
    found = baselines.list_baselines(call.actor, call.env)
    return call.answer({"items": [one.content() for one in found], "next": None})


@router.post(
    "", summary="Name a state", status_code=201, response_model=BaselineRow, responses=WRITING
)
def create_baseline(call: Caller, body: BaselineForm, key: IdempotencyKey = None) -> Response:
    """Name the state of now, or of an earlier commit; impact questions take it `as_of` then."""
    made = call.once(
        key,
        body,
        lambda receipt: baselines.create_baseline(
            call.actor, call.env, body.name, seq=body.seq, note=body.note, receipt=receipt
        ),
        lambda commit: baselines.get_baseline(call.actor, call.env, body.name),
    )
    path = call.request.url.path.rstrip("/")
    headers = {"Location": f"{path}/{quote(made.name)}"}
    etag = etag_of(version_of(made.content()))
    return call.answer(made.content(), status=201, etag=etag, headers=headers)


@router.get(
    "/{name}",
    summary="Show a baseline",
    response_model=BaselineRow,
    responses=SHOWING,
)
def show_baseline(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One baseline."""
    content = baselines.get_baseline(call.actor, call.env, name).content()
    return call.answer(content, etag=etag_of(version_of(content)))


@router.delete("/{name}", summary="Forget a baseline", **REMOVING)
def remove_baseline(
    call: Caller, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Remove the name; the state stays in the log."""

    def act(receipt: Receipt | None) -> None:
        known = baselines.get_baseline(call.actor, call.env, name)
        expect("baseline", name, known.content(), version)
        baselines.remove_baseline(call.actor, call.env, name, receipt)

    return call.remove_once(key, act)
