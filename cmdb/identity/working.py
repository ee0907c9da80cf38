"""The claims a plan works with: as they are stored, and as they will be."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from cmdb.identity.claims import NOBODY, Body, Claim, Name
from cmdb.identity.conclusion import Rules
from cmdb.identity.identifiers import (
    Value,
    aliases,
    hosted,
    key_digest,
    other_digests,
    place_digests,
    values,
)
from cmdb.identity.known import Known
from cmdb.schema.records import ConfigurationItem

Signature = tuple[object, ...]

DEEPEST = 8
"""Hosts one within the other that are told apart."""


class Word(NamedTuple):
    """What follows for identity from a body alone, which is kept so that its id stays its own.

    `values` hold beyond any host, as do `entries`, by digest. The claim is found under `digests`,
    of which `leads` lead to claims that could be about the same CI.
    """

    body: Body
    values: list[Value]
    entries: dict[int, Value]
    leads: tuple[int, ...]
    digests: frozenset[int]


SILENCE = Word({}, [], {}, (), frozenset())
"""Of an alias."""


class Working:
    """Claims about CIs, by name; loads from the store what is asked for."""

    def __init__(self, known: Known, rules: Rules) -> None:
        self.known, self.rules = known, rules
        self.stored: dict[Name, Claim | None] = {}
        self.now: dict[Name, Claim | None] = {}
        self.about: dict[int, set[Name]] = {}
        """The claims that were about a CI when the plan began, of the CIs that were asked for."""
        self.fresh: dict[int, list[Name]] = defaultdict(list)
        """Claims that are not stored as they will be, by their digests."""
        self.items: dict[int, ConfigurationItem] = {}
        self._words: dict[int, Word] = {}
        self._hosted: dict[tuple[int, str], list[Value]] = {}

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
            found.update(self.fresh[one])
        return found

    def load_items(self, numbers: Iterable[int]) -> None:
        """Have these CIs at hand, as they are stored."""
        wanted = {n for n in numbers if n >= 0} - self.items.keys()
        if wanted:
            self.items |= self.known.items_by_number(wanted)

    def _add(self, claims: Iterable[Claim]) -> set[Name]:
        names = set()
        for claim in claims:
            name = claim.name
            names.add(name)
            if name not in self.stored:
                self._take(name, claim)
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
        name = claim.name
        for one in self.digests(claim):
            self.fresh[one].append(name)

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
        found = self._within(claim, self.host(claim))
        ignored = decisions.ignored_values
        if ignored:
            found = [one for one in found if (one.rule, one.value) not in ignored]
        return found

    def word(self, claim: Claim) -> Word:
        """What the word of a claim says of identity."""
        body = claim.body
        if body is None:
            return SILENCE
        known = self._words.get(id(body))
        if known is None:
            found = values(self.rules.catalog, body)
            entries = {one.digest(): one for one in found}
            leads = (*entries, *other_digests(claim))
            digests = frozenset((*leads, *place_digests(claim)))
            known = self._words[id(body)] = Word(body, found, entries, leads, digests)
        return known

    def _within(self, claim: Claim, host: str | None) -> list[Value]:
        """What identifies the word of a claim within a host, where it stands within one."""
        word = self.word(claim)
        if host is None:
            return word.values
        place = (id(word.body), host)
        if place not in self._hosted:
            self._hosted[place] = values(self.rules.catalog, word.body, host)
        return self._hosted[place]

    def digests(self, claim: Claim | None) -> frozenset[int]:
        """All digests under which a claim is found; what holds within a host only has none."""
        if claim is None:
            return frozenset()
        return self.word(claim).digests.union(founding(claim))

    def leads(self, claim: Claim) -> tuple[int, ...]:
        """The digests that lead to claims that could be about the same CI."""
        return (*self.word(claim).leads, *founding(claim))

    def signature(self, claim: Claim) -> Signature:
        """All of a claim that identification depends on, its host aside."""
        body = claim.body
        if body is None:
            return ()
        within = body.get("within")
        said = self._within(claim, None if within is None else "")
        stamps = tuple((one.rule, one.value, one.old) for one in said)
        return (stamps, tuple(aliases(body)), within, claim.withdrawn)


def founding(claim: Claim) -> tuple[int, ...]:
    """The digest under which a claim is found by the key of the CI that came in with it."""
    return () if claim.founded is None else (key_digest(claim.founded),)
