"""Tickets of other systems: how their fields, states and values read as ours, and back.

A mapping is data. What it does not name counts as it stands, where it is a name or a label of ours;
so a table with our headings, in English or Chinese, needs none.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, StringConstraints

from cmdb.errors import CMDBError, UnknownName
from cmdb.schema.strict import Strict
from cmdb.tickets.merging import Said, said_of
from cmdb.tickets.process import COMMON, Process

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Names = Annotated[
    dict[Name, Annotated[str, StringConstraints(max_length=256)]], Field(max_length=1000)
]
Level = Literal[1, 2, 3]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("a time zone such as Asia/Shanghai") from None
    return name


ANYTHING = "*"
"""Stands in a mapping of values for every value that is not named."""

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("number", "ticket_number", "编号", "工单编号", "工单号"),
    "ticket": (),
    "kind": ("type", "类型", "工单类型"),
    "state": ("status", "状态"),
    "opened": ("created", "opened_at", "created_at", "开单时间", "创建时间"),
    "updated": ("updated_at", "timestamp", "更新时间"),
    "resolved": ("resolved_at", "解决时间"),
    "closed": ("closed_at", "关闭时间"),
    "version": ("版本",),
    "item": ("ci", "cis", "items", "configuration_item", "配置项"),
    "comments": ("comment", "notes", "work_notes", "备注"),
}
"""What is said of a ticket beside its fields, with other names that are taken for it: `id` is its
number there, `ticket` its number here, where that is known there."""

MOST_KEPT = 1000


class TicketMapping(Strict):
    """How the tickets of another system read as ours."""

    kind: str = Field("incident", description="Kind of ticket, where nothing says it.")
    fields: Names = Field(
        default_factory=dict,
        description="Their field → ours (`id`, `ticket`, `kind`, `state`, `opened`, `updated`,"
        " `resolved`, `closed`, `version`, `item`, `comments`, or a field of the process); dots"
        " lead into objects; empty: it is left out.",
    )
    kinds: Names = Field(default_factory=dict, description="Their kind → ours.")
    states: Names = Field(
        default_factory=dict,
        description="Their state → our state, or the step that is taken. Where several have the"
        " same, the first is what they are told.",
    )
    priorities: dict[Name, Level] = Field(
        default_factory=dict, description="Their priority → 1, 2 or 3."
    )
    people: Names = Field(default_factory=dict, description="Their people → our users.")
    teams: Names = Field(default_factory=dict, description="Their teams → ours.")
    values: dict[Name, dict[Name, Any]] = Field(
        default_factory=dict,
        description="Our field → their value → ours. `*` is every value that is not named, here"
        " and in the other mappings of values.",
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="Time zone of times that say none."
    )
    time_format: str = Field(
        "", description="Form of their times, such as `%d/%m/%Y %H:%M`; empty: ISO 8601."
    )
    strict: bool = Field(
        False,
        strict=True,
        description="Whether a ticket is refused that names an unknown CI, else kept for review.",
    )


PLAIN = TicketMapping.model_validate({})
"""The mapping of who uses our own words."""


def mapping_faults(
    mapping: TicketMapping, processes: Mapping[str, Process], place: str
) -> list[CMDBError]:
    """The kinds, states and fields that a mapping names and no process has."""
    states, fields = set[str](), {*NAMES, ""}
    for process in processes.values():
        states |= {one.name for one in process.states} | {one.name for one in process.steps}
        fields |= {one.name for one in process.fields} | {*COMMON}
    named = (
        ("kind of ticket", (mapping.kind, *mapping.kinds.values()), processes),
        ("state", mapping.states.values(), states),
        ("field", (*mapping.fields.values(), *mapping.values), fields),
    )
    return [
        UnknownName(place=place, kind=kind, name=name, known=known)
        for kind, names, known in named
        for name in dict.fromkeys(names)
        if name not in known
    ]


@dataclass(frozen=True, slots=True)
class Comment:
    """What was written on a ticket there."""

    text: str
    by: str = ""
    at: str = ""
    public: bool = False
    id: str = ""

    @property
    def digest(self) -> str:
        """What tells it from others, so that it is taken once."""
        told = self.id or f"{self.by}\n{self.at}\n{self.text}"
        return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]

    def words(self) -> str:
        """It as a note here."""
        head = " ".join(part for part in (self.by, self.at) if part)
        return f"{head}: {self.text}" if head else self.text


@dataclass(frozen=True, slots=True)
class ForeignTicket:
    """A ticket of another system in our words. `state` is a state or a step of the process; `items`
    are references to CIs as they came: texts, or attributes that tell one. `times` are in seconds
    since 1970, by the names in NAMES.
    """

    id: str
    kind: str
    ticket: str = ""
    state: str = ""
    version: float | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[Any, ...] = ()
    comments: tuple[Comment, ...] = ()
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of a ticket's other side. `number` is ours; `version` and `at` are those of the
    last word that was applied, and `said` is what it said; `taken` are digests of comments;
    `answer` is what was answered last.
    """

    number: str
    version: float | None = None
    at: float | None = None
    taken: tuple[str, ...] = ()
    answer: Mapping[str, Any] = field(default_factory=dict)
    said: Said = field(default_factory=Said)

    def older(self, version: float | None, at: float | None) -> bool:
        """Whether a word is older than the last one; by its version, where both have one."""
        if version is not None and self.version is not None:
            return version < self.version
        return at is not None and self.at is not None and at < self.at

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        kept = {"version": self.version, "at": self.at, "answer": dict(self.answer)}
        parts = {"taken": list(self.taken[-MOST_KEPT:]), "said": self.said.body()}
        return {"number": self.number, **kept, **parts}


def link_of(body: Mapping[str, Any]) -> Link:
    """The link that a store keeps."""
    said = said_of(body.get("said", {}))
    return Link(**{**body, "taken": tuple(body["taken"]), "said": said})


def link_name(system: str, number: str) -> str:
    """Under what a store keeps it; names of systems hold no colon."""
    return f"{system}:{number}"
