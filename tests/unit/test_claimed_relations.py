"""Relations as claims: what happens to them when their ends come, go, part or stop counting."""

import itertools
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.errors import SelfRelation
from cmdb.identity.changes import Change, ChangeSet
from cmdb.schema.records import Relation
from cmdb.services import decisions, sources
from cmdb.services.environment import Environment
from cmdb.services.ports import Signature
from cmdb.services.relations import put_relation
from cmdb.services.reports import check, export_estate
from cmdb.services.runs import undo_run
from cmdb.stores.sqlite import SQLiteStore
from tests.unit.test_ingest import EDITOR, ROOT, item, link, load


@contextmanager
def world(folder):
    """An environment on an empty store, whose clock never gives a time twice."""
    ticks = itertools.count(1_000_000.0)
    environment = Environment(SQLiteStore(Path(folder) / "cmdb.db"), lambda: next(ticks))
    try:
        yield environment
    finally:
        environment.close()


@pytest.fixture
def env(tmp_path):
    with world(tmp_path) as environment:
        yield environment


def machine(key, serial, type_name="server", **fields):
    return item(key, type_name, attributes={"serial_number": serial, "vendor": "Dell"}, **fields)


def told(report):
    """What a run reports, however many commits it took."""
    steps = sorted((one.action, one.kind, one.key, str(one.detail)) for one in report.steps)
    return steps, report.items, report.relations, report.waiting


def relations(env):
    """The relations that are there, in words."""
    found = export_estate(EDITOR, env)["relations"]
    return [f"{one['from']} {one['type']} {one['to']}" for one in found]


def test_a_relation_that_leaves_and_is_told_by_another_is_none_that_came(env):
    load(env, machine("a", "S1001"), machine("c", "S1003"), link("a", "connects_to", "c"))
    load(env, machine("b", "S1001"), source="glpi")
    again = (machine("a", "S1009"), link("glpi:b", "connects_to", "c", attributes={"w": 1}))
    planned = load(env, *again, dry_run=True)
    done = load(env, *again)
    assert told(planned) == told(done)
    assert relations(env) == ["a connects_to c", "a~2 connects_to c"]
    assert (done.relations.created, done.relations.changed) == (1, 1)


def test_a_relation_that_waits_is_counted_once(env):
    load(env, item("a"), link("a", "connects_to", "z"), waiting=True)
    again = (item("a", "device"), link("a", "connects_to", "z"))
    planned = load(env, *again, waiting=True, dry_run=True)
    done = load(env, *again, waiting=True)
    assert told(planned) == told(done)
    assert done.waiting == 1


def known_by_two(env):
    """A server that two sources know by other names, and what a third one says runs on it."""
    load(env, machine("s1", "AB123X"), source="aaa", run="first")
    load(env, machine("x9", "AB123X"), source="ccc")
    told = item("app", "application"), link("app", "runs_on", "s1")
    assert load(env, *told, source="bbb").errors == []
    assert relations(env) == ["app runs_on s1"]


def claims(env):
    """All claims that are stored."""
    return [
        claim.content()
        for kind in ("ci", "relation")
        for source in ("aaa", "bbb", "ccc", "ddd")
        for claim in sorted(env.store.claims_of(kind, source), key=lambda one: one.name)
    ]


def withdraw(env):
    sources.withdraw_source(ROOT, env, "aaa")
    return lambda: sources.withdraw_source(ROOT, env, "aaa", withdrawn=False)


def ignore(env):
    made = decisions.ignore(ROOT, env, claims=["aaa:s1"])
    return lambda: decisions.undo_decision(ROOT, env, made.id)


def undo(env):
    undo_run(ROOT, env, "first")
    return None


@pytest.mark.parametrize("silence", [withdraw, ignore, undo])
def test_a_relation_stays_when_the_claim_that_named_its_end_counts_no_more(env, silence):
    known_by_two(env)
    before, said = export_estate(EDITOR, env), claims(env)
    back = silence(env)
    assert relations(env) == ["app runs_on s1"]
    if back is not None:
        back()
        assert (export_estate(EDITOR, env), claims(env)) == (before, said)
        silence(env)
    again = item("app", "application"), link("app", "runs_on", "s1", strength="soft")
    report = load(env, *again, source="bbb")
    assert (report.errors, report.relations.changed) == ([], 1)
    assert export_estate(EDITOR, env)["relations"][0]["strength"] == "soft"
    report = load(env, *again, source="bbb", complete=True)
    assert (report.errors, report.relations.unchanged, report.items.unchanged) == ([], 1, 1)


def test_a_relation_waits_when_nobody_knows_its_end_any_more_and_comes_back(env):
    known_by_two(env)
    before = export_estate(EDITOR, env)
    for name in ("ccc", "aaa"):
        sources.withdraw_source(ROOT, env, name)
    assert relations(env) == []
    for name in ("aaa", "ccc"):
        sources.withdraw_source(ROOT, env, name, withdrawn=False)
    assert export_estate(EDITOR, env) == before


@given(
    steps=st.lists(st.tuples(st.sampled_from(["source", "claim"]), st.integers(0, 5)), max_size=8),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_relation_is_there_as_long_as_its_ends_are_known(steps, order):
    names = [(source, key) for source in ("aaa", "ccc", "ddd") for key in ("p", "q")]
    with tempfile.TemporaryDirectory() as folder, world(folder) as env:
        for source, key in names:
            load(env, machine(f"{key}-{source}", f"SERIAL{key}"), source=source)
        load(env, link("p-aaa", "depends_on", "q-aaa"), source="bbb")
        before = export_estate(EDITOR, env)
        silent = {}
        for kind, number in steps:
            source, key = names[number]
            name = source if kind == "source" else f"{source}:{key}-{source}"
            if name in silent:
                continue
            if kind == "source":
                sources.withdraw_source(ROOT, env, source)
                silent[name] = (sources.withdraw_source, source, False)
            else:
                made = decisions.ignore(ROOT, env, claims=[name])
                silent[name] = (decisions.undo_decision, made.id)
            told = {
                end for origin, end in names if not {origin, f"{origin}:{end}-{origin}"} & {*silent}
            }
            if told != {"p", "q"}:
                assert relations(env) == []
                return
            assert relations(env) == ["p-aaa depends_on q-aaa"]
        for back, *what in order.sample(list(silent.values()), len(silent)):
            back(ROOT, env, *what)
            assert relations(env) == ["p-aaa depends_on q-aaa"]
        assert export_estate(EDITOR, env) == before


def test_what_a_withdrawn_source_says_of_relations_waits_for_it(env):
    load(env, item("a"), item("b"), link("a", "depends_on", "b"), source="csv")
    sources.withdraw_source(ROOT, env, "csv")
    again = (item("b"), item("n"), link("n", "depends_on", "b"), link("b", "depends_on", "n"))
    report = load(env, *again, source="csv", complete=True)
    assert (report.errors, report.warnings) == ([], [])
    sources.withdraw_source(ROOT, env, "csv", withdrawn=False)
    assert relations(env) == ["b depends_on n", "n depends_on b"]


def test_a_relation_at_a_claim_that_is_ignored_waits_for_it(env):
    load(env, item("a"), item("b"), source="csv")
    made = decisions.ignore(ROOT, env, claims=["csv:b"])
    said = (item("a"), item("b"), link("a", "depends_on", "b"))
    report = load(env, *said, source="csv", complete=True)
    assert (report.errors, report.warnings, report.waiting) == ([], [], 1)
    assert relations(env) == []
    decisions.undo_decision(ROOT, env, made.id)
    assert relations(env) == ["a depends_on b"]


def test_nothing_is_related_to_itself(env):
    said = (item("a"), item("b"), link("a", "depends_on", "a"), link("a", "connects_to", "csv:a"))
    report = load(env, *said, source="csv")
    assert [str(one) for one in report.errors] == [
        "row a-a: depends_on leads from 'a' to itself; name two configuration items",
        "row a-csv:a: connects_to leads from 'a' to itself; name two configuration items",
    ]
    with pytest.raises(SelfRelation):
        put_relation(ROOT, env, link("a", "depends_on", "csv:a"))
    assert relations(env) == []


def test_a_relation_within_a_merged_ci_waits_until_it_is_two_again(env):
    said = (item("a"), item("b"), link("a", "depends_on", "b"))
    load(env, *said, source="csv")
    before = export_estate(EDITOR, env)
    made = decisions.merge(ROOT, env, ["a", "b"])
    assert relations(env) == []
    assert [one.check for one in check(EDITOR, env)] == ["orphan"]
    report = load(env, *said, source="csv", complete=True)
    assert (report.errors, report.warnings, report.waiting) == ([], [], 1)
    decisions.undo_decision(ROOT, env, made.id)
    assert export_estate(EDITOR, env) == before


def test_the_model_check_finds_a_relation_that_an_older_version_let_lead_to_itself(env):
    load(env, item("a"), item("b"), link("a", "depends_on", "b"))
    changes = ChangeSet(relations=[Change(None, Relation("b", "depends_on", "b", number=-2))])
    env.store.commit(changes, Signature("root", 2e6, "test"))
    found = [(one.check, one.key, one.detail) for one in check(EDITOR, env)]
    assert found == [("self_relation", "b", "has the relation depends_on to itself")]
