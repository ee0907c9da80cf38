"""Rows of an export that come back: only what somebody edited since is said."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from cmdb.errors import EditedSince
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.records import ConfigurationItem
from cmdb.services.ports import GraphStore

if TYPE_CHECKING:
    from cmdb.services.ingest import IngestReport


def edited(
    store: GraphStore, rows: Iterable[ObservedItem], report: "IngestReport"
) -> list[ObservedItem]:
    """The rows that say something: those of other stores whole, own ones as far as edited.

    A row that was edited though its CI changed since the export is an error.
    """
    rows = list(rows)
    ours = own_rows(store, rows)
    items = store.items(row.key for row in rows if id(row) in ours)
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
        elif (said := _difference(row, item)) is None:
            report.items.unchanged += 1
        else:
            result.append(said)
    return result


def edited_relations(
    store: GraphStore, rows: Iterable[ObservedRelation], report: "IngestReport"
) -> tuple[ObservedRelation, ...]:
    """The rows of relations that say something: those of other stores, and edited ones."""
    rows = list(rows)
    own = own_rows(store, rows)
    kept = [row for row in rows if id(row) not in own or (row.exported and row.exported.edited)]
    report.relations.unchanged += len(rows) - len(kept)
    return tuple(kept)


def own_rows(store: GraphStore, rows: Iterable[ObservedItem | ObservedRelation]) -> set[int]:
    """Which rows (by `id`) were exported from this very store."""
    exports = {id(row): row.exported for row in rows if row.exported is not None}
    marks = {seq: store.mark(seq) for seq in {one.seq for one in exports.values()}}
    return {place for place, one in exports.items() if one.mark and marks[one.seq] == one.mark}


def _difference(row: ObservedItem, item: ConfigurationItem) -> ObservedItem | None:
    """What a row says that the CI does not; None where that is nothing."""
    said = {
        name: None if getattr(row, name) == getattr(item, name) else getattr(row, name)
        for name in ("name", "status", "network_root")
    }
    groups = {
        group: {
            name: value
            for name, value in getattr(row, group).items()
            if getattr(item, group).get(name) != value
        }
        for group in ("redundancy", "attributes")
    }
    if row.type == item.type and not any((*said.values(), *groups.values())):
        return None
    return replace(row, **said, **groups)  # type: ignore[arg-type]
