"""Rows of an export that come back: only what somebody edited since is said."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cmdb.errors import EditedSince
from cmdb.identity.observation import Alias, ObservedItem, ObservedRelation
from cmdb.schema.records import ConfigurationItem, RelationIdentity
from cmdb.services.ports import GraphStore

if TYPE_CHECKING:
    from cmdb.services.run_report import IngestReport


def edited(
    store: GraphStore, rows: Iterable[ObservedItem], report: "IngestReport"
) -> list[ObservedItem]:
    """The rows that say something: those of other stores whole, own ones as far as edited.

    A row that was edited though its CI changed since the export is an error.
    """
    rows = list(rows)
    ours = own_rows(store, rows)
    items = store.items(
        row.key for row in rows if id(row) in ours and row.exported and row.exported.edited
    )
    about = store.claims_about("ci", [item.number for item in items.values()])
    result: list[ObservedItem] = []
    for row in rows:
        if id(row) not in ours or row.exported is None:
            result.append(row)
            continue
        item = items.get(row.key)
        if not row.exported.edited:
            report.items.unchanged += 1
        elif item is None or item.seq > row.exported.seq:
            report.errors.append(EditedSince(place=row.place, key=row.key))
        else:
            names = {claim.name for claim in about.get(item.number, ())}
            others = [Alias(*name) for name in sorted(names - {(report.source, row.key)})]
            said = _difference(row, item, others)
            if said is None:
                report.items.unchanged += 1
            else:
                result.append(said)
    return result


def edited_relations(
    store: GraphStore, rows: Iterable[ObservedRelation], report: "IngestReport"
) -> tuple[ObservedRelation, ...]:
    """The same for relations; one with other ends, type, group or id is another relation."""
    rows = list(rows)
    own = own_rows(store, rows)
    meant = {
        id(row): RelationIdentity(
            row.from_key, row.type, row.to_key, row.group or None, row.id or None
        )
        for row in rows
        if id(row) in own and row.exported and row.exported.edited
    }
    relations = store.relations(meant.values())
    result: list[ObservedRelation] = []
    for row in rows:
        relation = relations.get(meant[id(row)]) if id(row) in meant else None
        if id(row) in own and id(row) not in meant:
            report.relations.unchanged += 1
        elif relation is not None and row.exported and relation.seq > row.exported.seq:
            key = f"{row.from_key} {row.type} {row.to_key}"
            report.errors.append(EditedSince(place=row.place, key=key))
        else:
            result.append(row)
    return tuple(result)


def own_rows(store: GraphStore, rows: Iterable[ObservedItem | ObservedRelation]) -> set[int]:
    """Which rows (by `id`) were exported from this very store."""
    exports = {id(row): row.exported for row in rows if row.exported is not None}
    marks = {seq: store.mark(seq) for seq in {one.seq for one in exports.values()}}
    return {place for place, one in exports.items() if one.mark and marks[one.seq] == one.mark}


def _difference(
    row: ObservedItem, item: ConfigurationItem, others: list[Alias]
) -> ObservedItem | None:
    """What a row says that the CI does not; None where that is nothing.

    Of the other names of the CI one is among its aliases, so that it means this CI.
    """
    fresh = [alias for alias in row.aliases if alias not in others]
    said = replace(
        row,
        name=None if row.name == item.name else row.name,
        status=None if row.status == item.status else row.status,
        network_root=None if row.network_root == item.network_root else row.network_root,
        redundancy=_unlike(row.redundancy, item.redundancy),
        attributes=_unlike(row.attributes, item.attributes),
        aliases=(*others[:1], *fresh),
    )
    fields = (said.name, said.status, said.network_root, said.within)
    silent = all(field is None for field in fields) and row.type == item.type
    return None if silent and not (fresh or said.redundancy or said.attributes) else said


def _unlike(said: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if known.get(name) != value}
