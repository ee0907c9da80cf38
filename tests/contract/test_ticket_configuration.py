"""Settings of tickets on every store: defaults, an administrator's own, and one revision."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from cmdb.errors import (
    CMDBError,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Rejected,
    UnknownName,
)
from cmdb.schema.strict import plain
from cmdb.services import ticket_configuration as configuration
from cmdb.services.actor import ROLES, Actor
from cmdb.services.environment import Environment
from cmdb.services.users import create_user
from cmdb.tickets.configuration.kinds import ALL, KINDS, default_settings
from cmdb.tickets.defaults import default_processes

ADMIN = Actor("test", frozenset({"administrator"}))
HOURS = {day: ["09:00-17:30"] for day in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture
def env(store):
    return Environment(store, lambda: 1_800_000_000.0)


def put(env, kind, name, values, **more):
    return configuration.put_setting(ADMIN, env, kind, name, values, **more)


def remove(env, kind, name, **more):
    return configuration.remove_setting(ADMIN, env, kind, name, **more)


def process(kind="incident", **changes):
    """The default process of a kind as data, with something changed."""
    return {**plain(default_processes()[kind]), **changes}


def wrong(act):
    with pytest.raises(CMDBError) as caught:
        act()
    error = caught.value
    return [str(one) for one in error.errors] if isinstance(error, Rejected) else [str(error)]


def test_the_defaults_are_in_force_at_first(env):
    now = configuration.settings(env)
    for kind in KINDS:
        assert now.by_kind[kind] == default_settings(kind)
        assert not any(one.own for one in configuration.list_settings(ADMIN, env, kind))
    assert now.processes == default_processes() == configuration.processes(env)
    assert configuration.settings(env) is now
    assert env.store.seq() == 0


def test_what_is_put_is_in_force_everywhere_at_once(backend):
    here, there = (Environment(backend.open(), lambda: 1_800_000_000.0) for _ in range(2))
    before = configuration.settings(there)
    made = put(here, "calendar", "business", {"zone": "Europe/Berlin", "hours": HOURS})
    assert made.own
    now = configuration.settings(there)
    assert now is not before
    assert now is configuration.settings(there)
    assert now.calendars["business"].zone == "Europe/Berlin"
    assert now.days["business"] == 8.5 * 3600
    assert configuration.get_setting(ADMIN, there, "calendar", "business") == made
    put(there, "calendar", "night", {"hours": {"sat": ["22:00-24:00"]}})
    assert "night" in configuration.settings(here).working_times
    commit = here.store.log(here.store.seq() - 1)[0]
    assert (commit.actor, commit.reason) == ("test", "set calendar night")
    default = remove(here, "calendar", "business")
    assert default is not None
    assert not default.own
    assert configuration.settings(there).calendars["business"].zone == "UTC"
    assert remove(here, "calendar", "night") is None
    with pytest.raises(NotFound):
        configuration.get_setting(ADMIN, there, "calendar", "night")


def test_other_commits_do_not_read_all_anew(env):
    now = configuration.settings(env)
    create_user(ADMIN, env, {"name": "li", "roles": ["fulfiller"]})
    assert configuration.settings(env) is now


def test_the_same_again_changes_nothing(env):
    put(env, "calendar", "night", {"hours": {"sat": ["22:00-24:00"]}})
    seq = env.store.seq()
    put(env, "calendar", "night", {"name": "night", "hours": {"sat": ["22:00-24:00"]}})
    put(env, "process", "incident", process())
    assert env.store.seq() == seq
    assert not configuration.get_setting(ADMIN, env, "process", "incident").own


def test_versions_guard_against_lost_changes(env):
    known = configuration.get_setting(ADMIN, env, "priority_matrix", "default")
    rows = [[1, 1, 2], [1, 2, 3], [2, 3, 3]]
    made = put(env, "priority_matrix", "default", {"rows": rows}, expected=known.version)
    assert made.version != known.version
    for act in (put, remove):
        arguments = ({"rows": rows},) if act is put else ()
        with pytest.raises(PreconditionFailed):
            act(env, "priority_matrix", "default", *arguments, expected=known.version)
    with pytest.raises(PreconditionFailed):
        put(env, "calendar", "new", {}, expected=known.version)
    remove(env, "priority_matrix", "default", expected=made.version)
    again = configuration.get_setting(ADMIN, env, "priority_matrix", "default")
    assert again.version == known.version


def test_nothing_is_left_without_what_it_names(env):
    create_user(ADMIN, env, {"name": "li", "roles": ["cab_member"]})
    level = {"clock": "respond", "within": "2h", "calendar": "night", "kinds": ["incidnet"]}
    assert wrong(lambda: put(env, "service_level", "mine", level)) == [
        "service_level mine: unknown kind of ticket 'incidnet'; nearest known name: 'incident'",
        "service_level mine: unknown calendar 'night'",
    ]
    put(env, "calendar", "night", {"hours": {"sat": ["22:00-24:00"]}})
    put(env, "service_level", "mine", {**level, "kinds": ["incident"]})
    (told,) = wrong(lambda: remove(env, "calendar", "night"))
    assert told == "service_level mine: unknown calendar 'night'"
    put(env, "approval_group", "board", {"users": ["li"]})
    item = {"label": "x", "label_zh": "x", "approval": "group", "group": "board"}
    put(env, "catalogue_item", "x", {**item, "service_levels": ["mine"]})
    assert len(wrong(lambda: remove(env, "approval_group", "board"))) == 1
    assert len(wrong(lambda: remove(env, "service_level", "mine"))) == 1
    assert "user 'il'" in wrong(lambda: put(env, "approval_group", "b", {"users": ["il"]}))[0]
    template = dict.fromkeys(("title", "benefit", "risk", "implementation_plan"), "x")
    template |= {"test_plan": "x", "back_out_plan": "x", "valid_until": "2027-01-01"}
    (told,) = wrong(
        lambda: put(env, "change_template", "t", {**template, "ci_types": ["servr", "server"]})
    )
    assert "CI type 'servr'" in told
    put(env, "change_template", "t", {**template, "ci_types": ["server"]})
    made = configuration.settings(env).change_templates["t"]
    assert made.valid_until == date(2027, 1, 1)
    rule = {"assignee": "nobody", "kinds": ["incident"]}
    assert "user 'nobody'" in wrong(lambda: put(env, "dispatch_rule", "r", rule))[0]


def test_processes_keep_all_their_versions(env):
    fields = [
        *process()["fields"],
        {"name": "floor", "type": "text", "label": "F", "label_zh": "层"},
    ]
    (told,) = wrong(lambda: put(env, "process", "incident", process(fields=fields)))
    assert "'version' is 1, but must be 2, the next version" in told
    put(env, "process", "incident", process(fields=fields, version=2))
    put(env, "process", "incident", process(version=3))
    assert configuration.processes(env)["incident"].version == 3
    assert configuration.process_of(env, "incident", 1) == default_processes()["incident"]
    second = configuration.process_of(env, "incident", 2)
    assert second.fields[-1].name == "floor"
    with pytest.raises(NotFound):
        configuration.process_of(env, "incident", 4)
    kept = configuration.get_setting(ADMIN, env, "process", "incident")
    assert (kept.own, kept.body()["version"]) == (True, 3)
    with pytest.raises(InvalidInput, match="put a new version"):
        remove(env, "process", "incident")


def test_many_at_once(backend):
    envs = [Environment(backend.open(), lambda: 1_800_000_000.0) for _ in range(2)]

    def change(number):
        env = envs[number % 2]
        put(env, "calendar", f"c{number}", {})
        try:
            return put(env, "process", "incident", process(version=2, prefix="INC"))
        except CMDBError as error:
            return str(error)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(change, range(8)))
    for env in envs:
        now = configuration.settings(env)
        assert {f"c{number}" for number in range(8)} < set(now.calendars)
        assert now.processes["incident"].version == 2
    assert all(one == done[0] for one in done)
    assert envs[0].store.seq() == 9  # the same version put again changes nothing


def test_a_new_kind_of_ticket(env):
    def put_new(name="complaint", **changes):
        values = {**process("emergency_plan"), "kind": name, "prefix": "CPL"} | changes
        return put(env, "process", name, values)

    assert len(wrong(lambda: put_new(prefix="INC"))) == 1
    assert len(wrong(lambda: put_new(prefix="c-1", version=7))) == 2
    assert len(wrong(lambda: put_new("Complaint"))) == 1
    assert "'kind'" in wrong(lambda: put_new(kind="incident"))[0]
    assert "role 'boss'" in wrong(lambda: put_new(opening=["boss"]))[0]
    assert "no states" in wrong(lambda: put_new(states=[], steps=[]))[0]
    assert "nearest known name: 'prefix'" in wrong(lambda: put_new(prefx="x"))[0]
    put_new()
    assert wrong(lambda: put_new(version=2, prefix="CMP")) == [
        "process complaint: 'prefix' is 'CMP', but must be CPL, as it has been"
    ]
    put(env, "service_level", "c", {"clock": "resolve", "within": 60, "kinds": ["complaint"]})
    assert "complaint" in configuration.processes(env)


def test_wrong_names(env):
    for kind in ("calender", ""):
        with pytest.raises(UnknownName, match="kind of setting"):
            configuration.list_settings(ADMIN, env, kind)
    with pytest.raises(NotFound):
        remove(env, "calendar", "nothing")
    with pytest.raises(InvalidInput, match="cannot be removed"):
        remove(env, "calendar", "always")
    for name in ("schema", "a/b", ""):
        assert "'name'" in wrong(lambda name=name: put(env, "calendar", name, {}))[0]
    assert "'name'" in wrong(lambda: put(env, "calendar", "a", {"name": "b"}))[0]
    with pytest.raises(InvalidInput, match="name it 'default'"):
        put(env, "attachment_limits", "mine", {"media_types": []})
    assert env.store.seq() == 0


def test_only_administrators_configure(env):
    for role in ROLES.keys() - {"administrator"}:
        actor = Actor("x", frozenset({role}))
        for service, *arguments in (
            (configuration.list_settings, "calendar"),
            (configuration.get_setting, "calendar", "always"),
            (configuration.put_setting, "calendar", "x", {}),
            (configuration.remove_setting, "calendar", "always"),
        ):
            with pytest.raises(Forbidden):
                service(actor, env, *arguments)


@pytest.mark.parametrize("kind", ALL)
def test_what_is_shown_may_be_put(env, kind):
    for kept in configuration.list_settings(ADMIN, env, kind):
        if kind == "process":
            assert put(env, kind, kept.name, kept.body()) == kept
        else:
            made = put(env, kind, kept.name, kept.body())
            assert (made.own, made.setting, made.version) == (True, kept.setting, kept.version)
