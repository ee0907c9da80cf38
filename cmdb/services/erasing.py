"""What a source takes back, and others still say."""

from collections.abc import Iterable, Iterator

from cmdb.errors import NotErased, shown
from cmdb.identity.observation import ObservedItem
from cmdb.services.environment import Environment


def still_said(env: Environment, source: str, heard: Iterable[ObservedItem]) -> Iterator[NotErased]:
    """For each value that the source just took back: that its CI still has one from others."""
    taken = {
        one.key: one
        for one in heard
        if None in one.attributes.values() or None in one.redundancy.values()
    }
    claims = env.store.claims("ci", source, taken) if taken else {}
    items = env.store.items_by_number({claim.subject for claim in claims.values()})
    for key, one in taken.items():
        item = items.get(claims[key].subject)
        if item is None:
            continue
        for said, values in ((one.attributes, item.attributes), (one.redundancy, item.redundancy)):
            for name, value in said.items():
                if value is None and name in values:
                    yield NotErased(
                        place=one.place, name=f"'{name}'", value=shown(values[name]), source=source
                    )
