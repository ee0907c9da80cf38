"""Observations made of rows: what every kind of row has in common."""

from collections.abc import Iterator
from typing import Any

from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery.agents.netbox.dump import Row


def observed(
    row: Row, ci_type: str, name: str | None, attributes: dict[str, Any] | None = None
) -> Iterator[Observation]:
    """The item of a row, and the tenant that owns it; attributes of None or "" are left out."""
    common = {
        "description": row.text("description"),
        "comments": row.text("comments"),
        "asset_tag": row.text("asset_tag"),
        "site": site_of(row),
    }
    given = {**common, **(attributes or {})}
    yield ObservedItem(
        key=row.key,
        type=ci_type,
        place=row.key,
        name=name,
        status=row.status(),
        attributes={name: value for name, value in given.items() if value not in (None, "", [])},
    )
    yield from related(row, "owned_by", row.ref("tenant", "tenancy.tenant"))


def related(
    row: Row, relation: str, other: Row | None, id: str | None = None, **attributes: Any
) -> Iterator[ObservedRelation]:
    """A relation from a row to another, where there is another; attributes of None are left out."""
    if other is not None and other is not row:
        kept = {name: value for name, value in attributes.items() if value is not None}
        yield ObservedRelation(row.key, relation, other.key, place=row.key, id=id, attributes=kept)


def place_of(row: Row) -> Row | None:
    """The narrowest place a row names: its rack, else its location, else its site or scope."""
    return (
        row.ref("rack", "dcim.rack")
        or row.ref("location", "dcim.location")
        or row.ref("site", "dcim.site")
        or scope_of(row)
    )


def scope_of(row: Row) -> Row | None:
    """The region, site or location in which a cluster or prefix is (NetBox 4.2 and later)."""
    scope = row.generic("scope_type", "scope_id")
    places = ("dcim.region", "dcim.site", "dcim.location")
    return scope if scope is not None and scope.model in places else None


def site_of(row: Row) -> str | None:
    """The key of the site a row is at."""
    if row.model == "dcim.site":
        return None
    place = row.ref("site", "dcim.site") or scope_of(row)
    if place is not None and place.model == "dcim.location":
        place = place.ref("site", "dcim.site")
    return place.key if place is not None and place.model == "dcim.site" else None
