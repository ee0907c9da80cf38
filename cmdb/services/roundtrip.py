"""Rows of an export that come back: only what somebody edited since is said."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from cmdb.errors import EditedSince
from cmdb.identity.observation import ObservedItem
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
    marks = {row.exported.seq: "" for row in rows if row.exported is not None}
    marks = {seq: store.mark(seq) for seq in marks}
    own = [
        row
        for row in rows
        if row.exported is not None and marks[row.exported.seq] == row.exported.mark
    ]
    items = store.items(row.key for row in own)
    ours = {id(row) for row in own}
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
            result.append(_difference(row, item))
    return result


def _difference(row: ObservedItem, item: ConfigurationItem) -> ObservedItem:
    """What a row says that the CI does not."""
    return replace(
        row,
        name=None if row.name == item.name else row.name,
        status=None if row.status == item.status else row.status,
        network_root=None if row.network_root == item.network_root else row.network_root,
        redundancy={
            name: value
            for name, value in row.redundancy.items()
            if item.redundancy.get(name) != value
        },
        attributes={
            name: value
            for name, value in row.attributes.items()
            if item.attributes.get(name) != value
        },
    )
