"""People, settings and processes for tests of tickets, and a simple reference of processes."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ticket_configuration import put_setting
from cmdb.services.users import create_user
from cmdb.tickets.defaults import NEEDS
from cmdb.tickets.process import Process, Step

ADMIN = Actor("test", frozenset({"administrator"}))
PEOPLE = {
    "bob": ("requester",),
    "rob": ("requester",),
    "ann": ("service_desk",),
    "fay": ("fulfiller",),
    "cho": ("change_manager",),
    "cab": ("cab_member",),
    "pam": ("problem_manager",),
    "adi": ("administrator",),
}
ROLES = tuple(sorted({role for roles in PEOPLE.values() for role in roles}))


def actor(name: str, **more: Any) -> Actor:
    """One of the people."""
    return Actor(name, frozenset(PEOPLE[name]), user=name, **more)


class Clock:
    """A clock that tests set."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def peopled(store: Any, clock: Any = None) -> Environment:
    """An environment in which the people are known, with something to order."""
    env = Environment(store, clock or Clock())
    for name, roles in PEOPLE.items():
        team = ("network",) if name in ("fay", "cho") else ()
        values = {"name": name, "roles": list(roles), "teams": team, "manager": ""}
        create_user(ADMIN, env, {**values, "email": f"{name}@example.org"})
    tasks = [{"title": "order it"}, {"title": "hand it over"}]
    item = {"label": "Laptop", "label_zh": "电脑", "tasks": tasks}
    put_setting(ADMIN, env, "catalogue_item", "laptop", item)
    return env


FIELDS = {
    "note": "text",
    "count": "number",
    "sure": "flag",
    "starts": "moment",
    "ends": "moment",
    "root_cause": "words",
    "workaround": "words",
}
VALUES = {"note": ["x", "y"], "count": [0, 3], "sure": [True, False]}
SETS = st.dictionaries(
    st.sampled_from(["note", "count", "sure"]), st.integers(0, 1), max_size=1
).map(lambda drawn: {name: VALUES[name][n] for name, n in drawn.items()})
CONDITION = [
    {"subject": "note", "operator": "filled", "words": "no note"},
    {"subject": "note", "operator": "is", "value": "y", "words": "not y"},
    {"subject": "count", "operator": "at most", "value": 1, "words": "too many"},
    {"subject": "sure", "operator": "is not", "value": False, "words": "not sure"},
    {"subject": "open_tasks", "operator": "at most", "value": 0, "words": "tasks are open"},
    {"subject": "days_in_state", "operator": "at least", "value": 1, "words": "too early"},
]
CONDITIONS = st.sampled_from(CONDITION)
SAFE = ("prioritise", "assess_impact", "inform_children", "notify_requester", "notify_team")
EFFECTS = (*SAFE, "notify_approvers", "survey", "drop_maintenance", "record_baseline", *NEEDS)
MOVES = st.dictionaries(
    st.sampled_from(["respond", "resolve"]),
    st.sampled_from(["pause", "resume", "stop", "restart"]),
)
SOME_ROLES = st.sets(st.sampled_from(ROLES), min_size=1, max_size=3).map(sorted)


@st.composite
def processes(draw: Any, kind: str, prefix: str) -> dict[str, Any]:
    """A sound process: a chain from the first state to an end, and more steps at will."""
    count = draw(st.integers(2, 5))
    kinds = ["new", *(draw(st.sampled_from(["active", "waiting", "resolved"])) for _ in range(9))]
    names = [f"s{n}" for n in range(count)]
    states = [
        {
            **{"name": name, "label": name, "label_zh": name, "clocks": draw(MOVES)},
            "kind": "closed" if name == names[-1] else kinds[n],
        }
        for n, name in enumerate(names)
    ]
    ways = [([a], b) for a, b in pairwise(names)]
    for _ in range(draw(st.integers(0, 4))):
        sources = draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))
        ways.append((sorted(sources), draw(st.sampled_from(names))))
    return {
        **{"kind": kind, "version": 1, "prefix": prefix, "states": states},
        "steps": [_step(draw, f"step_{n}", *way) for n, way in enumerate(ways)],
        "fields": [
            {"name": name, "type": type, "label": name, "label_zh": name}
            for name, type in FIELDS.items()
        ],
        "opening": sorted({"requester", "service_desk", *draw(SOME_ROLES)}),
        "editing": draw(SOME_ROLES),
    }


def _step(draw: Any, name: str, sources: list[str], target: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "sources": sources, "target": target}
    made |= {"label": name, "label_zh": name, "roles": draw(SOME_ROLES), "sets": draw(SETS)}
    way = draw(st.sampled_from(["people", "people", "time", "itself"]))
    effects = st.sampled_from(SAFE if way == "time" else EFFECTS)
    made["effects"] = draw(st.lists(effects, max_size=2, unique=True))
    if way == "time" and target not in sources and draw(st.booleans()):
        return {**made, "roles": [*made["roles"], "system"], "at": "starts"}
    if way == "time":
        after = draw(st.sampled_from([60.0, 90_000.0]))
        return {**made, "roles": [*made["roles"], "system"], "after": after}
    needed = {name for effect in made["effects"] for name in NEEDS.get(effect, ())}
    needed |= draw(st.sets(st.sampled_from(["note", "count", "assignee"]), max_size=1))
    made |= {"requires": sorted(needed), "guards": draw(st.lists(CONDITIONS, max_size=1))}
    if way == "itself":
        untimed = st.lists(st.sampled_from(CONDITION[:-1]), max_size=1)
        made |= {"guards": draw(untimed), "automatic": draw(untimed)}
        made |= {"roles": [*made["roles"], "system"]}
    return made


def holds(condition: Any, known: dict[str, Any]) -> bool:
    """Whether a condition is so, by what its operator is called."""
    value = known.get(condition.subject)
    empty = value is None or value in ("", [], ())
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "is": lambda: value == condition.value,
        "is not": lambda: value != condition.value,
        "in": lambda: value in condition.value,
        "filled": lambda: not empty,
        "empty": lambda: empty,
        "at least": lambda: number and value >= condition.value,
        "at most": lambda: number and value <= condition.value,
    }[condition.operator]()


def takes(step: Step, fields: dict[str, Any], facts: dict[str, Any]) -> bool:
    """Whether a step has what it needs, with these fields filled."""
    filled = all(fields.get(name) not in (None, "", []) for name in step.requires)
    return filled and all(holds(one, {**facts, **fields}) for one in step.guards)


def by_itself(process: Process, state: str, fields: Any, facts: Any) -> Step | None:
    """The first step that is taken by itself."""
    for step in process.steps:
        if state in step.sources and step.automatic is not None:
            with_sets = {**fields, **step.sets}
            known = {**facts, **fields}
            if all(holds(c, known) for c in step.automatic) and takes(step, with_sets, facts):
                return step
    return None
