"""The catalog: all declared types with inheritance, and the checks that follow from them."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

from cmdb.errors import (
    CMDBError,
    InvalidInput,
    NotJoinable,
    Rejected,
    UnknownField,
    UnknownName,
    WrongValue,
)
from cmdb.schema.attributes import Attribute
from cmdb.schema.codes import CodeRule, pattern_errors, rule_errors
from cmdb.schema.declarations import CIType, Identifier, RelationType, need_fraction
from cmdb.schema.normal_forms import FORMS, Form
from cmdb.schema.patterns import Pattern, parse_pattern

DEFAULT_FRESHNESS = timedelta(days=90)

Forms = tuple[tuple[str, Form], ...]
"""Attributes, each with its normal form."""


class Catalog:
    """An immutable set of type declarations.

    Built from the declarations in `cmdb.schema.catalog`, `extended` by those an administrator keeps
    in the store. Raises InvalidInput when the declarations do not fit together.
    """

    def __init__(self, ci_types: Iterable[CIType], relation_types: Iterable[RelationType]) -> None:
        self.ci_types = {one.name: one for one in ci_types}
        self.relation_types = {one.name: one for one in relation_types}
        self.ancestors = {name: self._ancestors(name) for name in self.ci_types}
        for declared in self.ci_types.values():
            self._check_identifiers(declared)
        self._check_patterns()
        for relation in self.relation_types.values():
            for name in (n for pair in relation.joins for side in pair for n in side):
                self.ci_type(name.removeprefix("="), f"relation type {relation.name}.joins")

    def _check_identifiers(self, declared: CIType) -> None:
        place = f"type {declared.name}.identifiers"
        for identifier in declared.identifiers:
            for name in identifier.attributes:
                known = self.attributes[declared.name]
                if name not in known:
                    raise UnknownField(
                        place=place, kind=f"attribute of {declared.name}", name=name, known=known
                    )

    def _check_patterns(self) -> None:
        """Refuse code rules and name patterns that do not fit; all that is wrong at once."""
        errors: list[CMDBError] = []
        for name, rule in self.codes.items():
            errors += rule_errors(rule, self.attributes[name], f"type {name}.code", name)
        for name, chain in self.ancestors.items():
            if (text := self._nearest(chain, "name_pattern")) is not None:
                place = f"type {name}.name_pattern"
                errors += pattern_errors(text, self.attributes[name], place, name)
        if errors:
            raise errors[0] if len(errors) == 1 else Rejected(errors)

    def extended(
        self, ci_types: Iterable[CIType], relation_types: Iterable[RelationType]
    ) -> "Catalog":
        """This catalog with more declarations, which replace those of the same name."""
        return Catalog(
            {**self.ci_types, **{t.name: t for t in ci_types}}.values(),
            {**self.relation_types, **{t.name: t for t in relation_types}}.values(),
        )

    def _ancestors(self, name: str) -> tuple[str, ...]:
        chain: list[str] = []
        current: str | None = name
        while current is not None:
            if current in chain:
                raise InvalidInput(place=f"type {name}", detail="its parents form a loop")
            chain.append(current)
            current = self.ci_type(current, f"type {name}.parent").parent
        return tuple(chain)

    def ci_type(self, name: Any, place: str) -> CIType:
        """The declaration of a CI type; UnknownName with the nearest known name otherwise."""
        found = self.ci_types.get(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownName(place=place, kind="CI type", name=name, known=self.ci_types)
        return found

    def relation_type(self, name: Any, place: str) -> RelationType:
        """The declaration of a relation type; UnknownName otherwise."""
        found = self.relation_types.get(name) if isinstance(name, str) else None
        if found is None:
            raise UnknownName(
                place=place, kind="relation type", name=name, known=self.relation_types
            )
        return found

    def is_a(self, name: str, other: str) -> bool:
        """Whether type `name` is `other` or below it."""
        return other in self.ancestors.get(name, ())

    def below(self, name: str) -> frozenset[str]:
        """The type and all types below it."""
        return frozenset(t for t in self.ci_types if self.is_a(t, name))

    @cached_property
    def attributes(self) -> dict[str, dict[str, Attribute]]:
        """For each CI type, its own and inherited attributes by name."""
        return {
            name: {
                a.name: a
                for ancestor in reversed(chain)
                for a in self.ci_types[ancestor].attributes
            }
            for name, chain in self.ancestors.items()
        }

    @cached_property
    def identifiers(self) -> dict[str, tuple[Identifier, ...]]:
        """For each CI type, its own and inherited identifiers, strongest first.

        A type's own rule replaces an inherited one of the same name; all others are added.
        """
        return {
            name: tuple(
                sorted(
                    {
                        one.name: one
                        for ancestor in reversed(chain)
                        for one in self.ci_types[ancestor].identifiers
                    }.values(),
                    key=lambda one: (one.strength, one.name),
                )
            )
            for name, chain in self.ancestors.items()
        }

    @cached_property
    def identifying(self) -> dict[str, tuple[tuple[Identifier, Forms], ...]]:
        """For each CI type, its identifiers, each with what of it identifies."""
        return {
            type_name: tuple(
                (rule, tuple((name, FORMS[declared[name].form]) for name in rule.attributes))
                for rule in self.identifiers[type_name]
            )
            for type_name, declared in self.attributes.items()
        }

    @cached_property
    def freshness(self) -> dict[str, timedelta]:
        """For each CI type, how long a confirmation holds."""
        found = {name: self._nearest(chain, "freshness") for name, chain in self.ancestors.items()}
        return {name: DEFAULT_FRESHNESS if f is None else f for name, f in found.items()}

    @cached_property
    def code_owners(self) -> dict[str, str]:
        """For each CI type that has a code rule, the type that declares it: itself or one above."""
        owners = {
            name: next((one for one in chain if self.ci_types[one].code is not None), None)
            for name, chain in self.ancestors.items()
        }
        return {name: owner for name, owner in owners.items() if owner is not None}

    @cached_property
    def codes(self) -> dict[str, CodeRule]:
        """The code rule of each CI type that has one, its own or an inherited one."""
        rules = {name: self.ci_types[owner].code for name, owner in self.code_owners.items()}
        return {name: rule for name, rule in rules.items() if rule is not None}

    @cached_property
    def name_patterns(self) -> dict[str, Pattern]:
        """How names look, for each CI type that says so or inherits it."""
        found = {n: self._nearest(chain, "name_pattern") for n, chain in self.ancestors.items()}
        return {n: parse_pattern(text, "name") for n, text in found.items() if text is not None}

    def _nearest(self, chain: tuple[str, ...], field: str) -> Any:
        """What the first type of a chain that says something says in a field."""
        said = (getattr(self.ci_types[name], field) for name in chain)
        return next((value for value in said if value is not None), None)

    def check_attributes(
        self, type_name: str, values: Any, place: str, errors: list[CMDBError]
    ) -> dict[str, Any]:
        """The normal form of attribute values; what is wrong is appended to `errors`.

        A None value stays: it withdraws what the source said before.
        """
        if not isinstance(values, dict):
            errors.append(
                WrongValue(place=place, name="attributes", value=repr(values), expected="an object")
            )
            return {}
        declared = self.attributes[type_name]
        result: dict[str, Any] = {}
        for name, value in values.items():
            attribute = declared.get(name)
            if attribute is None:
                kind = f"attribute of {type_name}"
                errors.append(UnknownField(place=place, kind=kind, name=name, known=declared))
            elif value is None:
                result[name] = None
            else:
                try:
                    result[name] = attribute.validated(value)
                except (ValueError, TypeError):
                    errors.append(_wrong_attribute(place, attribute, value))
        return result

    def joinable(self, relation: RelationType, from_type: str, to_type: str) -> bool:
        """Whether the relation may join these two types, in this direction."""
        if not relation.joins:
            return True
        if any(self._fits(from_type, a) and self._fits(to_type, b) for a, b in relation.joins):
            return True
        return relation.impact == "link" and any(
            self._fits(to_type, a) and self._fits(from_type, b) for a, b in relation.joins
        )

    def _fits(self, name: str, allowed: tuple[str, ...]) -> bool:
        return any(
            name == one[1:] if one.startswith("=") else self.is_a(name, one) for one in allowed
        )

    def check_join(
        self, relation: RelationType, ends: tuple[tuple[str, str], tuple[str, str]], place: str
    ) -> None:
        """Refuse a relation between types it may not join; `ends` are (key, type) pairs."""
        (from_key, from_type), (to_key, to_type) = ends
        if not self.joinable(relation, from_type, to_type):
            raise NotJoinable(
                place=place,
                relation=relation.name,
                from_type=from_type,
                from_key=from_key,
                to_type=to_type,
                to_key=to_key,
                fits=relation.fits().replace("=", ""),
            )


def check_redundancy(values: Any, place: str, errors: list[CMDBError]) -> dict[str, Any]:
    """The `redundancy` of a CI: group name to `{"need": …}`; None withdraws a group."""
    if not isinstance(values, dict):
        errors.append(
            WrongValue(place=place, name="redundancy", value=repr(values), expected="an object")
        )
        return {}
    for group, setting in values.items():
        if setting is None:
            continue
        try:
            if not isinstance(setting, dict) or set(setting) != {"need"}:
                raise ValueError('an object such as {"need": 1}')
            need_fraction(setting["need"])
        except ValueError as error:
            shown = setting.get("need") if isinstance(setting, dict) else setting
            errors.append(
                WrongValue(
                    place=place,
                    name=f"redundancy '{group}' need",
                    value=repr(shown),
                    expected=str(error),
                )
            )
    return values


def _wrong_attribute(place: str, attribute: Attribute, value: Any) -> WrongValue:
    shown = repr(value)
    return WrongValue(
        place=place,
        name=f"attribute '{attribute.name}'",
        value=shown if len(shown) <= 60 else shown[:57] + "…",
        expected=attribute.expected(),
    )
