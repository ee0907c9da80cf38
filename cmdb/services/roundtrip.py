"""Rows of an export that come back: only what somebody edited since is said."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from cmdb.errors import CMDBError, EditedSince, RemovedSince
from cmdb.identity.claims import Body, Claim
from cmdb.identity.observation import UNMARKED, Alias, ObservedItem, ObservedRelation
from cmdb.identity.plan import Counts
from cmdb.identity.relations import identity_of
from cmdb.schema.model import Catalog
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity
from cmdb.services.ports import GraphStore
from cmdb.services.references import resolve

if TYPE_CHECKING:
    from cmdb.services.run_report import IngestReport

Row = TypeVar("Row", ObservedItem, ObservedRelation)
Said: TypeAlias = Row | CMDBError | None
"""What a row says, what is wrong with it, or None where it says nothing."""

OWN_FORMS = frozenset({"estate", "csv", "xlsx"})
"""Sources that name a CI by its key: such an alias says nothing and is not exported."""


def edited(
    store: GraphStore, rows: Iterable[ObservedItem], report: "IngestReport"
) -> list[ObservedItem]:
    """The rows that say something: those of other stores whole, own ones as far as edited.

    A row that was edited though its CI changed since the export is an error, and so is one whose
    CI was removed since.
    """
    rows = list(rows)
    ours = own_rows(store, rows)
    meant = [row for row in rows if id(row) in ours or row.exported == UNMARKED]
    items = store.items(row.key for row in meant)
    told = [row for row in meant if row.exported and row.exported.edited]
    about = store.claims_about("ci", [items[r.key].number for r in told if r.key in items])
    lost = [(row.key, row.place) for row in rows if id(row) in ours and row.key not in items]
    merged = {key for key, one in resolve(store, lost).items() if isinstance(one, str)}

    def said(row: ObservedItem) -> Said[ObservedItem]:
        item = items.get(row.key)
        claims = [] if item is None else about.get(item.number, [])
        if id(row) in ours:
            return _own(row, item, claims, report.source, row.key in merged)
        if row.exported == UNMARKED and item is not None:
            return _unmarked(row, item, claims, report.source)
        return row

    return _sort(map(said, rows), report.items, report)


def edited_relations(
    store: GraphStore, catalog: Catalog, rows: Iterable[ObservedRelation], report: "IngestReport"
) -> tuple[ObservedRelation, ...]:
    """The same for relations; one with other ends, type, group or id is another relation."""
    rows = list(rows)
    ours = own_rows(store, rows)
    meant = {
        id(row): _identity(row, row.from_key, row.to_key)
        for row in rows
        if id(row) in ours or row.exported == UNMARKED
    }
    relations = store.relations(meant.values())
    about = store.claims_about("relation", [one.number for one in relations.values()])
    lost = [row for row in rows if id(row) in ours and meant[id(row)] not in relations]
    merged = _merged(store, catalog, lost)

    def said(row: ObservedRelation) -> Said[ObservedRelation]:
        relation = relations.get(meant[id(row)]) if id(row) in meant else None
        if id(row) in ours:
            return _own_relation(row, relation, id(row) in merged)
        if relation is not None and _repeats(row, relation, about, report.source):
            return None
        return row

    return tuple(_sort(map(said, rows), report.relations, report))


def own_rows(store: GraphStore, rows: Iterable[ObservedItem | ObservedRelation]) -> set[int]:
    """Which rows (by `id`) were exported from this very store, and say so."""
    exports = {id(row): row.exported for row in rows if row.exported and row.exported.mark}
    marks = {seq: store.mark(seq) for seq in {one.seq for one in exports.values()}}
    return {place for place, one in exports.items() if marks[one.seq] == one.mark}


def exported_aliases(item: ConfigurationItem, claims: Iterable[Claim]) -> list[Alias]:
    """The names of a CI that its key does not say."""
    names = sorted(claim.name for claim in claims)
    return [Alias(*n) for n in names if n[1] != item.key or n[0] not in OWN_FORMS]


def _sort(said: Iterable[Said[Row]], counts: Counts, report: "IngestReport") -> list[Row]:
    """What is said, apart from what says nothing and what is wrong."""
    result = []
    for one in said:
        if one is None:
            counts.unchanged += 1
        elif isinstance(one, CMDBError):
            report.errors.append(one)
        else:
            result.append(one)
    return result


def _own(
    row: ObservedItem,
    item: ConfigurationItem | None,
    claims: list[Claim],
    source: str,
    merged: bool,
) -> Said[ObservedItem]:
    """What a row exported from this store says, if anything, or what is wrong with it."""
    if item is None and not merged:
        return RemovedSince(place=row.place, key=row.key)
    if row.exported is None or not row.exported.edited:
        return None
    if item is None or item.seq > row.exported.seq:
        return EditedSince(place=row.place, key=row.key)
    return _difference(row, item, claims, source)


def _unmarked(
    row: ObservedItem, item: ConfigurationItem, claims: list[Claim], source: str
) -> ObservedItem | None:
    """What a row says, if anything, that says all an export says of a CI, aliases included.

    What other sources say of the CI is no word of this one; what it said itself, it says again.
    """
    named = exported_aliases(item, claims)
    if named and set(named).isdisjoint(row.aliases):
        return row
    own = next((c.body for c in claims if c.name == (source, row.key) and c.spoken), None)
    return _difference(row, item, claims, source, own)


def _difference(
    row: ObservedItem,
    item: ConfigurationItem,
    claims: list[Claim],
    source: str,
    own: Body | None = None,
) -> ObservedItem | None:
    """What a row says that the CI does not, if anything, and what its source's `own` word says.

    Of the other names of the CI one is among its aliases, so that it means this CI.
    """
    others = [Alias(*one.name) for one in claims if one.name != (source, row.key)]
    said = own or {}

    def field(name: str) -> Any:
        value = getattr(row, name)
        return None if value == getattr(item, name) and name not in said else value

    def group(name: str) -> dict[str, Any]:
        known, mine = getattr(item, name), said.get(name, {})
        return {n: v for n, v in getattr(row, name).items() if known.get(n) != v or n in mine}

    stated = {Alias(*one) for one in said.get("aliases", ())} if own else set(others[:1])
    fresh = tuple(alias for alias in row.aliases if alias in stated or alias not in others)
    made = replace(
        row,
        name=field("name"),
        status=field("status"),
        network_root=field("network_root"),
        redundancy=group("redundancy"),
        attributes=group("attributes"),
        aliases=fresh if own else (*others[:1], *(a for a in fresh if a not in others)),
    )
    left = (made.name, made.status, made.network_root, made.within)
    silent = all(field is None for field in left) and row.type == item.type
    silent &= not (made.redundancy or made.attributes or set(made.aliases) - stated)
    return None if silent and own is None else made


def _own_relation(
    row: ObservedRelation, relation: Relation | None, merged: bool
) -> Said[ObservedRelation]:
    """The same for a row that is a relation."""
    key = f"{row.from_key} {row.type} {row.to_key}"
    if row.exported is None or not row.exported.edited:
        gone = relation is None and not merged
        return RemovedSince(place=row.place, key=key) if gone else None
    if relation is not None and relation.seq > row.exported.seq:
        return EditedSince(place=row.place, key=key)
    return row


def _identity(row: ObservedRelation, from_key: str, to_key: str) -> RelationIdentity:
    return RelationIdentity(from_key, row.type, to_key, row.group or None, row.id or None)


def _merged(store: GraphStore, catalog: Catalog, rows: list[ObservedRelation]) -> set[int]:
    """Which rows (by `id`) are relations whose ends became part of other CIs."""
    rows = [row for row in rows if row.type in catalog.relation_types]
    ends = resolve(store, [(key, row.place) for row in rows for key in (row.from_key, row.to_key)])
    now: dict[int, RelationIdentity] = {}
    for row in rows:
        first, second = ends[row.from_key], ends[row.to_key]
        if isinstance(first, str) and isinstance(second, str):
            both = (first, ""), (second, "")
            now[id(row)] = identity_of(catalog, row.type, both, row.group or None, row.id or None)
    there = store.relations(now.values())
    return {place for place, identity in now.items() if identity in there}


def _repeats(
    row: ObservedRelation, relation: Relation, about: dict[int, list[Claim]], source: str
) -> bool:
    """Whether a row says what other sources say of a relation, and this one does not."""
    mine = any(one.source == source and one.spoken for one in about.get(relation.number, ()))
    same = (row.strength, row.attributes) == (relation.strength, relation.attributes)
    return same and not mine
