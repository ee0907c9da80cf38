"""The example estate is what it says: repeatable, complete, valid, and its demo failures hold."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import CMDBError
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.model import check_redundancy
from cmdb.schema.records import IN_GRAPH, STATUSES
from tests.reference.impact import BUILTIN_RULES, blast_radius, connectivity_not_evaluated

SCRIPT = Path(__file__).parents[2] / "examples" / "bank.py"
CATALOG = builtin_catalog()

COUNTS = {  # type and those below it: how many, from and to
    "ci": (2800, 3300),
    "site": (5, 5),
    "rack": (36, 60),
    "power_panel": (4, 20),
    "ups": (4, 20),
    "pdu": (60, 120),
    "server": (100, 140),
    "hypervisor": (30, 60),
    "virtual_machine": (200, 400),
    "network_device": (270, 330),
    "firewall": (12, 40),
    "load_balancer": (8, 20),
    "circuit": (20, 60),
    "storage": (4, 12),
    "endpoint": (1100, 1300),
    "printer": (40, 120),
    "database": (60, 100),
    "middleware": (60, 150),
    "web_server": (60, 120),
    "application": (30, 30),
    "business_service": (20, 30),
    "technical_service": (10, 20),
    "team": (10, 20),
    "person": (40, 80),
}


def _run(*arguments: str) -> bytes:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], check=True, capture_output=True
    ).stdout


@pytest.fixture(scope="module")
def text() -> bytes:
    return _run()


@pytest.fixture(scope="module")
def estate(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.fixture(scope="module")
def types(estate: dict[str, Any]) -> dict[str, str]:
    return {ci["key"]: ci["type"] for ci in estate["cis"]}


@pytest.fixture(scope="module")
def demo() -> list[str]:
    lines = [line.split("\t") for line in _run("--demo").decode().splitlines()]
    assert all(len(line) == 2 and line[1] for line in lines)
    return [key for key, _ in lines]


def test_every_run_gives_the_same_bytes(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bank.json"
    assert _run(str(path)) == b""
    assert path.read_bytes() == text


@pytest.mark.parametrize("name", COUNTS)
def test_counts_are_in_range(types: dict[str, str], name: str) -> None:
    low, high = COUNTS[name]
    assert low <= sum(CATALOG.is_a(t, name) for t in types.values()) <= high


def test_keys_are_unique_and_names_are_given(estate: dict[str, Any], types: dict[str, str]) -> None:
    assert len(types) == len(estate["cis"])
    assert all(ci["name"].strip() and ci["status"] in STATUSES for ci in estate["cis"])
    for name in ("application", "server", "endpoint", "business_service", "switch", "person"):
        names = [ci["name"] for ci in estate["cis"] if ci["type"] == name]
        assert len(names) == len(set(names))


def test_everything_has_an_owner_who_works_there(
    estate: dict[str, Any], types: dict[str, str]
) -> None:
    people = {ci["name"] for ci in estate["cis"] if ci["type"] == "person"}
    teams = {ci["name"] for ci in estate["cis"] if ci["type"] == "team"}
    for ci in estate["cis"]:
        assert ci["attributes"]["owner"] in people
        assert ci["attributes"]["support_team"] in teams
    owned = {r["from"] for r in estate["relations"] if r["type"] == "owned_by"}
    important = ("application", "service", "storage", "server", "cluster")
    assert {k for k, t in types.items() if any(CATALOG.is_a(t, i) for i in important)} <= owned


def test_every_ci_is_valid(estate: dict[str, Any]) -> None:
    errors: list[CMDBError] = []
    for ci in estate["cis"]:
        CATALOG.ci_type(ci["type"], ci["key"])
        CATALOG.check_attributes(ci["type"], ci["attributes"], ci["key"], errors)
        check_redundancy(ci.get("redundancy") or {}, ci["key"], errors)
    assert [str(error) for error in errors] == []


def test_every_relation_joins_what_it_may(estate: dict[str, Any], types: dict[str, str]) -> None:
    for relation in estate["relations"]:
        ends = tuple((relation[end], types[relation[end]]) for end in ("from", "to"))
        declared = CATALOG.relation_type(relation["type"], "relation")
        CATALOG.check_join(declared, (ends[0], ends[1]), "relation")
        assert relation["from"] != relation["to"]
        assert declared.impact != "link" or relation["from"] < relation["to"]


def test_relations_and_places_are_not_given_twice(estate: dict[str, Any]) -> None:
    identities = Counter(
        (r["from"], r["type"], r["to"], r.get("group")) for r in estate["relations"]
    )
    assert max(identities.values()) == 1
    for name in ("serial_number", "asset_tag"):
        seen = Counter(ci["attributes"].get(name) for ci in estate["cis"])
        del seen[None]
        assert max(seen.values()) == 1
    addresses = [a for ci in estate["cis"] for a in ci["attributes"].get("ip_addresses", ())]
    assert len(addresses) == len(set(addresses))


def test_racks_hold_what_is_in_them(estate: dict[str, Any], types: dict[str, str]) -> None:
    attributes = {ci["key"]: ci["attributes"] for ci in estate["cis"]}
    units: Counter[tuple[str, int]] = Counter()
    for relation in estate["relations"]:
        mounted = attributes[relation["from"]]
        if types[relation["to"]] == "rack" and "rack_position" in mounted:
            low = mounted["rack_position"]
            for unit in range(low, low + mounted["rack_height"]):
                assert 1 <= unit <= 42
                units[relation["to"], unit] += 1
    assert max(units.values()) == 1


def test_every_need_has_a_group_that_can_meet_it(estate: dict[str, Any]) -> None:
    members: Counter[tuple[str, str]] = Counter()
    for relation in estate["relations"]:
        rule = BUILTIN_RULES[relation["type"]]
        group = relation.get("group") or rule.group
        if group:
            dependent = "to" if rule.impact == "from→to" else "from"
            members[relation[dependent], group] += 1
    for ci in estate["cis"]:
        for group, setting in (ci.get("redundancy") or {}).items():
            need = setting["need"]
            assert members[ci["key"], group] >= (need if isinstance(need, int) else 1)


def test_machines_in_racks_have_two_supplies(estate: dict[str, Any], types: dict[str, str]) -> None:
    supplies = Counter(r["from"] for r in estate["relations"] if r["type"] == "powered_by")
    for relation in estate["relations"]:
        if relation["type"] == "located_in" and types[relation["to"]] == "rack":
            expected = 1 if types[relation["from"]] == "pdu" else 2
            assert supplies[relation["from"]] == expected


# --- the demo, by the reference ----------------------------------------------------------------


@pytest.fixture(scope="module")
def smaller(estate: dict[str, Any]) -> dict[str, Any]:
    """Without most of the things at the end of a single line, which change nothing for others."""
    leaves = {"endpoint", "printer", "camera", "access_point"}
    gone = {
        ci["key"]
        for ci in estate["cis"]
        if (ci["type"] in leaves and not ci["key"].endswith("-001")) or ci["status"] not in IN_GRAPH
    }
    return {
        "cis": [ci for ci in estate["cis"] if ci["key"] not in gone],
        "relations": [r for r in estate["relations"] if not {r["from"], r["to"]} & gone],
    }


def _outcome(
    estate: dict[str, Any], types: dict[str, str], key: str
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many CIs, how many services by state, and how many causes by rule."""
    rows = blast_radius(estate, BUILTIN_RULES, [{"key": key}])
    services = [row["state"] for row in rows if CATALOG.is_a(types[row["key"]], "service")]
    rules = Counter(row["causes"][0]["rule"] for row in rows)
    return Counter(row["state"] for row in rows), Counter(services), rules


def test_with_nothing_failed_all_is_well(smaller: dict[str, Any]) -> None:
    assert blast_radius(smaller, BUILTIN_RULES, []) == []
    assert connectivity_not_evaluated(smaller, BUILTIN_RULES) == 0


def test_demo_redundancy_holds(
    smaller: dict[str, Any], types: dict[str, str], demo: list[str]
) -> None:
    states, services, _ = _outcome(smaller, types, demo[0])
    assert states["at_risk"] > 300
    assert services["at_risk"] > 20
    assert not services["down"] + services["degraded"]


def test_demo_redundancy_is_lost(
    smaller: dict[str, Any], types: dict[str, str], demo: list[str]
) -> None:
    _, services, rules = _outcome(smaller, types, demo[1])
    assert services["down"] >= 5
    assert rules["redundancy"] > 0


def test_demo_is_cut_off(smaller: dict[str, Any], types: dict[str, str], demo: list[str]) -> None:
    states, services, rules = _outcome(smaller, types, demo[2])
    assert states["down"] >= 20
    assert set(rules) == {"connectivity"}
    assert not services


@pytest.mark.nightly
def test_demo_on_the_whole_estate(
    estate: dict[str, Any], types: dict[str, str], demo: list[str]
) -> None:
    assert len(demo) == 3
    states, services, rules = _outcome(estate, types, demo[2])
    assert states["down"] > 150
    assert set(rules) == {"connectivity"}
    assert not services
