"""Users and their tokens, on every store."""

import pytest

from cmdb.errors import (
    AlreadyExists,
    CMDBError,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unauthenticated,
)
from cmdb.services import tokens, users
from cmdb.services.actor import ROLES, Actor, Permission, Scope
from cmdb.services.environment import Environment

ADMIN = Actor("test", frozenset({"administrator"}))


@pytest.fixture
def env(store):
    return Environment(store, lambda: 1_800_000_000.0)


def create(env, name, roles=("fulfiller",), **more):
    return users.create_user(ADMIN, env, {"name": name, "roles": list(roles), **more})


def test_a_user_lives_in_the_store_and_the_log(env):
    create(env, "wang")
    made = create(
        env, "张伟", ["requester", "fulfiller"], teams=["network", "network"], manager="wang"
    )
    assert (made.shown, made.roles, made.teams) == (
        "张伟",
        ("fulfiller", "requester"),
        ("network",),
    )
    assert users.get_user(ADMIN, Environment(env.store, env.clock), "张伟") == made
    commit = env.store.log(env.store.seq() - 1)[0]
    assert (commit.actor, commit.reason) == ("test", "created user 张伟")
    changed = users.edit_user(ADMIN, env, "张伟", {"display": "Zhang Wei"}, expected=made.version)
    assert (changed.shown, changed.manager) == ("Zhang Wei", "wang")
    seq = env.store.seq()
    assert users.edit_user(ADMIN, env, "张伟", {"display": "Zhang Wei"}) == changed
    assert env.store.seq() == seq
    with pytest.raises(PreconditionFailed):
        users.edit_user(ADMIN, env, "张伟", {"active": False}, expected=made.version)
    with pytest.raises(NotFound):
        users.edit_user(ADMIN, env, "nobody", {"active": False})
    with pytest.raises(NotFound):
        users.get_user(ADMIN, env, "nobody")


def test_who_is_found(env):
    create(env, "b", ["service_desk"], teams=["desk"])
    create(env, "a", ["fulfiller", "service_desk"], teams=["desk", "network"])
    create(env, "gone", ["service_desk"], teams=["desk"])
    users.edit_user(ADMIN, env, "gone", {"active": False})
    assert list(users.people(env)) == ["a", "b", "gone"]
    assert [one.name for one in users.list_users(ADMIN, env, active=True)] == ["a", "b"]
    assert [one.name for one in users.list_users(ADMIN, env, active=False)] == ["gone"]
    assert [one.name for one in users.members_of(env, "desk")] == ["a", "b"]
    assert [one.name for one in users.with_role(env, "fulfiller")] == ["a"]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"name": "a b"}, ["'name'"]),
        ({"name": "me"}, ["'name'"]),
        ({"name": "", "email": "x", "language": "fr"}, ["'name'", "'email'", "'language'"]),
        ({"roles": []}, ["'roles'"]),
        ({"roles": ["boss", "viewr"]}, ["role 'boss'", "nearest known name: 'viewer'"]),
        ({"manager": "nobody", "roles": ["boss"]}, ["role 'boss'", "user 'nobody'"]),
        ({"manager": "new"}, ["they themselves"]),
        ({"role": ["viewer"]}, ["nearest known name: 'roles'"]),
        ({"display": "a\nb"}, ["'display'"]),
        ({"teams": [""], "active": "yes"}, ["'teams[0]'", "'active'"]),
    ],
)
def test_everything_wrong_is_told(env, values, told):
    with pytest.raises(CMDBError) as caught:
        users.create_user(ADMIN, env, {"name": "new", "roles": ["viewer"], **values})
    error = caught.value
    errors = error.errors if isinstance(error, Rejected) else [error]
    assert len(errors) == len(told)
    for one, part in zip(errors, told, strict=True):
        assert part in str(one)
    assert env.store.seq() == 0


def test_managers_form_no_circle_and_names_are_taken_once(env):
    create(env, "a")
    create(env, "b", manager="a")
    create(env, "c", manager="b")
    with pytest.raises(InvalidInput, match="'c' is below them"):
        users.edit_user(ADMIN, env, "a", {"manager": "c"})
    with pytest.raises(AlreadyExists, match="'a'"):
        create(env, "A")


def test_a_token_has_the_roles_that_its_user_has_now(env):
    create(env, "li", ["requester"], sites=["a", "b"])
    limits = Scope(frozenset({"b", "c"}), frozenset({"server"}))
    create(env, "wide", ["viewer"])
    narrow = tokens.create_token(ADMIN, env, user="li", scope=Scope(*[limits.sites, limits.types]))
    plain = tokens.create_token(ADMIN, env, user="li")
    wide = tokens.create_token(ADMIN, env, user="wide")
    actor = tokens.authenticate(env, plain)
    assert (actor.user, actor.roles) == ("li", {"requester"})
    assert actor.scope == Scope(frozenset({"a", "b"}))
    assert actor.name.startswith("li (token ")
    assert not actor.may(Permission.READ)
    assert tokens.authenticate(env, narrow).scope == Scope(frozenset({"b"}), frozenset({"server"}))
    assert tokens.authenticate(env, wide).scope == Scope()
    users.edit_user(ADMIN, env, "li", {"roles": ["change_manager"], "sites": []})
    actor = tokens.authenticate(env, plain)
    assert actor.may(Permission.TICKETS)
    assert actor.may(Permission.WRITE)
    assert actor.scope == Scope()
    assert users.own(env, actor) == users.get_user(ADMIN, env, "li")
    users.edit_user(ADMIN, env, "li", {"active": False})
    with pytest.raises(Unauthenticated, match="not active"):
        tokens.authenticate(env, plain)
    users.edit_user(ADMIN, env, "li", {"active": True})
    assert tokens.authenticate(env, plain) == actor
    listed = {one.body["user"] for one in tokens.list_tokens(ADMIN, env)}
    assert listed == {"li", "wide"}


def test_a_token_without_a_user_has_its_own_name(env):
    actor = tokens.authenticate(env, tokens.create_token(ADMIN, env, role="viewer", name="wall"))
    assert actor.user == "wall"
    assert users.own(env, actor).body() | {"sites": []} == {
        **users.User(name="wall", roles=["viewer"]).body()
    }


@pytest.mark.parametrize("owner", [{}, {"role": "viewer", "user": "li"}])
def test_a_token_is_of_a_role_or_of_a_user(env, owner):
    create(env, "li")
    with pytest.raises(InvalidInput, match="either a role or a user"):
        tokens.create_token(ADMIN, env, **owner)


def test_a_token_of_a_user_is_no_collector(env):
    create(env, "li")
    with pytest.raises(NotFound):
        tokens.create_token(ADMIN, env, user="nobody")
    with pytest.raises(InvalidInput, match="of a user"):
        tokens.create_token(ADMIN, env, user="li", source="office")


def test_only_administrators_manage_users(env):
    for role in ROLES.keys() - {"administrator"}:
        actor = Actor("x", frozenset({role}))
        for service, *arguments in (
            (users.list_users,),
            (users.get_user, "x"),
            (users.create_user, {"name": "y", "roles": ["administrator"]}),
            (users.edit_user, "x", {}),
        ):
            with pytest.raises(Forbidden):
                service(actor, env, *arguments)


def test_what_roles_may():
    may = {role: {one.name for one in allowed} for role, allowed in ROLES.items()}
    assert may["requester"] == {"FOLLOW", "REQUEST"}
    assert may["editor"] == {"READ", "WRITE", "OBSERVE", "FOLLOW", "REQUEST"}
    assert may["viewer"] == {"READ", "FOLLOW"}
    for role in ("service_desk", "fulfiller", "cab_member", "problem_manager"):
        assert may[role] == {"READ", "FOLLOW", "REQUEST", "TICKETS"}
    assert may["change_manager"] == {"READ", "FOLLOW", "REQUEST", "TICKETS", "WRITE"}
    assert may["administrator"] == {one.name for one in Permission}
