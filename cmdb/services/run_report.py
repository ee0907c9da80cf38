"""What a run of an import comes to, over all its batches."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.claims import NOBODY, Name
from cmdb.identity.plan import Counts, Plan, Step, item_action, item_diff
from cmdb.identity.relations import step_words
from cmdb.schema.records import ConfigurationItem, Relation
from cmdb.services.effects import Effects

Record = ConfigurationItem | Relation


@cache
def _bare_step(kind: Any, action: Any) -> Step:
    return Step(action, kind, "", "", "", "", "", {})


def _bare(step: Step) -> Step:
    """A step without all that only people read, the same for all such steps."""
    return _bare_step(step.kind, step.action)


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


class Net:
    """What all batches of a run come to: a CI that one creates and the next changes is new.

    When a run touches more records than `most`, no steps are kept, to bound its memory; what it
    changes and changes back counts as changed then.
    """

    def __init__(self, report: IngestReport, most: int) -> None:
        self.report, self.most = report, most
        self._steps: dict[str, dict[str, Step | tuple[Step, Step]]] = defaultdict(dict)
        """The step of each record by kind and key; the first and the last where it has several."""
        self._records: dict[tuple[str, str], tuple[Record, Record | None]] = {}
        """What was there before the run: as it was, and as it is now."""
        self._waiting: set[Name] = set()

    def take(self, plan: Plan) -> None:
        """Take in a batch."""
        for item in plan.changes.items:
            self._record(item.before, item.after)
        for relation in plan.changes.relations:
            self._record(relation.before, relation.after)
        for step in plan.steps:
            mine = self._steps[step.kind]
            known = mine.get(step.key)
            kept = step if self.most else _bare(step)
            first = known[0] if isinstance(known, tuple) else known
            mine[step.key] = kept if first is None else (first, kept)
        if self.most and sum(map(len, self._steps.values())) > self.most:
            self._forget()
        for kind, counts in (("ci", self.report.items), ("relation", self.report.relations)):
            counts.unchanged += plan.unchanged[kind]
            counts.withdrawn += plan.withdrawn[kind]
        for claim in plan.changes.claims:
            if claim.after is None or claim.after.subject != NOBODY:
                one = claim.after or claim.before
                self._waiting -= {one.name} if one is not None else set()
        self._waiting.update(plan.waiting)

    def _record(self, before: Record | None, after: Record | None) -> None:
        one = before or after
        if one is None or not self.most:
            return
        name = (
            ("ci", one.key) if isinstance(one, ConfigurationItem) else ("relation", step_words(one))
        )
        if name in self._records:
            self._records[name] = self._records[name][0], after
        elif before is not None and name[1] not in self._steps[name[0]]:
            self._records[name] = before, after

    def settle(self) -> None:
        """Count, and list the steps in their order."""
        self.report.waiting += len(self._waiting)
        for step in self._net():
            if self.most:
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

    def _net(self) -> Iterator[Step]:
        for kind, steps in self._steps.items():
            for key, found in steps.items():
                first, last = found if isinstance(found, tuple) else (found, found)
                step = self._step((kind, key), first, last)
                if step is not None:
                    yield step

    def _forget(self) -> None:
        """Keep no more than what counting needs."""
        self.most = 0
        self._records.clear()
        for steps in self._steps.values():
            for key, found in steps.items():
                if isinstance(found, tuple):
                    steps[key] = (_bare(found[0]), _bare(found[1]))
                else:
                    steps[key] = _bare(found)

    def _step(self, name: tuple[str, str], first: Step, last: Step) -> Step | None:
        """What the steps of one record come to; None when it is as it was."""
        new = first.action in ("create", "conflict")
        if last.action in ("remove", "merge", "resolve"):
            return None if new else last
        if (first.action, last.action) == ("resolve", "conflict"):
            return None
        before, after = self._records.get(name, (None, None))
        if new or before is None or after is None or first is last:
            return first if new else last
        if before.content() == after.content():
            return None
        if isinstance(before, ConfigurationItem) and isinstance(after, ConfigurationItem):
            action, detail = item_action(before, after), item_diff(before, after)
            return replace(last, action=action, detail=detail)
        return replace(last, action="change")
