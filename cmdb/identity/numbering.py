"""Which CI each group of claims is: one that is there, one that was there before, or a new one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.groups import Node
from cmdb.identity.identifiers import key_digest
from cmdb.identity.working import Working

Groups = list[list[Node]]
Age = tuple[bool, int]

REVIVED, FOUNDED, NEW = 0, 1, 2
"""What a group wishes its key for: it had it until it was gone, came in with it, or is new."""


class Numbering:
    """Gives groups of claims the numbers and keys of CIs.

    `order` says in which order new claims came in; `new_number` gives placeholders.
    """

    def __init__(
        self, work: Working, order: dict[Name, int], new_number: Callable[[], int]
    ) -> None:
        self.work, self.order, self.new_number = work, order, new_number
        self.anew: set[Name] = set()
        """The claims that say something else of their identity than before."""
        self.keys: dict[int, str] = {}
        """The keys of new CIs."""
        self.gone: dict[int, str] = {}
        """The keys of CIs that are gone, for claims that are to be about these again."""
        self._undoing = False
        self._back: dict[int, int] = {}
        """CIs that were gone and are there again, under another number."""
        self.absorbed: dict[int, int] = {}
        """CIs that became part of another."""
        self.renamed: list[tuple[str, str]] = []
        """Keys that were taken, and what they became."""

    def revive(self, gone: dict[int, str]) -> None:
        """Let claims have the keys again that they had before what is undone now.

        `gone` are the keys of the CIs that went with it.
        """
        self._undoing = True
        there = self.work.known.items(gone.values()) if gone else {}
        self._back |= {n: there[key].number for n, key in gone.items() if key in there}
        self.gone |= {n: key for n, key in gone.items() if key not in there}

    def again(self, claim: Claim) -> Claim:
        """A claim as it was, about the CI that it was about."""
        number = self._back.get(claim.subject)
        return claim if number is None else claim.placed(number, claim.founded, claim.origin)

    def number(self, groups: Groups) -> list[int]:
        """The number of each group, which its claims are about from now on."""
        owned = self._owned(groups)
        new = self._new(owned, groups)
        numbers = [new[p] if p in new else own[0] for p, own in enumerate(owned)]
        for number, own in zip(numbers, owned, strict=True):
            self.absorbed |= {one: number for one in own if one != number}
            self._back |= {one: number for one in own if self.gone.pop(one, None) is not None}
        keys = [self.key(number) or "" for number in numbers]
        lacking = {
            key
            for key, group in zip(keys, groups, strict=True)
            if all(node.claim.founded != key for node in group)
            and any(node.claim.subject != NOBODY for node in group)
        }
        _, founded = self._taken(lacking)  # by claims that do not count
        for number, key, group in zip(numbers, keys, groups, strict=True):
            self._assign(group, number, key, key not in founded)
        return numbers

    def key(self, number: int) -> str | None:
        """The key of a CI that is there, will be, or is to be again."""
        known = self.work.items.get(number)
        if known is not None:
            return known.key
        return self.keys.get(number) or self.gone.get(number)

    def _owned(self, groups: Groups) -> list[list[int]]:
        """The CIs that each group is, the one that came first at the head."""
        for node in (node for group in groups for node in group):
            again = self.again(node.claim)
            if again is not node.claim:
                node.claim = again
                self.work.put(again)
        subjects = {number for group in groups for number in self._subjects(group)}
        self.work.load_items(subjects)
        there = {key: number for number in subjects if (key := self.key(number)) is not None}
        wanted: dict[int, list[int]] = defaultdict(list)
        for position, group in enumerate(groups):
            founded = {there[n.claim.founded] for n in group if n.claim.founded in there}
            for number in founded | {node.claim.subject for node in group}:
                if self.key(number) is not None:
                    wanted[number].append(position)
        owned: list[list[int]] = [[] for _ in groups]
        for number, positions in wanted.items():
            heir = positions[0]
            if len(positions) > 1:
                heir = max(positions, key=lambda p: self._right(groups[p], number))
            owned[heir].append(number)
        for group, own in zip(groups, owned, strict=True):
            if len(own) > 1:
                ages = _ages(group)
                own.sort(key=lambda number: self._age(number, ages))
        return owned

    def _age(self, number: int, ages: dict[str, Age]) -> tuple[bool, Age]:
        """Orders the CIs that become one: the key of the first stays."""
        key = self.key(number) or ""
        return (number in self.gone and key not in ages, ages.get(key, oldest(number)))

    def _subjects(self, group: list[Node]) -> set[int]:
        """The CIs that the claims of a group are about, and those they are stored as."""
        stored = [self.work.stored.get(node.name) for node in group]
        return {node.claim.subject for node in group} | {c.subject for c in stored if c is not None}

    def _right(self, group: list[Node], number: int) -> tuple[int, ...]:
        """How good a group's right to a number is: claims that stay as they were come first."""
        key = self.key(number)
        mine = [n for n in group if n.claim.subject == number or n.claim.founded == key]
        still = [node for node in mine if node.name not in self.anew]
        founders = [node for node in mine if node.claim.founded == key]
        steady = [node for node in still if node.claim.founded == key]
        return (bool(still), bool(steady), len(still), bool(founders), len(mine))

    def _new(self, owned: list[list[int]], groups: Groups) -> dict[int, int]:
        """Numbers for groups that are no CI, by position.

        The CI that is left by all, and has the key that a group wishes, is that group again.
        """
        lost = self._lost(groups) if self._undoing else set()
        wishes = {
            position: self._wish(groups[position], own)
            for position, own in enumerate(owned)
            if not own or own[0] in self.gone or self._eldest(groups[position], own[0]) in lost
        }
        left = {n for p in wishes for n in self._subjects(groups[p])}.difference(*owned)
        free = {self.work.items[n].key: n for n in left if n in self.work.items}
        live, known = self._taken(wish for _, wish in wishes.values())
        counts = Counter(wish for _, wish in wishes.values())
        contested = [wish for wish, n in counts.items() if n > 1 or wish in live or wish in known]
        variants = self._taken(f"{wish}~{n}" for wish in contested for n in range(2, 12))
        live = (live | variants[0] | set(self.keys.values())) - free.keys()
        known |= variants[1]
        numbers = {}
        for position in sorted(wishes, key=lambda p: (wishes[p][0], self._first(groups[p]))):
            right, wish = wishes[position]
            key, attempt = wish, 1
            while (
                key in live
                or (key in known and (attempt > 1 or right == NEW))
                or (attempt > 11 and any(self._taken([key])))
            ):
                attempt += 1
                key = f"{wish}~{attempt}"
            if attempt > 1:
                self.renamed.append((wish, key))
            live.add(key)
            number = free.get(key)
            if number is None:
                number = self.new_number()
                self.keys[number] = key
            self.absorbed.pop(number, None)
            numbers[position] = number
        return numbers

    def _lost(self, groups: Groups) -> set[str]:
        """The keys that came in with claims and are those of no CI any more."""
        founded = {n.claim.founded for group in groups for n in group if n.claim.founded}
        return founded.difference(self.work.known.items(founded), self.keys.values())

    def _eldest(self, group: list[Node], number: int) -> str | None:
        """The key that came in with a group before that of the CI it is."""
        ages = _ages(group)
        if not ages:
            return None
        eldest = min(ages, key=lambda key: (ages[key], key))
        mine = self.key(number)
        return eldest if mine not in ages or ages[eldest] < ages[mine] else None

    def _wish(self, group: list[Node], own: list[int]) -> tuple[int, str]:
        """The key that a group should have, and by what right."""
        was = {self.gone[number]: oldest(number) for number in own if number in self.gone}
        ages = _ages(group) or was
        if ages:
            wish = min(ages, key=lambda key: (ages[key], key))
            return REVIVED if wish in was else FOUNDED, wish
        return NEW, min(group, key=self._speaking).claim.key

    def _taken(self, keys: Iterable[str]) -> tuple[set[str], set[str]]:
        """Of some keys those of CIs, and those that a CI had which is part of another now."""
        wanted = set(keys)
        if not wanted:
            return set(), set()
        founders = self.work.load_identified({key_digest(key) for key in wanted})
        claims = [claim for name in founders if (claim := self.work.get(name)) is not None]
        founded = {claim.founded for claim in claims if claim.founded is not None}
        return set(self.work.known.items(wanted)), founded & wanted

    def _speaking(self, node: Node) -> tuple[bool, int, Name]:
        """Orders the claims of a group: those with words, as they came in."""
        return (not node.heard, self.order.get(node.name, 1 << 60), node.name)

    def _first(self, group: list[Node]) -> tuple[int, Name]:
        return min((self.order.get(n.name, 1 << 60), n.name) for n in group)

    def _assign(self, group: list[Node], number: int, key: str, lacks_founder: bool) -> None:
        """Set the number of a group's claims, of which one is its founder."""
        nodes = sorted(group, key=self._speaking)
        founder = next((n for n in nodes if n.claim.founded == key), None)
        if founder is None and lacks_founder:
            unfounded = [n for n in nodes if n.claim.founded is None]
            founder = (unfounded or [max(nodes, key=lambda n: oldest(n.claim.origin))])[0]
        age = oldest(number) if founder is None or founder.claim.founded != key else oldest(founder.claim.origin)
        for node in group:
            claim = node.claim
            founded, origin = claim.founded, claim.origin
            if node is founder and founded != key:
                founded, origin = key, number
            elif self._left(claim, number) or (
                not self._undoing and founded is not None and oldest(origin) < age
            ):
                founded = origin = None
            if (claim.subject, claim.founded) != (number, founded):
                self.work.put(claim.placed(number, founded, origin))

    def _left(self, claim: Claim, number: int) -> bool:
        """Whether a claim leaves the CI that came in with it, which lives on without it."""
        before = claim.subject
        return (
            before not in (number, NOBODY)
            and before not in self.absorbed
            and claim.founded is not None
            and claim.founded == self.key(before)
        )


def _ages(group: list[Node]) -> dict[str, Age]:
    """The keys of the CIs that came in with the claims of a group, with their ages."""
    ages: dict[str, Age] = {}
    for node in group:
        founded, age = node.claim.founded, oldest(node.claim.origin)
        if founded is not None and (founded not in ages or age < ages[founded]):
            ages[founded] = age
    return ages


def oldest(number: int | None) -> Age:
    """Orders numbers by age: real ones first, then placeholders, which count downward."""
    return (number is None or number < 0, abs(number or 0))
