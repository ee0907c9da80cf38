"""Groups of claims while they are matched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from cmdb.identity.claims import Claim, Name
from cmdb.identity.identifiers import Value, site_of

SITE = "site"


@dataclass(slots=True)
class Node:
    """A claim as matching sees it. `records` says that its source's keys are different things.

    One that does not count joins nothing: it only follows what it would belong to.
    """

    name: Name
    claim: Claim
    values: list[Value]
    records: bool
    counts: bool = True

    @property
    def says(self) -> bool:
        """Whether it can disagree: a withdrawn claim cannot, it only belongs somewhere."""
        return self.counts and not self.claim.withdrawn

    @property
    def heard(self) -> bool:
        """Whether a CI follows from it."""
        return self.counts and self.claim.body is not None


class Group:
    """Claims found to be about one thing, with all their identifying values by rule."""

    __slots__ = ("keys", "names", "nodes", "values")

    def __init__(self, node: Node) -> None:
        self.nodes = [node]
        self.names = {node.name}
        self.values: dict[str, set[str]] = {}
        self.keys: dict[str, set[str]] = {}
        if node.says:
            for one in node.values:
                if node.records or not one.old:
                    self.values.setdefault(one.rule, set()).add(one.first)
            site = site_of((node.claim.body or {}).get("attributes") or {})
            if site:
                self.values[SITE] = {site}
            if node.records and node.claim.body is not None:
                self.keys[node.claim.source] = {node.claim.key}

    def take(self, other: "Group") -> None:
        """Make the other group part of this one."""
        self.nodes += other.nodes
        self.names |= other.names
        for mine, theirs in ((self.values, other.values), (self.keys, other.keys)):
            for name, found in theirs.items():
                if name in mine:
                    mine[name] |= found
                else:
                    mine[name] = found


def distinct(groups: Iterable[Group]) -> list[Group]:
    """Each group once."""
    return list({id(group): group for group in groups}.values())


def differ(sets: Sequence[Set[str]]) -> bool:
    """Whether any two of some sets have nothing in common."""
    if len(sets) < 2 or frozenset(sets[0]).intersection(*sets[1:]):
        return False
    holders: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(sets):
        for element in one:
            holders[element].append(position)
    return any(len(set().union(*(holders[e] for e in one))) < len(sets) for one in sets)


def differing(groups: Sequence[Mapping[str, Set[str]]]) -> set[str]:
    """The names under which any two of some groups have nothing in common."""
    if len(groups) == 2:
        one, other = groups
        return {name for name in one.keys() & other.keys() if one[name].isdisjoint(other[name])}
    names = {name for one in groups for name in one}
    return {name for name in names if differ([one[name] for one in groups if name in one])}


def placed(site: Set[str], values: Set[str]) -> set[str]:
    """Sites and values together: two such sets differ where both sites and values do."""
    return {f"@{one}" for one in site} | {f"={one}" for one in values}
