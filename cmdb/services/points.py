"""Saved points: snapshots of some commits, kept in an archive, and checked before they are used."""

import hashlib
from functools import cache
from typing import Any

import orjson

from cmdb.impact.serialization import dumped, loaded
from cmdb.impact.snapshot import Snapshot
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import declaration_to_dict
from cmdb.schema.model import Catalog
from cmdb.services.deltas import catalog_of
from cmdb.services.ports import GraphStore, Saved, SnapshotArchive


class SavedPoints:
    """The saved snapshots of one store; None for an archive means that nothing is saved.

    A point belongs to the store when the mark of its commit is the store's: a store restored from a
    backup, whose log went on differently, has other marks. And it belongs to this program when the
    built-in types are the same; those of the store's users are saved with the point.
    """

    def __init__(self, store: GraphStore, archive: SnapshotArchive | None) -> None:
        self._store, self._archive = store, archive

    def newest(self) -> int:
        """The commit of the newest point, 0 where there is none."""
        return max(self._archive.seqs(), default=0) if self._archive else 0

    def newest_sound(self) -> Snapshot | None:
        """The snapshot of the newest point that is of this store; those of others go."""
        return self.nearest(float("inf"))

    def nearest(self, seq: float, after: int = 0) -> Snapshot | None:
        """The snapshot of the last point up to commit `seq`, but later than `after`."""
        if self._archive is None:
            return None
        for point in reversed(self._archive.seqs()):
            if after < point <= seq and (found := self._load(self._archive, point)):
                return found
        return None

    def mark(self, snapshot: Snapshot) -> str:
        """What `save` needs of the store; empty where nothing is to be saved."""
        return self._store.mark(snapshot.seq) if self._archive and snapshot.seq else ""

    def save(self, snapshot: Snapshot, mark: str) -> None:
        """Save a snapshot; the store is not asked."""
        if self._archive is None or not mark:
            return
        header, arrays = dumped(snapshot)
        header |= {
            "mark": mark,
            "builtin": builtin_digest(),
            "types_of_users": own(snapshot.catalog),
        }
        self._archive.save(snapshot.seq, Saved(header, arrays))

    def _load(self, archive: SnapshotArchive, seq: int) -> Snapshot | None:
        saved = archive.load(seq)
        if saved is None:
            return None
        try:
            return self._sound(archive, seq, saved)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            archive.discard(seq, f"its content is not understood: {error!r}")
        return None

    def _sound(self, archive: SnapshotArchive, seq: int, saved: Saved) -> Snapshot | None:
        """The snapshot, if it is of this store and of these types."""
        header = saved.header
        if header["seq"] != seq or header["mark"] != self._store.mark(seq):
            archive.discard(seq, "it is of another store, or of another history of this one")
        elif header["builtin"] != builtin_digest():
            archive.discard(seq, "the built-in types have changed")
        else:
            return loaded(header, saved.arrays, catalog_of(*header["types_of_users"]))
        return None


@cache
def builtin_digest() -> str:
    """What tells the built-in types of this program from those of another version."""
    return hashlib.sha256(orjson.dumps(_forms(builtin_catalog(), None))).hexdigest()


def own(catalog: Catalog) -> list[list[dict[str, Any]]]:
    """The CI types and relation types that are not built in."""
    return _forms(catalog, builtin_catalog())


def _forms(catalog: Catalog, known: Catalog | None) -> list[list[dict[str, Any]]]:
    """The declarations of a catalog as data, without those that a `known` one has."""
    pairs: Any = (
        (catalog.ci_types, known.ci_types if known else {}),
        (catalog.relation_types, known.relation_types if known else {}),
    )
    return [
        [declaration_to_dict(one) for one in types.values() if others.get(one.name) != one]
        for types, others in pairs
    ]
