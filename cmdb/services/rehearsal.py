"""Dry runs: the same work on a layer over the store, which keeps to itself what is committed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from cmdb.history.log import Commit
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.identity.claims import Claim, Kind
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.services.ports import GraphStore, ItemQuery, Matches, Signature, matches

FIRST = 1 << 40
"""The first number that is given to a new record: greater than any of the store."""

Id = tuple[Kind, str, str]
"""What names a claim: kind, source, key."""


class Rehearsal:
    """A GraphStore that answers as if what was committed to it stood in the store below.

    The store below is only read, and answers what a dry run does not change, such as marks. For
    one thread.
    """

    def __init__(self, store: GraphStore) -> None:
        self._store, self._seq, self._fresh = store, store.seq(), FIRST
        self._items: dict[int, ConfigurationItem | None] = {}
        self._relations: dict[int, Relation | None] = {}
        self._claims: dict[Id, Claim | None] = {}
        self._documents: dict[tuple[str, str], Document | None] = {}
        self._items_before: dict[int, ConfigurationItem | None] = {}
        self._relations_before: dict[int, Relation | None] = {}
        self._keys: dict[str, int] = {}
        self._identities: dict[RelationIdentity, int] = {}
        self._about: dict[tuple[Kind, int], set[Id]] = {}
        self._ends: dict[int, set[Id]] = defaultdict(set)
        self._found: dict[int, set[Id]] = defaultdict(set)
        self._lost: dict[int, set[Id]] = defaultdict(set)
        self._meant: dict[str, set[int]] = defaultdict(set)
        """The CIs that a reference may mean: by key, name, or the key of a claim."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def changes(self) -> ChangeSet:
        """All that was committed, as one change set of CIs and relations."""
        made = ChangeSet()
        for number, item in self._items.items():
            if (was := self._items_before[number]) is not None or item is not None:
                made.items.append(Change(was, item))
        for number, relation in self._relations.items():
            if (one := self._relations_before[number]) is not None or relation is not None:
                made.relations.append(Change(one, relation))
        return made

    def seq(self) -> int:
        """Number of the last commit."""
        return self._seq

    def commit_planned(self, plan: Callable[[], ChangeSet], signature: Signature) -> Commit | None:
        """Plan, and keep what is to be done; None when there is nothing."""
        changes = plan()
        return self.commit(changes, signature) if changes else None

    def commit(self, changes: ChangeSet, signature: Signature) -> Commit:
        """Keep what is to be done."""
        self._seq += 1
        numbers: dict[tuple[str, int], int] = {}
        for item in changes.items:
            self._keep_item(item, numbers)
        for relation in changes.relations:
            self._keep_relation(relation, numbers)
        for claim in changes.claims:
            after = None if claim.after is None else claim.after.numbered(numbers)
            self._keep_claim(claim.before, after)
        for one in changes.identifiers:
            self._keep_digests(("ci", one.source, one.key), one.removed, one.added)
        for document in changes.documents:
            if (known := document.after or document.before) is not None:
                self._documents[known.kind, known.name] = document.after
        for said in changes.confirmed:
            self._keep_claim(said.before, said.after)
        return Commit(self._seq, signature.at, signature.actor, signature.reason, signature.run)

    def _number(self, before: Any, after: Any, kind: str, numbers: dict[Any, int]) -> int:
        if before is not None:
            return int(before.number)
        self._fresh += 1
        numbers[kind, after.number] = self._fresh
        return self._fresh

    def _keep_item(self, change: Change[ConfigurationItem], numbers: dict[Any, int]) -> None:
        before, after = change.before, change.after
        number = self._number(before, after, "ci", numbers)
        self._items_before.setdefault(number, before)
        self._items[number] = None if after is None else after.stored(number, self._seq)
        if after is not None:
            self._keys[after.key] = number
            for word in (after.key, after.name):
                self._meant[word].add(number)

    def _keep_relation(self, change: Change[Relation], numbers: dict[Any, int]) -> None:
        before, after = change.before, change.after
        number = self._number(before, after, "relation", numbers)
        self._relations_before.setdefault(number, before)
        self._relations[number] = None if after is None else after.stored(number, self._seq)
        if after is not None:
            self._identities[after.identity] = number

    def _keep_claim(self, before: Claim | None, after: Claim | None) -> None:
        one = after or before
        if one is None:
            return
        id = (one.kind, one.source, one.key)
        was = self._claims.get(id, before)
        if was is not None:
            self._about.setdefault((was.kind, was.subject), set()).discard(id)
            for end in was.ends or ():
                self._ends[end].discard(id)
        self._claims[id] = after
        if after is not None:
            self._about.setdefault((after.kind, after.subject), set()).add(id)
            for end in after.ends or ():
                self._ends[end].add(id)
            if after.kind == "ci":
                for word in (after.key, f"{after.source}:{after.key}"):
                    self._meant[word].add(after.subject)

    def _keep_digests(self, id: Id, removed: Iterable[int], added: Iterable[int]) -> None:
        for places, others, digests in (
            (self._lost, self._found, removed),
            (self._found, self._lost, added),
        ):
            for one in digests:
                (others[one].remove if id in others[one] else places[one].add)(id)

    def _untouched(self, claims: Iterable[Claim]) -> list[Claim]:
        """Of claims of the store below those that are as they were."""
        return [c for c in claims if (c.kind, c.source, c.key) not in self._claims]

    def _now(self, ids: Iterable[Id]) -> list[Claim]:
        """These claims as they are kept here."""
        return [claim for id in ids if (claim := self._claims.get(id)) is not None]

    def claims(self, kind: Kind, source: str, keys: Iterable[str]) -> dict[str, Claim]:
        """What the source says under these keys, by key."""
        wanted = dict.fromkeys(keys)
        below = [key for key in wanted if (kind, source, key) not in self._claims]
        found = self._store.claims(kind, source, below) if below else {}
        return found | {c.key: c for c in self._now((kind, source, key) for key in wanted)}

    def claims_about(self, kind: Kind, subjects: Iterable[int]) -> dict[int, list[Claim]]:
        """All claims on these CIs or relations, by number."""
        wanted = dict.fromkeys(subjects)
        below = self._store.claims_about(kind, [number for number in wanted if number < FIRST])
        found: dict[int, list[Claim]] = {}
        for number in wanted:
            claims = self._untouched(below.get(number, ()))
            claims += self._now(self._about.get((kind, number), ()))
            if claims:
                found[number] = sorted(claims, key=lambda claim: claim.name)
        return found

    def claims_identified(self, digests: Iterable[int]) -> list[Claim]:
        """The claims about CIs that are found under one of these digests."""
        wanted = set(digests)
        lost = {one for one in wanted if self._lost.get(one)}
        found = {("ci", *c.name): c for c in self._store.claims_identified(wanted - lost)}
        for one in lost:
            same = {("ci", *c.name): c for c in self._store.claims_identified([one])}
            found |= {id: claim for id, claim in same.items() if id not in self._lost[one]}
        ids = dict.fromkeys(id for one in wanted for id in self._found.get(one, ()))
        ids |= dict.fromkeys(id for id in found if id in self._claims)
        return self._untouched(found.values()) + self._now(ids)

    def common(self, digests: Iterable[int], more_than: int) -> dict[int, int]:
        """How many claims are found under each digest, for those with more than so many."""
        wanted = set(digests)
        touched = {one for one in wanted if self._found.get(one) or self._lost.get(one)}
        found = dict(self._store.common(wanted - touched, more_than))
        below = self._store.common(touched, 0) if touched else {}
        for one in touched:
            lost, added = self._lost.get(one, ()), self._found.get(one, ())
            if (count := below.get(one, 0) - len(lost) + len(added)) > more_than:
                found[one] = count
        return found

    def contested(self, subjects: Iterable[int]) -> dict[int, list[str]]:
        """For those of the CIs about which more than one claim has a word: of which sources."""
        wanted = set(subjects)
        touched = {number for number in wanted if ("ci", number) in self._about}
        found = dict(self._store.contested(wanted - touched))
        for number, claims in self.claims_about("ci", touched).items():
            sources = [claim.source for claim in claims if claim.body is not None]
            if len(sources) > 1:
                found[number] = sources
        return found

    def claims_at(self, ends: Iterable[int]) -> list[Claim]:
        """The claims on relations that have one of these digests at an end."""
        wanted = set(ends)
        here = dict.fromkeys(id for one in wanted for id in self._ends.get(one, ()))
        return self._untouched(self._store.claims_at(wanted)) + self._now(here)

    def claims_of(self, kind: Kind, source: str, withdrawn: bool = False) -> Iterator[Claim]:
        """All current claims of a source, by key; with `withdrawn` those that it withdrew, too."""
        mine = [c for c in self._now(self._claims) if (c.kind, c.source) == (kind, source)]
        below = self._untouched(self._store.claims_of(kind, source, withdrawn))
        current = [*below, *(claim for claim in mine if withdrawn or not claim.withdrawn)]
        return iter(sorted(current, key=lambda claim: claim.key))

    def items(self, keys: Iterable[str]) -> dict[str, ConfigurationItem]:
        """The CIs that have these keys, by key."""
        wanted = list(keys)
        below = self._store.items(wanted)
        found = {key: one for key, one in below.items() if one.number not in self._items}
        for key in wanted:
            item = self._items.get(self._keys.get(key, -1))
            if item is not None:
                found[key] = item
        return found

    def items_by_number(self, numbers: Iterable[int]) -> dict[int, ConfigurationItem]:
        """The CIs that have these numbers."""
        wanted = list(numbers)
        found = self._store.items_by_number([n for n in wanted if n not in self._items])
        return found | {n: one for n in wanted if (one := self._items.get(n)) is not None}

    def find_items(self, query: ItemQuery) -> list[ConfigurationItem]:
        """One page of CIs by key, of which a query may say attributes."""
        below = self._store.find_items(query)
        after = query.after[1] if query.after is not None else ""
        last = below[-1].key if len(below) == query.limit else None
        wanted = query.attributes.items()
        page = [one for one in below if one.number not in self._items]
        page += [
            one
            for one in self._items.values()
            if one is not None and wanted <= one.attributes.items()
            if after < one.key and (last is None or one.key <= last)
        ]
        if not page and last is not None:
            return self.find_items(replace(query, after=(last, last)))
        return sorted(page, key=lambda one: one.key)

    def relations(self, identities: Iterable[RelationIdentity]) -> dict[RelationIdentity, Relation]:
        """The relations that have these identities."""
        wanted = list(identities)
        below = self._store.relations(wanted)
        found = {name: one for name, one in below.items() if one.number not in self._relations}
        for name in wanted:
            relation = self._relations.get(self._identities.get(name, -1))
            if relation is not None:
                found[name] = relation
        return found

    def relations_by_number(self, numbers: Iterable[int]) -> dict[int, Relation]:
        """The relations that have these numbers."""
        wanted = list(numbers)
        found = self._store.relations_by_number([n for n in wanted if n not in self._relations])
        return found | {n: one for n in wanted if (one := self._relations.get(n)) is not None}

    def documents(self, kind: str) -> list[Document]:
        """All documents of a kind, by name."""
        found = {one.name: one for one in self._store.documents(kind)}
        for (its_kind, name), document in self._documents.items():
            if its_kind == kind:
                found.pop(name, None)
                if document is not None:
                    found[name] = document
        return [found[name] for name in sorted(found)]

    def candidates(self, references: Iterable[str]) -> dict[str, Matches]:
        """For each reference that may mean any CI: which ones, by kind of match."""
        wanted = list(references)
        below = {
            name: {key for keys in kinds for key in keys}
            for name, kinds in self._store.candidates(wanted).items()
        }
        items = self.items({key for keys in below.values() for key in keys})
        numbers = {name: set(self._meant.get(name, ())) for name in wanted}
        for name, keys in below.items():
            numbers[name] |= {items[key].number for key in keys if key in items}
        there = self.items_by_number({number for some in numbers.values() for number in some})
        about = self.claims_about("ci", there)
        return matches(
            (kind, reference, there[number].key)
            for reference, some in numbers.items()
            for number in some & there.keys()
            for kind in _kinds(reference, there[number], about.get(number, ()))
        )


def _kinds(reference: str, item: ConfigurationItem, claims: Iterable[Claim]) -> Iterator[int]:
    """In what ways a reference means a CI: as its key, by a claim, as its name."""
    if item.key == reference:
        yield 0
    if any(reference in (claim.key, f"{claim.source}:{claim.key}") for claim in claims):
        yield 1
    if item.name == reference:
        yield 2
