"""The reference of the impact semantics, on examples worked out by hand."""

from typing import Any

import pytest
from hypothesis import given, settings

from tests.reference.estates import ALL_RULES, cases
from tests.reference.impact import (
    BUILTIN_RULES,
    RANK,
    RelationRule,
    blast_radius,
    connectivity_not_evaluated,
    resolve_need,
    states,
)

Json = dict[str, Any]


def estate(*relations: str, roots: str = "", **cis: Json) -> Json:
    """Build an estate of "from type to [group]" lines; cis gives attributes of some CIs."""
    lines = [line.split() for line in relations]
    keys = {key for line in lines for key in (line[0], line[2])} | set(cis) | set(roots.split())
    return {
        "cis": [
            {"key": key, "type": "server", "network_root": key in roots.split(), **cis.get(key, {})}
            for key in sorted(keys)
        ],
        "relations": [
            {"from": start, "type": name, "to": end, "group": group[0] if group else None}
            for start, name, end, *group in lines
        ],
    }


def links(*pairs: str, roots: str) -> Json:
    """Build an estate of links, each written "a-b"."""
    return estate(*(pair.replace("-", " connects_to ") for pair in pairs), roots=roots)


def failed(text: str) -> list[Json]:
    """Read failures written "a b=degraded"."""
    pairs = [word.partition("=") for word in text.split()]
    return [{"key": key, "state": state or "down"} for key, _, state in pairs]


def rows(graph: Json, text: str) -> dict[str, Json]:
    """Return the answer by key."""
    return {row["key"]: row for row in blast_radius(graph, BUILTIN_RULES, failed(text))}


def short(graph: Json, text: str) -> dict[str, tuple[str, int]]:
    """Return state and distance by key, in the order of the answer."""
    return {key: (row["state"], row["distance"]) for key, row in rows(graph, text).items()}


def named(row: Json) -> list[tuple[str, str]]:
    """Return what the cause of a row names."""
    return [(one["key"], one["state"]) for one in row["causes"][0]["from"]]


def needing(need: int | str, group: str = "a") -> Json:
    """Return the attributes of a CI that needs so many of a group."""
    return {"redundancy": {group: {"need": need}}}


# --- rule 1 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "provider", "dependent"),
    [
        ("depends_on", "down", "down"),
        ("depends_on", "degraded", "degraded"),
        ("depends_on", "at_risk", "at_risk"),
        ("uses", "down", "degraded"),
        ("uses", "degraded", "at_risk"),
        ("uses", "at_risk", "ok"),
        ("replica_of", "down", "ok"),
    ],
)
def test_dependency_table(relation: str, provider: str, dependent: str) -> None:
    graph = estate(f"app {relation} db")
    assert states(graph, BUILTIN_RULES, failed(f"db={provider}"))["app"] == dependent
    assert states(graph, BUILTIN_RULES, failed(f"app={provider}"))["db"] == "ok"


def test_strength_of_one_relation_and_parallel_relations() -> None:
    # The override makes the only relation soft; a parallel hard one decides again.
    graph = estate("app depends_on db")
    graph["relations"][0]["strength"] = "soft"
    assert short(graph, "db") == {"app": ("degraded", 1)}
    graph["relations"].append({"from": "app", "type": "depends_on", "to": "db", "id": "2"})
    assert short(graph, "db") == {"app": ("down", 1)}


def test_impact_both_and_its_group_is_ignored() -> None:
    rules = {"pair": RelationRule("both", "soft", group="g", need=1)}
    graph = estate("a pair b h")
    assert states(graph, rules, failed("a")) == {"a": "down", "b": "degraded"}
    assert states(graph, rules, failed("b")) == {"a": "degraded", "b": "down"}


def test_loop_rises_to_one_answer() -> None:
    # Round 1: c (uses a, down -> degraded). Round 2: b. Round 3: c would get degraded: no rise.
    graph = estate("c uses a", "b depends_on c", "c depends_on b", "b depends_on b")
    assert short(graph, "a") == {"c": ("degraded", 1), "b": ("degraded", 2)}


def test_outside_the_graph() -> None:
    # m is retired: neither fails nor passes anything on; a failure on it is an error.
    graph = estate("a depends_on m", "m depends_on z", m={"status": "retired"}, z={"status": None})
    assert states(graph, BUILTIN_RULES, failed("z")) == {"a": "ok", "z": "down"}
    for text in ("m", "nobody", "z=broken"):
        with pytest.raises(ValueError, match="no such failure"):
            states(graph, BUILTIN_RULES, failed(text))


def test_statuses_in_the_graph() -> None:
    inside = ("live", "in_deployment", "in_maintenance", "missing")
    outside = ("planned", "ordered", "in_stock", "retired", "disposed")
    cis = [{"key": status, "type": "server", "status": status} for status in inside + outside]
    graph = {"cis": cis, "relations": []}
    assert set(states(graph, BUILTIN_RULES, [])) == set(inside)


def test_same_key_twice_and_a_failed_ci_that_rises() -> None:
    # a: the worse of degraded and at_risk. b was given at_risk and ends degraded, so it is listed;
    # a ends as given, so it is not.
    graph = estate("b depends_on a")
    assert short(graph, "a=degraded a=at_risk b=at_risk") == {"b": ("degraded", 1)}


def test_distance_and_cause_concern_the_final_state() -> None:
    # x: degraded in round 1 (uses a), down in round 2 (depends on b, which depends on a).
    graph = estate("x uses a", "x depends_on b", "b depends_on a", "y depends_on x")
    answer = rows(graph, "a")
    assert [(k, r["state"], r["distance"]) for k, r in answer.items()] == [
        ("b", "down", 1),
        ("x", "down", 2),
        ("y", "down", 3),
    ]
    assert answer["x"]["causes"] == [
        {"rule": "dependency", "relation": "depends_on", "from": [{"key": "b", "state": "down"}]}
    ]
    assert answer["y"]["path"] == ["a", "b", "x", "y"]


def test_first_of_several_causes() -> None:
    # Dependency before redundancy; then relation name (depends_on < runs_on); then code points:
    # "B" (U+0042) < "b" (U+0062) < "核" (U+6838).
    graph = estate(
        "x runs_on A", "x depends_on 核", "x depends_on b", "x depends_on B", "x depends_on C aa"
    )
    assert named(rows(graph, "A b B C 核")["x"]) == [("B", "down")]
    assert named(rows(graph, "A b C 核")["x"]) == [("b", "down")]
    assert named(rows(graph, "A C 核")["x"]) == [("核", "down")]
    assert named(rows(graph, "A C")["x"]) == [("A", "down")]
    # Order of rows: state, distance, key by code point.
    graph = estate("é depends_on x", "Z depends_on x", "a depends_on x", "Y depends_on a")
    assert list(rows(graph, "x")) == ["Z", "a", "é", "Y"]


# --- rule 2 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "state"),
    [
        ("m1", "at_risk"),  # up 2, healthy 2
        ("m1 m2", "down"),  # up 1
        ("m1 m2=degraded", "degraded"),  # up 2, healthy 1
        ("m1=degraded m2=degraded", "degraded"),  # up 3, healthy 1
        ("m1=degraded", "at_risk"),  # up 3, healthy 2
        ("m1=at_risk m2=at_risk m3=at_risk", "at_risk"),  # up 3, healthy 3
    ],
)
def test_two_of_three(failures: str, state: str) -> None:
    # The members come by two relation types and one of them twice; n is still 3.
    graph = estate(
        "x depends_on m1 a", "x uses m2 a", "x uses m3 a", "x depends_on m3 a", x=needing(2)
    )
    assert states(graph, BUILTIN_RULES, failed(failures))["x"] == state


@pytest.mark.parametrize(
    ("need", "n", "expected"),
    [
        *((1, 3, 1), (5, 3, 3), ("50%", 3, 2), ("50%", 4, 2), ("1%", 3, 1)),
        *(("100%", 3, 3), ("7%", 100, 7), ("67%", 3, 3), ("34%", 3, 2), ("33%", 3, 1)),
    ],
)
def test_need(need: int | str, n: int, expected: int) -> None:
    assert resolve_need(need, n) == expected


@pytest.mark.parametrize("need", [0, -1, True, 1.5, "0%", "101%", "50", "5.5%", "50 %", None])
def test_need_refused(need: Any) -> None:
    with pytest.raises(ValueError, match="not a need"):
        resolve_need(need, 3)


def test_default_groups() -> None:
    # Power: one of two feeds is enough. Members: the cluster is the `to` end.
    graph = estate("s powered_by u1", "s powered_by u2", "n1 member_of c", "n2 member_of c")
    assert short(graph, "u1 n1") == {"c": ("at_risk", 1), "s": ("at_risk", 1)}
    assert short(graph, "u1 u2 n1 n2") == {"c": ("down", 1), "s": ("down", 1)}


def test_group_of_a_relation_overrides_the_default() -> None:
    # u1 and u2 are in groups of their own, so either is needed; so is n1 in group "b" of c.
    graph = estate("s powered_by u1 a", "s powered_by u2", "n1 member_of c b", "n2 member_of c")
    assert short(graph, "u1 n1") == {"c": ("down", 1), "s": ("down", 1)}
    assert rows(graph, "u1")["s"]["causes"] == [
        {"rule": "redundancy", "group": "a", "from": failed("u1")}
    ]


def test_greatest_default_need_of_the_types() -> None:
    # cool1 says 1, cool2 says 50% of 4 = 2: need 2. What the dependent says comes first.
    rules = {"cool1": RelationRule("to→from", group="g", need=1)}
    rules["cool2"] = RelationRule("to→from", group="g", need="50%")
    lines = ("x cool1 a", "x cool1 b", "x cool2 c", "x cool2 d")
    assert states(estate(*lines), rules, failed("a b c"))["x"] == "down"
    assert states(estate(*lines), rules, failed("a b"))["x"] == "at_risk"
    assert states(estate(*lines, x=needing(1, "g")), rules, failed("a b c"))["x"] == "at_risk"


def test_need_beyond_the_members_and_for_no_group() -> None:
    # need 9 of n = 1 is need 1; the second member is x itself, the third is outside the graph.
    graph = estate(
        "x uses m a", "x uses x a", "x uses gone a", x=needing(9), gone={"status": "planned"}
    )
    assert short(graph, "m=at_risk") == {"x": ("at_risk", 1)}
    assert states(graph, BUILTIN_RULES, []) == {"m": "ok", "x": "ok"}
    assert states(estate(x=needing(2, "none")), BUILTIN_RULES, []) == {"x": "ok"}


def test_redundancy_names_the_fewest_that_fell_earliest() -> None:
    # x needs 2 of 4: 3 down members make it fall. d, c fell in round 0; a, b in round 1 (on c).
    # Round 2 sees all four: d and c first (least key first), then a.
    graph = estate("x uses a g", "x uses b g", "x uses c g", "x uses d g", x=needing(2, "g"))
    graph["relations"] += estate("a depends_on c", "b depends_on c")["relations"]
    row = rows(graph, "d c")["x"]
    assert (row["state"], row["distance"]) == ("down", 2)
    assert (row["causes"][0]["rule"], row["causes"][0]["group"]) == ("redundancy", "g")
    assert named(row) == [("c", "down"), ("d", "down"), ("a", "down")]
    # The least named key is a, down since round 1 by c.
    assert row["path"] == ["c", "a", "x"]


def test_redundancy_names_the_state_that_the_reason_needs() -> None:
    # x needs 2 of 4. p, r down and q degraded: up 2, healthy 1 -> degraded, which takes 3 members
    # that are degraded or worse. One at_risk member is enough for at_risk: the least key.
    graph = estate("x uses p g", "x uses q g", "x uses r g", "x uses s g", x=needing(2, "g"))
    row = rows(graph, "p q=degraded r")["x"]
    assert row["state"] == "degraded"
    assert named(row) == [("p", "degraded"), ("q", "degraded"), ("r", "degraded")]
    assert named(rows(graph, "s q")["x"]) == [("q", "at_risk")]


# --- rule 3 ------------------------------------------------------------------------------------


def test_ring_cut_once_and_twice() -> None:
    # r is on every path of b anyway; without a, so is c. Without a and c, b is cut off.
    ring = links("r-a", "a-b", "b-c", "c-r", roots="r")
    assert rows(ring, "a") == {
        "b": {
            "key": "b",
            "state": "at_risk",
            "distance": 1,
            "causes": [
                {
                    "rule": "connectivity",
                    "from": [{"key": "a", "state": "down"}],
                    "hangs_on": "c",
                }
            ],
            "path": ["a", "b"],
        }
    }
    answer = rows(ring, "c a")
    assert short(ring, "c a") == {"b": ("down", 1)}
    assert named(answer["b"]) == [("a", "down"), ("c", "down")]
    assert answer["b"]["causes"][0]["hangs_on"] is None
    # Only down stops links.
    assert rows(ring, "a=degraded c=at_risk") == {}


def test_two_roots() -> None:
    # With r1 gone x hangs on r2: roots are included. Roots themselves are not judged.
    graph = links("x-r1", "x-r2", roots="r1 r2")
    row = rows(graph, "r1")["x"]
    assert (row["state"], row["causes"][0]["hangs_on"]) == ("at_risk", "r2")
    assert short(graph, "r1 r2") == {"x": ("down", 1)}
    assert short(graph, "x") == {}


def test_hangs_on_is_the_nearest_and_the_border_ends_there() -> None:
    # x =(p|q)= m =(s|t)= r without p and s: x newly hangs on q and t, the nearest is q, and all x
    # reaches without q is x, next to p. m newly hangs on t; without t it reaches m, q, x.
    graph = links("x-p", "x-q", "p-m", "q-m", "m-s", "m-t", "s-r", "t-r", roots="r")
    answer = rows(graph, "p s")
    assert list(answer) == ["m", "q", "x"]
    assert {row["state"] for row in answer.values()} == {"at_risk"}
    assert answer["x"]["causes"][0]["hangs_on"] == "q"
    assert named(answer["x"]) == [("p", "down")]
    assert answer["m"]["causes"][0]["hangs_on"] == "t"
    assert named(answer["m"]) == named(answer["q"]) == [("p", "down"), ("s", "down")]


def test_border_is_next_to_what_is_still_reached() -> None:
    # r - a - b - c - d without a and c: b sees both, d sees c only.
    answer = rows(links("r-a", "a-b", "b-c", "c-d", roots="r"), "c a")
    assert named(answer["b"]) == [("a", "down"), ("c", "down")]
    assert named(answer["d"]) == [("c", "down")]


def test_not_judged() -> None:
    # i - j reach no root; lone has no link; the only root of the others is retired.
    graph = estate(
        "i connects_to j", "x connects_to old", "x connects_to y", "lone connects_to lone",
        roots="old other", old={"status": "retired"},
    )  # fmt: skip
    assert short(graph, "i x") == {}
    assert connectivity_not_evaluated(graph, BUILTIN_RULES) == 4


def test_down_by_another_rule_stops_links() -> None:
    # Round 1: sw loses power. Round 2: x is cut off. Round 3: app.
    graph = estate(
        "x connects_to sw", "sw connects_to r", "sw powered_by u", "app runs_on x", roots="r"
    )
    assert short(graph, "u") == {"sw": ("down", 1), "x": ("down", 2), "app": ("down", 3)}
    assert rows(graph, "u")["app"]["path"] == ["u", "sw", "x", "app"]


def test_path_takes_the_cause_of_the_round_that_the_step_names() -> None:
    # b is degraded in round 1 (uses p) and down in round 3 (q, then n, then b). c uses b and was
    # at_risk in round 2, degraded in round 4. d's group falls to at_risk in round 2, by b being
    # at least at_risk since round 1, so the path of d goes by p; that of c goes by q.
    graph = estate(
        "b uses p", "b depends_on n", "n depends_on o", "o depends_on q", "c uses b", "d uses b g",
        "d uses k g",
    )  # fmt: skip
    answer = rows(graph, "p q")
    assert (answer["b"]["distance"], answer["c"]["distance"]) == (3, 4)
    assert answer["c"]["path"] == ["q", "o", "n", "b", "c"]
    assert (answer["d"]["state"], answer["d"]["distance"]) == ("at_risk", 2)
    assert answer["d"]["path"] == ["p", "b", "d"]


# --- the answer as a whole ---------------------------------------------------------------------


def test_example_of_the_interface() -> None:
    graph = estate("app-1 depends_on db-1", "db-1 connects_to sw-1", roots="sw-1")
    cut_off = {"rule": "connectivity", "from": failed("sw-1"), "hangs_on": None}
    needs = {"rule": "dependency", "relation": "depends_on", "from": failed("db-1")}
    assert blast_radius(graph, BUILTIN_RULES, failed("sw-1")) == [
        {"key": "db-1", "state": "down", "distance": 1, "causes": [cut_off]}
        | {"path": ["sw-1", "db-1"]},
        {"key": "app-1", "state": "down", "distance": 2, "causes": [needs]}
        | {"path": ["sw-1", "db-1", "app-1"]},
    ]


@settings(max_examples=300, deadline=None)
@given(cases(extra_types=True))
def test_what_is_named_is_enough(case: tuple[Json, list[Json]]) -> None:
    """Failing just the named CIs gives at least the state; paths start at a failed CI."""
    graph, failures = case
    final = states(graph, ALL_RULES, failures)
    for row in blast_radius(graph, ALL_RULES, failures):
        alone = states(graph, ALL_RULES, row["causes"][0]["from"])
        assert RANK[alone[row["key"]]] >= RANK[row["state"]]
        assert row["state"] == final[row["key"]]
        assert row["path"][0] in {failure["key"] for failure in failures}
        assert row["path"][-1] == row["key"]
        assert len(row["path"]) == len(set(row["path"])) <= row["distance"] + 1
