"""Root causes: as brute force on the reference weighs them, and numbers that add up."""

import math
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cmdb.impact.building import build
from cmdb.impact.states import DEGRADED, DOWN, STATES
from cmdb.root_cause.answer import Answer
from cmdb.root_cause.diagnosis import diagnose
from cmdb.root_cause.evidence import (
    ALERT,
    CHANGE,
    DISCOVERY,
    FAILURE,
    MAINTENANCE,
    Event,
    Evidence,
    Symptom,
)
from cmdb.root_cause.likelihood import log_gamma
from cmdb.root_cause.looks import doubt, looks
from cmdb.root_cause.priors import TYPE_ODDS
from cmdb.schema.catalog import builtin_catalog
from tests.reference import impact as reference_impact
from tests.reference import root_cause as reference
from tests.reference.estates import estates
from tests.topologies import topology

NOW = 1_800_000_000.0
CATALOG = builtin_catalog()
ODDS = {
    name: next(
        (TYPE_ODDS[one] for one in CATALOG.ancestors.get(name, (name,)) if one in TYPE_ODDS), 1.0
    )
    for name in CATALOG.ci_types
}
GAIN = {CHANGE: ("changes", 20.0), DISCOVERY: ("changes", 10.0), FAILURE: ("failures", 1.0)}


@st.composite
def questions(draw):
    """An estate with symptoms, healthy CIs and events on it."""
    estate = draw(estates())
    live = [
        ci["key"]
        for ci in estate["cis"]
        if (ci.get("status") or "live") in reference_impact.STATUSES_IN_GRAPH
    ]
    assume(live)
    chosen = draw(st.permutations(live))
    count = draw(st.integers(1, min(6, len(live))))
    symptoms = {
        key: (
            draw(st.sampled_from([None, "at_risk", "degraded", "down"])),
            draw(st.sampled_from([None, NOW, NOW + 60, NOW + 600, NOW - 600])),
        )
        for key in chosen[:count]
    }
    healthy = chosen[count : count + draw(st.integers(0, 4))]
    events = draw(
        st.lists(
            st.tuples(st.sampled_from(live), st.sampled_from(sorted(GAIN)), st.booleans()),
            max_size=4,
        )
    )
    onset = min((at for _, at in symptoms.values() if at is not None), default=NOW)
    gains: dict[str, dict[str, float]] = {}
    for key, kind, before in events:
        name, gain = GAIN[kind]
        if before:
            mine = gains.setdefault(key, {})
            mine[name] = min(mine.get(name, 0.0) + gain, 60.0)
    asked = reference.Question(estate, symptoms, healthy, gains, ODDS)
    return asked, [(key, kind, onset if before else onset + 3600) for key, kind, before in events]


def asked_of(question, events):
    snapshot = build(topology(question.estate), CATALOG)
    evidence = Evidence(
        [
            Symptom(snapshot.known(key), STATES.index(state) if state else 0, since)
            for key, (state, since) in question.symptoms.items()
        ],
        [snapshot.known(key) for key in question.healthy],
        [Event(snapshot.known(key), at, kind) for key, kind, at in events],
        NOW,
    )
    return snapshot, evidence


def providers_of(snapshot, keys):
    return {
        key: {snapshot.key(one) for one, _, _ in snapshot.graph.incoming(snapshot.known(key))}
        for key in keys
    }


@settings(max_examples=150, deadline=None)
@given(asked=questions())
def test_weights_are_those_of_brute_force(asked):
    question, events = asked
    snapshot, evidence = asked_of(question, events)
    found = diagnose(snapshot, evidence)
    live = [ci["key"] for ci in question.live()]
    providers = providers_of(snapshot, live)
    for hypothesis, probability in found.hypotheses:
        cause = tuple((snapshot.key(ci), STATES[state]) for ci, state in hypothesis)
        expected = reference.weight(question, cause, providers)
        assert math.log(probability / found.outside) == pytest.approx(expected, abs=1e-6)
    alone = {one[0] for one, _ in found.hypotheses if len(one) == 1}
    for key in live:
        if reference.reaches(question, key):
            assert {(snapshot.known(key), DOWN), (snapshot.known(key), DEGRADED)} <= alone
    assert found.left == 0
    assert found.complete


@settings(max_examples=150, deadline=None)
@given(asked=questions())
def test_what_is_stated_adds_up(asked):
    question, events = asked
    snapshot, evidence = asked_of(question, events)
    found = diagnose(snapshot, evidence)
    assert sum(found.scores.values()) + found.unseen + found.outside == pytest.approx(1.0)
    total = sum(p for _, p in found.hypotheses) + found.unseen + found.outside
    assert total == pytest.approx(1.0)
    answer = Answer(found, NOW, limit=5).content()
    shown = sum(one["score"] for one in answer["candidates"])
    assert shown + answer["rest"] + answer["outside"] == pytest.approx(1.0)
    assert len(answer["candidates"]) == min(5, len(found.scores))
    arcs = {
        (snapshot.key(provider), snapshot.key(ci))
        for ci in range(snapshot.graph.size)
        for provider, _, _ in snapshot.graph.incoming(ci)
    }
    linked = {snapshot.key(int(ci)) for ci in snapshot.network.ci}
    for one in answer["candidates"]:
        stated = math.exp(sum(factor["weight"] for factor in one["factors"]))
        assert stated == pytest.approx(one["score"] / answer["outside"], rel=1e-6)
        assert math.exp(one["weight"]) == pytest.approx(stated, rel=1e-6)
        assert sorted([*one["explains"], *one["unexplained"]]) == sorted(question.symptoms)
        assert set(one["contradicts"]) <= set(question.healthy)
        assert one["paths"].keys() == set(one["explains"])
        for symptom, path in one["paths"].items():
            assert (path[0], path[-1]) == (one["key"], symptom)
            for step in pairwise(path):
                assert step in arcs or set(step) <= linked
        failed = [{"key": one["key"], "state": one["state"]}]
        states = reference_impact.states(question.estate, reference_impact.BUILTIN_RULES, failed)
        assert all(states[key] != "ok" for key in one["explains"])
        assert all(states[key] in ("degraded", "down") for key in one["contradicts"])


@settings(max_examples=100, deadline=None)
@given(asked=questions())
def test_looks_tell_what_they_say(asked):
    question, events = asked
    snapshot, evidence = asked_of(question, events)
    found = diagnose(snapshot, evidence)
    known = set(evidence.watched)
    wanted = looks(found)
    assert not known & {look.ci for look in wanted}
    assert sorted((-look.gain, look.ci) for look in wanted) == [
        (-look.gain, look.ci) for look in wanted
    ]
    for look in wanted:
        assert 0 < look.gain <= min(1.0, doubt(found)) + 1e-9
        assert 0 < look.unhealthy < 1


def estate_of(*relations, types=None, roots=()):
    keys = dict.fromkeys(key for one in relations for key in (one[0], one[2]))
    types = types or {}
    return {
        "cis": [
            {"key": key, "type": types.get(key, "server"), "network_root": key in roots}
            for key in keys
        ],
        "relations": [
            {"from": one[0], "type": one[1], "to": one[2], **(one[3] if len(one) > 3 else {})}
            for one in relations
        ],
    }


def found_in(estate, symptoms, healthy=(), events=()):
    question = reference.Question(estate, dict.fromkeys(symptoms, (None, None)), healthy)
    snapshot, evidence = asked_of(question, events)
    return snapshot, diagnose(snapshot, evidence)


def first(snapshot, found):
    return snapshot.key(next(iter(found.scores)))


SHOP = estate_of(
    *[(f"web-{i}", "depends_on", "app-1") for i in range(3)],
    *[(f"web-{i}", "depends_on", "app-2") for i in range(3, 6)],
    ("app-1", "depends_on", "db-1"),
    ("app-2", "depends_on", "db-1"),
    ("app-2", "depends_on", "db-2"),
)


def test_the_cause_is_what_all_symptoms_share_and_nothing_healthy_needs():
    snapshot, found = found_in(SHOP, ["web-0", "web-1", "web-2"], ["web-3", "web-4"])
    assert first(snapshot, found) == "app-1"
    snapshot, found = found_in(SHOP, ["web-0", "web-1", "web-2", "web-3", "web-4"])
    assert first(snapshot, found) == "db-1"


def test_what_is_healthy_clears_a_suspect():
    snapshot, before = found_in(SHOP, ["web-0", "web-1"])
    _, after = found_in(SHOP, ["web-0", "web-1"], ["app-1"])
    suspect = snapshot.known("app-1")
    assert after.scores[suspect] < before.scores[suspect] / 2


def test_a_change_before_the_onset_counts_and_one_after_does_not():
    symptoms = ["web-0", "web-1", "web-2"]
    scores = {}
    for name, at in (("before", NOW - 600), ("old", NOW - 30 * 86_400), ("after", NOW + 3600)):
        snapshot, found = found_in(SHOP, symptoms, events=[("db-1", CHANGE, at)])
        scores[name] = found.scores[snapshot.known("db-1")]
    snapshot, found = found_in(SHOP, symptoms)
    scores["none"] = found.scores[snapshot.known("db-1")]
    assert scores["before"] > 3 * scores["none"]
    assert scores["old"] == pytest.approx(scores["none"], rel=0.01)
    assert scores["after"] == scores["none"]


@pytest.mark.parametrize("kind", [DISCOVERY, ALERT, FAILURE, MAINTENANCE])
def test_every_kind_of_event_raises_the_odds(kind):
    snapshot, before = found_in(SHOP, ["web-0", "web-1", "web-2"])
    _, after = found_in(SHOP, ["web-0", "web-1", "web-2"], events=[("app-1", kind, NOW)])
    suspect = snapshot.known("app-1")
    assert after.scores[suspect] > before.scores[suspect]


def test_two_causes_are_found_together():
    estate = estate_of(
        *[(f"web-{i}", "depends_on", f"app-{i // 4}") for i in range(24)],
        *[(f"app-{i}", "depends_on", "db-1") for i in range(6)],
    )
    symptoms = [f"web-{i}" for i in (0, 1, 2, 3, 16, 17, 18, 19)]
    healthy = [f"web-{i}" for i in range(24) if f"web-{i}" not in symptoms]
    snapshot, found = found_in(estate, symptoms, healthy)
    (cis, probability), *_ = found.combinations
    assert {snapshot.key(ci) for ci in cis} == {"app-0", "app-4"}
    assert probability > 0.5
    assert {snapshot.key(ci) for ci in list(found.scores)[:2]} == {"app-0", "app-4"}


def test_a_redundant_pair_is_found_where_neither_alone_explains():
    group = {"group": "nodes"}
    estate = estate_of(
        *[(f"web-{i}", "depends_on", "pool") for i in range(8)],
        ("pool", "depends_on", "node-1", group),
        ("pool", "depends_on", "node-2", group),
        *[(f"other-{i}", "depends_on", f"node-{i + 3}") for i in range(8)],
    )
    symptoms = ["node-1", "node-2", *[f"web-{i}" for i in range(8)]]
    snapshot, found = found_in(estate, symptoms, ["other-1"])
    sets = [{snapshot.key(ci) for ci in cis} for cis, _ in found.combinations]
    assert {"node-1", "node-2"} in sets


def test_a_switch_that_cuts_off_is_a_cause():
    estate = estate_of(
        ("core", "connects_to", "left"),
        ("left", "connects_to", "far"),
        *[("far", "connects_to", f"server-{i}") for i in range(4)],
        *[("core", "connects_to", f"near-{i}") for i in range(4)],
        roots=("core",),
    )
    symptoms = ["far", *[f"server-{i}" for i in range(4)]]
    _, found = found_in(estate, symptoms, [f"near-{i}" for i in range(4)])
    answer = Answer(found, NOW).content()
    assert {one["key"] for one in answer["candidates"][:2]} == {"left", "far"}
    left = next(one for one in answer["candidates"] if one["key"] == "left")
    assert left["paths"]["server-0"][0] == "left"
    # whether the switch between is well tells the two apart
    assert answer["next"][0]["key"] == "left"


def test_times_tell_cause_from_effect():
    estate = estate_of(("app", "depends_on", "db"), ("web", "depends_on", "app"))
    sooner = {"db": ("down", NOW), "app": ("down", NOW + 300), "web": ("down", NOW + 600)}
    later = {"db": ("down", NOW + 600), "app": ("down", NOW), "web": ("down", NOW + 600)}
    scores = []
    for symptoms in (sooner, later):
        snapshot, evidence = asked_of(reference.Question(estate, symptoms), [])
        scores.append(diagnose(snapshot, evidence).scores[snapshot.known("db")])
    assert scores[0] > scores[1]


def test_log_gamma():
    x = np.array([0.3, 0.5, 1.0, 2.0, 7.5, 100.0, 1e6])
    assert log_gamma(x) == pytest.approx([math.lgamma(one) for one in x], abs=1e-8)


@settings(max_examples=30, deadline=None)
@given(asked=questions())
def test_no_likely_pair_is_overlooked(asked):
    """Nothing in all pairs is much better than the best that was found."""
    question, events = asked
    snapshot, evidence = asked_of(question, events)
    found = diagnose(snapshot, evidence)
    keys = [snapshot.key(ci) for ci in found.scores]
    providers = providers_of(snapshot, keys)
    best = max(found.hypotheses, key=lambda one: one[1])[1]
    for pair in combinations(sorted(keys), 2):
        cause = tuple((key, "down") for key in pair)
        weight = reference.weight(question, cause, providers)
        assert weight <= math.log(max(best, found.outside) / found.outside) + 1.0


def test_only_the_most_promising_of_many_are_computed():
    """More CIs could be the cause than are looked at; the true one is among those that are."""
    providers = [(f"app-{i}", "depends_on", f"db-{i}-{k}") for i in range(60) for k in range(12)]
    estate = estate_of(
        *providers,
        *[(f"web-{i}-{k}", "depends_on", f"app-{i}") for i in range(60) for k in range(3)],
    )
    symptoms = [f"web-{i}-0" for i in range(60)] + ["web-7-1", "web-7-2"]
    healthy = [f"web-{i}-1" for i in range(60) if i != 7]
    snapshot, found = found_in(estate, symptoms, healthy)
    assert found.left > 0
    assert found.unseen > 0
    upstream = 60 + 60 * 12 + len(symptoms)
    assert len(found.scores) + found.left == upstream
    assert sum(found.scores.values()) + found.unseen + found.outside == pytest.approx(1.0)
    assert snapshot.known("app-7") in found.scores
