"""Hypothesis strategies: random small estates and failures on them.

An estate is decoded from one drawn byte string, a fixed number of bytes for a record, which is
fast to draw and still shrinks: bytes go to zero, and zero is always the plainest choice.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any, TypeVar

from hypothesis import strategies as st

from .impact import BUILTIN_RULES, STATUSES_IN_GRAPH, RelationRule

T = TypeVar("T")
Json = dict[str, Any]

# Types beyond the built-in ones, for the declarations that no built-in type has.
EXTRA_RULES: dict[str, RelationRule] = {
    "mirrors": RelationRule("both", "hard"),
    "peers_with": RelationRule("both", "soft"),
    "feeds": RelationRule("from→to", "soft"),
    "cooled_by": RelationRule("to→from", group="cooling", need="50%"),
    "also_cooled_by": RelationRule("to→from", group="cooling", need=2),
}
ALL_RULES: dict[str, RelationRule] = {**BUILTIN_RULES, **EXTRA_RULES}

MAX_CIS = 14
MAX_RELATIONS = 30
# Code point order differs here from case-blind, from locale and from UTF-16 order.
KEYS = (
    "db-1", "db-10", "db-2", "Db-1", "a", "B", "sw=down", "core@2026-01-01",
    "核心交换机", "数据库-1", "A-1", "𠮷-1", "é", "app@home", "x=1", "_z",
)  # fmt: skip
TYPES = (
    "server", "switch", "application", "server", "virtual_machine", "database", "cluster",
    "ups", "application", "business_service", "router", "cluster", "virtual_machine", "ups",
)  # fmt: skip
LINKED_TYPES = ("switch", "server", "router", "switch", "virtual_machine", "firewall")
LINKABLE = frozenset(LINKED_TYPES)
STATUSES = (None,) + ("live",) * 10 + (
    "in_deployment", "in_maintenance", "missing",
    "planned", "ordered", "in_stock", "retired", "disposed",
)  # fmt: skip
GROUPS = (None, None, None, None, "a", "b", "members", "power", "电源")
STRENGTHS = (None, None, None, None, "soft", "soft", "hard")
IDS = (None, None, None, "1", "2")
NEEDS = (1, 2, 3, 2, 4, 99, "1%", "33%", "34%", "50%", "51%", "67%", "75%", "100%")

MACHINES = ("server", "virtual_machine", "cluster")
HARDWARE = ("server", "switch", "router", "firewall")
RUNNING = ("application", "database")
ANY: tuple[str, ...] = ()
# name, types of the from end, types of the to end
RELATIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("depends_on", ANY, ANY),
    ("depends_on", ANY, ANY),
    ("uses", ANY, ANY),
    ("uses", ANY, ANY),
    ("member_of", ("server", "virtual_machine", "database"), ("cluster",)),
    ("member_of", ("server", "virtual_machine", "database"), ("cluster",)),
    ("powered_by", HARDWARE, ("ups",)),
    ("powered_by", HARDWARE, ("ups",)),
    ("runs_on", RUNNING, MACHINES),
    ("hosted_on", ("virtual_machine",), ("server", "cluster")),
    ("connects_to", LINKED_TYPES, LINKED_TYPES),
    ("connects_to", LINKED_TYPES, LINKED_TYPES),
    ("replica_of", ("database",), ("database",)),
    ("managed_by", ANY, ANY),
)
EXTRA_RELATIONS = tuple((name, ANY, ANY) for name in EXTRA_RULES)

COUNTS = (0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 12, 13, 14)
HEAD_BYTES = 8
CI_BYTES = 8
RELATION_BYTES = 9
LINK_BYTES = 3 * MAX_CIS + 16
POOL_BYTES = 5 + 1 + 2 * 6
ESTATE_BYTES = (
    HEAD_BYTES + CI_BYTES * MAX_CIS + LINK_BYTES + POOL_BYTES + RELATION_BYTES * MAX_RELATIONS
)
# One draw of one length: where Hypothesis finds several alike it copies one into another, which
# zeroes those of another length.
_ESTATE_BYTES = st.binary(min_size=ESTATE_BYTES, max_size=ESTATE_BYTES)


class _Bytes:
    """Reads choices from a byte string; zero means the first choice, as does its end."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def below(self, limit: int) -> int:
        """Return a number from 0 to limit - 1."""
        return next(self._data, 0) % limit

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


# --- CIs ---------------------------------------------------------------------------------------


def _ci(key: str, read: _Bytes, linked: bool) -> Json:
    """Decode one CI; linked ones are devices and mostly live, so that networks hold together."""
    ci: Json = {"key": key, "type": read.pick(LINKED_TYPES if linked else TYPES)}
    status = read.pick(STATUSES + ("live",) * 20 if linked else STATUSES)
    if status is not None:
        ci["status"] = status
    root = read.below(8)
    if ci["type"] in LINKABLE:
        ci["network_root"] = root == 7
    needs = [(read.pick(GROUPS[3:]), read.pick(NEEDS)) for _ in range(2)]
    said = {name: {"need": need} for name, need in needs if name is not None}
    presence = read.below(3)
    if presence == 1:
        ci["redundancy"] = None
    elif presence == 2:
        ci["redundancy"] = said
    return ci


def _keys(read: _Bytes, count: int) -> list[str]:
    """Return distinct keys whose order says nothing about the position of the CI."""
    start, stride = read.below(len(KEYS)), read.pick((1, 3, 5, 7, 9, 11, 13, 15))
    return [KEYS[(start + i * stride) % len(KEYS)] for i in range(count)]


# --- relations ---------------------------------------------------------------------------------


def _pick_end(read: _Bytes, by_type: dict[str, list[str]], types: tuple[str, ...]) -> str | None:
    """Pick a CI of one of the types (none given = any), the first ones more often."""
    fitting = [key for name in types or by_type for key in by_type.get(name, ())]
    number = read.below(256)
    if not fitting:
        return None
    return fitting[number % len(fitting)] if number < 160 else fitting[number % 3 % len(fitting)]


def _relation(read: _Bytes, by_type: dict[str, list[str]], choices: Sequence[Any]) -> Json:
    """Decode one relation; where no CI fits an end it becomes a dependency of any two."""
    name, from_types, to_types = read.pick(choices)
    start, end = _pick_end(read, by_type, from_types), _pick_end(read, by_type, to_types)
    if start is None or end is None:
        name, any_key = "depends_on", [key for keys in by_type.values() for key in keys]
        start, end = start or read.pick(any_key), end or read.pick(any_key)
    strength, group = read.pick(STRENGTHS), read.pick(GROUPS)
    relation_id, nulls = read.pick(IDS), read.below(2)
    rule = ALL_RULES[name]
    relation: Json = {"from": start, "type": name, "to": end}
    carries = rule.impact not in ("none", "link")
    optional = {
        "strength": strength if carries else None,
        "group": group if carries and rule.impact != "both" else None,
        "id": relation_id,
    }
    relation.update((k, v) for k, v in optional.items() if nulls or v is not None)
    return relation


def _identity(relation: Json) -> tuple[Any, ...]:
    """Return what makes a relation the same as another one."""
    rule = ALL_RULES[relation["type"]]
    ends = (relation["from"], relation["to"])
    if rule.impact == "link":
        ends = (min(ends), max(ends))
    return (*ends, relation["type"], relation.get("group") or rule.group, relation.get("id"))


def _distinct(relations: list[Json]) -> list[Json]:
    """Return the first relation of each identity, at most as many as an estate has."""
    first: dict[tuple[Any, ...], Json] = {}
    for relation in relations:
        first.setdefault(_identity(relation), relation)
    return list(first.values())[:MAX_RELATIONS]


# --- networks ----------------------------------------------------------------------------------


def _ladder(n: int, _: _Bytes) -> list[tuple[int, int]]:
    """Two rails and their rungs."""
    return [(i, i + 2) for i in range(n - 2)] + [(i, i + 1) for i in range(0, n - 1, 2)]


def _ring(n: int, _: _Bytes) -> list[tuple[int, int]]:
    """One ring."""
    return [(i, (i + 1) % n) for i in range(n)]


def _tree(n: int, read: _Bytes) -> list[tuple[int, int]]:
    """A random tree."""
    return [(i, read.below(i)) for i in range(1, n)]


def _blocks(n: int, _: _Bytes) -> list[tuple[int, int]]:
    """Triangles in a row, each sharing one CI with the next."""
    chain = [(i, i + 1) for i in range(n - 1)]
    return chain + [(i, i + 2) for i in range(0, n - 2, 2)]


def _random(n: int, read: _Bytes) -> list[tuple[int, int]]:
    """Links between random CIs, islands and self relations included."""
    return [(read.below(n), read.below(n)) for _ in range(n + read.below(n))]


SHAPES = (_ladder, _ring, _tree, _blocks, _random)


def _links(keys: list[str], read: _Bytes, extra: int) -> list[Json]:
    """Return the links of a network over all of the keys: a shape, and some random links."""
    n = len(keys)
    pairs = read.pick(SHAPES)(n, read)
    pairs += [(read.below(n), read.below(n)) for _ in range(extra)]
    if read.below(4) == 3:
        del pairs[read.below(len(pairs))]
    return [{"from": keys[a], "type": "connects_to", "to": keys[b]} for a, b in pairs]


def _pool(keys: list[str], read: _Bytes) -> list[Json]:
    """Return a group of 1 to 6 members, most of them with one of two providers in common."""
    n = len(keys)
    dependent, first, group = read.below(n), read.below(n), read.pick(("a", "b", "电源"))
    shared = (keys[read.below(n)], keys[read.below(n)])
    relations = []
    for i in range(1 + read.below(6)):
        member, name = keys[(first + i) % n], read.pick(("depends_on", "uses", "depends_on"))
        relations.append({"from": keys[dependent], "type": name, "to": member, "group": group})
        which = read.below(3)
        if which < 2:
            relations.append({"from": member, "type": "depends_on", "to": shared[which]})
    return relations


# --- strategies --------------------------------------------------------------------------------


@st.composite
def estates(draw: st.DrawFn, *, extra_types: bool = False) -> Json:
    """Draw an estate; about half of them are built around a network.

    With extra_types, relations of EXTRA_RULES are drawn too: evaluate with ALL_RULES.
    """
    data = iter(draw(_ESTATE_BYTES))
    head = _Bytes(bytes(islice(data, HEAD_BYTES)))
    ci_reads = [_Bytes(bytes(islice(data, CI_BYTES))) for _ in range(MAX_CIS)]
    link_read = _Bytes(bytes(islice(data, LINK_BYTES)))
    pool_read = _Bytes(bytes(islice(data, POOL_BYTES)))
    relation_read = _Bytes(bytes(data))
    count = head.pick(COUNTS)
    size = min(head.below(6) * count // 2, MAX_RELATIONS)
    linked = head.pick((0, 0, 0, 1, 2, 3)) * count // 3

    keys = _keys(head, count)
    cis = [_ci(key, ci_reads[i], i < linked) for i, key in enumerate(keys)]
    relations: list[Json] = []
    if linked >= 2:
        cis[0]["network_root"] = True
        relations += _links(keys[:linked], link_read, head.below(4))
        size = size * 2 // 3
    if count and head.below(2):
        relations += _pool(keys, pool_read)
    by_type: dict[str, list[str]] = {}
    for ci in cis:
        by_type.setdefault(ci["type"], []).append(ci["key"])
    choices = RELATIONS + EXTRA_RELATIONS if extra_types else RELATIONS
    relations += [_relation(relation_read, by_type, choices) for _ in range(size)]
    return {"cis": cis, "relations": _distinct(relations)}


def failure_lists(estate: Json) -> st.SearchStrategy[list[Json]]:
    """Draw 1 to 4 failures on CIs in the graph, mostly down (none when the graph is empty).

    The more relations a CI has, the more often it fails.
    """
    keys = [ci["key"] for ci in estate["cis"] if (ci.get("status") or "live") in STATUSES_IN_GRAPH]
    if not keys:
        return st.just([])
    in_graph = set(keys)
    ends = [relation[end] for relation in estate["relations"] for end in ("to", "from")]
    keys += [key for key in ends if key in in_graph]
    states = ("down",) * 5 + ("degraded", "degraded", "at_risk")

    def decode(number: int) -> Json:
        state, key = number % len(states), number // len(states)
        return {"key": keys[key % len(keys)], "state": states[state]}

    return st.lists(st.integers(0, 2**16 - 1).map(decode), min_size=1, max_size=4)


@st.composite
def cases(draw: st.DrawFn, *, extra_types: bool = False) -> tuple[Json, list[Json]]:
    """Draw an estate and failures on it."""
    estate = draw(estates(extra_types=extra_types))
    return estate, draw(failure_lists(estate))
