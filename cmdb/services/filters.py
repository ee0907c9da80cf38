"""Filters given as text, such as those of a URL: each becomes a value of its attribute's kind."""

from collections.abc import Iterable, Mapping
from typing import Any

from cmdb.errors import InvalidInput, UnknownName, WrongValue
from cmdb.schema.attributes import Attribute
from cmdb.schema.model import Catalog

PLACE = "filter"
BOOLEANS = {"true": True, "false": False}


def typed(catalog: Catalog, types: Iterable[str], filters: Mapping[str, str]) -> dict[str, Any]:
    """The filters as values, for attributes of any of the `types`.

    Raises UnknownName, WrongValue, or InvalidInput for an attribute that cannot be filtered by.
    """
    declared: dict[str, set[Attribute]] = {}
    for name in types:
        for attribute in catalog.attributes[name].values():
            declared.setdefault(attribute.name, set()).add(attribute)
    return {name: _value(declared, name, text) for name, text in filters.items()}


def _value(declared: Mapping[str, set[Attribute]], name: str, text: str) -> Any:
    if name not in declared:
        raise UnknownName(place=PLACE, kind="attribute", name=name, known=declared)
    single = [one for one in declared[name] if not one.many]
    if not single:
        detail = f"attribute '{name}' is a list, which cannot be filtered by; search the text"
        raise InvalidInput(place=PLACE, detail=detail)
    values: dict[tuple[type, Any], Any] = {}
    for attribute in single:
        try:
            value = attribute.validated(_read(attribute.kind, text))
        except (ValueError, TypeError):
            continue
        values[type(value), value] = value
    if not values:
        raise WrongValue(
            place=PLACE,
            name=f"attribute '{name}'",
            value=repr(text[:60]),
            expected=single[0].expected(),
        )
    if len(values) > 1:
        detail = f"attribute '{name}' differs between types; give the type as well"
        raise InvalidInput(place=PLACE, detail=detail)
    return next(iter(values.values()))


def _read(kind: str, text: str) -> Any:
    if kind == "boolean":
        return BOOLEANS.get(text.lower(), text)
    if kind == "integer":
        return int(text) if len(text) <= 20 else text
    if kind == "number":
        return int(text) if text.lstrip("-").isdigit() and len(text) <= 15 else float(text)
    return text
