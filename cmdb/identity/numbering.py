"""Which CI each group of claims is: one that is there, one that was there before, or a new one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Set

from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.groups import Node
from cmdb.identity.identifiers import key_digest
from cmdb.identity.working import Working

Groups = list[list[Node]]
Age = tuple[bool, int]


class Numbering:
    """Gives groups of claims the numbers and keys of CIs.

    Numbers follow the claims that stay as they were. When something is undone, keys go back to the
    claims that founded their CIs. `order` says in which order new claims came in; `new_number`
    gives placeholders.
    """

    def __init__(
        self, work: Working, order: dict[Name, int], new_number: Callable[[], int]
    ) -> None:
        self.work, self.order, self.new_number = work, order, new_number
        self.anew: set[Name] = set()
        """The claims that say something else of their identity than before."""
        self.keys: dict[int, str] = {}
        """The keys of new CIs."""
        self.absorbed: dict[int, int] = {}
        """CIs that became part of another."""
        self.renamed: list[tuple[str, str]] = []
        """Keys that were taken, and what they became."""
        self.undoing = False
        self._again: dict[int, int] = {}
        """The new numbers of CIs that were gone."""

    def undo(self, gone: dict[int, str]) -> None:
        """Let claims go back to the CIs they were about; `gone` are keys of some that are gone."""
        self.undoing = True
        there = self._live(gone.values())
        for number, key in gone.items():
            self._again[number] = there[key] if key in there else self._new_ci(key)

    def again(self, claim: Claim) -> Claim:
        """A claim as it was, about the CI that it was about."""
        number = self._again.get(claim.subject)
        return claim if number is None else claim.placed(number, claim.founded, claim.origin)

    def number(self, groups: Groups) -> list[int]:
        """The number of each group, which its claims are about from now on."""
        owned = self._owned(groups)
        new = self._new([p for p, own in enumerate(owned) if not own], groups)
        numbers = [own[0] if own else new[p] for p, own in enumerate(owned)]
        for number, own in zip(numbers, owned, strict=True):
            self.absorbed |= dict.fromkeys(own[1:], number)
        keys = [self.key(number) or "" for number in numbers]
        old = [p for p, own in enumerate(owned) if own and _founder(groups[p], keys[p]) is None]
        here = {node.name for group in groups for node in group} if old else set()
        founded = self._founded((keys[p] for p in old), here)
        for number, key, group in zip(numbers, keys, groups, strict=True):
            self._assign(group, number, key, key not in founded)
        return numbers

    def key(self, number: int) -> str | None:
        """The key of a CI that is there, or will be."""
        known = self.work.items.get(number)
        return self.keys.get(number) if known is None else known.key

    def founded_by(self, claims: Iterable[Claim]) -> set[int]:
        """The CIs whose keys came in with these claims, when something is undone."""
        keys = {c.founded for c in claims if c.founded is not None} if self.undoing else set()
        return {number for number in self._live(keys).values() if number >= 0}

    def _live(self, keys: Iterable[str]) -> dict[str, int]:
        """The numbers of the CIs that are there, or will be, by key."""
        wanted = set(keys)
        new = {key: number for number, key in self.keys.items() if key in wanted}
        there = self.work.known.items(wanted) if wanted else {}
        return new | {key: item.number for key, item in there.items()}

    def _new_ci(self, key: str) -> int:
        number = self.new_number()
        self.keys[number] = key
        return number

    def _owned(self, groups: Groups) -> list[list[int]]:
        """The CIs that each group is, the one that came first at the head."""
        wishes = self._wishes(groups)
        self.work.load_items(number for numbers in wishes for number in numbers)
        wanted: dict[int, list[int]] = defaultdict(list)
        for position, numbers in enumerate(wishes):
            for number in numbers:
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

    def _wishes(self, groups: Groups) -> list[set[int]]:
        """The CIs that each group may be: those its claims are about, are stored as, or founded."""
        wishes = [{node.claim.subject for node in group} for group in groups]
        if not self.undoing:
            return wishes
        founded = [_ages(group) for group in groups]
        numbers = self._live(key for keys in founded for key in keys)
        for group, keys, wish in zip(groups, founded, wishes, strict=True):
            stored = [self.work.stored.get(node.name) for node in group]
            wish |= {claim.subject for claim in stored if claim is not None}
            for key in keys:
                if key not in numbers:
                    numbers[key] = self._new_ci(key)
                wish.add(numbers[key])
        return wishes

    def _right(self, group: list[Node], number: int) -> tuple[int, ...]:
        """How good a group's right to a number is: claims that stay as they were come first."""
        key = self.key(number)
        mine = [n for n in group if n.claim.subject == number or n.claim.founded == key]
        still = [node for node in mine if node.name not in self.anew]
        founders = [node for node in mine if node.claim.founded == key]
        steady = [node for node in still if node.claim.founded == key]
        return (bool(still), bool(steady), len(still), bool(founders), len(mine))

    def _age(self, number: int, ages: dict[str, Age]) -> tuple[bool, Age]:
        """Orders the CIs that become one: the key of the first stays."""
        key = self.key(number) or ""
        return (self.undoing and key not in ages, ages.get(key, oldest(number)))

    def _new(self, positions: list[int], groups: Groups) -> dict[int, int]:
        """Numbers and keys for groups that are no CI yet: the key it came in with, or a new one."""
        wishes = {position: self._wish(groups[position]) for position in positions}
        counts = Counter(wish for wish, _ in wishes.values())
        taken = self._live(counts).keys() | set(self.keys.values())
        founded = self._founded(counts)
        contested = [w for w, count in counts.items() if count > 1 or w in taken or w in founded]
        variants = [f"{wish}~{n}" for wish in contested for n in range(2, 12)]
        taken |= self._live(variants).keys()
        founded |= self._founded(variants)
        numbers = {}
        for position in sorted(wishes, key=lambda p: self._first(groups[p])):
            wish, new = wishes[position]
            key, attempt = wish, 1
            while (
                key in taken
                or (key in founded and (new or attempt > 1))
                or (attempt > 11 and (self._live([key]) or self._founded([key])))
            ):
                attempt += 1
                key = f"{wish}~{attempt}"
            if attempt > 1:
                self.renamed.append((wish, key))
            taken.add(key)
            numbers[position] = self._new_ci(key)
        return numbers

    def _wish(self, group: list[Node]) -> tuple[str, bool]:
        """The key that a group should have, and whether that is new."""
        ages = _ages(group)
        if ages:
            return min(ages, key=lambda key: (ages[key], key)), False
        return min(group, key=self._speaking).claim.key, True

    def _founded(self, keys: Iterable[str], besides: Set[Name] = frozenset()) -> set[str]:
        """Those of some keys that came in with another claim, be it part of another CI now."""
        wanted = set(keys)
        names = self.work.load_identified({key_digest(key) for key in wanted}) - besides
        claims = [claim for name in names if (claim := self.work.get(name)) is not None]
        return wanted & {claim.founded for claim in claims if claim.founded is not None}

    def _speaking(self, node: Node) -> tuple[bool, int, Name]:
        """Orders the claims of a group: those with words, as they came in."""
        return (not node.heard, self.order.get(node.name, 1 << 60), node.name)

    def _first(self, group: list[Node]) -> tuple[int, Name]:
        return min((self.order.get(n.name, 1 << 60), n.name) for n in group)

    def _assign(self, group: list[Node], number: int, key: str, lacks_founder: bool) -> None:
        """Set the number of a group's claims, of which one is its founder.

        A claim forgets the key of a CI that lives on without it, or that would be the older one.
        """
        founder = _founder(group, key)
        if founder is None and lacks_founder:
            nodes = sorted(group, key=self._speaking)
            unfounded = [n for n in nodes if n.claim.founded is None]
            founder = (unfounded or [max(nodes, key=lambda n: oldest(n.claim.origin))])[0]
            founder.claim = founder.claim.placed(founder.claim.subject, key, number)
        since = oldest(number if founder is None else founder.claim.origin)
        for node in group:
            claim = node.claim
            founded, origin = claim.founded, claim.origin
            older = not self.undoing and founded is not None and oldest(origin) < since
            if node is not founder and (older or self._left(claim, number)):
                founded = origin = None
            if (claim.subject, claim.founded) != (number, founded) or node is founder:
                self._put(claim.placed(number, founded, origin))

    def _put(self, claim: Claim) -> None:
        if claim != self.work.get(claim.name):
            self.work.put(claim)

    def _left(self, claim: Claim, number: int) -> bool:
        """Whether a claim leaves the CI that came in with it, which lives on without it."""
        before = claim.subject
        return (
            before not in (number, NOBODY)
            and before not in self.absorbed
            and claim.founded is not None
            and claim.founded == self.key(before)
        )


def _founder(group: list[Node], key: str) -> Node | None:
    """The claim of a group with which the CI of this key came in."""
    found = [node for node in group if node.claim.founded == key]
    return min(found, key=lambda node: (not node.heard, node.name), default=None)


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
