"""Which CI an alert is about: by the rules of identification, by names, and by addresses.

A key that people wrote goes before identifiers, strongest first, these before names, and names
before addresses. What is not one CI for certain is kept for review, with those it could be.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from cmdb.errors import AmbiguousReference, CMDBError
from cmdb.identity.claims import NOBODY, Claim
from cmdb.identity.conclusion import Rules
from cmdb.identity.identifiers import place_digests, values
from cmdb.identity.probing import places, probes
from cmdb.services.environment import Environment
from cmdb.services.planning import rules_of
from cmdb.services.ports import GraphStore
from cmdb.services.references import resolve
from cmdb.tickets.alerts import REFERENCE, Evidence

KEY = "key"
MOST_ALIKE = 50
"""A value that more claims have identifies nothing, as in identification."""

MOST_CANDIDATES = 20
Form = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Match:
    """The CI that evidence means, by key; or those that it could mean."""

    key: str | None = None
    candidates: tuple[str, ...] = ()


NOTHING = Match()


def form_of(evidence: Evidence) -> Form:
    """Evidence as what tells it from other evidence."""
    return tuple(sorted((name, tuple(one)) for name, one in evidence.items()))


def matched(env: Environment, wanted: Iterable[Evidence]) -> dict[Form, Match]:
    """What each evidence means, by its form; asks the store a few times, however much it is."""
    by_form = {form_of(one): one for one in wanted}
    store, rules = env.store, rules_of(env, env.clock())
    found = _named(store, by_form, (KEY,))
    found |= _identified(store, rules, _open(by_form, found))
    found |= _better(found, _named(store, _open(by_form, found), (REFERENCE, "fqdn", "hostname")))
    found |= _better(found, _placed(store, rules, _open(by_form, found)))
    return {form: found.get(form, NOTHING) for form in by_form}


def _open(by_form: dict[Form, Evidence], found: dict[Form, Match]) -> dict[Form, Evidence]:
    """Evidence that means nothing yet; what is ambiguous by something stronger stays so."""
    return {form: one for form, one in by_form.items() if found.get(form, NOTHING) == NOTHING}


def _better(found: dict[Form, Match], new: dict[Form, Match]) -> dict[Form, Match]:
    return {form: one for form, one in new.items() if found.get(form, NOTHING) == NOTHING}


def _named(
    store: GraphStore, by_form: dict[Form, Evidence], names: Collection[str]
) -> dict[Form, Match]:
    """By what refers to CIs: keys, aliases, names."""
    texts = {text for one in by_form.values() for name in names for text in one.get(name, ())}
    if not texts:
        return {}
    resolved = resolve(store, [(text, "alert") for text in texts])
    found = {}
    for form, one in by_form.items():
        for name in names:
            match = _agreed([resolved[text] for text in one.get(name, ())])
            if match != NOTHING:
                found[form] = match
                break
    return found


def _agreed(results: list[str | CMDBError]) -> Match:
    keys = list(dict.fromkeys(one for one in results if isinstance(one, str)))
    if len(keys) == 1:
        return Match(keys[0])
    alike = [one for one in results if isinstance(one, AmbiguousReference)]
    named = [part.strip("'") for one in alike for part in one.fields["candidates"].split(", ")]
    return Match(None, tuple(sorted({*keys, *named}))[:MOST_CANDIDATES])


def _identified(
    store: GraphStore, rules: Rules, by_form: dict[Form, Evidence]
) -> dict[Form, Match]:
    """By the identifiers of the catalog: the strongest that anything has decides."""
    probed = {form: probes(rules.catalog, one) for form, one in by_form.items()}
    digests = {value.digest() for found in probed.values() for value in found}
    holders = _holders(store, rules, digests, lambda claim: _digests(rules, claim))
    found = {}
    for form, listed in probed.items():
        subjects: set[int] = set()
        for strength in sorted({value.strength for value in listed}):
            subjects = {
                subject
                for value in listed
                if value.strength == strength
                for subject in holders.get(value.digest(), ())
            }
            if subjects:
                break
        if subjects:
            found[form] = subjects
    return _keyed(store, found)


def _digests(rules: Rules, claim: Claim) -> Iterable[int]:
    return (one.digest() for one in values(rules.catalog, claim.body or {}))


def _placed(store: GraphStore, rules: Rules, by_form: dict[Form, Evidence]) -> dict[Form, Match]:
    """By where it answers, within its site."""
    asked = {form: set(places(one).values()) for form, one in by_form.items()}
    holders = _holders(store, rules, set().union(*asked.values()), place_digests)
    found = {
        form: {subject for one in digests for subject in holders.get(one, ())}
        for form, digests in asked.items()
    }
    return _keyed(store, {form: subjects for form, subjects in found.items() if subjects})


def _holders(
    store: GraphStore, rules: Rules, digests: set[int], of: Callable[[Claim], Iterable[int]]
) -> dict[int, set[int]]:
    """The CIs that claims which count say have each digest, but for values that many have."""
    if not digests:
        return {}
    wanted = digests - store.common(digests, MOST_ALIKE).keys()
    found: dict[int, set[int]] = defaultdict(set)
    for claim in store.claims_identified(wanted) if wanted else ():
        if claim.spoken and claim.subject != NOBODY and rules.counts(claim):
            for one in wanted.intersection(of(claim)):
                found[one].add(claim.subject)
    return found


def _keyed(store: GraphStore, found: dict[Form, set[int]]) -> dict[Form, Match]:
    items = store.items_by_number({one for subjects in found.values() for one in subjects})
    made = {}
    for form, subjects in found.items():
        keys = sorted(items[one].key for one in subjects if one in items)
        if keys:
            one = len(keys) == 1
            made[form] = Match(keys[0]) if one else Match(None, tuple(keys[:MOST_CANDIDATES]))
    return made
