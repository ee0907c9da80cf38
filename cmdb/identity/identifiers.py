"""What identifies a thing in the words of a claim: values in normal form, and their digests."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from itertools import islice, product
from typing import Any, NamedTuple

from cmdb.identity.claims import OLDER, Body, Claim, Name, type_of
from cmdb.schema.declarations import Identifier
from cmdb.schema.model import Catalog, Forms
from cmdb.schema.normal_forms import Form, address, folded

MOST_VALUES = 256
"""Values of one identifier that count: a list attribute may be of any length."""

BETWEEN = "\x1f"


ANYWHERE = 2
"""How much weaker a value is where its site is left open."""

EVERYWHERE, OPEN = ((0, ""),), (ANYWHERE, f"*{BETWEEN}")

PLACED = "ip_addresses"
"""The attribute that says where a thing answers."""


class Value(NamedTuple):
    """One identifier's value: claims with an equal one mean the same CI, unless others disagree.

    `first` is the value of the first attribute alone: what differs in it disagrees. `old` is what a
    source did not say in its last word.
    """

    strength: int
    rule: str
    value: str
    first: str
    old: bool = False

    def digest(self) -> int:
        """A signed 64-bit digest, under which claims with this value are found."""
        return digest(self.rule, self.value)


def digest(*parts: str) -> int:
    """A signed 64-bit digest of texts."""
    whole = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(whole, digest_size=8).digest(), "big", signed=True)


def name_digest(name: Name) -> int:
    """The digest under which claims that speak of this name as an alias are found."""
    return digest("\x00alias", *name)


def host_digest(name: Name) -> int:
    """The digest under which claims that are identified within this one are found."""
    return digest("\x00within", *name)


def key_digest(key: str) -> int:
    """The digest under which the claim that founded the CI of this key is found."""
    return digest("\x00founded", key)


def end_digest(name: Name) -> int:
    """The digest of one end of a relation."""
    return digest("\x00end", *name)


def place_digest(site: str, address: str) -> int:
    """The digest under which claims about things with this address at a site are found."""
    return digest("\x00address", folded(site), address)


def values(catalog: Catalog, body: Body, host: str | None = None) -> list[Value]:
    """All identifying values of a word, strongest first.

    `host` names the CI within which it is identified; without one, rules that hold only within a
    host give nothing.
    """
    attributes = body.get("attributes")
    rules = catalog.identifying.get(type_of(body))
    if not rules or not attributes:
        return []
    older = body.get(OLDER) or ()
    found: list[Value] = []
    for rule, forms in rules:
        if attributes.get(rule.attributes[0]) is None or (rule.within and host is None):
            continue
        old = bool(older) and any(f"attributes.{name}" in older for name in rule.attributes)
        found += values_of(rule, forms, attributes, host, old)
    return found


def values_of(
    rule: Identifier,
    forms: Forms,
    attributes: Mapping[str, Any],
    host: str | None,
    old: bool = False,
) -> list[Value]:
    """The values of one rule; none where an attribute of it is not known."""
    parts: list[list[str]] = []
    for name, form in forms:
        value = attributes.get(name)
        if value is None:
            return []
        parts.append(_normal(form, value))
    texts, found = _texts(parts), list[Value]()
    for weaker, place in _places(rule, attributes, host) if texts else ():
        strength, rule_name = rule.strength + weaker, rule.name
        found += [Value(strength, rule_name, place + t, first, old) for t, first in texts]
    return found


def _texts(parts: list[list[str]]) -> list[tuple[str, str]]:
    """The values that the values of several attributes make, each with the first of its parts."""
    if len(parts) == 1:
        return [(one, one) for one in parts[0][:MOST_VALUES]]
    return [(BETWEEN.join(one), one[0]) for one in islice(product(*parts), MOST_VALUES)]


def _places(
    rule: Identifier, attributes: Mapping[str, Any], host: str | None
) -> Sequence[tuple[int, str]]:
    """Where the values of a rule hold, as they begin, and how much weaker they are there."""
    if rule.within:
        return [(0, f"{host}{BETWEEN}")]
    if rule.scope == "everywhere":
        return EVERYWHERE
    site = site_of(attributes)
    here = (0, f"{site}{BETWEEN}")
    if rule.scope == "site":
        return [here]
    return [here, OPEN] if site else [OPEN]


def site_of(attributes: Mapping[str, Any]) -> str:
    """The site that a word names, in normal form; empty where it names none."""
    return folded(attributes.get("site") or "")


def _normal(form: Form, value: Any) -> list[str]:
    if isinstance(value, list):
        texts = dict.fromkeys(map(form, value))
        texts.pop(None, None)
        return list(texts)  # type: ignore[arg-type]
    text = form(value)
    return [] if text is None else [text]


def aliases(body: Body) -> list[Name]:
    """The names of other sources that a word says are the same thing."""
    stated = body.get("aliases")
    return [(source, key) for source, key in stated] if stated else []


def hosted(claim: Claim) -> Name | None:
    """The name of the claim within whose CI this one is identified."""
    within = (claim.body or {}).get("within")
    return None if within is None else (claim.source, within)


def other_digests(claim: Claim) -> list[int]:
    """The digests, beside those of its values, under which the word of a claim is found."""
    found = [name_digest(name) for name in aliases(claim.body or {})]
    host = hosted(claim)
    return found if host is None else [*found, host_digest(host)]


def place_digests(claim: Claim) -> list[int]:
    """The digests of the addresses of a thing of its own: an address alone identifies nothing."""
    body = claim.body
    if body is None or body.get("within") is not None:
        return []
    attributes = body.get("attributes") or {}
    addresses = _normal(address, attributes.get(PLACED) or [])
    return [place_digest(site_of(attributes), one) for one in addresses[:MOST_VALUES]]
