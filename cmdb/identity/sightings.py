"""How sure a word is that grows surer each time it is seen again.

`evidence["sightings"]` names the occasions on which a thing was seen, such as hours; `confidence`
is then that of one of them, taken as independent. Occasions of several words are united, so the
order of words does not matter, and an occasion told twice counts once.
"""

from typing import Any

from cmdb.identity.claims import Body

EVIDENCE, SIGHTINGS = "evidence", "sightings"
MOST = 12
"""The first occasions are kept: more would change nothing."""

SURE = 0.5
"""A relation less sure than this is a proposal, and counts only when a person says it too."""


def certainty(body: Body) -> float:
    """How sure a word is: one less the chance that all its sightings were mistaken."""
    chance = float(body.get("confidence", 1.0))
    return 1 - (1 - chance) ** max(len(_occasions(body)), 1)


def proposed(body: Body) -> bool:
    """Whether a word is not sure enough to be taken as a fact."""
    return certainty(body) < SURE


def gathered(word: Body, known: Body) -> Body:
    """The word with the occasions of both."""
    mine, theirs = _occasions(word), _occasions(known)
    if not theirs or EVIDENCE not in word:
        return word
    occasions = sorted({*mine, *theirs})[:MOST]
    if occasions == mine:
        return word
    return {**word, EVIDENCE: {**word[EVIDENCE], SIGHTINGS: occasions}}


def added(before: Body, after: Body) -> set[str]:
    """The occasions that a word added to those that were known."""
    return set(_occasions(after)).difference(_occasions(before))


def without(evidence: Body, occasions: set[str]) -> Body:
    """Evidence without some occasions; with all where none is left, for a later word told them."""
    told = _occasions({EVIDENCE: evidence})
    left = [one for one in told if one not in occasions]
    return evidence if not left or left == told else {**evidence, SIGHTINGS: left}


def _occasions(body: Body) -> list[str]:
    evidence: dict[str, Any] = body.get(EVIDENCE) or {}
    said = evidence.get(SIGHTINGS)
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        return []
    return said
