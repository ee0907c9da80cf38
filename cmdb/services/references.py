"""References: how people and files name CIs — by key, alias, `source:key`, or unique name."""

from collections.abc import Callable, Iterable

from cmdb.errors import AmbiguousReference, CMDBError, UnknownReference
from cmdb.schema.records import ConfigurationItem
from cmdb.services.ports import GraphStore

Visible = Callable[[ConfigurationItem], bool]


def resolve(
    store: GraphStore, references: Iterable[tuple[str, str]], visible: Visible | None = None
) -> dict[str, str | CMDBError]:
    """For each (reference, place) the key of the one CI it means, or what is wrong with it.

    A key goes before an alias or `source:key`, and that before a name.
    CIs that are not `visible` are treated as if they did not exist, so that nothing tells of them.
    """
    places = dict(references)
    found = store.candidates(places)
    seen = None
    if visible is not None:
        items = store.items({key for kinds in found.values() for keys in kinds for key in keys})
        seen = {key for key, item in items.items() if visible(item)}
    result: dict[str, str | CMDBError] = {}
    for reference, place in places.items():
        kinds = ([k for k in one if seen is None or k in seen] for one in found.get(reference, ()))
        keys = next(filter(None, kinds), [])
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


def moved(error: CMDBError, place: str) -> CMDBError:
    """What `resolve` found wrong with a reference, at another place where it stands too."""
    return type(error)(**{**error.fields, "place": place})


def resolve_one(
    store: GraphStore, reference: str, place: str, visible: Visible | None = None
) -> str:
    """The key of the one CI the reference means; raises what is wrong with it."""
    found = resolve(store, [(reference, place)], visible)[reference]
    if isinstance(found, CMDBError):
        raise found
    return found
