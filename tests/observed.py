"""Random observations of four sources that know the same few things, and what they come to."""

from dataclasses import replace
from typing import Any

import orjson
from hypothesis import strategies as st

from cmdb.identity.observation import Alias, Observation, ObservedItem, ObservedRelation
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.reports import export_estate
from cmdb.services.run_report import IngestReport

ROOT = Actor("root", frozenset({"administrator"}))
SOURCES = ("netbox", "glpi", "nmap", "x")
KEYS = st.sampled_from("abc")
NOW = 1e6

Word = tuple[str, Observation]
"""A source, and what it saw; the time of observation is in it."""

SERIALS = st.sampled_from(["S1001", "S1002", "S1003", "None"])
MACS = st.sampled_from([f"00:1a:2b:00:00:0{n}" for n in range(4)])
UUIDS = st.sampled_from([f"4c4c4544-0044-4810-8031-b4c04f33333{n}" for n in range(3)])
ENGINES = st.sampled_from(["80001f88aabb01", "80001f88aabb02"])


@st.composite
def machines(draw: Any) -> ObservedItem:
    """A machine that may be recognised by several identifiers, or by none."""
    ci_type = draw(st.sampled_from(["server", "device", "switch", "unclassified", "server"]))
    attributes: dict[str, Any] = {}
    if draw(st.booleans()):
        attributes |= {"serial_number": draw(SERIALS), "vendor": "Dell"}
    if draw(st.booleans()):
        attributes["mac_addresses"] = draw(st.lists(MACS, min_size=1, max_size=2, unique=True))
    if draw(st.integers(0, 3)) == 0:
        attributes["fqdn"] = draw(st.sampled_from(["h1.x.y", "h2.x.y"]))
    if draw(st.integers(0, 4)) == 0:
        attributes["snmp_engine_id"] = draw(ENGINES)
    if ci_type == "server" and draw(st.booleans()):
        attributes["uuid"] = draw(UUIDS)
    if draw(st.integers(0, 4)) == 0:
        attributes["asset_tag"] = draw(st.sampled_from(["r1", "r2", None]))
    aliases = ()
    if draw(st.integers(0, 6)) == 0:
        aliases = (Alias(draw(st.sampled_from(["netbox", "glpi", "old"])), draw(KEYS)),)
    return ObservedItem(
        draw(KEYS),
        ci_type,
        "p",
        name=draw(st.sampled_from([None, "n1", "n2"])),
        attributes=attributes,
        aliases=aliases,
        coverage=draw(st.sampled_from([None, None, None, "part"])),
    )


@st.composite
def guests(draw: Any) -> ObservedItem:
    """A database within a machine."""
    host, port = draw(KEYS), draw(st.sampled_from([5432, 3306]))
    return ObservedItem(f"db{host}", "database", "p", within=host, attributes={"port": port})


@st.composite
def links(draw: Any) -> ObservedRelation:
    """A relation between two things of one source, known or not."""
    start = draw(KEYS)
    end = draw(KEYS.filter(lambda key: key != start))
    weight = draw(st.sampled_from([{}, {"w": 1}, {"w": 2}]))
    kind = draw(st.sampled_from(["depends_on", "connects_to"]))
    return ObservedRelation(start, kind, end, "p", attributes=weight)


def words(least: int = 3, most: int = 14) -> st.SearchStrategy[list[Word]]:
    """Words, each later than the one before."""
    one = st.tuples(
        st.sampled_from(SOURCES), st.one_of(machines(), machines(), machines(), guests(), links())
    )
    return st.lists(one, min_size=least, max_size=most).map(
        lambda found: [
            (source, replace(seen, observed_at=1000.0 + i, place=f"word {i}"))
            for i, (source, seen) in enumerate(found)
        ]
    )


def name_of(seen: Observation) -> tuple[str, ...]:
    """What no two observations of one run may share."""
    if isinstance(seen, ObservedItem):
        return ("item", seen.key)
    ends = (seen.from_key, seen.to_key)
    return ("relation", seen.type, *(sorted(ends) if seen.type == "connects_to" else ends))


def runs(found: list[Word], size: int) -> list[tuple[str, list[Observation]]]:
    """The words in their order, as runs of at most `size`, none of which repeats a name."""
    made: list[tuple[str, list[Observation]]] = []
    for source, seen in found:
        last = made[-1] if made else None
        names = {name_of(one) for one in last[1]} if last else set()
        if last and last[0] == source and len(last[1]) < size and name_of(seen) not in names:
            last[1].append(seen)
        else:
            made.append((source, [seen]))
    return made


def hear(env: Environment, source: str, seen: list[Observation], **how: Any) -> IngestReport:
    """One run, which must not fail."""
    said = {"run": "run", "waiting": True, **how}
    report = ingest(ROOT, env, seen, source=source, reason="test", **said)
    assert report.errors == []
    return report


def exported(env: Environment) -> dict[str, Any]:
    """The whole store in the estate form."""
    return export_estate(ROOT, env)


def canonical(env: Environment) -> bytes:
    """The export in which each CI is called by its least (source, key)."""
    estate = exported(env)
    least = {
        ci["key"]: min([one["source"], one["key"]] for one in ci["aliases"]) for ci in estate["cis"]
    }
    for ci in estate["cis"]:
        ci["key"] = least[ci["key"]]
    for relation in estate["relations"]:
        ends = [least[relation["from"]], least[relation["to"]]]
        if relation["type"] == "connects_to":
            ends.sort()
        relation["from"], relation["to"] = ends
    estate["cis"].sort(key=lambda ci: ci["key"])
    estate["relations"].sort(key=lambda one: orjson.dumps(one, option=orjson.OPT_SORT_KEYS))
    return orjson.dumps(estate, option=orjson.OPT_SORT_KEYS)


def reviews(env: Environment) -> list[str]:
    """What is disputed: by which identifier, between which claims, and why."""
    found = env.store.documents("review")
    return sorted(str([one.body[name] for name in ("rule", "claims", "reasons")]) for one in found)
