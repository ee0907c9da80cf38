"""The claims a plan works with: as they are stored, and as they will be."""

from collections.abc import Iterable

from cmdb.identity.claims import NOBODY, Body, Claim, Name
from cmdb.identity.conclusion import Rules
from cmdb.identity.identifiers import (
    Value,
    aliases,
    hosted,
    other_digests,
    place_digests,
    values,
)
from cmdb.identity.known import Known
from cmdb.schema.records import ConfigurationItem

Signature = tuple[object, ...]


class Working:
    """Claims about CIs, by name; loads from the store what is asked for."""

    def __init__(self, known: Known, rules: Rules) -> None:
        self.known, self.rules = known, rules
        self.stored: dict[Name, Claim | None] = {}
        self.now: dict[Name, Claim | None] = {}
        self.about: dict[int, set[Name]] = {}
        """The claims that were about a CI when the plan began, of the CIs that were asked for."""
        self.fresh: dict[int, set[Name]] = {}
        """Claims that are not stored as they will be, by their digests."""
        self.items: dict[int, ConfigurationItem] = {}
        self._values: dict[tuple[int, str | None], tuple[Body, list[Value]]] = {}
        self._entries: dict[int, tuple[Body, dict[int, Value]]] = {}
        # bodies are kept, so that their ids stay their own

    def load(self, names: Iterable[Name]) -> None:
        """Have the claims of these names at hand."""
        wanted: dict[str, list[str]] = {}
        for source, key in names:
            if (source, key) not in self.stored:
                wanted.setdefault(source, []).append(key)
        for source, keys in wanted.items():
            found = self.known.claims("ci", source, keys)
            for key in keys:
                self._take((source, key), found.get(key))

    def load_about(self, numbers: Iterable[int]) -> None:
        """Have all claims on these CIs at hand."""
        wanted = {n for n in numbers if n >= 0} - self.about.keys()
        found = self.known.claims_about("ci", wanted) if wanted else {}
        for number in wanted:
            self.about[number] = self._add(found.get(number, ()))

    def load_identified(self, wanted: set[int]) -> set[Name]:
        """Have the claims under these digests at hand; gives their names."""
        found = self._add(self.known.claims_identified(wanted)) if wanted else set()
        for one in wanted & self.fresh.keys():
            found |= self.fresh[one]
        return found

    def load_items(self, numbers: Iterable[int]) -> None:
        """Have these CIs at hand, as they are stored."""
        wanted = {n for n in numbers if n >= 0} - self.items.keys()
        if wanted:
            self.items |= self.known.items_by_number(wanted)

    def _add(self, claims: Iterable[Claim]) -> set[Name]:
        names = set()
        for claim in claims:
            names.add(claim.name)
            if claim.name not in self.stored:
                self._take(claim.name, claim)
        return names

    def _take(self, name: Name, claim: Claim | None) -> None:
        self.stored[name] = self.now[name] = claim

    def get(self, name: Name) -> Claim | None:
        """The claim as it will be."""
        if name not in self.now:
            self.load([name])
        return self.now[name]

    def put(self, claim: Claim) -> None:
        """Say how a claim will be."""
        self.now[claim.name] = claim

    def note(self, claim: Claim) -> None:
        """Let a claim be found by what identifies it now."""
        for one in self.digests(claim):
            self.fresh.setdefault(one, set()).add(claim.name)

    def host(self, claim: Claim) -> str | None:
        """Names the CI within which a claim is identified, as far as it is known."""
        name = hosted(claim)
        found = None if name is None else self.get(name)
        return None if found is None or found.subject == NOBODY else str(found.subject)

    def depth(self, claim: Claim) -> int:
        """How many hosts stand one within the other around a claim; at most `DEEPEST`."""
        depth, name = 0, hosted(claim)
        while name is not None and depth < DEEPEST:
            depth += 1
            found = self.get(name)
            name = None if found is None else hosted(found)
        return depth

    def values(self, claim: Claim) -> list[Value]:
        """What identifies a claim; nothing where people pinned it, nor what they ignore."""
        decisions = self.rules.decisions
        if claim.body is None or claim.name in decisions.pinned:
            return []
        found = self._found(claim.body, self.host(claim))
        ignored = decisions.ignored_values
        if ignored:
            found = [one for one in found if (one.rule, one.value) not in ignored]
        return found

    def _found(self, body: Body, host: str | None) -> list[Value]:
        known = self._values.get((id(body), host))
        if known is None:
            known = self._values[id(body), host] = body, values(self.rules.catalog, body, host)
        return known[1]

    def entries(self, claim: Claim) -> dict[int, Value]:
        """The values of a claim that hold beyond any host, by digest."""
        body = claim.body
        if body is None:
            return {}
        known = self._entries.get(id(body))
        if known is None:
            found = {one.digest(): one for one in self._found(body, None)}
            known = self._entries[id(body)] = body, found
        return known[1]

    def digests(self, claim: Claim | None) -> frozenset[int]:
        """All digests under which a claim is found; what holds within a host only has none."""
        if claim is None:
            return frozenset()
        return frozenset((*self.leads(claim), *place_digests(claim)))

    def leads(self, claim: Claim) -> list[int]:
        """The digests that lead to claims that could be about the same CI."""
        return [*self.entries(claim), *other_digests(claim)]

    def signature(self, claim: Claim) -> Signature:
        """All of a claim that identification depends on, its host aside."""
        body = claim.body
        if body is None:
            return ()
        within = body.get("within")
        said = self._found(body, None if within is None else "")
        stamps = tuple((one.rule, one.value, one.old) for one in said)
        return (stamps, tuple(aliases(body)), within, claim.withdrawn)


DEEPEST = 8
