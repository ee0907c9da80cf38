"""Users: people with roles, in teams."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Path, Query, Response

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
from api.http.models.users import UserChange, UserForm, UserRow, shown
from api.http.routing import READING, SHOWING, WRITING, problems, router_at
from cmdb.services import users
from cmdb.services.users import User

router = router_at("/users", "users")

Name = Annotated[str, Path(description="Name of the user.", min_length=1, max_length=128)]


@router.get("", summary="List users", response_model=Page[UserRow], responses=READING)
def list_users(
    call: Caller,
    active: Annotated[
        bool | None, Query(description="Only those that are active, or are not.")
    ] = None,
) -> Response:
    """All users, by name; for administrators."""
    found = users.list_users(call.actor, call.env, active=active)
    return call.answer({"items": [shown(one) for one in found], "next": None})


@router.get("/me", summary="Show who you are", response_model=UserRow, responses=READING)
def show_me(call: Caller) -> Response:
    """The user of your token; for a token without one, its name and what it may."""
    return _answer(call, users.own(call.env, call.actor))


@router.post(
    "", summary="Create a user", status_code=201, response_model=UserRow, responses=WRITING
)
def create_user(call: Caller, body: UserForm, key: IdempotencyKey = None) -> Response:
    """Add a user; for administrators. `cmdb token create --user NAME` makes a token for them."""
    user = call.once(
        key,
        body,
        lambda receipt: users.create_user(call.actor, call.env, body.values(), receipt),
        lambda commit: users.get_user(call.actor, call.env, body.name),
    )
    path = call.request.url.path.rstrip("/")
    return _answer(call, user, 201, {"Location": f"{path}/{quote(user.name)}"})


@router.get(
    "/{name}",
    summary="Show a user",
    response_model=UserRow,
    responses=SHOWING,
)
def show_user(call: Caller, name: Name, known: IfNoneMatch = None) -> Response:
    """One user; for administrators."""
    return _answer(call, users.get_user(call.actor, call.env, name))


@router.patch(
    "/{name}",
    summary="Change a user",
    response_model=UserRow,
    responses={**WRITING, **problems(404, 412)},
)
def change_user(
    call: Caller,
    name: Name,
    body: UserChange,
    key: IdempotencyKey = None,
    version: IfMatch = None,
) -> Response:
    """Change what the body mentions; for administrators.

    Users are not removed: with `active` false they, and all their tokens, do nothing more.
    """
    expected = expected_version(version)
    user = call.once(
        key,
        body,
        lambda receipt: users.edit_user(
            call.actor, call.env, name, body.values(), expected=expected, receipt=receipt
        ),
        lambda commit: users.get_user(call.actor, call.env, name),
    )
    return _answer(call, user)


def _answer(
    call: Call, user: User, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    return call.answer(shown(user), status=status, etag=etag_of(user.version), headers=headers)
