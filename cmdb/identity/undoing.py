"""What is left of a claim when runs are undone: as if these runs had never been made.

A claim shows the last word on each field. What an undone run hid is in the log: how the claim was
before. What another undone run said there counts no more either, so it is looked behind that, too,
until only words are left that stand. They come to a claim as they did when they were said: the
later word on a field counts, and a withdrawal ends what was said before it. So whichever runs are
undone, in whatever order, the words are those that the other runs would have left.

The log does not keep what a run said where that changed nothing, so there this cannot hold:

- A word older than the one that was known is not there when that one is undone.
- A complete run, or a whole inventory, withdraws nothing that was withdrawn already: when that is
  undone the thing is back until the next such run.
- An occasion of sighting that several runs told goes with the first of them, unless none is left.
- Where only an undone run knew since when a source says a value, that counts from its last word.

Nor is asked anew what other runs decided by what was there: what a reference meant, which rows were
refused, or that a complete run froze.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from cmdb.identity.claims import (
    FIRST,
    OLDER,
    SINCE,
    WITHDRAWN,
    Body,
    Claim,
    Field,
    Stamp,
    path_of,
)
from cmdb.identity.sightings import EVIDENCE, added, without
from cmdb.identity.words import ended_at, fields

ENDS = ("from", "to")


class Step(NamedTuple):
    """What a run did to a claim in one commit."""

    seq: int
    before: Claim | None
    after: Claim | None


class Past(Protocol):
    """What the log says of the runs that are undone."""

    def undone(self, run: str, seq: int) -> bool:
        """Whether what a run had said before commit `seq` is undone."""
        ...

    def steps(self, run: str, claim: Claim) -> list[Step]:
        """What an undone run did to a claim, in its order."""
        ...

    def confirmed(self, run: str, claim: Claim, at: float) -> tuple[int, Stamp] | None:
        """In which commit an undone run repeated a claim as of a time; its stamp before that."""
        ...


class Word(NamedTuple):
    """A field as a source said it: what, and since when."""

    value: Any
    since: float


def remains(claim: Claim, seq: int, run: str, past: Past) -> Claim | None:
    """A claim as it is after commit `seq` without what is undone, as a run that is undone now."""
    steps = past.steps(run, claim)
    if claim.body is None:
        first = steps[0].before if steps else claim
        return first if first is not None and first.body is None else None
    left = _Remains(past)
    left.take(moved_back(claim, steps), seq)
    left.meet(run, claim)
    return left.claim()


def runs_of(claim: Claim) -> set[str]:
    """The runs of which a claim has words."""
    older = (claim.body or {}).get(OLDER, {})
    return {claim.run, *(run for _, run in older.values())}


def moved_back(claim: Claim, steps: list[Step]) -> Claim:
    """A relation's claim with the ends it had before a run gave them other names, if it did."""
    if claim.kind == "ci" or claim.body is None or not steps:
        return claim
    before, after = steps[0].before, steps[-1].after
    if before is None or after is None:
        return claim
    was, made = before.body or {}, after.body or {}
    ends = {
        end: was[end]
        for end in ENDS
        if end in was
        and claim.body[end] == made.get(end)
        and claim.stamp_of((end, "")) == before.stamp_of((end, ""))
    }
    return replace(claim, body={**claim.body, **ends})


class _Remains:
    """Gathers the words on one claim that stand, from how it is and how it was."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.words: dict[tuple[Field, Stamp], Word] = {}
        self.ends: set[Stamp] = set()
        self._states: list[tuple[int, Claim]] = []
        self._times: set[float] = set()
        """When undone runs spoke."""
        self._occasions: set[str] = set()
        """What undone runs were the first to sight."""
        self._met: set[str] = set()
        self._waiting: deque[tuple[int, Claim]] = deque()

    def take(self, claim: Claim, seq: int) -> None:
        """Take what stands of a claim as it was before a commit; what does not hides more."""
        self._states.append((seq, claim))
        lost: dict[Stamp, list[Field]] = {}
        for field, value in fields(claim.body or {}):
            stamp = claim.stamp_of(field)
            if self.past.undone(stamp[1], seq):
                lost.setdefault(stamp, []).append(field)
            else:
                since = min(claim.since(field), stamp[0])
                self.words.setdefault((field, stamp), Word(value, since))
        ended = ended_at(claim.body or {})
        if ended is not None and self.past.undone(ended[1], seq):
            self.meet(ended[1], claim)
        elif ended is not None:
            self.ends.add(ended)
        for stamp, names in lost.items():
            self._times.add(stamp[0])
            self.meet(stamp[1], claim)
            self._unconfirm(claim, stamp, names)

    def meet(self, run: str, claim: Claim) -> None:
        """Look at a claim as it was before an undone run changed it."""
        if run in self._met:
            return
        self._met.add(run)
        for seq, before, after in self.past.steps(run, claim):
            if after is not None and after.run == run:
                self._times.add(after.confirmed_at)
            self._occasions |= added(_told(before), _told(after))
            if before is not None and before.body is not None:
                self._waiting.append((seq, before))

    def _unconfirm(self, claim: Claim, stamp: Stamp, names: Iterable[Field]) -> None:
        """Look at fields as they were before an undone run repeated them."""
        steps = self.past.steps(stamp[1], claim)
        repeated = [name for name in names if not any(_says(step, name, stamp) for step in steps)]
        found = self.past.confirmed(stamp[1], claim, stamp[0]) if repeated else None
        if found is None:
            return
        seq, (at, run) = found
        body = _body({name: value for name, value in fields(claim.body or {}) if name in repeated})
        for name in (SINCE, FIRST):
            if name in (claim.body or {}):
                body[name] = (claim.body or {})[name]
        was = replace(claim, body=body, confirmed_at=at, run=run, withdrawn=False)
        self._waiting.append((seq, was))

    def claim(self) -> Claim | None:
        """The claim that the words come to; None when nobody says it."""
        while self._waiting:
            seq, claim = self._waiting.popleft()
            self.take(claim, seq)
        said, ended = self._said()
        if not said:
            return None
        stated = {field: (stamp, word.value) for field, (stamp, word) in said.items()}
        same = [one for one in self._states if _stated(one[1]) == (stated, ended)]
        base = min(same, key=lambda one: one[0])[1] if same else self._states[0][1]
        if same and not any(base.since(field) in self._times for field in said):
            return base
        return _restated(base, said, ended)

    def _said(self) -> tuple[dict[Field, tuple[Stamp, Word]], Stamp | None]:
        """The last word on each field since the last withdrawal, or what that one ended."""
        ended = max(self.ends, default=None)
        for start in (*sorted(self.ends, reverse=True), None):
            said: dict[Field, tuple[Stamp, Word]] = {}
            for (field, stamp), word in self.words.items():
                known = said.get(field)
                if (start is None or stamp > start) and (known is None or stamp > known[0]):
                    said[field] = (stamp, self._standing(field, stamp, word))
            if said:
                return said, ended
        return {}, None

    def _standing(self, field: Field, stamp: Stamp, word: Word) -> Word:
        value, since = word
        if field == (EVIDENCE, ""):
            value = without(value, self._occasions)
        return Word(value, stamp[0] if since in self._times else since)


def _says(step: Step, field: Field, stamp: Stamp) -> bool:
    """Whether a field got its stamp by this step."""
    after, before = step.after, step.before
    if after is None or after.stamp_of(field) != stamp:
        return False
    if before is None or before.stamp_of(field) != stamp:
        return True
    return all(field != known for known, _ in fields(before.body or {}))


def _stated(claim: Claim) -> tuple[dict[Field, tuple[Stamp, Any]], Stamp | None]:
    body = claim.body or {}
    return {field: (claim.stamp_of(field), value) for field, value in fields(body)}, ended_at(body)


def _told(claim: Claim | None) -> Body:
    return {} if claim is None or claim.body is None else claim.body


def _body(values: dict[Field, Any]) -> Body:
    body: Body = {}
    for (group, name), value in sorted(values.items()):
        if name:
            body.setdefault(group, {})[name] = value
        else:
            body[group] = value
    return body


def _restated(claim: Claim, said: dict[Field, tuple[Stamp, Word]], ended: Stamp | None) -> Claim:
    """A claim that says this."""
    stamp = max(stamp for stamp, _ in said.values())
    gone = ended is not None and ended >= stamp
    since = {path_of(field): word.since for field, (_, word) in said.items()}
    observed = ended[0] if gone and ended else max(since.values())
    body = _body({field: word.value for field, (_, word) in said.items()})
    older = {path_of(field): list(at) for field, (at, _) in said.items() if at != stamp}
    if older:
        body[OLDER] = older
    if set(since.values()) != {observed}:
        body[FIRST] = first = min(since.values())
        later = {path: at for path, at in since.items() if at != first}
        body |= {SINCE: later} if later else {}
    if ended is not None:
        body[WITHDRAWN] = list(ended)
    return replace(
        claim,
        body=body,
        withdrawn=gone,
        observed_at=observed,
        confirmed_at=stamp[0],
        run=stamp[1],
    )
