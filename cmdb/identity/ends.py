"""Where relations end: the CIs that the names mean which sources give to the ends.

A source that names an end by a key of its own means whatever its claim of that key is about. One
that uses the name of another source's claim means the CI, so when that claim goes, or counts no
more, another claim on the CI stands for it.
"""

from collections.abc import Iterable
from dataclasses import replace

from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.conclusion import Rules
from cmdb.identity.identifiers import end_digest
from cmdb.identity.working import Working
from cmdb.schema.records import ConfigurationItem

End = tuple[str, str]
"""(CI key, CI type) of one end."""


def end_names(claim: Claim) -> tuple[Name, Name]:
    """The names that a claim on a relation gives to its ends."""
    body = claim.body or {}
    (a, b), (c, d) = body["from"], body["to"]
    return (a, b), (c, d)


def joined(claim: Claim, ends: tuple[Name, Name]) -> Claim:
    """The claim between these ends."""
    body = {**(claim.body or {}), "from": list(ends[0]), "to": list(ends[1])}
    return replace(claim, body=body, ends=(end_digest(ends[0]), end_digest(ends[1])))


class Ends:
    """The ends of the relations of one plan."""

    def __init__(self, rules: Rules, work: Working) -> None:
        self.rules, self.work = rules, work
        self.items: dict[int, ConfigurationItem | None] = {}
        """CIs that came, went, or were looked at, as they will be."""

    def counts(self, name: Name) -> bool:
        """Whether there is a claim of this name, and it counts."""
        claim = self.work.get(name)
        return claim is not None and self.rules.counts(claim)

    def idle(self, name: Name) -> bool:
        """Whether there is a claim of this name that does not count."""
        return self.work.get(name) is not None and not self.counts(name)

    def found(self, names: Iterable[Name]) -> dict[Name, End]:
        """The CIs that names mean, as they will be."""
        wanted = set(names)
        self.work.load(wanted)
        subjects = {n: c.subject for n in wanted if (c := self.work.get(n)) is not None}
        self.work.load_items(n for n in subjects.values() if n not in self.items)
        ends: dict[Name, End] = {}
        for name, number in subjects.items():
            item = self.items[number] if number in self.items else self.work.items.get(number)
            if item is not None and self.counts(name):
                ends[name] = (item.key, item.type)
        return ends

    def kept(self, claims: Iterable[Claim]) -> list[Claim]:
        """The claims whose ends go by other names now, for those they had count no more."""
        told = [claim for claim in claims if claim.body is not None]
        heirs = self._heirs({n for claim in told for n in end_names(claim) if n[0] != claim.source})
        result = []
        for claim in told if heirs else ():
            first, second = (
                name if name[0] == claim.source else heirs.get(name, name)
                for name in end_names(claim)
            )
            if (first, second) != end_names(claim):
                result.append(joined(claim, (first, second)))
        return result

    def _heirs(self, names: set[Name]) -> dict[Name, Name]:
        """For names that do not count the least one that does, of the same CI."""
        self.work.load(names)
        lost = {name: self._last(name) for name in names if not self.counts(name)}
        numbers = set(lost.values()) - {NOBODY}
        self.work.load_about(numbers)
        heirs: dict[int, tuple[bool, Name]] = {}
        for claim in self.work.now.values() if numbers else ():
            if claim is not None and claim.subject in numbers and self.rules.counts(claim):
                mine = (claim.body is None, claim.name)
                heirs[claim.subject] = min(mine, heirs.get(claim.subject, mine))
        return {name: heirs[number][1] for name, number in lost.items() if number in heirs}

    def _last(self, name: Name) -> int:
        """The number of the CI that a claim is about, or was about before this plan."""
        both = (self.work.get(name), self.work.stored.get(name))
        numbers = (claim.subject for claim in both if claim is not None)
        return next((number for number in numbers if number != NOBODY), NOBODY)
