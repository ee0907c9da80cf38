"""Code rules: how the codes of a type are made, and whether a rule fits its type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cmdb.errors import (
    CMDBError,
    InvalidInput,
    NumbersUsedUp,
    Rejected,
    UnknownField,
    WrongValue,
    shown,
)
from cmdb.schema.attributes import Attribute
from cmdb.schema.patterns import NUMBER, Pattern, parse_pattern


@dataclass(frozen=True, slots=True)
class CodeRule:
    """How the codes of a type are made: its pattern, and the `attribute` that holds the code.

    The counter counts `per` these fields of the pattern; None for all, so that in the example each
    building, floor and room has numbers of its own.
    """

    pattern: str
    attribute: str = "asset_tag"
    per: tuple[str, ...] | None = None

    @property
    def parsed(self) -> Pattern:
        """The pattern; raises what is wrong with it."""
        return parse_pattern(self.pattern, "code")

    @property
    def counted(self) -> tuple[str, ...]:
        """The fields per which the counter counts."""
        return tuple(self.parsed.fields) if self.per is None else self.per

    def counter(self, parts: Mapping[str, str]) -> str:
        """The name of the counter for the texts of fields.

        It does not tell the width of numbers, so that a rule with a wider one counts on.
        """
        return f"{self.attribute}:{self.parsed.joined({n: parts[n] for n in self.counted})}"

    def code(self, parts: Mapping[str, str], number: int, place: str) -> str:
        """The code with this number; raises NumbersUsedUp when it is beyond the width."""
        counter = self.parsed.counter
        assert counter is not None  # noqa: S101 - `rule_errors` has refused it
        if number > counter.greatest:
            raise NumbersUsedUp(
                place=place, number=number, pattern=shown(self.pattern), last=counter.greatest
            )
        return self.parsed.joined({**parts, NUMBER: counter.written(number)})


def pattern_errors(
    text: str, attributes: Mapping[str, Attribute], place: str, type_name: str
) -> list[CMDBError]:
    """What is wrong with a pattern for a type that has these attributes."""
    try:
        pattern = parse_pattern(text, place)
    except Rejected as rejected:
        return rejected.errors
    except CMDBError as error:
        return [error]
    errors: list[CMDBError] = []
    for name in pattern.fields:
        known = attributes.get(name)
        if known is None:
            errors.append(_unknown(place, name, attributes, type_name))
        elif known.many or known.kind in ("number", "boolean"):
            errors.append(_unfit(place, known, "a single string or integer"))
    return errors


def rule_errors(
    rule: CodeRule, attributes: Mapping[str, Attribute], place: str, type_name: str
) -> list[CMDBError]:
    """What is wrong with a code rule for a type that has these attributes."""
    errors = pattern_errors(rule.pattern, attributes, f"{place}.pattern", type_name)
    holder = attributes.get(rule.attribute)
    if holder is None:
        errors.append(_unknown(f"{place}.attribute", rule.attribute, attributes, type_name))
    elif holder.many or holder.kind != "string" or holder.choices:
        errors.append(_unfit(f"{place}.attribute", holder, "any single string"))
    return errors or list(_unfounded(rule, place))


def _unfounded(rule: CodeRule, place: str) -> Iterator[CMDBError]:
    """Rules by which codes could not be told apart."""
    fields = rule.parsed.fields
    if rule.attribute in fields:
        yield InvalidInput(place=f"{place}.pattern", detail="a code cannot be made from itself")
    if rule.parsed.counter is None:
        detail = "a code needs a counter, such as {number:03}"
        yield InvalidInput(place=f"{place}.pattern", detail=detail)
    for name in rule.per or ():
        if name not in fields:
            kind = "field of the pattern"
            yield UnknownField(place=f"{place}.per", kind=kind, name=name, known=fields)


def _unknown(
    place: str, name: str, attributes: Mapping[str, Attribute], type_name: str
) -> UnknownField:
    return UnknownField(place=place, kind=f"attribute of {type_name}", name=name, known=attributes)


def _unfit(place: str, known: Attribute, expected: str) -> WrongValue:
    words = {"name": f"attribute '{known.name}'", "value": known.expected()}
    return WrongValue(place=place, **words, expected=expected)
