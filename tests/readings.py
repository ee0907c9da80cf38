"""What readers give, checked as every reading must be."""

from collections.abc import Iterable, Mapping

from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.identity.validation import Validator
from cmdb.schema.catalog import builtin_catalog
from discovery.agent import Event


def taken(found: Iterable[Event]) -> Validator:
    """The observations among what was told, each taken by the catalog as it is."""
    validator = Validator(builtin_catalog())
    for one in found:
        if isinstance(one, ObservedItem | ObservedRelation):
            validator.take(one)
    assert not validator.errors
    return validator


def check_joins(relations: Iterable[ObservedRelation], items: Mapping[str, ObservedItem]) -> None:
    """Check that relations are between things that are there, and that they may join."""
    catalog = builtin_catalog()
    for one in relations:
        ends = [(key, items[key].type) for key in (one.from_key, one.to_key)]
        catalog.check_join(
            catalog.relation_type(one.type, one.place), (ends[0], ends[1]), one.place
        )
