"""Which CI each claim is about: matching among all claims that could be concerned, then numbers.

Claims that must be looked at are found from digests of their values, until no more are found. So
the groups are those that matching all claims of the store would give, whatever came first.
"""

from collections import defaultdict

from cmdb.identity.claims import NOBODY, Claim, Name
from cmdb.identity.groups import Node
from cmdb.identity.identifiers import aliases, host_digest, hosted
from cmdb.identity.matching import ALIAS, COMMON, Dispute, Entry, Matcher, stated
from cmdb.identity.numbering import Numbering
from cmdb.identity.reach import Reach
from cmdb.identity.working import DEEPEST, Working


class Identification:
    """Identifies the claims that changed, and all others that this concerns."""

    def __init__(self, work: Working, numbering: Numbering) -> None:
        self.work, self.numbering = work, numbering
        self.disputes: dict[tuple[str, str], Dispute] = {}
        """What is disputed, by rule and value."""
        self.looked_at: set[Name] = set()
        """All claims that were matched."""
        self.rules: dict[int, str] = {}
        """By which rule the claims of a CI belong together."""
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
        self.numbering.anew = anew
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
        told = self._aliases(names, common)
        nodes = []
        for name in names:
            claim = work.get(name)
            if claim is None:
                continue
            counts = work.rules.counts(claim) and (claim.body is not None or name in told)
            records = hosted(claim) is not None or work.rules.sources[claim.source].records
            nodes.append(Node(name, claim, work.values(claim), records, counts))
        matching = self.matcher.match(nodes, common)
        self.looked_at |= names
        for lasting in [v for v, one in self.disputes.items() if not names.isdisjoint(one.claims)]:
            del self.disputes[lasting]
        self.disputes |= {(one.rule, one.value): one for one in matching.disputes}
        self._number([g for g in matching.groups if _spoken(g)], matching.joined)
        for group in matching.groups:
            if not _spoken(group):
                self._leave(group)
        return {n for n in names if _subject(work.stored.get(n)) != _subject(work.get(n))}

    def _aliases(self, names: set[Name], common: frozenset[Entry]) -> set[Name]:
        """The names that claims which count state as aliases; what nobody states is forgotten."""
        work = self.work
        silent = [n for n in names if (c := work.get(n)) is not None and c.body is None]
        if not silent:
            return set()
        claims = [c for n in names if (c := work.get(n)) is not None and c.body is not None]
        for name in set(silent).difference(*(aliases(c.body or {}) for c in claims)):
            if stated(name) not in common:
                work.now[name] = None
        return {a for c in claims if work.rules.counts(c) for a in aliases(c.body or {})}

    def saw(self, rule: str, value: str) -> bool:
        """Whether any claim that was matched has a value, or had it before."""
        work = self.work
        claims = (
            claim
            for name in self.looked_at
            for claim in (work.stored.get(name), work.get(name))
            if claim is not None
        )
        if rule == ALIAS:
            names = (name for c in claims for name in (c.name, *aliases(c.body or {})))
            return any(stated(name)[2] == value for name in names)
        return any(
            (one.rule, one.value) == (rule, value)
            for claim in claims
            for one in work.word(claim).values
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
            common |= self._common(digests, reach, names)
            work.load(reach.linked)
            found = reach.linked | work.load_identified(digests) | self._at_hosts(reach.hosts)
            reach.subjects |= self.numbering.founded_by(reach.claims)
            work.load_about(reach.subjects)
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

    def _common(self, digests: set[int], reach: Reach, names: set[Name]) -> set[Entry]:
        """Values that too many claims have, which are not read then; `digests` loses them."""
        work = self.work
        found = set()
        for one, count in work.known.common(digests, COMMON).items():
            entry = reach.entry(one)
            if entry is None:  # a host of many, or a key
                continue
            lost = [
                name
                for name in names
                if one in work.digests(work.stored.get(name))
                and one not in work.digests(work.get(name))
            ]
            if count - len(lost) > COMMON:
                found.add(entry)
                digests.discard(one)
        return found

    def _number(self, groups: list[list[Node]], joined: dict[Name, str]) -> None:
        """Say which CI each group is, and why its claims belong together."""
        for group, number in zip(groups, self.numbering.number(groups), strict=True):
            if len(group) > 1:
                rules = sorted({joined[n.name] for n in group if n.name in joined})
                self.rules[number] = ", ".join(rules)

    def _leave(self, group: list[Node]) -> None:
        """What does not count, and names that only are stated, are about nothing by themselves."""
        for node in group:
            claim = node.claim
            kept = (None, None) if claim.body is None else (claim.founded, claim.origin)
            if (claim.subject, claim.founded) != (NOBODY, kept[0]):
                self.work.put(claim.placed(NOBODY, *kept))


def _subject(claim: Claim | None) -> int | None:
    return None if claim is None else claim.subject


def _spoken(group: list[Node]) -> bool:
    """Whether any source has a word on what a group is about."""
    return any(node.heard for node in group)
