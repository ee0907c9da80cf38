"""Which claims mean the same thing: a pure function of the claims and of people's decisions.

Values are taken strength by strength, the strongest first, as in agglomerative clustering with
cannot-link constraints (Wagstaff & Cardie, 2000). What is equal joins two groups of claims, unless
the groups disagree in an identifier at least as strong: then nobody joins and people are asked.
Nothing depends on the order of the claims.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby

from cmdb.identity.claims import MANUAL, Name
from cmdb.identity.decisions import Decisions
from cmdb.identity.groups import SITE, Group, Node, differ, differing, distinct, placed
from cmdb.identity.identifiers import BETWEEN, aliases
from cmdb.schema.declarations import Identifier

COMMON = 50
"""A value that more claims have identifies nothing."""

ALIAS = "alias"
DECIDED, STATED = -1, 0
"""Strengths above all identifiers: what people decided, and what a source states as an alias."""

OLD = 20
"""Added to the strength of what a source did not say last of a key that is only a sighting."""

CERTAIN = 2
"""Identifiers down to this strength hold wherever a thing is and whatever it is called."""

CLONABLE_UNTIL = 6
"""A value that may be cloned joins only where no identifier down to this strength disagrees."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """An equal value that did not join: the claims that have it, and in what they disagree.

    `reasons` are names of identifiers, `record` for two keys of one source, `decision`, or
    `common` for a value that too many claims have.
    """

    rule: str
    value: str
    claims: tuple[Name, ...]
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Matching:
    """Groups of claims that mean one CI each, and what was disputed."""

    groups: list[list[Node]]
    disputes: list[Dispute]
    joined: dict[Name, str] = field(default_factory=dict)
    """By which rule a claim joined others."""


Entry = tuple[int, str, str]
"""(strength, rule, value)."""


class Matcher:
    """Matches claims; `rules` are all identifiers by name, `many` those of list attributes."""

    def __init__(
        self, rules: dict[str, Identifier], many: frozenset[str], decisions: Decisions
    ) -> None:
        self.rules, self.many, self.decisions = rules, many, decisions

    def match(self, nodes: Sequence[Node], common: frozenset[Entry] = frozenset()) -> Matching:
        """The groups; `common` are values that more claims have than are given here."""
        result = Matching([], [])
        groups: dict[Name, Group] = {}
        entries: dict[Entry, list[Name]] = defaultdict(list)
        saying = [node for node in nodes if node.says]
        saying.sort(key=lambda one: one.name)
        spoken_of = _spoken_of(nodes, common)
        for node in saying:
            for entry in self._entries(node, spoken_of):
                entries[entry].append(node.name)
        self._count(entries, common, result)
        shared = [entry for entry, names in entries.items() if len(names) > 1]
        silent = [node for node in nodes if not node.says]
        silent.sort(key=lambda one: (not one.counts, one.name))
        joining = {name for entry in shared for name in entries[entry]}
        for node in saying:
            if silent or node.name in joining:
                groups[node.name] = Group(node)
            else:
                result.groups.append([node])
        for _, same in groupby(sorted(shared), key=lambda entry: entry[0]):
            self._join(list(same), entries, groups, result)
        for node in silent:
            self._settle(node, self._entries(node, spoken_of), entries, groups)
        result.groups += [group.nodes for group in distinct(groups.values())]
        result.disputes = [
            one
            for one in result.disputes
            if not one.claims or len(distinct(groups[name] for name in one.claims)) > 1
        ]
        return result

    def _entries(self, node: Node, spoken_of: Set[Name]) -> list[Entry]:
        """The values by which a claim may join others, and the names it goes by.

        Its own name is one only where claims speak of it.
        """
        found = [stated(node.name)] if node.name in spoken_of else []
        if node.claim.body is not None and node.name not in self.decisions.pinned:
            for other in aliases(node.claim.body):
                entry = stated(other)
                found.append(entry)
                if node.claim.source == MANUAL:
                    found.append((DECIDED, *entry[1:]))
            found += [
                (one.strength + OLD, one.rule, one.value)
                if one.old and not node.records
                else one[:3]
                for one in node.values
            ]
        ignored = self.decisions.ignored_values
        if ignored:
            found = [entry for entry in found if entry[1:] not in ignored]
        for decision in self.decisions.about(node.name):
            if decision.kind in ("merge", "pin"):
                found.append((DECIDED, "decision", decision.id))
        return found

    def _count(
        self, entries: dict[Entry, list[Name]], common: frozenset[Entry], result: Matching
    ) -> None:
        """Take out values that too many claims have, and make names of manual aliases meet."""
        for strength, rule, value in [e for e in entries if e[0] > OLD]:
            now = entries.get((strength - OLD, rule, value), [])
            seeing = {
                source for source, _ in now
            }  # what a source sees elsewhere now left from here
            still = [name for name in entries[strength, rule, value] if name[0] not in seeing]
            entries[strength, rule, value] = still + now if still else []
        crowded = {e for e, names in entries.items() if len(names) > COMMON}
        crowded |= {e for e in entries if _fresh(e) in common} if common else set()
        for entry in [e for e in entries if e in crowded] if crowded else ():
            itself = [name for name in entries[entry] if stated(name) == entry]
            many = _fresh(entry) in common or len(entries[entry]) - len(itself) > COMMON
            if many and entry[0] != DECIDED:
                entries[entry] = itself
                result.disputes.append(Dispute(entry[1], entry[2], (), ("common",)))
        for entry in [e for e in entries if e[0] == DECIDED and e[1] == ALIAS]:
            entries[entry] += entries.get((STATED, *entry[1:]), [])

    def _join(
        self,
        same: list[Entry],
        entries: dict[Entry, list[Name]],
        groups: dict[Name, Group],
        result: Matching,
    ) -> None:
        """Join groups by values of one strength, all at once."""
        usable: list[tuple[Entry, list[Group]]] = []
        for entry in same:
            met = distinct(groups[name] for name in entries[entry])
            if len(met) < 2:
                continue
            reasons = self._reasons(met, entry)
            if not reasons:
                usable.append((entry, met))
            elif reasons == {SITE}:
                continue  # one name at two sites: two things, and nothing to ask
            elif not self._decided(met):
                result.disputes.append(_dispute(entry, entries[entry], reasons))
        for chain in _chains(usable):
            met = distinct(group for _, groups_met in chain for group in groups_met)
            reasons = set()
            if len(chain) > 1:
                reasons = reasons.union(*(self._reasons(met, entry) for entry in _by_rule(chain)))
            if reasons:
                for entry, _ in chain:
                    result.disputes.append(_dispute(entry, entries[entry], reasons))
                continue
            first, *rest = met
            for entry, groups_met in chain:
                for group in groups_met:
                    for name in group.names:
                        result.joined.setdefault(name, entry[1])
            for other in rest:
                first.take(other)
                for name in other.names:
                    groups[name] = first

    def _reasons(self, met: Sequence[Group], entry: Entry) -> set[str]:
        """In what any two groups disagree that weighs at least as much as the equal value."""
        strength, rule, _ = entry
        reasons = {"decision"} if self.decisions.parted([one.names for one in met]) else set()
        if strength == DECIDED:
            return reasons
        if differing([one.keys for one in met]):
            reasons.add("record")
        apart = differing([one.values for one in met])
        reasons.update(name for name in apart if self._weighs(name, strength, rule))
        if SITE in apart and strength > CERTAIN:  # elsewhere and of another name
            for name in apart - {SITE}:
                both = [one.values for one in met if SITE in one.values and name in one.values]
                if self._names(name) and differ([placed(o[SITE], o[name]) for o in both]):
                    reasons.add(name)
        return reasons

    def _decided(self, met: Sequence[Group]) -> bool:
        """Whether people have said that all of these groups are different."""
        parted = self.decisions.parted([one.names for one in met])
        return len(parted) == len(met) * (len(met) - 1) // 2

    def _weighs(self, name: str, strength: int, rule: str) -> bool:
        """Whether different values of one rule forbid to join by an equal value of another."""
        matched = self.rules.get(rule)
        strength = strength - OLD if strength > OLD else strength
        if name == SITE:
            return matched is not None and (matched.clonable or strength > matched.strength)
        against = self.rules[name]
        if against.clonable:  # such keys are made anew with every installation
            return False
        if matched is not None and matched.clonable and against.strength <= CLONABLE_UNTIL:
            return True
        limit = strength - 1 if name in self.many else strength
        return against.strength <= max(limit, 1 if strength == STATED else 0)

    def _names(self, rule: str) -> bool:
        """Whether a rule identifies by a name, which a thing keeps when it is moved."""
        return self.rules[rule].strength >= CLONABLE_UNTIL and not self.rules[rule].clonable

    def _settle(
        self,
        node: Node,
        found: list[Entry],
        entries: dict[Entry, list[Name]],
        groups: dict[Name, Group],
    ) -> None:
        """Give a withdrawn claim to the one group it fits best, else leave it alone."""
        lone = Group(node)
        own = sorted(found)
        for _, same in groupby(own, key=lambda entry: entry[0]):
            met = distinct(
                groups[name] for entry in same for name in entries.get(entry, ()) if name in groups
            )
            met = [one for one in met if not self.decisions.parted([one.names, lone.names])]
            if len(met) == 1:
                met[0].take(lone)
                groups[node.name] = met[0]
                return
            if met:
                break
        groups[node.name] = lone
        for entry in own:
            if entry in entries:
                continue  # it cannot come between those that speak
            entries[entry] = [node.name]


def _spoken_of(nodes: Sequence[Node], common: frozenset[Entry]) -> set[Name]:
    """The names that claims state as aliases, as far as these claims tell."""
    if any(rule == ALIAS for _, rule, _ in common):  # and others, that are not given
        return {node.name for node in nodes}
    return {name for node in nodes for name in aliases(node.claim.body or {})}


def _fresh(entry: Entry) -> Entry:
    """The same value as one that was said last."""
    strength, rule, value = entry
    return (strength - OLD if strength > OLD else strength, rule, value)


def stated(name: Name) -> Entry:
    """The entry by which claims meet one that goes by this name."""
    return (STATED, ALIAS, BETWEEN.join(name))


def _dispute(entry: Entry, names: Iterable[Name], reasons: set[str]) -> Dispute:
    return Dispute(entry[1], entry[2], tuple(sorted(set(names))), tuple(sorted(reasons)))


def _by_rule(chain: list[tuple[Entry, list[Group]]]) -> list[Entry]:
    """One value of each rule in a chain."""
    return list({entry[1]: entry for entry, _ in chain}.values())


def _chains(
    usable: list[tuple[Entry, list[Group]]],
) -> list[list[tuple[Entry, list[Group]]]]:
    """Values whose groups overlap, together: they would join all of these groups into one."""
    leader: dict[int, int] = {}

    def find(one: int) -> int:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for _, met in usable:
        for other in met[1:]:
            leader[find(id(other))] = find(id(met[0]))
    chains: dict[int, list[tuple[Entry, list[Group]]]] = defaultdict(list)
    for one in usable:
        chains[find(id(one[1][0]))].append(one)
    return list(chains.values())
