"""What identifies a thing in the words of a claim: values in normal form, and their digests."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice, product
from typing import Any

from cmdb.identity.claims import OLDER, Body, Claim, Name, type_of
from cmdb.schema.attributes import Attribute
from cmdb.schema.declarations import Identifier
from cmdb.schema.model import Catalog
from cmdb.schema.normal_forms import FORMS, folded

MOST_VALUES = 256
"""Values of one identifier that count: a list attribute may be of any length."""

BETWEEN = "\x1f"


ANYWHERE = 2
"""How much weaker a value is where its site is left open."""


PLACED = "ip_addresses"
"""The attribute that says where a thing answers."""


@dataclass(slots=True)
class Value:
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
    type_name = type_of(body)
    rules = catalog.identifiers.get(type_name, ())
    attributes = body.get("attributes") or {}
    if not rules or not attributes:
        return []
    declared = catalog.attributes[type_name]
    older = body.get(OLDER) or {}
    found: list[Value] = []
    for rule in rules:
        if rule.within and host is None:
            continue
        old = bool(older) and any(f"attributes.{name}" in older for name in rule.attributes)
        found += values_of(rule, declared, attributes, host, old)
    return found


def values_of(
    rule: Identifier,
    declared: Mapping[str, Attribute],
    attributes: Mapping[str, Any],
    host: str | None,
    old: bool = False,
) -> list[Value]:
    """The values of one rule; none where an attribute of it is not known."""
    parts: list[list[str]] = []
    for name in rule.attributes:
        value = attributes.get(name)
        if value is None:
            return []
        parts.append(_normal(declared[name].form, value))
    found = []
    for weaker, place in _places(rule, attributes, host):
        strength = rule.strength + weaker
        for one in islice(product(*parts), MOST_VALUES):
            text = BETWEEN.join((*place, *one))
            found.append(Value(strength, rule.name, text, one[0], old))
    return found


def _places(
    rule: Identifier, attributes: Mapping[str, Any], host: str | None
) -> list[tuple[int, list[str]]]:
    """Where the values of a rule hold, and how much weaker they are there."""
    if rule.within:
        return [(0, [host or ""])]
    if rule.scope == "everywhere":
        return [(0, [])]
    site = site_of(attributes)
    if rule.scope == "site":
        return [(0, [site])]
    return [(0, [site]), (ANYWHERE, ["*"])] if site else [(ANYWHERE, ["*"])]


def site_of(attributes: Mapping[str, Any]) -> str:
    """The site that a word names, in normal form; empty where it names none."""
    return folded(attributes.get("site") or "")


def _normal(form: str, value: Any) -> list[str]:
    normal = FORMS[form]
    if isinstance(value, list):
        return list(dict.fromkeys(text for one in value if (text := normal(one)) is not None))
    text = normal(value)
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
    """The digests, beside those of its values, under which a claim about a CI is found."""
    body = claim.body
    found = [] if claim.founded is None else [key_digest(claim.founded)]
    if body is not None:
        found += [name_digest(name) for name in aliases(body)]
        host = hosted(claim)
        if host is not None:
            found.append(host_digest(host))
    return found


def place_digests(claim: Claim) -> list[int]:
    """The digests of the addresses of a thing of its own: an address alone identifies nothing."""
    body = claim.body
    if body is None or body.get("within") is not None:
        return []
    attributes = body.get("attributes") or {}
    addresses = _normal("address", attributes.get(PLACED) or [])
    return [place_digest(site_of(attributes), one) for one in addresses[:MOST_VALUES]]
