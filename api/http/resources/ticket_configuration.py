"""What an administrator configures for tickets: calendars, service levels, processes and so on."""

from typing import Annotated

from fastapi import Path, Response

from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expected_version,
)
from api.http.models.common import Page
from api.http.models.ticket_configuration import SettingForm, SettingRow, SettingSchema, shown
from api.http.routing import REMOVING, SHOWING, WRITING, problems, router_at
from cmdb.services import ticket_configuration
from cmdb.services.ticket_configuration import Kept
from cmdb.services.versioned import version_of
from cmdb.tickets.configuration.kinds import ALL, form_of, known_kind

router = router_at("/ticket-configuration", "ticket configuration")

Kind = Annotated[str, Path(description=f"Kind of setting: {', '.join(ALL)}.", max_length=64)]
Name = Annotated[
    str, Path(description="Name of the setting; of a process, its kind.", max_length=128)
]


@router.get(
    "/{kind}", summary="List settings of a kind", response_model=Page[SettingRow], responses=SHOWING
)
def list_settings(call: Caller, kind: Kind, known: IfNoneMatch = None) -> Response:
    """All that are in force, defaults among them, by name; for administrators."""
    found = ticket_configuration.list_settings(call.actor, call.env, known_kind(kind, "path"))
    content = {"items": [shown(one) for one in found], "next": None}
    return call.answer(content, etag=etag_of(version_of(content)))


@router.get(
    "/{kind}/schema",
    summary="Show the form of a kind of settings",
    response_model=SettingSchema,
    responses=SHOWING,
)
def show_schema(call: Caller, kind: Kind, known: IfNoneMatch = None) -> Response:
    """The JSON Schema of what is put."""
    content = form_of(known_kind(kind, "path")).model_json_schema()
    return call.answer(content, etag=etag_of(version_of(content)))


@router.get(
    "/{kind}/{name}", summary="Show a setting", response_model=SettingRow, responses=SHOWING
)
def show_setting(call: Caller, kind: Kind, name: Name, known: IfNoneMatch = None) -> Response:
    """One setting in force; of a process its highest version. For administrators."""
    return _answer(call, _kept(call, kind, name))


@router.put(
    "/{kind}/{name}",
    summary="Put a setting",
    response_model=SettingRow,
    responses={**WRITING, **problems(404, 412)},
)
def put_setting(
    call: Caller,
    kind: Kind,
    name: Name,
    body: SettingForm,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Set what has this name, in place of its default, if any; for administrators.

    Everything wrong with it is told at once. A process must be of the next version; tickets go on
    by the version that they began with.
    """
    known_kind(kind, "path")
    expected = expected_version(version)
    kept = call.once(
        key,
        body,
        lambda receipt: ticket_configuration.put_setting(
            call.actor, call.env, kind, name, body.root, expected=expected, receipt=receipt
        ),
        lambda commit: _kept(call, kind, name),
    )
    return _answer(call, kept)


@router.delete("/{kind}/{name}", summary="Remove a setting", **REMOVING)
def remove_setting(
    call: Caller, kind: Kind, name: Name, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Remove a setting; the default of its name, if any, is in force again. For administrators."""
    known_kind(kind, "path")
    expected = expected_version(version)
    return call.remove_once(
        key,
        lambda receipt: ticket_configuration.remove_setting(
            call.actor, call.env, kind, name, expected=expected, receipt=receipt
        ),
    )


def _kept(call: Call, kind: str, name: str) -> Kept:
    return ticket_configuration.get_setting(call.actor, call.env, known_kind(kind, "path"), name)


def _answer(call: Call, kept: Kept) -> Response:
    return call.answer(shown(kept), etag=etag_of(kept.version))
