"""What the log says of runs that are undone."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Literal

from cmdb.history.log import LogEntry
from cmdb.identity.claims import Claim, Kind, Name, Stamp
from cmdb.identity.identifiers import end_digest
from cmdb.identity.undoing import Step, runs_of
from cmdb.services.ports import GraphStore

UNDONE = "undone run"
"""Documents, by run, that say after which commit a run was undone."""

Group = Literal["cis", "relations"]
GROUPS: dict[Kind, Group] = {"ci": "cis", "relation": "relations"}


class RunLog:
    """All that one run did to claims."""

    def __init__(self, store: GraphStore, run: str) -> None:
        self.store, self.run = store, run
        self.seqs = store.commits_of(run)
        self.gone: dict[int, str] = {}
        """The keys of CIs that are no more since, by number."""
        self._steps: dict[tuple[Kind, Name], list[Step]] = {}
        self._repeated: dict[tuple[str, float], list[Repetition]] = {}
        for seq in self.seqs:
            for commit in store.log(seq - 1, 1):
                for entry in commit.entries:
                    self._take(seq, entry)

    def _take(self, seq: int, entry: LogEntry) -> None:
        if entry.kind == "claim":
            kind, name, before, after = _claims(entry)
            self._steps.setdefault((kind, name), []).append(Step(seq, before, after))
        elif entry.kind == "confirmation":
            made = Repetition(seq, entry)
            self._repeated.setdefault((entry.subject, made.at), []).append(made)
        elif entry.kind == "ci" and entry.after is None and entry.before is not None:
            self.gone[entry.before["number"]] = entry.before["key"]

    def steps(self, claim: Claim) -> list[Step]:
        """What it did to a claim, in its order."""
        return self._steps.get((claim.kind, claim.name), [])

    def confirmed(self, claim: Claim, at: float) -> tuple[int, Stamp] | None:
        """In which commit it repeated a claim as of a time, and the claim's stamp before."""
        known = self._repeated.get((claim.source, at), ())
        for certain in (Repetition.named, Repetition.numbered, Repetition.others):
            for one in known:
                stamp = certain(one, claim)
                if stamp is not None:
                    return one.seq, stamp
        return None

    def claims(self) -> Iterator[Claim]:
        """The claims that it changed, and those of which it has words, as they are now."""
        seen: set[tuple[Kind, Name]] = set()
        for claim in self._now():
            if (claim.kind, claim.name) not in seen:
                seen.add((claim.kind, claim.name))
                yield claim

    def _now(self) -> Iterator[Claim]:
        keys: dict[tuple[Kind, str], list[str]] = {}
        for kind, (source, key) in self._steps:
            keys.setdefault((kind, source), []).append(key)
        for (kind, source), wanted in keys.items():
            yield from self.store.claims(kind, source, wanted).values()
        for source in sorted({source for source, _ in self._repeated}):
            for kind in GROUPS:
                for claim in self._confirmed(kind, source):
                    if self.run in runs_of(claim):
                        yield claim

    def _confirmed(self, kind: Kind, source: str) -> Iterator[Claim]:
        """Claims that it may have confirmed: by name, by number, and those that moved since."""
        known = [
            one for (name, _), some in self._repeated.items() if name == source for one in some
        ]
        keys = {key for one in known for key in one.keys(kind)}
        yield from self.store.claims(kind, source, sorted(keys)).values()
        numbers = Counter(number for one in known for number in one.numbers(kind))
        found = [
            claim
            for claims in self.store.claims_about(kind, numbers).values()
            for claim in claims
            if claim.source == source and self.run in runs_of(claim)
        ]
        yield from found
        if numbers - Counter(claim.subject for claim in found if not self.steps(claim)):
            yield from self.store.claims_of(kind, source, withdrawn=True)


class Repetition:
    """The claims that a run repeated in one commit as of one time."""

    def __init__(self, seq: int, entry: LogEntry) -> None:
        self.seq, self.at = seq, float((entry.after or {})["at"])
        self._stamps: list[dict[str, Any]] = (entry.before or {})["stamps"]

    @cached_property
    def _names(self) -> dict[tuple[Group, str], Stamp]:
        return {
            (group, key): (one["at"], one["run"])
            for one in self._stamps
            for group, keys in one.get("keys", {}).items()
            for key in keys
        }

    def keys(self, kind: Kind) -> Iterable[str]:
        """The keys of claims that are named."""
        return (key for group, key in self._names if group == GROUPS[kind])

    def numbers(self, kind: Kind) -> Iterator[int]:
        """What the claims that are not named were about."""
        for one in self._unnamed:
            for first, last in one[GROUPS[kind]]:
                yield from range(first, last + 1)

    @cached_property
    def _unnamed(self) -> list[dict[str, Any]]:
        return [one for one in self._stamps if "keys" not in one]

    def named(self, claim: Claim) -> Stamp | None:
        """The stamp before of a claim that is named."""
        return self._names.get((GROUPS[claim.kind], claim.key))

    def numbered(self, claim: Claim) -> Stamp | None:
        """The stamp before of a claim that is about what it was about then."""
        for one in self._unnamed:
            if any(first <= claim.subject <= last for first, last in one[GROUPS[claim.kind]]):
                return one["at"], one["run"]
        return None

    def others(self, claim: Claim) -> Stamp | None:
        """The stamp before of a claim that is about something else now."""
        for one in self._unnamed:
            if one[GROUPS[claim.kind]]:
                return one["at"], one["run"]
        return None


class UndoneRuns:
    """The runs that are undone, and one that is undone now; reads of the log what is asked for."""

    def __init__(self, store: GraphStore, run: str) -> None:
        self.store, self.run, self.now = store, run, store.seq()
        self._until = {one.name: int(one.body["seq"]) for one in store.documents(UNDONE)}
        self._logs: dict[str, RunLog] = {}
        self.news = any(seq > self._until.get(run, 0) for seq in self.log(run).seqs)
        """Whether the run said anything that is not undone yet."""
        self._until[run] = self.now

    def log(self, run: str) -> RunLog:
        """All that a run did."""
        if run not in self._logs:
            self._logs[run] = RunLog(self.store, run)
        return self._logs[run]

    def undone(self, run: str, seq: int) -> bool:
        """Whether what a run had said before commit `seq` is undone."""
        return seq <= self._until.get(run, 0)

    def steps(self, run: str, claim: Claim) -> list[Step]:
        """What an undone run did to a claim, in its order."""
        return self.log(run).steps(claim)

    def confirmed(self, run: str, claim: Claim, at: float) -> tuple[int, Stamp] | None:
        """In which commit an undone run repeated a claim as of a time; its stamp before that."""
        return self.log(run).confirmed(claim, at)


def _claims(entry: LogEntry) -> tuple[Kind, Name, Claim | None, Claim | None]:
    """The name of the claim that an entry changed, and how it was before and after."""
    form = entry.before or entry.after or {}
    kind: Any = entry.subject.partition(":")[0]
    was, made = (None if one is None else _formed(kind, one) for one in (entry.before, entry.after))
    return kind, (form["source"], form["key"]), was, made


def _formed(kind: Any, form: dict[str, Any]) -> Claim:
    body = form["body"]
    ends = None
    if kind == "relation" and body is not None:
        ends = end_digest(tuple(body["from"])), end_digest(tuple(body["to"]))
    return Claim(
        kind,
        form["source"],
        form["key"],
        form["subject"],
        form["observed_at"],
        form.get("confirmed_at", form["observed_at"]),
        form["run"],
        body,
        form.get("withdrawn", False),
        form.get("founded"),
        form.get("origin"),
        ends,
    )
