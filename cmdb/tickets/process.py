"""Processes as data: states, the steps between them, who may take them, and what they need.

A process is checked when it is declared: every state can be reached, and from every one an end. A
ticket keeps the version of the process it began with.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cmdb.errors import CMDBError, InvalidInput, Rejected, UnknownName, WrongValue, shown

FieldType = Literal[
    "text", "words", "choice", "flag", "number", "moment", "ci", "person", "team", "ticket"
]
StateKind = Literal["new", "active", "waiting", "resolved", "closed"]
Operator = Literal["is", "is not", "in", "filled", "empty", "at least", "at most"]
ClockMove = Literal["pause", "resume", "stop", "restart"]

SYSTEM = "system"
"""The role in which a step is taken by itself."""

FACTS = frozenset(
    {
        *("open_children", "open_tasks", "approvals", "rejections", "missing_approvals"),
        *("in_window", "days_in_state", "open_changes", "approval_wanted", "change_closed"),
        "answered",
    }
)
"""What guards may ask about beside fields: counted by the services when a step is taken."""

TIMES = frozenset({"in_window", "days_in_state"})
"""Those that change while nothing happens."""


class Declared(BaseModel):
    """A part of a process, read strictly."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FormField(Declared):
    """A field of a form. `many`: a list of such values; `choices` in order, for a choice."""

    name: str
    type: FieldType
    label: str
    label_zh: str
    choices: tuple[str, ...] = ()
    many: bool = False


class State(Declared):
    """A state; `clocks` says what entering it does to the clocks of service levels by name."""

    name: str
    kind: StateKind
    label: str
    label_zh: str
    clocks: Mapping[str, ClockMove] = Field(default_factory=dict)


class Condition(Declared):
    """A guard: what a field or a fact must be; `words` tell who may not go on why."""

    subject: str
    operator: Operator
    value: Any = None
    words: str = ""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is so; what is not there is empty, and is at least or at most nothing."""
        value = values.get(self.subject)
        match self.operator:
            case "filled" | "empty":
                return (value not in (None, "", [], ())) == (self.operator == "filled")
            case "is" | "is not":
                return bool(value == self.value) == (self.operator == "is")
            case "in":
                return value in self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return bool(value >= self.value if self.operator == "at least" else value <= self.value)


class Step(Declared):
    """A transition from any of `sources` to `target`.

    `roles` may take it, `requires` are fields that must be filled then, `guards` must all hold.
    `sets` gives fields values, `effects` are automatic steps by name, which the services do in the
    same commit. With `after` seconds in the state it is taken by itself; so it is, too, as soon as
    all that it needs is there and the conditions of `automatic` hold. `at` names a field with the
    moment from which on it is taken by itself.
    """

    name: str
    sources: tuple[str, ...]
    target: str
    roles: frozenset[str]
    label: str
    label_zh: str
    requires: tuple[str, ...] = ()
    guards: tuple[Condition, ...] = ()
    sets: Mapping[str, Any] = Field(default_factory=dict)
    effects: tuple[str, ...] = ()
    after: float | None = None
    at: str | None = None
    automatic: tuple[Condition, ...] | None = None


class Process(Declared):
    """The process of a kind of ticket, in one version. The first state is the one tickets begin in.

    `opening` are the roles that may open one, with the fields of `required`; `editing` may change
    its fields while it is not closed. Who only opens tickets is asked for title, description, the
    required fields, and those of `asked`.
    """

    kind: str
    version: int
    prefix: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    fields: tuple[FormField, ...]
    opening: frozenset[str]
    editing: frozenset[str]
    required: tuple[str, ...] = ()
    asked: tuple[str, ...] = ("urgency",)

    def state(self, name: str) -> State:
        """The state of a name; UnknownName."""
        for one in self.states:
            if one.name == name:
                return one
        known = [one.name for one in self.states]
        raise UnknownName(place=self.kind, kind="state", name=name, known=known)

    @property
    def asked_of_requesters(self) -> tuple[str, ...]:
        """The fields that the form offers to who only opens tickets."""
        return tuple(dict.fromkeys(("title", "description", *self.required, *self.asked)))

    def offered(self, state: str) -> list[Step]:
        """The steps that lead on from a state."""
        return [step for step in self.steps if state in step.sources]


def read_process(data: Any) -> Process:
    """A process from data; Rejected with everything that has the wrong form."""
    try:
        return Process.model_validate(data)
    except ValidationError as error:
        raise Rejected([_form_error(one) for one in error.errors(include_url=False)]) from None


def _form_error(found: Any) -> CMDBError:
    name = ".".join(map(str, found["loc"])) or "it"
    value = shown(found["input"])
    return WrongValue(place="process", name=f"'{name}'", value=value, expected=found["msg"])


COMMON = ("title", "description", "priority", "impact", "urgency", "assignee", "team", "requester")
"""Fields that every ticket has."""


def faults(
    process: Process, roles: Iterable[str], effects: Iterable[str], clocks: Iterable[str]
) -> list[CMDBError]:
    """Everything that is wrong with a process; `effects` and `clocks` are those that are known."""
    place = f"process {process.kind}"
    found: list[CMDBError] = []

    def wrong(detail: str) -> None:
        found.append(InvalidInput(place=place, detail=detail))

    def known(kind: str, names: Iterable[str], allowed: Iterable[str], where: str) -> None:
        allowed = list(allowed)
        for name in names:
            if name not in allowed:
                found.append(
                    UnknownName(place=f"{place}, {where}", kind=kind, name=name, known=allowed)
                )

    states = [one.name for one in process.states]
    fields = [*COMMON, *(one.name for one in process.fields)]
    for what, names in (
        ("state", states),
        ("step", [one.name for one in process.steps]),
        ("field", fields),
    ):
        for name in sorted({one for one in names if names.count(one) > 1}):
            wrong(f"two {what}s are called '{name}'; give each its own name")
    known("role", process.opening | process.editing, roles, "who may open and edit")
    known("field", process.required, fields, "required")
    known("field", process.asked, fields, "asked")
    for state in process.states:
        known("clock", state.clocks, clocks, f"state '{state.name}'")
    for step in process.steps:
        where = f"step '{step.name}'"
        known("state", (*step.sources, step.target), states, where)
        known("role", step.roles, roles, where)
        known("field", (*step.requires, *step.sets), fields, where)
        known("effect", step.effects, effects, where)
        subjects = [one.subject for one in (*step.guards, *(step.automatic or ()))]
        known("field", subjects, [*fields, *FACTS], f"{where}, guards")
        if step.after is not None and step.after <= 0:
            wrong(f"{where} must wait longer than 0 seconds")
        timed = (step.after, step.at) != (None, None)
        if timed and (step.requires or step.guards):
            wrong(f"{where} is taken when its time has come, so it can need nothing else")
        if step.automatic is not None and TIMES.intersection(subjects):
            wrong(f"{where} cannot wait for time to pass by conditions; use 'after'")
        if (timed or step.automatic is not None) and SYSTEM not in step.roles:
            wrong(f"{where} is taken by itself, so '{SYSTEM}' must be among its roles")
        if step.at is not None:
            moments = [one.name for one in process.fields if one.type == "moment"]
            known("field with a moment", [step.at], moments, where)
            if step.target in step.sources:
                wrong(f"{where} would be taken again and again; let it lead to another state")
    if not process.states:
        wrong("it has no states; declare at least one that is open and one that is closed")
    if not found:
        found += _paths(process, place)
    return found


def _paths(process: Process, place: str) -> list[CMDBError]:
    """States that nothing leads to, and those from which no end can be reached."""
    names = [one.name for one in process.states]
    ahead = {name: [step.target for step in process.offered(name)] for name in names}
    behind: dict[str, list[str]] = {name: [] for name in names}
    for name, targets in ahead.items():
        for target in targets:
            behind[target].append(name)
    ends = [one.name for one in process.states if one.kind == "closed"]
    found: list[CMDBError] = []
    if not ends:
        detail = "no state is of the kind 'closed'; a ticket could never end"
        found.append(InvalidInput(place=place, detail=detail))
    for name in sorted(ahead.keys() - _reached(names[:1], ahead)):
        detail = f"no step leads to the state '{name}'; add one, or remove the state"
        found.append(InvalidInput(place=place, detail=detail))
    for name in sorted(ahead.keys() - _reached(ends, behind)) if ends else ():
        detail = f"from the state '{name}' no end can be reached; add a step that leads on"
        found.append(InvalidInput(place=place, detail=detail))
    return found


def _reached(start: Sequence[str], arcs: Mapping[str, Sequence[str]]) -> set[str]:
    seen, waiting = set(start), list(start)
    while waiting:
        for target in arcs[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
