"""Credentials: sealed where they are kept, opened for agents alone."""

import hashlib
from collections import Counter

import orjson
import pytest

from cmdb.errors import (
    CMDBError,
    Forbidden,
    MissingField,
    NotFound,
    PreconditionFailed,
    Rejected,
    UnknownField,
    UnknownName,
    WrongValue,
)
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.sealing import (
    NoCredentialsKey,
    UnusableCredentialsKey,
    WrongCredentialsKey,
    new_key,
)
from cmdb.services.actor import Actor, Scope, ScopeTooNarrow
from cmdb.services.environment import Environment
from cmdb.services.ports import Signature
from cmdb.stores.sqlite import SQLiteStore
from discovery import readers, working
from discovery.agent import Secret
from discovery.credentials import (
    KINDS,
    delete_credential,
    fingerprint,
    get_credential,
    list_credentials,
    opened,
    put_credential,
)
from discovery.jobs import put_job
from discovery.keyring import MOST_REFUSALS
from discovery.runs import read_shards, start_run
from discovery.working import work
from tests.discovery.scripted import ScriptedAgent

ROOT = Actor("root", frozenset({"administrator"}))
MARK = "s3cret-mark"
TOKEN = {"token": MARK}


@pytest.fixture
def env(tmp_path):
    made = Environment(SQLiteStore(tmp_path / "cmdb.db"))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def key(monkeypatch):
    made = new_key()
    monkeypatch.delenv("CMDB_CREDENTIALS_KEY_FILE", raising=False)
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", made)
    return made


def put(env, name="t", kind="token", values=TOKEN, **more):
    put_credential(ROOT, env, name, kind, values, **more)


def values(env, name="t"):
    (secret,) = opened(env, [name])
    return secret.values


@pytest.mark.parametrize("kind", KINDS)
def test_what_goes_in_comes_out_for_agents_alone(env, kind, tmp_path, caplog):
    needed, allowed = KINDS[kind]
    given_ = {name: f"{MARK} {name} 密码" for name in (*needed, *allowed)}
    put(env, "one", kind, given_)
    (secret,) = opened(env, ["one"])
    assert secret == Secret("one", kind, given_)
    assert MARK not in repr(secret)
    assert MARK not in repr(list_credentials(ROOT, env))
    assert MARK not in repr(list(env.store.log(0)))
    assert MARK not in caplog.text
    data = b"".join(path.read_bytes() for path in tmp_path.glob("cmdb.db*"))
    assert b"credential" in data
    assert MARK.encode() not in data


def test_equal_values_do_not_look_equal(env):
    put(env, "a")
    put(env, "b")
    first, second = (one.body["sealed"] for one in env.store.documents("credential"))
    assert first != second


def test_the_life_of_a_credential(env):
    put(env)
    known = get_credential(ROOT, env, "t")
    assert (known["name"], known["kind"]) == ("t", "token")
    put(env, values={"token": "new"}, expected=known["version"])
    assert values(env) == {"token": "new"}
    with pytest.raises(PreconditionFailed):
        put(env, expected=known["version"])
    with pytest.raises(PreconditionFailed):
        delete_credential(ROOT, env, "t", expected=known["version"])
    delete_credential(ROOT, env, "t")
    for missing in (
        lambda: get_credential(ROOT, env, "t"),
        lambda: delete_credential(ROOT, env, "t"),
        lambda: opened(env, ["t"]),
    ):
        with pytest.raises(NotFound):
            missing()
    assert list_credentials(ROOT, env) == []


def test_another_key_opens_nothing(env, monkeypatch):
    put(env)
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())
    with pytest.raises(WrongCredentialsKey, match="'t' was encrypted with another key"):
        opened(env, ["t"])


def test_a_key_is_replaced_step_by_step(env, key, monkeypatch, tmp_path):
    put(env, "old")
    path, fresh = tmp_path / "key", new_key()
    path.write_text(f"{fresh}\n{key}\n")
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())  # the file wins
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY_FILE", str(path))
    put(env, "new")
    assert values(env, "old") == values(env, "new") == TOKEN
    path.write_text(fresh)
    assert values(env, "new") == TOKEN
    with pytest.raises(WrongCredentialsKey):
        opened(env, ["old"])


def test_what_was_changed_in_the_store_is_not_taken(env):
    put(env)
    (before,) = env.store.documents("credential")
    sealed = before.body["sealed"]
    middle = len(sealed) // 2
    other = "A" if sealed[middle] != "A" else "B"
    body = before.body | {"sealed": sealed[:middle] + other + sealed[middle + 1 :]}
    change = Change(before, Document("credential", "t", body))
    env.store.commit(ChangeSet(documents=[change]), Signature("somebody", 0.0, "x"))
    with pytest.raises(WrongCredentialsKey):
        opened(env, ["t"])


def test_without_a_key_nothing_goes_in_or_out(env, monkeypatch):
    put(env)
    for text in (None, "", " \n"):
        if text is None:
            monkeypatch.delenv("CMDB_CREDENTIALS_KEY")
        else:
            monkeypatch.setenv("CMDB_CREDENTIALS_KEY", text)
        for act in (lambda: put(env, "u"), lambda: opened(env, ["t"])):
            with pytest.raises(NoCredentialsKey, match="CMDB_CREDENTIALS_KEY_FILE"):
                act()
    assert [one["name"] for one in list_credentials(ROOT, env)] == ["t"]
    delete_credential(ROOT, env, "t")


@pytest.mark.parametrize("content", [b"short", b"\xff\xfe\x00", b"x" * 44, "钥匙".encode()])
def test_a_key_that_is_none(env, monkeypatch, tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY_FILE", str(path))
    with pytest.raises(UnusableCredentialsKey) as caught:
        put(env)
    assert content.decode(errors="replace") not in str(caught.value)
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY_FILE", str(tmp_path))
    with pytest.raises(UnusableCredentialsKey, match="directory"):
        put(env)


def test_fingerprints_tell_values_apart_and_help_nobody_to_guess_them(monkeypatch):
    one = fingerprint(ROOT, {"user": "u", "password": "p"})
    assert one == fingerprint(ROOT, {"password": "p", "user": "u"})
    assert one != fingerprint(ROOT, {"user": "u", "password": "q"})
    plain = orjson.dumps({"password": "p", "user": "u"})
    assert one != hashlib.sha256(plain).hexdigest()
    monkeypatch.setenv("CMDB_CREDENTIALS_KEY", new_key())
    assert one != fingerprint(ROOT, {"user": "u", "password": "p"})


@pytest.mark.parametrize(
    ("name", "kind", "given_values", "kinds"),
    [
        ("t", "tokn", TOKEN, [UnknownName]),
        ("", "token", TOKEN, [WrongValue]),
        ("../t", "token", TOKEN, [WrongValue]),
        ("t@u", "token", TOKEN, [WrongValue]),
        ("t\n", "token", TOKEN, [WrongValue]),
        ("x" * 65, "tokn", TOKEN, [WrongValue, UnknownName]),
        ("t", "token", {}, [MissingField]),
        ("t", "token", {"token": ""}, [MissingField]),
        ("t", "token", {"token": [MARK]}, [WrongValue]),
        ("t", "token", {"token": MARK * 2000}, [WrongValue]),
        ("t", "basic", {"pasword": MARK}, [MissingField, MissingField, UnknownField]),
    ],
)
def test_what_is_wrong_is_told_at_once_and_without_values(env, name, kind, given_values, kinds):
    with pytest.raises(Rejected) as caught:
        put(env, name, kind, given_values)
    assert [type(one) for one in caught.value.errors] == kinds
    assert MARK not in repr([one.fields for one in caught.value.errors])
    assert list_credentials(ROOT, env) == []


def test_only_administrators_of_everything(env):
    editor = Actor("e", frozenset({"editor"}))
    limited = Actor("l", frozenset({"administrator"}), Scope(frozenset({"a"})))
    for actor, error in ((editor, Forbidden), (limited, ScopeTooNarrow)):
        for act in (
            lambda who: put_credential(who, env, "t", "token", TOKEN),
            lambda who: list_credentials(who, env),
            lambda who: get_credential(who, env, "t"),
            lambda who: delete_credential(who, env, "t"),
            lambda who: fingerprint(who, TOKEN),
        ):
            with pytest.raises(error):
                act(actor)


@pytest.fixture
def agent(monkeypatch):
    made, known = ScriptedAgent(), readers.agent
    monkeypatch.setattr(readers, "agent", lambda n: made if n == "scripted" else known(n))
    monkeypatch.setattr(working, "LOOK", 0.02)
    return made


def test_tries_of_a_shard_again_do_not_begin_to_count_anew(env, agent):
    for number in range(4):
        put(env, f"c{number}", "ssh_password", {"user": "root", "password": MARK})
    refusals: Counter[str] = Counter()

    def try_all(shard, context):
        target = shard.targets[0]
        while left := context.secrets(target, ("ssh_password",)):
            refusals[target] += 1
            context.refused(left[0], target)
        raise CMDBError(detail="no credential fits")

    agent.before = try_all
    networks = [f"10.0.{number}.1/32" for number in range(4)]
    credentials = [f"c{number}" for number in range(4)]
    put_job(
        ROOT,
        env,
        {"name": "lab", "agent": "scripted", "networks": networks, "credentials": credentials},
    )
    run = start_run(ROOT, env, "lab", "by hand").id
    assert work(ROOT, env, run).state == "failed"
    shards = read_shards(env, run)
    assert [one.attempts for one in shards] == [3] * 4
    assert all(count <= MOST_REFUSALS for count in refusals.values())
    tried = Counter(one.partition("@")[0] for shard in shards for one in shard.refused)
    assert sum(tried.values()) == sum(refusals.values())
    assert max(tried.values()) == MOST_REFUSALS + 1
    assert MARK not in repr(list(env.store.log(0)))


def test_a_run_says_that_a_credential_is_missing(env, agent):
    job = {"name": "lab", "agent": "scripted", "networks": ["10.0.0.1"], "retries": 0}
    put_job(ROOT, env, job | {"credentials": ["nosuch"]})
    run = start_run(ROOT, env, "lab", "by hand").id
    assert work(ROOT, env, run).state == "failed"
    (shard,) = read_shards(env, run)
    assert shard.errors == ("NotFound: no credential 'nosuch'",)
    assert agent.ran == []
