"""Many sources, one truth: convergence, decisions and undo, on every store."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from neo4j import GraphDatabase

from cmdb.errors import InvalidInput, NotFound
from cmdb.identity.claims import NOBODY
from cmdb.services import decisions, runs, sources
from cmdb.services.environment import Environment
from cmdb.services.rehearsal import Rehearsal
from cmdb.stores.sqlite import SQLiteStore
from tests import observed
from tests.contract.backends import labels
from tests.observed import NOW, ROOT, SOURCES, canonical, exported, hear, reviews, words
from tests.undoing import check_undoing, histories

CASES = {"sqlite": 500, "neo4j": 6}
"""Each case plays the words in four orders: 2,000 histories of the embedded store."""


def now():
    return NOW


@contextmanager
def embedded(clock=now):
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        env = Environment(SQLiteStore(Path(folder) / "cmdb.db"), clock)
        try:
            yield env
        finally:
            env.close()


@pytest.fixture(params=["sqlite", "neo4j"])
def world(request):
    """Makes an environment on an empty store, as often as it is asked."""
    if request.param == "sqlite":
        return "sqlite", embedded
    access = request.getfixturevalue("neo4j")

    @contextmanager
    def server(clock=now):
        from cmdb.stores.neo4j import Neo4jStore

        driver = GraphDatabase.driver(access.uri, auth=(access.user, access.password))
        with driver, driver.session() as session:
            session.run("MATCH (n) WHERE NOT n:Migration DETACH DELETE n").consume()
            session.run("CREATE (:Counter {name: 'cmdb', seq: 0, ci: 0, relation: 0})").consume()
        store = Neo4jStore(access.uri, access.user, access.password, "neo4j", labels=labels)
        env = Environment(store, clock)
        try:
            yield env
        finally:
            env.close()

    return "neo4j", server


def check(world, share, test, *strategies):
    """Run a property test with as many examples as the store allows."""
    kind, make = world
    limits = settings(
        max_examples=max(2, int(CASES[kind] * share)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    limits(given(st.tuples(*strategies))(lambda drawn: test(make, *drawn)))()


def test_any_order_batching_and_repetition_come_to_the_same(world):
    def converges(make, said, rng):
        outcomes = []
        for attempt in range(4):
            order = list(said)
            if attempt:
                rng.shuffle(order)
                order += rng.sample(order, min(2, len(order)))
            with make() as env:
                for source, seen in observed.runs(order, 1 + attempt % 2 * 4):
                    hear(env, source, seen)
                outcomes.append((canonical(env), reviews(env)))
        assert all(outcome == outcomes[0] for outcome in outcomes)

    check(world, 1.0, converges, words(), st.randoms(use_true_random=False))


def test_concurrent_writers_come_to_the_same(world):
    def converges(make, said):
        with make() as env:
            for source, seen in observed.runs(said, 1):
                hear(env, source, seen)
            expected = canonical(env), reviews(env)
        with make() as env:
            mine = {name: [w for w in said if w[0] == name] for name in SOURCES}

            def play(name):
                for source, seen in observed.runs(mine[name], 3):
                    hear(env, source, seen)

            with ThreadPoolExecutor(len(SOURCES)) as pool:
                list(pool.map(play, SOURCES))
            assert (canonical(env), reviews(env)) == expected

    check(world, 0.2, converges, words())


def test_merging_and_undoing_it_restores_everything(world):
    def restores(make, said, rng):
        with make() as env:
            for source, seen in observed.runs(said, 3):
                hear(env, source, seen)
            before, open_reviews = exported(env), reviews(env)
            keys = [ci["key"] for ci in before["cis"]]
            if len(keys) < 2:
                return
            decision = decisions.merge(ROOT, env, rng.sample(keys, 2))
            assert len(exported(env)["cis"]) < len(keys)
            decisions.undo_decision(ROOT, env, decision.id)
            assert (exported(env), reviews(env)) == (before, open_reviews)

    check(world, 0.3, restores, words(), st.randoms(use_true_random=False))


def test_decisions_undone_in_any_order_restore_everything(world):
    def restores(make, said, rng):
        with make() as env:
            for source, seen in observed.runs(said, 3):
                hear(env, source, seen)
            before, open_reviews = exported(env), reviews(env)
            for _ in range(rng.randint(2, 6)):
                _decide(env, rng)
                if rng.random() < 0.2:
                    _undo_one(env, rng)
            while _undo_one(env, rng):
                pass
            assert (exported(env), reviews(env)) == (before, open_reviews)

    check(world, 0.6, restores, words(), st.randoms(use_true_random=False))


def _decide(env, rng):
    """Decide anything about the CIs there are."""
    cis = {ci["key"]: ci["aliases"] for ci in exported(env)["cis"]}
    if not cis:
        return
    key = rng.choice(sorted(cis))
    claims = [f"{one['source']}:{one['key']}" for one in cis[key]]
    with suppress(InvalidInput, NotFound):
        match rng.choice(["merge", "split", "pin", "ignore"]):
            case "merge":
                decisions.merge(ROOT, env, [key, rng.choice(sorted(cis))])
            case "split":
                decisions.split(ROOT, env, key, rng.sample(claims, rng.randint(1, len(claims))))
            case "pin":
                decisions.pin(ROOT, env, rng.choice(claims), rng.choice(sorted(cis)))
            case "ignore":
                decisions.ignore(ROOT, env, claims=[rng.choice(claims)])


def _undo_one(env, rng):
    """Undo any decision in force; whether there was one."""
    found = sorted(decisions.list_decisions(ROOT, env), key=lambda one: one.order)
    if found:
        decisions.undo_decision(ROOT, env, rng.choice(found).id)
    return bool(found)


def test_a_source_withdrawn_and_reinstated_changes_nothing(world):
    def restores(make, said, source):
        assume(source in {name for name, _ in said})
        with make() as env:
            for name, seen in observed.runs(said, 3):
                hear(env, name, seen)
            before = exported(env)
            sources.withdraw_source(ROOT, env, source)
            without = canonical(env)
            sources.withdraw_source(ROOT, env, source, withdrawn=False)
            assert exported(env) == before
        with make() as env:  # as if it had never spoken, but that its names are known
            for name, seen in observed.runs([w for w in said if w[0] != source], 3):
                hear(env, name, seen)
            assert _values(canonical(env)) == _values(without)

    check(world, 0.3, restores, words(), st.sampled_from(SOURCES))


def _values(content):
    return sorted(
        orjson.dumps([ci["type"], ci["status"], ci["attributes"]], option=orjson.OPT_SORT_KEYS)
        for ci in orjson.loads(content)["cis"]
    )


def test_a_dry_run_tells_what_happens_and_undo_restores(world):
    def tells(make, said, more, source):
        with make() as env:
            for name, seen in observed.runs(said, 3):
                hear(env, name, seen)
            before = exported(env)
            seen = {observed.name_of(one): one for _, one in more}
            for one in seen.values():
                one.observed_at += 1000.0
            planned = hear(env, source, list(seen.values()), run="bad", dry_run=True)
            assert exported(env) == before
            done = hear(env, source, list(seen.values()), run="bad")
            assert _steps(planned) == _steps(done)
            assert (planned.items, planned.relations) == (done.items, done.relations)
            assert planned.waiting == done.waiting
            if env.store.commits_of("bad"):
                runs.undo_run(ROOT, env, "bad")
            assert exported(env) == before

    check(world, 0.3, tells, words(), words(1, 6), st.sampled_from(SOURCES))


def test_undone_runs_are_as_if_they_had_never_been_made(world):
    check(world, 0.6, check_undoing, histories())


def test_a_rehearsal_answers_as_the_store_then_does(world):
    def answers(make, said, more):
        with make() as env:
            for name, seen in observed.runs(said, 3):
                hear(env, name, seen)
            stage = Environment(Rehearsal(env.store), lambda: NOW)
            outcomes = []
            for place in (stage, env):
                reports = [hear(place, name, seen) for name, seen in observed.runs(more, 2)]
                counted = [(one.items, one.relations, one.waiting) for one in reports]
                outcomes.append((counted, [_steps(one) for one in reports], _answers(place.store)))
            assert outcomes[0] == outcomes[1]

    check(world, 0.3, answers, words(), words(1, 8))


def _answers(store):
    """What a store says of the things that random observations speak of."""
    references = [*"abc", *(f"{s}:{k}" for s in SOURCES for k in "abc"), "n1", "n2", "dba", "dbb"]
    meant = store.candidates(references)
    items = store.items({key for kinds in meant.values() for keys in kinds for key in keys})
    claims = [
        c for name in SOURCES for kind in ("ci", "relation") for c in store.claims_of(kind, name)
    ]
    said = [(c.kind, c.name, c.stamp, c.body, c.founded, c.subject == NOBODY) for c in claims]
    return (
        meant,
        {key: one.content() for key, one in items.items()},
        said,
        store.documents("review"),
    )


def _steps(report):
    return sorted((one.action, one.kind, one.key, str(one.detail)) for one in report.steps)
