"""References: how people and files name CIs — by key, alias, `source:key`, or unique name."""

from collections.abc import Iterable

from cmdb.errors import AmbiguousReference, CMDBError, UnknownReference
from cmdb.services.ports import GraphStore


def resolve(store: GraphStore, references: Iterable[tuple[str, str]]) -> dict[str, str | CMDBError]:
    """For each (reference, place) the key of the one CI it means, or what is wrong with it."""
    places = dict(references)
    found = store.candidates(places)
    result: dict[str, str | CMDBError] = {}
    for reference, place in places.items():
        keys = found.get(reference, [])
        if len(keys) == 1:
            result[reference] = keys[0]
        elif keys:
            shown = ", ".join(f"'{key}'" for key in keys[:10])
            result[reference] = AmbiguousReference(
                place=place, reference=reference, candidates=shown
            )
        else:
            result[reference] = UnknownReference(place=place, reference=reference)
    return result


def resolve_one(store: GraphStore, reference: str, place: str) -> str:
    """The key of the one CI the reference means; raises what is wrong with it."""
    found = resolve(store, [(reference, place)])[reference]
    if isinstance(found, CMDBError):
        raise found
    return found
