"""From what sources say to a change set: hear, identify, reconcile. Pure but for what it reads."""

from collections.abc import Iterable
from typing import Any

from cmdb.identity.changes import Change, ChangeSet, Document, IdentifierChange
from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.conclusion import Rules, conclude_item
from cmdb.identity.identification import Identification
from cmdb.identity.identifiers import aliases, digest
from cmdb.identity.known import Known
from cmdb.identity.numbering import Numbering, oldest
from cmdb.identity.observation import ObservedItem
from cmdb.identity.plan import Plan, Run, Step, item_action, item_diff
from cmdb.identity.relations import PlacedRelation, RelationPlanner
from cmdb.identity.words import heard, item_word, repeats, withdrawn
from cmdb.identity.working import Working
from cmdb.schema.records import ConfigurationItem

REVIEW = "review"


class Planner:
    """Plans one commit. Say what there is to say, then ask for the plan, once."""

    def __init__(self, run: Run, rules: Rules, known: Known) -> None:
        self.run, self.rules, self.known = run, rules, known
        self.plan = Plan(ChangeSet())
        self.work = Working(known, rules)
        self.relations = RelationPlanner(run, rules, self.work, self.plan)
        self._order: dict[Name, int] = {}
        self.numbering = Numbering(self.work, self._order, self.plan.changes.fresh_number)
        self._changed: set[Name] = set()
        self._steady: set[Name] = set()
        self._said: set[Name] = set()
        self._confirmed: dict[Name, Change[Claim]] = {}

    def hear(self, items: Iterable[ObservedItem]) -> None:
        """Take what the source of the run says of items."""
        seen = list(items)
        names = [(self.run.source, one.key) for one in seen]
        others = [(a.source, a.key) for one in seen for a in one.aliases]
        self.work.load([*names, *others])
        for name, one in zip(names, seen, strict=True):
            stamp = (self.run.at if one.observed_at is None else one.observed_at, self.run.id)
            self._hear(name, item_word(one), stamp)

    def _hear(self, name: Name, word: dict[str, Any], stamp: tuple[float, str]) -> None:
        before = self.work.get(name)
        if before is None:
            claim = Claim("ci", *name, NOBODY, stamp[0], stamp[0], stamp[1], word)
            self._order.setdefault(name, len(self._order))
            self._change(claim)
            return
        if before.body is None:
            self._order.setdefault(name, len(self._order))
        if repeats(before, word):
            self.plan.unchanged["ci"] += 1
            if stamp > before.stamp:
                self._confirmed[name] = Change(before, before.said_again(stamp))
            return
        after = heard(before, word, stamp)
        if after is before:
            self.plan.unchanged["ci"] += 1
        elif self.work.signature(before) == self.work.signature(after):
            self.work.put(after)
            self._said.add(name)
        else:
            self._change(after)

    def _change(self, claim: Claim) -> None:
        """Put a claim whose identity is to be found (again)."""
        self.work.put(claim)
        self.work.note(claim)
        self._changed.add(claim.name)
        self._steady.discard(claim.name)
        for other in aliases(claim.body or {}):
            if self.work.get(other) is None:
                at = claim.stamp
                alias = Claim("ci", *other, NOBODY, at[0], at[0], at[1])
                self.work.put(alias)
                self._changed.add(other)

    def withdraw(self, names: Iterable[Name]) -> None:
        """Take it that the source no longer says these things."""
        wanted = list(names)
        self.work.load(wanted)
        for name in wanted:
            before = self.work.get(name)
            if before is None:
                continue
            after = withdrawn(before, (self.run.at, self.run.id))
            if after is not before:
                self._change(after)
                self.plan.withdrawn["ci"] += 1

    def restate(self, claim: Claim | None, name: Name) -> None:
        """Set a claim as it was at another time; None when it was not there.

        Its subject then says which CI its group wants to be again.
        """
        before = self.work.get(name)
        if claim is None:
            if before is not None:  # others may still state the name
                at = before.observed_at
                self.work.put(Claim("ci", *name, before.subject, at, at, ""))
                self._changed.add(name)
            return
        claim = self.numbering.again(claim)
        if claim == before:
            return
        if before is not None and self._same_thing(before, claim):
            self.work.put(claim)
            self._said.add(name)
        else:
            self._change(claim)
            self._steady.add(name)

    def _same_thing(self, before: Claim, after: Claim) -> bool:
        """Whether two states of a claim are alike in all that says which CI it is about."""
        if before.body is None or after.body is None or before.origin != after.origin:
            return False
        same = _same_subject(before, after)
        return same and self.work.signature(before) == self.work.signature(after)

    def undo(self, gone: dict[int, str]) -> None:
        """Let claims go back to the CIs they were about; `gone` are keys of some that are gone."""
        self.numbering.undo(gone)

    def reconsider(self, names: Iterable[Name]) -> None:
        """Identify these claims anew, and conclude their CIs, though nothing new was said."""
        wanted = list(names)
        self.work.load(wanted)
        known = {name for name in wanted if self.work.get(name) is not None}
        self._steady |= known - self._changed
        self._changed |= known

    def reconclude(self, names: Iterable[Name]) -> None:
        """Conclude the CIs of these claims anew, as who they are about stays."""
        wanted = list(names)
        self.work.load(wanted)
        self._said.update(name for name in wanted if self.work.get(name) is not None)

    def document(self, before: Document | None, after: Document | None) -> None:
        """Change a document in the same commit."""
        self.plan.changes.documents.append(Change(before, after))

    def relate(self, placed: Iterable[PlacedRelation], waiting: bool = False) -> None:
        """Take what the source says of relations; see `RelationPlanner.hear`."""
        self.relations.hear(placed, waiting)

    def finish(self) -> Plan:
        """The whole plan."""
        work = self.work
        identification = Identification(work, self.numbering)
        identification.run(self._changed, self._changed - self._steady)
        self.plan.renamed = self.numbering.renamed
        self._conclude(identification)
        self._claims()
        self._reviews(identification)
        self.relations.finish(self._steady)
        return self.plan

    def _conclude(self, identification: Identification) -> None:
        """Conclude every CI that something was said of, or whose claims changed."""
        work = self.work
        self._reread()
        touched = {
            claim.subject
            for name, claim in work.now.items()
            if claim is not None
            and (name in self._said or claim is not work.stored[name] or name in self._changed)
        }
        left = {
            stored.subject
            for name, stored in work.stored.items()
            if stored is not None
            and ((now := work.now[name]) is None or now.subject != stored.subject)
        }
        left |= {c.subject for n in self._changed if (c := work.stored.get(n)) is not None}
        numbers = (touched | left) - {NOBODY}
        work.load_about(numbers)
        work.load_items(numbers)
        claims: dict[int, list[Claim]] = {number: [] for number in numbers}
        again = {c.after.name: c.after for c in self.plan.changes.confirmed if c.after is not None}
        for name, claim in work.now.items():
            if claim is not None and claim.subject in claims and self.rules.counts(claim):
                claims[claim.subject].append(again.get(name, claim))
        for number in sorted(numbers, key=oldest):
            self._item(number, claims[number], identification)

    def _reread(self) -> None:
        """Also conclude what a confirmation can change: which of several sources is the latest."""
        confirmed = self.plan.changes.confirmed
        for name, change in self._confirmed.items():
            if name in self._said or name in self._changed or change.after is None:
                continue
            now = self.work.get(name)
            if now is not None and now is not self.work.stored[name]:  # it is of another CI now
                self.work.now[name] = now.said_again(change.after.stamp)
            else:
                confirmed.append(change)
        subjects = {change.after.subject for change in confirmed if change.after is not None}
        several = self.known.contested(subjects) if subjects else {}
        for change in confirmed if several else ():
            before, after = change.before, change.after
            if before is None or after is None or after.subject not in several:
                continue
            revived = self.rules.lapsed(before) and not self.rules.lapsed(after)
            if revived or self.rules.equals(several[after.subject]):
                self._said.add(after.name)
                self.work.now[after.name] = after

    def _item(self, number: int, claims: list[Claim], identification: Identification) -> None:
        before = self.work.items.get(number)
        if not any(claim.body is not None for claim in claims):
            if before is not None:
                self._gone(before, identification)
            return
        key = before.key if before is not None else self.numbering.keys.get(number)
        if key is None:  # a CI that is gone, of which only claims that do not count are left
            return
        concluded = conclude_item(key, claims, self.rules)
        source = max(claims, key=lambda claim: claim.stamp).source
        rule = identification.rules.get(number, "")
        if before is None:
            after = concluded.stored(number, 0)
            self.plan.changes.items.append(Change(None, after))
            self._step("create", after, rule, source, {})
        elif concluded.content() != before.content():
            after = concluded.stored(number, before.seq)
            self.plan.changes.items.append(Change(before, after))
            detail = item_diff(before, after)
            self._step(item_action(before, after), after, rule, source, detail)
        else:
            after = before
        self.relations.note(number, after, before)

    def _gone(self, item: ConfigurationItem, identification: Identification) -> None:
        """A CI that no claim is about any more: it became part of another, or nobody says it."""
        self.plan.changes.items.append(Change(item, None))
        self.relations.note(item.number, None, item)
        target = self.numbering.absorbed.get(item.number)
        while target in self.numbering.absorbed:
            target = self.numbering.absorbed[target]
        if target is None:
            self._step("remove", item, "", self.run.source, {})
        else:
            into = self.numbering.keys.get(target)
            if into is None:
                into = self.work.items[target].key
            rule = identification.rules.get(target, "")
            self._step("merge", item, rule, self.run.source, {"into": into})

    def _step(
        self, action: Any, item: ConfigurationItem, rule: str, source: str, detail: dict[str, Any]
    ) -> None:
        self.plan.steps.append(
            Step(action, "ci", item.key, item.type, item.name, rule, source, detail)
        )

    def _claims(self) -> None:
        """The changes of claims about CIs, and of the digests under which they are found."""
        changes = self.plan.changes
        confirmed = {one.after.name for one in changes.confirmed if one.after is not None}
        for name, now in self.work.now.items():
            before = self.work.stored.get(name, None)
            if now is before:
                continue
            if name in confirmed and _same_subject(before, now):
                continue
            changes.claims.append(Change(before, now))
            if before and now and before.body is now.body and before.founded == now.founded:
                continue
            old, new = self.work.digests(before), self.work.digests(now)
            if old != new:
                changes.identifiers.append(
                    IdentifierChange(*name, tuple(sorted(old - new)), tuple(sorted(new - old)))
                )

    def _reviews(self, identification: Identification) -> None:
        """Open what is disputed now, and close what no longer is."""
        found = {review_id(*value): one for value, one in identification.disputes.items()}
        held = {one.name: one for one in self.known.documents(REVIEW)}
        for id, document in held.items():
            if id not in found and self._ended(document, identification):
                self.plan.changes.documents.append(Change(document, None))
                self._review("resolve", id, document.body)
        for id, dispute in sorted(found.items()):
            before = held.get(id)
            body: dict[str, Any] = {
                "rule": dispute.rule,
                "value": dispute.value,
                "claims": [list(name) for name in dispute.claims],
                "reasons": list(dispute.reasons),
                "since": before.body["since"] if before else self.run.at,
            }
            if before is None or before.body != body:
                self.plan.changes.documents.append(Change(before, Document(REVIEW, id, body)))
                if before is None:
                    self._review("conflict", id, body)

    @staticmethod
    def _ended(review: Document, identification: Identification) -> bool:
        """Whether what a review is about was looked at (and found undisputed)."""
        claims = {(source, key) for source, key in review.body["claims"]}
        if claims:
            return not claims.isdisjoint(identification.looked_at)
        return identification.saw(review.body["rule"], review.body["value"])

    def _review(self, action: Any, id: str, body: dict[str, Any]) -> None:
        shown = body["value"].replace("\x1f", " ")
        self.plan.steps.append(
            Step(action, "review", id, body["rule"], shown, body["rule"], self.run.source, body)
        )


def _same_subject(before: Claim | None, now: Claim | None) -> bool:
    """Whether a claim is about the same CI, and founded the same."""
    if before is None or now is None:
        return False
    return (before.subject, before.founded) == (now.subject, now.founded)


def review_id(rule: str, value: str) -> str:
    """The name under which a disputed value is kept for review."""
    return f"{digest(rule, value) & (2**64 - 1):016x}"
