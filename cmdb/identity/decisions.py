"""Decisions of people about identity: durable, undoable, and above every identifier.

They speak of claims by name, so they hold whatever is observed later.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, Literal

from cmdb.identity.claims import Name

KINDS = ("merge", "split", "pin", "ignore")


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decided.

    - merge: all `claims` are about one CI
    - split: no claim of `claims` is about the same CI as one of `others`
    - pin: the one claim is about the CI of the one in `others`, whatever it says of identity
    - ignore: the `claims` do not count; or the identifier (`rule`, `value`) identifies nothing

    Of two, the one with the greater `order` was made later.
    """

    id: str
    kind: Literal["merge", "split", "pin", "ignore"]
    claims: tuple[Name, ...] = ()
    others: tuple[Name, ...] = ()
    rule: str | None = None
    value: str | None = None
    reason: str = ""
    order: int = 0

    def body(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "kind": self.kind,
            "claims": [list(name) for name in self.claims],
            "others": [list(name) for name in self.others],
            "rule": self.rule,
            "value": self.value,
            "reason": self.reason,
            "order": self.order,
        }


def decision_of(id: str, body: dict[str, Any]) -> Decision:
    """A decision as it was stored."""
    return Decision(
        id,
        body["kind"],
        tuple((source, key) for source, key in body["claims"]),
        tuple((source, key) for source, key in body["others"]),
        body["rule"],
        body["value"],
        body["reason"],
        body.get("order", 0),
    )


def contrary(one: Decision, other: Decision) -> bool:
    """Whether two decisions say the opposite."""
    if one.kind == other.kind == "pin":
        return one.claims == other.claims
    joined, parted = (other, one) if one.kind == "split" else (one, other)
    if joined.kind not in ("merge", "pin") or parted.kind != "split":
        return False
    together = {*joined.claims, *joined.others}
    return not (together.isdisjoint(parted.claims) or together.isdisjoint(parted.others))


class Decisions:
    """All decisions that were made; of contrary ones the last is in force."""

    def __init__(self, made: Iterable[Decision] = ()) -> None:
        self.made = tuple(sorted(made, key=lambda one: (one.order, one.id)))
        self.in_force: list[Decision] = []
        self.ignored_claims: set[Name] = set()
        self.ignored_values: set[tuple[str, str]] = set()
        self.pinned: dict[Name, Name] = {}
        self.splits = False
        self._of: dict[Name, list[Decision]] = defaultdict(list)
        for one in reversed(self.made):
            if not any(contrary(one, later) for later in self._sharing(one)):
                self._enforce(one)

    def _sharing(self, one: Decision) -> set[Decision]:
        """The decisions in force that name any of the same claims."""
        return {other for name in (*one.claims, *one.others) for other in self.about(name)}

    def _enforce(self, one: Decision) -> None:
        self.in_force.append(one)
        for name in (*one.claims, *one.others):
            self._of[name].append(one)
        if one.kind == "ignore":
            self.ignored_claims.update(one.claims)
            if one.rule is not None and one.value is not None:
                self.ignored_values.add((one.rule, one.value))
        elif one.kind == "split":
            self.splits = True
        elif one.kind == "pin":
            self.pinned[one.claims[0]] = one.others[0]

    def plus(self, one: Decision) -> "Decisions":
        """With one more, which is the last."""
        last = max((other.order for other in self.made), default=0)
        return Decisions((*self.made, replace(one, order=last + 1)))

    def without(self, id: str) -> "Decisions":
        """As if one had not been made."""
        return Decisions(one for one in self.made if one.id != id)

    def about(self, name: Name) -> list[Decision]:
        """The decisions in force that name a claim."""
        return self._of.get(name, [])

    def bound(self, name: Name) -> set[Name]:
        """The claims that decisions name together with this one."""
        return {other for one in self.about(name) for other in (*one.claims, *one.others)}

    def parted(self, groups: Sequence[Set[Name]]) -> set[tuple[int, int]]:
        """The pairs of groups of claims of which somebody decided that they are not the same."""
        if not self.splits:
            return set()
        places = {name: place for place, names in enumerate(groups) for name in names}
        pairs = set()
        for one in {one for name in places for one in self.about(name) if one.kind == "split"}:
            left, right = (
                {places[name] for name in side if name in places}
                for side in (one.claims, one.others)
            )
            pairs |= {(min(a, b), max(a, b)) for a in left for b in right if a != b}
        return pairs
