"""Credentials of discovery: they can be set, replaced and removed, and never read."""

from typing import Annotated

from fastapi import Path, Response

from api.http.calls import Caller, IdempotencyKey, IfMatch, etag_of, expected_version
from api.http.models.common import Page
from api.http.models.discovery import CredentialForm, CredentialRow
from api.http.routing import READING, REMOVING, WRITING, problems, router_at
from discovery import credentials

router = router_at("/discovery/credentials", "discovery")

Name = Annotated[str, Path(description="Name of the credential.", min_length=1, max_length=128)]


@router.get("", summary="List credentials", response_model=Page[CredentialRow], responses=READING)
def list_credentials(call: Caller) -> Response:
    """Names and kinds, and nothing secret; for administrators."""
    rows = credentials.list_credentials(call.actor, call.env)
    return call.answer({"items": rows, "next": None})


@router.put(
    "/{name}",
    summary="Set a credential",
    response_model=CredentialRow,
    responses={**WRITING, **problems(412)},
)
def put_credential(
    call: Caller,
    name: Name,
    body: CredentialForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Add a credential, or replace it; it is kept encrypted. For administrators.

    Its values are in no answer, no error and no log.
    """
    expected = expected_version(version)
    told = body
    if key is not None:  # what is kept of the request must not help to guess the values
        digest = credentials.fingerprint(call.actor, body.values)
        told = body.model_copy(update={"values": {"digest": digest}})
    call.once(
        key,
        told,
        lambda receipt: credentials.put_credential(
            call.actor, call.env, name, body.kind, body.values, receipt, expected
        ),
        lambda commit: None,
    )
    row = credentials.get_credential(call.actor, call.env, name)
    return call.answer(row, etag=etag_of(row["version"]))


@router.delete("/{name}", summary="Remove a credential", **REMOVING)
def delete_credential(
    call: Caller, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Forget a credential; jobs that name it fail until it is set again. For administrators."""
    expected = expected_version(version)
    return call.remove_once(
        key,
        lambda receipt: credentials.delete_credential(
            call.actor, call.env, name, receipt, expected
        ),
    )
