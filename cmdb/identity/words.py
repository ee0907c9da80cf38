"""Words: what a source says of a thing, and what a claim becomes when one is heard.

A word is a set of fields, each with the stamp (time of observation, run) at which it was last said.
A field is replaced only by one with a later stamp, so a claim does not depend on the order in
which words arrive (a last-writer-wins map: Shapiro et al., "A comprehensive study of convergent
and commutative replicated data types", 2011). A withdrawal ends all words before it.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from cmdb.identity.claims import (
    BOOKKEEPING,
    FIRST,
    GROUPS,
    OLDER,
    SINCE,
    WITHDRAWN,
    Body,
    Claim,
    Field,
    Name,
    Stamp,
    path_of,
)
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.identity.sightings import EVIDENCE, gathered


def item_word(seen: ObservedItem) -> Body:
    """What an observed item says: only what it mentions; None where it takes a field back."""
    body: Body = {"seen_as" if seen.coverage == "part" else "type": seen.type}
    for name in ("name", "status", "network_root", "within", "confidence"):
        value = getattr(seen, name)
        if value is not None:
            body[name] = value
    for name in (*GROUPS, "attribute_confidence", "evidence"):
        value = getattr(seen, name)
        if value:
            body[name] = dict(value)
    if seen.aliases:
        body["aliases"] = sorted([alias.source, alias.key] for alias in seen.aliases)
    return body


def relation_word(seen: ObservedRelation, ends: tuple[Name, Name]) -> Body:
    """What an observed relation says; `ends` are the names its source means."""
    body: Body = {
        "from": list(ends[0]),
        "type": seen.type,
        "to": list(ends[1]),
        "strength": seen.strength,
    }
    if seen.attributes:
        body["attributes"] = dict(seen.attributes)
    for name, value in (("group", seen.group or None), ("id", seen.id or None)):
        if value is not None:
            body[name] = value
    if seen.within is not None:
        body["within"] = seen.within
    if seen.confidence is not None:
        body["confidence"] = seen.confidence
    if seen.evidence:
        body["evidence"] = dict(seen.evidence)
    return body


def word_of(body: Body) -> Body:
    """The word alone, without bookkeeping."""
    if BOOKKEEPING.isdisjoint(body):
        return body
    return {name: value for name, value in body.items() if name not in BOOKKEEPING}


def repeats(claim: Claim, word: Body) -> bool:
    """Whether a word says all of what its source said last, and nothing else, whenever it was."""
    body = claim.body
    if body is None or claim.withdrawn or OLDER in body:
        return False
    said = word_of(body)
    return said == word or said == gathered(word, said)


def heard(claim: Claim, word: Body, stamp: Stamp) -> Claim:
    """The claim after a word with its stamp; the same claim when the word is too old to count."""
    body = claim.body
    if body is None:  # an alias has said nothing yet
        return replace(claim, body=word, observed_at=stamp[0], confirmed_at=stamp[0], run=stamp[1])
    ended = ended_at(body)
    was = _said(claim)
    if ended is not None and stamp > ended >= claim.stamp:
        was = {}  # the source begins anew
    now = dict(was)
    evidence = (EVIDENCE, "")
    if evidence in was and (ended is None or stamp > ended or claim.stamp <= ended):
        at, known = was[evidence]
        word = gathered(word, {EVIDENCE: known})
        now[evidence] = (at, gathered({EVIDENCE: known}, word)[EVIDENCE])
    for field, value in fields(word):
        if ended is not None and stamp <= ended < claim.stamp:
            break  # the word was ended before
        known = now.get(field)
        if known is None or _later((stamp, value), known):
            now[field] = (stamp, value)
    return _restated(claim, was, now, max(stamp, claim.stamp), ended)


def withdrawn(claim: Claim, stamp: Stamp) -> Claim:
    """The claim after its source withdrew it."""
    body = claim.body
    if body is None:
        return claim
    ended = ended_at(body)
    if ended is not None and ended >= stamp:
        return claim
    was = now = _said(claim)
    if stamp < claim.stamp:  # later words stand
        now = {field: said for field, said in was.items() if said[0] > stamp}
    return _restated(claim, was, now, claim.stamp, stamp)


def _said(claim: Claim) -> "Said":
    return {field: (claim.stamp_of(field), value) for field, value in fields(claim.body or {})}


def fields(body: Body) -> Iterator[tuple[Field, Any]]:
    """All fields of a word with their values."""
    for name, value in body.items():
        if name in GROUPS:
            for inner, one in value.items():
                yield (name, inner), one
        elif name not in BOOKKEEPING:
            yield (name, ""), value


Said = dict[Field, tuple[Stamp, Any]]


def _restated(claim: Claim, was: Said, now: Said, stamp: Stamp, ended: Stamp | None) -> Claim:
    """A claim of these fields, whose last word has the stamp."""
    gone = ended is not None and ended >= stamp
    body: Body = {}
    older: dict[str, list[Any]] = {}
    since: dict[str, float] = {}
    before = claim.body or {}
    first = before.get(FIRST, claim.observed_at)
    changed = was.keys() != now.keys() or gone != claim.withdrawn
    for field in sorted(now):
        (at, run), value = now[field]
        if field[1]:
            body.setdefault(field[0], {})[field[1]] = value
        else:
            body[field[0]] = value
        if (at, run) != stamp:
            older[path_of(field)] = [at, run]
        if field not in was or was[field][1] != value:
            changed = True
            since[path_of(field)] = at
        elif (known := claim.since(field)) != first:
            since[path_of(field)] = known
    if older:
        body[OLDER] = older
    if since:
        body[SINCE] = since
        body[FIRST] = first
    if ended is not None:
        body[WITHDRAWN] = list(ended)
    observed = max(stamp[0], ended[0] if gone and ended else 0.0) if changed else claim.observed_at
    made = replace(
        claim,
        body=body,
        withdrawn=gone,
        observed_at=observed,
        confirmed_at=stamp[0],
        run=stamp[1],
    )
    return claim if made == claim else made


def _later(new: tuple[Stamp, Any], known: tuple[Stamp, Any]) -> bool:
    if new[0] != known[0]:
        return new[0] > known[0]
    return bool(new[1] != known[1]) and _json(new[1]) > _json(known[1])


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def ended_at(body: Body) -> Stamp | None:
    """The stamp of the last withdrawal."""
    found = body.get(WITHDRAWN)
    return None if found is None else (found[0], found[1])
