"""From observed items to changed CIs: identification by (source, key), then reconciliation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from cmdb.errors import IdentityConflict
from cmdb.identity.changes import Change, ChangeSet
from cmdb.identity.claims import Claim, conclude_item, item_body
from cmdb.identity.observation import ObservedItem
from cmdb.identity.plan import Plan, Run
from cmdb.schema.records import ConfigurationItem


@dataclass(slots=True)
class KnownItems:
    """What the store holds about the items of a batch.

    `claims` by (source, key); `about` and `items` by CI number; `taken` are keys in use among
    those the batch may want.
    """

    claims: dict[tuple[str, str], Claim]
    about: dict[int, list[Claim]]
    items: dict[int, ConfigurationItem]
    taken: set[str]


class ItemPlanner:
    """Plans one batch; pure. `key_taken` asks whether a key beyond `known.taken` is in use."""

    def __init__(self, run: Run, known: KnownItems, key_taken: Callable[[str], bool]) -> None:
        self.run = run
        self.known = known
        self.key_taken = key_taken
        self.plan = Plan(ChangeSet(confirmed_at=run.at))
        self._claims: dict[tuple[str, str], Change[Claim]] = {}
        self._subjects: dict[int, ConfigurationItem | None] = {}
        self._keys: dict[int, str] = {}

    def take(self, seen: Iterable[ObservedItem], onto: ConfigurationItem | None = None) -> Plan:
        """Plan all items of the batch; `onto` says which CI they are, when known."""
        for one in seen:
            self._take(one, onto)
        self.plan.changes.claims = list(self._claims.values())
        for number in self._keys:
            self._conclude(number)
        return self.plan

    def _take(self, seen: ObservedItem, onto: ConfigurationItem | None) -> None:
        own = (self.run.source, seen.key)
        names = [own, *((a.source, a.key) for a in seen.aliases)]
        found = sorted({c.subject for name in names if (c := self._claim(name)) is not None})
        if len(found) > 1:
            keys = ", ".join(f"'{self._key(number)}'" for number in found)
            self.plan.errors.append(
                IdentityConflict(place=seen.place, key=seen.key, candidates=keys)
            )
            return
        if onto is not None:
            found = [onto.number]
        number = found[0] if found else self._new(seen)
        self.plan.subjects[seen.key] = (self._key(number), seen.type)
        for name in names[1:]:
            if self._claim(name) is None:
                alias = Claim("ci", *name, number, self.run.at, self.run.at, self.run.id)
                self._change(None, alias)
        self._speak(seen, own, number)

    def _speak(self, seen: ObservedItem, own: tuple[str, str], number: int) -> None:
        """Record the source's word, unless it said the same, or something later, before."""
        before = self._claim(own)
        spoken = before is not None and not before.withdrawn
        body = item_body(seen, before.body if before is not None and spoken else None)
        if before is not None and spoken and before.body == body:
            self.plan.changes.confirmed.append(before)
            self.plan.counts.unchanged += number not in self._keys
            return
        heard = before is not None and before.body is not None
        if before is not None and heard and before.observed_at > self.run.at:
            self.plan.counts.unchanged += 1
            return
        after = Claim("ci", *own, number, self.run.at, self.run.at, self.run.id, body)
        self._change(before, after)
        self._keys.setdefault(number, self._key(number))

    def withdraw(self, claims: Iterable[Claim]) -> Plan:
        """Plan that a source no longer says these things."""
        for claim in claims:
            self._change(claim, replace(claim, withdrawn=True, observed_at=self.run.at))
            self._keys.setdefault(claim.subject, self._key(claim.subject))
            self.plan.counts.withdrawn += 1
        return self.take(())

    def _claim(self, name: tuple[str, str]) -> Claim | None:
        change = self._claims.get(name)
        return change.after if change else self.known.claims.get(name)

    def _change(self, before: Claim | None, after: Claim) -> None:
        name = (after.source, after.key)
        known = self._claims.get(name)
        self._claims[name] = Change(known.before if known else before, after)
        about = self.known.about.setdefault(after.subject, [])
        about[:] = [c for c in about if (c.source, c.key) != name] + [after]

    def _new(self, seen: ObservedItem) -> int:
        """A new CI with the source's key, made unique where taken."""
        number = self.plan.changes.fresh_number()
        key, attempt = seen.key, 1
        while key in self.known.taken or (attempt > 1 and self.key_taken(key)):
            attempt += 1
            key = f"{seen.key}~{attempt}"
        if attempt > 1:
            self.plan.warnings.append(
                f"{seen.place}: '{seen.key}' is the key of another configuration item; this one "
                f"became '{key}'. To mean the same one, give its source and key as \"aliases\""
            )
        self.known.taken.add(key)
        self._keys[number] = key
        return number

    def _key(self, number: int) -> str:
        return self._keys[number] if number in self._keys else self.known.items[number].key

    def _conclude(self, number: int) -> None:
        before = self.known.items.get(number)
        concluded = conclude_item(self._keys[number], self.known.about[number])
        if before is None:
            self.plan.counts.created += 1
            self.plan.created.add(concluded.key)
            self.plan.changes.items.append(Change(None, concluded.stored(number, 0)))
        elif concluded.content() != before.content():
            self.plan.counts.changed += 1
            after = concluded.stored(number, before.seq)
            self.plan.changes.items.append(Change(before, after))
        else:
            self.plan.counts.unchanged += 1
