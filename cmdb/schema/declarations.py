"""Declarations of CI types and relation types: what the catalog is made of."""

import re
from dataclasses import asdict, dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any, Literal

from cmdb.errors import InvalidInput, UnknownField, WrongValue, shown
from cmdb.schema.attributes import KINDS, Attribute
from cmdb.schema.codes import CodeRule
from cmdb.schema.normal_forms import FORMS

Impact = Literal["to→from", "from→to", "both", "link", "none"]
Strength = Literal["hard", "soft"]
Need = int | str

IMPACTS: tuple[Impact, ...] = ("to→from", "from→to", "both", "link", "none")
STRENGTHS: tuple[Strength, ...] = ("hard", "soft")
SCOPES = ("everywhere", "site", "known site")
COMBINATIONS = ("owner", "union")
A_STRING = "a string"
NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,62}")

Joins = tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
"""Pairs of (from types, to types) a relation may join; empty means any two CIs."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A rule by which two claims are found to mean the same CI: equal values of all `attributes`.

    Rules of the same `name` match across types. `strength` 1 is the strongest. An attribute that
    is a list counts with each of its values; two things disagree in a rule when the first attribute
    differs. `scope` "site" lets values match within a site only, "known site" also where a claim
    names no site;
    with `within` they match only inside the same CI, such as a database within its host.
    `clonable` values, such as keys in a disk image, count only where no other identifier disagrees.
    """

    name: str
    attributes: tuple[str, ...]
    strength: int
    description: str
    scope: Literal["everywhere", "site", "known site"] = "everywhere"
    within: bool = False
    clonable: bool = False


@dataclass(frozen=True, slots=True)
class CIType:
    """A type of configuration item.

    It inherits attributes, identifiers and freshness from its `parent`; what it declares is added.
    So are its code rule and `name_pattern`, which says how names look, unless it has its own.
    """

    name: str
    label: str
    label_zh: str
    description: str
    parent: str | None = None
    attributes: tuple[Attribute, ...] = ()
    freshness: timedelta | None = None
    identifiers: tuple[Identifier, ...] = ()
    code: CodeRule | None = None
    name_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class RelationType:
    """A type of relation: how it reads, what it joins, and which way trouble travels.

    `impact`, `strength`, `group` and `need` have the meaning of the impact rules: `group` is the
    default redundancy group, `need` its default need.
    """

    name: str
    reverse: str
    label_zh: str
    description: str
    impact: Impact = "none"
    strength: Strength = "hard"
    group: str | None = None
    need: Need | None = None
    joins: Joins = ()
    freshness: timedelta = timedelta(days=180)

    def fits(self) -> str:
        """The pairs this relation joins, in words."""
        if not self.joins:
            return "any two configuration items"
        return "; ".join(f"{' or '.join(a)} to {' or '.join(b)}" for a, b in self.joins)


def need_fraction(need: Any) -> Fraction | None:
    """A percentage need as an exact fraction, None for a count; ValueError for anything else."""
    if type(need) is int and need >= 1:
        return None
    if isinstance(need, str) and re.fullmatch(r"\d{1,3}(\.\d{1,9})?%", need, re.ASCII):
        fraction = Fraction(need[:-1]) / 100
        if Fraction(1, 100) <= fraction <= 1:
            return fraction
    raise ValueError("an integer of at least 1, or 1% to 100% as a string such as '50%'")


def need_of(need: Need, members: int) -> int:
    """How many of `members` are needed: percentages are rounded up, exactly."""
    fraction = need_fraction(need)
    if fraction is None:
        return int(need)
    return -(-fraction.numerator * members // fraction.denominator)


def declaration_to_dict(declaration: CIType | RelationType) -> dict[str, Any]:
    """A declaration as JSON-ready data; `freshness` is in seconds."""
    data = asdict(declaration)
    if declaration.freshness is not None:
        data["freshness"] = int(declaration.freshness.total_seconds())
    return data


def ci_type_from_dict(data: dict[str, Any], place: str = "type") -> CIType:
    """A CI type from data; raises InvalidInput that names the field."""
    data = _checked(data, CIType, place)
    attributes = tuple(
        _attribute_from_dict(one, f"{place}.attributes[{i}]")
        for i, one in enumerate(data.get("attributes") or ())
    )
    identifiers = tuple(
        _identifier_from_dict(one, f"{place}.identifiers[{i}]")
        for i, one in enumerate(data.get("identifiers") or ())
    )
    code = None if data.get("code") is None else _code_from_dict(data["code"], f"{place}.code")
    pattern = data.get("name_pattern")
    if pattern is not None and not isinstance(pattern, str):
        raise WrongValue(place=place, name="name_pattern", value=shown(pattern), expected=A_STRING)
    return CIType(**{**data, "attributes": attributes, "identifiers": identifiers, "code": code})


def relation_type_from_dict(data: dict[str, Any], place: str = "relation type") -> RelationType:
    """A relation type from data; raises InvalidInput that names the field."""
    data = _checked(data, RelationType, place)
    _one_of(data, "impact", IMPACTS, place)
    _one_of(data, "strength", STRENGTHS, place)
    if data.get("need") is not None:
        try:
            need_fraction(data["need"])
        except ValueError as error:
            raise WrongValue(
                place=place, name="need", value=repr(data["need"]), expected=str(error)
            ) from None
    if data.get("impact") == "both" and data.get("group"):
        raise InvalidInput(place=place, detail="a relation with impact 'both' takes no group")
    if "joins" in data:
        data["joins"] = tuple((tuple(a), tuple(b)) for a, b in data["joins"])
    return RelationType(**data)


def _attribute_from_dict(data: dict[str, Any], place: str) -> Attribute:
    data = _checked(data, Attribute, place)
    _one_of(data, "kind", tuple(KINDS), place)
    _one_of(data, "combine", COMBINATIONS, place)
    _one_of(data, "form", tuple(FORMS), place)
    return Attribute(**{**data, "choices": tuple(data.get("choices") or ())})


def _identifier_from_dict(data: dict[str, Any], place: str) -> Identifier:
    data = _checked(data, Identifier, place)
    _one_of(data, "scope", SCOPES, place)
    for name, fits, expected in (
        ("attributes", lambda v: isinstance(v, list | tuple) and v, "a list of attribute names"),
        ("strength", lambda v: type(v) is int and 1 <= v <= 9, "an integer from 1 to 9"),
    ):
        if not fits(data.get(name)):
            raise WrongValue(place=place, name=name, value=shown(data.get(name)), expected=expected)
    return Identifier(**{**data, "attributes": tuple(data["attributes"])})


def _code_from_dict(data: Any, place: str) -> CodeRule:
    data = _known(data, CodeRule, place)
    for name in ("pattern", "attribute"):
        if not isinstance(data.get(name, "" if name == "attribute" else None), str):
            value = shown(data.get(name))
            raise WrongValue(place=place, name=name, value=value, expected=A_STRING)
    per = data.get("per")
    if per is None:
        return CodeRule(**data)
    if not isinstance(per, list | tuple) or not all(isinstance(one, str) for one in per):
        expected = "a list of fields of the pattern, or null"
        raise WrongValue(place=place, name="per", value=shown(per), expected=expected)
    return CodeRule(**{**data, "per": tuple(per)})


def _checked(data: Any, kind: type, place: str) -> dict[str, Any]:
    data = _known(data, kind, place)
    missing = [n for n in ("name", "description") if not isinstance(data.get(n), str)]
    if missing:
        raise WrongValue(place=place, name=missing[0], value="missing", expected=A_STRING)
    if not NAME_PATTERN.fullmatch(data["name"]):
        raise WrongValue(
            place=place,
            name="name",
            value=repr(data["name"]),
            expected="lower case letters, digits and '_', at most 63",
        )
    result = dict(data)
    words = data["name"].replace("_", " ")
    for name in ("label", "label_zh", "reverse"):
        if hasattr(kind, name):
            result.setdefault(name, words)
    if result.get("freshness") is not None:
        result["freshness"] = timedelta(seconds=int(result["freshness"]))
    elif "freshness" in result:
        del result["freshness"]
    return result


def _known(data: Any, kind: type, place: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise WrongValue(place=place, name="it", value=repr(data), expected="an object")
    fields = kind.__dataclass_fields__  # type: ignore[attr-defined]
    for name in data:
        if name not in fields:
            raise UnknownField(place=place, kind="field", name=name, known=fields)
    return data


def _one_of(data: dict[str, Any], name: str, allowed: tuple[str, ...], place: str) -> None:
    if name in data and data[name] not in allowed:
        raise WrongValue(
            place=place, name=name, value=repr(data[name]), expected=f"one of {', '.join(allowed)}"
        )
