"""The picture of an answer, for every way out: command line, HTTP, documents for the CAB."""

from cmdb.impact.blast_radius import BlastRadius
from cmdb.pictures import Picture, picture_of


def picture(radius: BlastRadius) -> Picture:
    """The picture of a blast radius, as its asker may see it."""
    snapshot = radius.snapshot

    def site(key: str) -> str | None:
        return snapshot.item(snapshot.known(key)).site

    def group_size(key: str, name: str) -> tuple[int, int]:
        number = snapshot.known(key)
        members = snapshot.members(number)[name]
        return len(members), snapshot.need(number, name, members)

    def named(key: str) -> tuple[str, str]:
        item = snapshot.item(snapshot.known(key))
        return item.type, item.name

    head = radius.head()
    as_of = None if radius.as_of is None else str(radius.as_of)
    return picture_of(
        {**head, "as_of": as_of},
        list(radius.rows()),
        radius.tail(),
        site_of=site,
        group_size=group_size,
        named=named,
        catalog=snapshot.catalog,
    )
