"""The answer to an impact question: rows, order, summary and what the answer says of itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from cmdb.errors import OutsideGraph
from cmdb.impact.explanation import Cause, Explainer
from cmdb.impact.kernel import STATES
from cmdb.impact.propagation import Propagation, propagate
from cmdb.impact.snapshot import Snapshot
from cmdb.impact.topology import TopologyItem, TopologyRelation

HIDDEN = {"hidden": True}


def _everything(item: TopologyItem) -> bool:
    return True


@dataclass
class BlastRadius:
    """What follows from failures on one snapshot.

    `visible` says which CIs the asker may see; the others take part, and are counted. `at` is the
    time (seconds since 1970) against which freshness is measured.
    """

    snapshot: Snapshot
    failures: Mapping[int, int]
    at: float
    visible: Callable[[TopologyItem], bool] = _everything
    propagation: Propagation = field(init=False)

    def __post_init__(self) -> None:
        for number in self.failures:
            if not self.snapshot.in_graph[number]:
                item = self.snapshot.item(number)
                raise OutsideGraph(place="failures", key=item.key, status=item.status)
        self.propagation = propagate(self.snapshot, self.failures)

    @cached_property
    def explainer(self) -> Explainer:
        """Explains the rows."""
        return Explainer(self.snapshot, self.propagation)

    @cached_property
    def _impacted(self) -> list[TopologyItem]:
        state, item, distance = (
            self.propagation.state,
            self.snapshot.item,
            self.propagation.distance,
        )
        numbers = self.propagation.impacted().tolist()
        return [
            item(n)
            for n in sorted(numbers, key=lambda n: (-int(state[n]), distance(n), item(n).key))
        ]

    @cached_property
    def seen(self) -> list[TopologyItem]:
        """The impacted CIs the asker may see: worst first, then distance, then key."""
        return [item for item in self._impacted if self.visible(item)]

    def rows(self, start: int = 0, stop: int | None = None) -> Iterable[dict[str, Any]]:
        """The rows of `impacted`, explained, from `start` up to `stop`."""
        return (self._row(item) for item in self.seen[start:stop])

    def _row(self, item: TopologyItem) -> dict[str, Any]:
        number = item.number
        steps = self.explainer.path(number)
        return {
            "key": item.key,
            "type": item.type,
            "name": item.name,
            "state": STATES[self.propagation.state[number]],
            "distance": self.propagation.distance(number),
            "causes": [self._cause(self.explainer.cause(number))],
            "path": [self._shown(ci) for ci, _ in steps],
        }

    def _cause(self, cause: Cause) -> dict[str, Any]:
        shown: dict[str, Any] = {"rule": cause.rule}
        if cause.rule == "dependency":
            shown["relation"] = cause.name
        elif cause.rule == "redundancy":
            shown["group"] = cause.name
        shown["from"] = [
            {"key": self.snapshot.key(ci), "state": STATES[state]}
            if self.visible(self.snapshot.item(ci))
            else HIDDEN
            for ci, state in cause.named
        ]
        if cause.rule == "connectivity":
            shown["hangs_on"] = None if cause.hangs_on is None else self._shown(cause.hangs_on)
        return shown

    def _shown(self, number: int) -> Any:
        item = self.snapshot.item(number)
        return item.key if self.visible(item) else HIDDEN

    def summary(self) -> dict[str, Any]:
        """Counts of the rows, and of those of type service or below."""
        catalog, state = self.snapshot.catalog, self.propagation.state
        rows = Counter(STATES[state[i.number]] for i in self.seen)
        services = Counter(
            STATES[state[i.number]] for i in self.seen if catalog.is_a(i.type, "service")
        )
        worst_first = STATES[:0:-1]
        return {
            **{name: rows[name] for name in worst_first},
            "services": {name: services[name] for name in worst_first},
        }

    def confidence(self) -> dict[str, int]:
        """What the answer says of itself."""
        return {
            "hidden": len(self._impacted) - len(self.seen),
            "unconfirmed": sum(self._unconfirmed(item) for item in self._impacted),
            "connectivity_not_evaluated": self.snapshot.network.not_evaluated,
        }

    @cached_property
    def _any_stale_relation(self) -> bool:
        return any(r is not None and self._stale_relation(r) for r in self.snapshot.relations)

    def _stale_item(self, item: TopologyItem) -> bool:
        limit = self.snapshot.catalog.freshness[item.type].total_seconds()
        return self.at - item.confirmed_at > limit

    def _stale_relation(self, relation: TopologyRelation) -> bool:
        limit = self.snapshot.catalog.relation_types[relation.type].freshness.total_seconds()
        return self.at - relation.confirmed_at > limit

    def _unconfirmed(self, item: TopologyItem) -> bool:
        if self._stale_item(item):
            return True
        if not self._any_stale_relation:
            return False
        steps = self.explainer.path(item.number)
        for (provider, _), (_, cause) in pairwise(steps):
            relations = cause.relations.get(provider, []) if cause else []
            if relations and all(self._stale_relation(r) for r in relations):
                return True
        return False

    def answer(self) -> dict[str, Any]:
        """The whole answer, in the form of `cmdb impact --format json`."""
        return {**self.head(), "impacted": list(self.rows()), **self.tail()}

    def head(self) -> dict[str, Any]:
        """The part before the rows."""
        return {
            "seq": self.snapshot.seq,
            "as_of": None,
            "failures": [
                {"key": self.snapshot.key(ci), "state": STATES[state]}
                for ci, state in self.failures.items()
            ],
        }

    def tail(self) -> dict[str, Any]:
        """The part after the rows."""
        return {"summary": self.summary(), "confidence": self.confidence()}
