"""Which CI each claim is about: matching among all claims that could be concerned, then numbers.

Claims that must be looked at are found from digests of their values, until no more are found. So
the groups are those that matching all claims of the store would give, whatever came first.
"""

from collections import Counter, defaultdict
from collections.abc import Callable

from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.groups import Node
from cmdb.identity.identifiers import Value, aliases, host_digest, hosted
from cmdb.identity.matching import COMMON, Dispute, Entry, Matcher
from cmdb.identity.reach import Reach
from cmdb.identity.working import DEEPEST, Working


class Identification:
    """Identifies the claims that changed, and all others that this concerns.

    `order` says in which order new claims came in; `new_number` gives placeholders.
    """

    def __init__(
        self, work: Working, order: dict[Name, int], new_number: Callable[[], int]
    ) -> None:
        self.work, self.order, self.new_number = work, order, new_number
        self.disputes: dict[tuple[str, str], Dispute] = {}
        """What is disputed, by rule and value."""
        self.looked_at: set[Name] = set()  # all claims that were matched
        self.keys: dict[int, str] = {}
        """The keys of new CIs."""
        self.rules: dict[int, str] = {}
        """By which rule the claims of a CI belong together."""
        self.absorbed: dict[int, int] = {}
        """CIs that became part of another."""
        self.renamed: list[tuple[str, str]] = []
        self.gone: dict[int, str] = {}
        """Keys of CIs that are gone, for claims that are to be about these again."""
        self._anew: set[Name] = set()
        catalog = work.rules.catalog
        many = frozenset(
            one.name
            for type_name, rules in catalog.identifiers.items()
            for one in rules
            if any(catalog.attributes[type_name][n].many for n in one.attributes)
        )
        self.matcher = Matcher(work.rules.identifiers, many, work.rules.decisions)

    def run(self, changed: set[Name], anew: set[Name]) -> None:
        """Identify the claims of these names, level by level: hosts before what is within them.

        `anew` are those that say something else of their identity than before.
        """
        self._anew = anew
        levels: dict[int, set[Name]] = defaultdict(set)
        for name in changed:
            claim = self.work.get(name)
            levels[0 if claim is None else self.work.depth(claim)].add(name)
        for level in range(DEEPEST + 1):
            names = levels.pop(level, set())
            if names:
                for guest in self._guests(self._identify(names)):
                    claim = self.work.get(guest)
                    if claim is not None:
                        levels[max(self.work.depth(claim), level + 1)].add(guest)

    def _guests(self, moved: set[Name]) -> set[Name]:
        """The claims that are identified within CIs of claims that moved."""
        return self.work.load_identified({host_digest(name) for name in moved})

    def _identify(self, changed: set[Name]) -> set[Name]:
        """One level; gives the names of the claims that are about another CI than before."""
        work = self.work
        names, common = self._concerned(changed)
        stated = self._aliases(names)
        nodes = []
        for name in names:
            claim = work.get(name)
            if claim is None or not work.rules.counts(claim):
                continue
            if claim.body is None and name not in stated:
                continue
            records = hosted(claim) is not None or work.rules.sources[claim.source].records
            nodes.append(Node(name, claim, work.values(claim), records))
        before = {node.name: node.claim.subject for node in nodes}
        matching = self.matcher.match(nodes, common)
        self.looked_at |= names
        for lasting in [v for v, one in self.disputes.items() if not names.isdisjoint(one.claims)]:
            del self.disputes[lasting]
        self.disputes |= {(one.rule, one.value): one for one in matching.disputes}
        self._number([g for g in matching.groups if _spoken(g)], matching.joined)
        for group in matching.groups:
            if not _spoken(group):
                self._leave(group)
        return {
            name
            for name, subject in before.items()
            if (after := work.get(name)) is not None and after.subject != subject
        }

    def _aliases(self, names: set[Name]) -> set[Name]:
        """The names that claims which count state as aliases; what nobody states is forgotten."""
        work = self.work
        silent = [n for n in names if (c := work.get(n)) is not None and c.body is None]
        if not silent:
            return set()
        claims = [c for n in names if (c := work.get(n)) is not None and c.body is not None]
        for name in set(silent).difference(*(aliases(c.body or {}) for c in claims)):
            work.now[name] = None
        return {a for c in claims if work.rules.counts(c) for a in aliases(c.body or {})}

    def saw(self, rule: str, value: str) -> bool:
        """Whether any claim that was matched has a value, or had it before."""
        work = self.work
        return any(
            (one.rule, one.value) == (rule, value)
            for name in self.looked_at
            for claim in (work.stored.get(name), work.get(name))
            if claim is not None
            for one in work.entries(claim).values()
        )

    def _concerned(self, changed: set[Name]) -> tuple[set[Name], frozenset[Entry]]:
        """All claims that matching must see, and the values that too many others have, too."""
        work = self.work
        names: set[Name] = set()
        common: set[Entry] = set()
        asked: set[int] = set()
        frontier = set(changed)
        while frontier:
            names |= frontier
            reach = Reach(work, frontier)
            digests = reach.digests - asked
            asked |= digests
            common |= self._common(digests, reach.values, names)
            work.load(reach.linked)
            work.load_about(reach.subjects)
            found = reach.linked | work.load_identified(digests) | self._at_hosts(reach.hosts)
            for number in reach.subjects:
                found |= work.about.get(number, set())
            frontier = {name for name in found - names if work.get(name) is not None}
        return names, frozenset(common)

    def _at_hosts(self, hosts: set[Name]) -> set[Name]:
        """The claims identified within the same CIs as those within these hosts."""
        if not hosts:
            return set()
        numbers = {c.subject for name in hosts if (c := self.work.get(name)) is not None}
        self.work.load_about(numbers)
        same = {name for number in numbers for name in self.work.about.get(number, ())}
        return self.work.load_identified({host_digest(name) for name in same | hosts})

    def _common(self, digests: set[int], values: dict[int, Value], names: set[Name]) -> set[Entry]:
        """Values that too many claims have, which are not read then; `digests` loses them."""
        work = self.work
        found = set()
        for one, count in work.known.common(digests & values.keys(), COMMON).items():
            lost = [
                name
                for name in names
                if one in work.digests(work.stored.get(name))
                and one not in work.digests(work.get(name))
            ]
            if count - len(lost) > COMMON:
                value = values[one]
                found.add((value.strength, value.rule, value.value))
                digests.discard(one)
        return found

    def _number(self, groups: list[list[Node]], joined: dict[Name, str]) -> None:
        """Say which CI each group is: one that is there, one that was there, or a new one."""
        self.work.load_items(node.claim.subject for group in groups for node in group)
        wanted: dict[int, list[int]] = defaultdict(list)
        for position, group in enumerate(groups):
            for number in {node.claim.subject for node in group}:
                if number < NOBODY or number in self.work.items:
                    wanted[number].append(position)
        owned: dict[int, list[int]] = defaultdict(list)
        for number, positions in wanted.items():
            heir = positions[0]
            if len(positions) > 1:
                heir = max(positions, key=lambda p: self._right(groups[p], number))
            owned[heir].append(number)
        unnumbered = [i for i in range(len(groups)) if i not in owned]
        fresh = self._new(unnumbered, groups)
        numbers: list[int] = []
        for position, group in enumerate(groups):
            own = sorted(owned.get(position, ()), key=lambda n: self._age(group, n))
            numbers.append(own[0] if own else fresh[position])
            self.absorbed |= dict.fromkeys(own[1:], numbers[-1])
        for group, number in zip(groups, numbers, strict=True):
            if len(group) > 1:
                rules = sorted({joined[n.name] for n in group if n.name in joined})
                self.rules[number] = ", ".join(rules)
            self._assign(group, number)

    def _right(self, group: list[Node], number: int) -> tuple[int, ...]:
        """How good a group's right to a number is: claims that stay as they were come first."""
        key = self._key(number)
        mine = [node for node in group if node.claim.subject == number]
        still = [node for node in mine if node.name not in self._anew]
        founders = any(node.claim.founded == key for node in mine)
        steady = any(node.claim.founded == key for node in still)
        return (bool(still), steady, len(still), founders, len(mine))

    def _leave(self, group: list[Node]) -> None:
        """Names that are stated, but could not be joined to what states them, are about nothing."""
        for node in group:
            if node.claim.subject != NOBODY or node.claim.founded is not None:
                self.work.put(node.claim.placed(NOBODY, None, None))

    def _left(self, claim: Claim, number: int) -> bool:
        """Whether a claim leaves the CI that came in with it, which lives on without it."""
        before = claim.subject
        return (
            before not in (number, NOBODY)
            and before not in self.absorbed
            and claim.founded is not None
            and claim.founded == self._key(before)
        )

    def _age(self, group: list[Node], number: int) -> tuple[bool, int]:
        """Orders the CIs that become one: the key of the first stays."""
        key = self._key(number)
        origins = [oldest(n.claim.origin) for n in group if n.claim.founded == key]
        return min(origins, default=oldest(number))

    def _key(self, number: int) -> str | None:
        known = self.work.items.get(number)
        return self.keys.get(number) if known is None else known.key

    def _new(self, positions: list[int], groups: list[list[Node]]) -> dict[int, int]:
        """Numbers and keys for groups that are no CI yet: the key it had, or came in with."""
        wishes = {}
        heirs = self._heirs(positions, groups)
        for position in positions:
            group = groups[position]
            founders = self._former_keys(group, heirs.get(position, []))
            first = min(
                group,
                key=lambda n: (n.claim.body is None, self.order.get(n.name, 1 << 60), n.name),
            )
            wishes[position] = founders[0] if founders else first.claim.key
        wished = Counter(wishes.values())
        taken = set(self.work.known.items(wished)) | set(self.keys.values())
        contested = [wish for wish, count in wished.items() if count > 1 or wish in taken]
        again = [f"{wish}~{n}" for wish in contested for n in range(2, 12)]
        taken |= set(self.work.known.items(again)) if again else set()
        numbers = {}
        for position in sorted(wishes, key=lambda p: self._first(groups[p])):
            wish = key = wishes[position]
            attempt = 1
            while key in taken or (attempt > 11 and self.work.known.items([key])):
                attempt += 1
                key = f"{wish}~{attempt}"
            if attempt > 1:
                self.renamed.append((wish, key))
            taken.add(key)
            numbers[position] = self.new_number()
            self.keys[numbers[position]] = key
        return numbers

    def _heirs(self, positions: list[int], groups: list[list[Node]]) -> dict[int, list[int]]:
        """Which of the CIs that are gone each group is again: one with its founder, or the most."""
        heirs: dict[int, list[int]] = defaultdict(list)
        for number, key in sorted(self.gone.items()):
            rights = []
            for position in positions:
                mine = [n.claim for n in groups[position] if n.claim.subject == number]
                if mine:
                    rights.append((any(c.founded == key for c in mine), len(mine), -position))
            if rights:
                heirs[-max(rights)[2]].append(number)
        return heirs

    def _former_keys(self, group: list[Node], lost: list[int]) -> list[str]:
        """The keys of CIs that a group was before, or that came in with it; the best first."""
        founded = sorted(
            (oldest(n.claim.origin), n.claim.founded) for n in group if n.claim.founded is not None
        )
        return [*(self.gone[number] for number in lost), *(key for _, key in founded)]

    def _first(self, group: list[Node]) -> tuple[int, Name]:
        return min((self.order.get(n.name, 1 << 60), n.name) for n in group)

    def _assign(self, group: list[Node], number: int) -> None:
        """Set the number of a group's claims, of which one is its founder."""
        key = self._key(number)
        nodes = sorted(
            group, key=lambda n: (n.claim.body is None, self.order.get(n.name, 1 << 60), n.name)
        )
        founder = next((n for n in nodes if n.claim.founded == key), None)
        if founder is None:
            unfounded = [n for n in nodes if n.claim.founded is None]
            founder = (unfounded or [max(nodes, key=lambda n: oldest(n.claim.origin))])[0]
        for node in group:
            claim = node.claim
            founded, origin = claim.founded, claim.origin
            if node is founder and founded != key:
                founded, origin = key, number
            elif self._left(claim, number):
                founded = origin = None
            if (claim.subject, claim.founded) != (number, founded):
                self.work.put(claim.placed(number, founded, origin))


def _spoken(group: list[Node]) -> bool:
    """Whether any source has a word on what a group is about."""
    return any(node.claim.body is not None for node in group)


def oldest(number: int | None) -> tuple[bool, int]:
    """Orders numbers by age: real ones first, then placeholders, which count downward."""
    return (number is None or number < 0, abs(number or 0))
