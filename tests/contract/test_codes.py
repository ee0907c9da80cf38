"""Codes on every store: given once and for ever, whoever asks at once; checked against what is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cmdb.errors import (
    CodeInUse,
    CodeRepeated,
    Forbidden,
    MissingField,
    NoCodeRule,
    NumbersUsedUp,
    PatternDisagrees,
    PatternMismatch,
    Rejected,
    UnknownField,
)
from cmdb.identity.observation import Alias, Exported, ObservedItem
from cmdb.services import carriers
from cmdb.services.actor import Actor, Scope
from cmdb.services.catalog import put_ci_type
from cmdb.services.code_check import CodeCheck
from cmdb.services.codes import Counter, check_carried, give_codes, show_rule
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.items import delete_item

ROOT = Path(__file__).resolve().parents[2]
ADMIN = Actor("admin", frozenset({"administrator"}))
MACHINE = {
    "name": "machine",
    "description": "A machine.",
    "parent": "server",
    "code": {"pattern": "{site}-{number:03}"},
}
LAB = {"site": "lab"}
THREADS, TIMES = 4, 10


@pytest.fixture
def env(store):
    made = Environment(store, lambda: 1_800_000_000.0)
    put_ci_type(ADMIN, made, MACHINE)
    return made


def codes(*numbers):
    return [f"lab-{number:03}" for number in numbers]


def give(env, count=1, actor=ADMIN, **values):
    return give_codes(actor, env, "machine", values or LAB, count)


def machine(key, code=None, place=None, **attributes):
    if code is not None:
        attributes["asset_tag"] = code
    return ObservedItem(key, "machine", place or f"row {key}", attributes=attributes)


def load(env, *items, source="s"):
    report = ingest(ADMIN, env, items, source=source, reason="test")
    assert report.errors == []


def checked(env, *items, source="s"):
    errors = []
    good = CodeCheck(env, source).good(list(items), errors)
    return [one.key for one in good], errors


def test_each_site_counts_for_itself(env):
    assert give(env) == codes(1)
    assert give(env, 3) == codes(2, 3, 4)
    assert give(env, site="hq") == ["hq-001"]
    view = show_rule(ADMIN, env, "machine")
    assert view.declared_by == "machine"
    assert view.counters == [Counter("hq-{number}", 1), Counter("lab-{number}", 4)]


def test_the_log_says_who_took_which_codes_and_why(env):
    give_codes(ADMIN, env, "machine", LAB, 2, reason="order 7")
    (commit,) = env.store.log(env.store.seq() - 1)
    assert (commit.actor, commit.reason) == ("admin", "gave codes of machine: 2; order 7")
    subjects = {one.subject for one in commit.entries}
    assert subjects == {
        "counter:asset_tag:lab-{number}",
        "code:asset_tag:lab-001",
        "code:asset_tag:lab-002",
    }


def test_threads_never_get_the_same_code(env):
    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(lambda: [give(env, 2) for _ in range(TIMES)]) for _ in range(THREADS)]
        taken = [code for one in work for pair in one.result() for code in pair]
    assert sorted(taken) == codes(*range(1, 2 * THREADS * TIMES + 1))


def test_processes_never_get_the_same_code(backend, env):
    command = [sys.executable, "-m", "tests.contract.code_taker", backend.spec(), str(TIMES)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    takers = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    for taker in takers:
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        taker.stdin.write("\n")
        taker.stdin.flush()
    taken = [code for _ in range(TIMES) for code in give(env)]
    for taker in takers:
        taken += taker.communicate(timeout=60)[0].split()
        assert taker.returncode == 0
    assert sorted(taken) == codes(*range(1, 3 * TIMES + 1))


def test_codes_that_cis_carry_are_passed_over(env):
    other = ObservedItem("rack", "rack", "row", attributes={"asset_tag": "lab-002"})
    load(env, machine("a", "lab-001"), other, machine("b", "lab-004"))
    assert give(env, 2) == codes(3, 5)


def test_many_carried_codes_are_read_once(env, monkeypatch):
    monkeypatch.setattr(carriers, "PAGE", 7)
    used = range(1, 41)
    load(env, *(machine(f"m{n}", f"lab-{n:03}") for n in used if n != 33))
    assert give(env, 2) == codes(33, 41)


def test_a_code_is_not_given_again_when_its_ci_is_gone_or_the_rule_has_changed(env):
    load(env, machine("a", *give(env)))
    delete_item(ADMIN, env, "a")
    assert give(env) == codes(2)
    put_ci_type(ADMIN, env, {**MACHINE, "code": {**MACHINE["code"], "per": []}})
    assert give(env) == codes(3)
    put_ci_type(ADMIN, env, {**MACHINE, "code": {"pattern": "lab-{number:03}"}})
    assert give(env) == codes(4)
    put_ci_type(ADMIN, env, {**MACHINE, "code": {"pattern": "{site}-{number:04}"}})
    assert give(env) == ["lab-0005"]


def test_numbers_end_at_their_width_and_none_is_given(env):
    put_ci_type(ADMIN, env, {**MACHINE, "code": {"pattern": "{site}-{number:01}"}})
    assert give(env, 8)[-1] == "lab-8"
    seq = env.store.seq()
    with pytest.raises(NumbersUsedUp, match="number 10 does not fit"):
        give(env, 2)
    assert env.store.seq() == seq
    assert give(env) == ["lab-9"]


def test_all_that_is_wrong_with_what_is_asked_is_told(env):
    with pytest.raises(NoCodeRule):
        give_codes(ADMIN, env, "server", LAB)
    with pytest.raises(MissingField, match="site"):
        give(env, vendor="x")
    with pytest.raises(Rejected) as caught:
        give(env, 1001, stie="lab")
    assert [type(one).__name__ for one in caught.value.errors] == [
        "WrongValue",
        "UnknownField",
        "MissingField",
    ]
    with pytest.raises(UnknownField):
        give(env, site="lab", colour="red")
    assert give(env) == codes(1)


def test_who_may_take_codes(env):
    limited = Actor("limited", frozenset({"editor"}), Scope(frozenset({"lab"})))
    assert give(env, actor=limited) == codes(1)
    assert show_rule(limited, env, "machine").counters == []
    for actor, site in ((limited, "hq"), (Actor("v", frozenset({"viewer"})), "lab")):
        with pytest.raises(Forbidden):
            give(env, actor=actor, site=site)


def test_imports_are_checked(env):
    load(env, machine("a", "lab-001", site="lab"))
    good, errors = checked(
        env,
        machine("b", "lab-1"),
        machine("c", "lab-002", site="hq"),
        machine("d", "lab-001"),
        machine("e", "lab-003", place="row 5"),
        machine("f", "lab-003", place="row 6"),
        machine("g", "lab-004"),
        machine("a", "lab-001"),
        machine("h"),
        ObservedItem("s", "server", "row", attributes={"asset_tag": "lab-001"}),
    )
    assert good == ["e", "g", "a", "h", "s"]
    kinds = [PatternMismatch, PatternDisagrees, CodeInUse, CodeRepeated]
    assert [type(one) for one in errors] == kinds
    assert "row d: attribute 'asset_tag' 'lab-001' is that of configuration item 'a'" in str(
        errors[2]
    )
    assert "row 6 'f'" in str(errors[3])
    assert "already given at row 5 'e'" in str(errors[3])
    assert all("cmdb code give machine" in str(one) for one in errors[2:])


def test_a_ci_that_another_source_names_may_carry_its_code(env):
    known = {"serial_number": "SN-4711-X", "vendor": "Dell"}
    load(env, machine("a", "lab-001", **known))
    alias = machine("x", "lab-001")
    alias.aliases = (Alias("s", "a"),)
    assert checked(env, machine("y", "lab-001", **known), source="t") == (["y"], [])
    assert checked(env, alias, source="t") == (["x"], [])
    twice = (machine("y", "lab-009", **known), machine("z", "lab-009", **known))
    assert checked(env, *twice, source="t") == (["y", "z"], [])
    assert checked(env, machine("a", "lab-001"), source="t")[0] == []


def test_rows_exported_from_this_store_that_nobody_edited_say_nothing(env):
    row = machine("a", "wrong")
    row.exported = Exported(1, env.store.mark(1), edited=False)
    assert checked(env, row) == (["a"], [])
    for other in (Exported(1, "another store", edited=False), replace(row.exported, edited=True)):
        row.exported = other
        assert [type(one) for one in checked(env, row)[1]] == [PatternMismatch]


def test_nothing_is_looked_up_where_no_type_has_a_rule(store):
    env = Environment(store)
    batch, errors = [ObservedItem("s", "server", "row", attributes={"asset_tag": "x"})], []
    assert CodeCheck(env, "s").good(batch, errors) is batch
    assert check_carried(ADMIN, env) == errors == []


def test_codes_in_use_are_checked(env):
    load(
        env,
        ObservedItem("old", "server", "row", attributes={"asset_tag": "17"}),
        machine("a", "lab-001", site="lab"),
    )
    assert check_carried(ADMIN, env) == []
    put_ci_type(ADMIN, env, {**MACHINE, "name": "special", "parent": "machine"})
    items = [machine("b", "lab-001", site="hq"), machine("c", "hq-1")]
    special = ObservedItem("d", "special", "row", attributes={"asset_tag": "lab-001"})
    put_ci_type(ADMIN, env, {**MACHINE, "code": None})
    put_ci_type(ADMIN, env, {**MACHINE, "name": "special", "parent": "machine", "code": None})
    load(env, *items, special)
    put_ci_type(ADMIN, env, MACHINE)
    errors = check_carried(ADMIN, env)
    assert [(type(one), one.fields["place"]) for one in errors] == [
        (PatternDisagrees, "b"),
        (PatternMismatch, "c"),
        (CodeInUse, "a"),
        (CodeInUse, "b"),
        (CodeInUse, "d"),
    ]
    assert [one.fields["place"] for one in check_carried(ADMIN, env, "special")] == ["d"]
    limited = Actor("limited", frozenset({"viewer"}), Scope(frozenset({"lab"})))
    assert check_carried(limited, env) == []
