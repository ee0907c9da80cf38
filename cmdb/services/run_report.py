"""What a run of an import comes to, over all its batches."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cmdb.errors import CMDBError
from cmdb.identity.plan import Counts, Plan, Step
from cmdb.services.effects import Effects


@dataclass(slots=True)
class IngestReport:
    """What one run did. `errors` are the bad rows, all of them; the good ones went in.

    `steps` is everything a dry run would do, `effects` what that means to business services;
    `waiting` counts relations that wait for an end. `frozen` says that too much would vanish.
    """

    run: str
    source: str
    items: Counts = field(default_factory=Counts)
    relations: Counts = field(default_factory=Counts)
    errors: list[CMDBError] = field(default_factory=list)
    warnings: list[CMDBError] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    effects: Effects | None = None
    waiting: int = 0
    frozen: bool = False
    seq: int = 0

    def take(self, later: "IngestReport") -> None:
        """Take in what a later part of the same run did."""
        self.items += later.items
        self.relations += later.relations
        self.errors += later.errors
        self.warnings += later.warnings
        self.steps += later.steps
        if self.effects is not None and later.effects is not None:
            self.effects = Effects(
                [*self.effects.rows, *later.effects.rows],
                self.effects.complete and later.effects.complete,
            )
        self.waiting += later.waiting
        self.frozen |= later.frozen
        self.seq = later.seq


def together(reports: Sequence[IngestReport]) -> IngestReport:
    """The report of a run that was loaded in parts, one after the other."""
    first, *rest = reports
    for one in rest:
        first.take(one)
    return first


class Net:
    """What all batches of a run come to: a CI that one creates and the next changes is new."""

    def __init__(self, report: IngestReport) -> None:
        self.report = report
        self._first: dict[tuple[str, str], Step] = {}
        self._last: dict[tuple[str, str], Step] = {}

    def take(self, plan: Plan) -> None:
        """Take in a batch."""
        for step in plan.steps:
            name = (step.kind, step.key)
            self._first.setdefault(name, step)
            self._last[name] = step
        for kind, counts in (("ci", self.report.items), ("relation", self.report.relations)):
            counts.unchanged += plan.unchanged[kind]
            counts.withdrawn += plan.withdrawn[kind]

    def settle(self) -> None:
        """Count, and list the steps in their order."""
        for name, first in self._first.items():
            last = self._last[name]
            new = first.action in ("create", "conflict")
            gone = last.action in ("remove", "merge", "resolve")
            if new and gone:
                continue
            step = last if gone or not new else first
            self.report.steps.append(step)
            counts = self.report.relations if step.kind == "relation" else self.report.items
            place = {
                "create": "created",
                "change": "changed",
                "merge": "merged",
                "retire": "retired",
                "conflict": "conflicts",
            }.get(step.action)
            if place is not None:
                setattr(counts, place, getattr(counts, place) + 1)
