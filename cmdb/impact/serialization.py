"""A snapshot as named arrays and a JSON header, and back; where they are kept is not known here."""

from typing import Any

import numpy as np
import numpy.typing as npt

from cmdb.impact.building import compacted
from cmdb.impact.confirmations import Confirmations
from cmdb.impact.engine.graph import ARRAYS, Graph
from cmdb.impact.engine.texts import Keys, Texts
from cmdb.impact.links import Links
from cmdb.impact.numbering import Numbering
from cmdb.impact.rules import KnownKinds, RelationKind, Rules
from cmdb.impact.snapshot import Snapshot
from cmdb.schema.model import Catalog

Header = dict[str, Any]
Arrays = dict[str, npt.NDArray[Any]]


def dumped(snapshot: Snapshot) -> tuple[Header, Arrays]:
    """All of a snapshot but its catalog and its network, which follow from the rest."""
    if snapshot.changed or snapshot.graph.changed:
        snapshot = compacted(snapshot)
    settings, setting_of = _distinct(snapshot.settings.values())
    header = {
        "seq": snapshot.seq,
        "types": snapshot.types.words,
        "sites": snapshot.sites.words,
        "sources": snapshot.sources.words,
        "kinds": [list(kind) for kind in snapshot.kinds.kinds.words],
        "groups": snapshot.kinds.groups.words,
        "settings": settings,
    }
    arrays = {f"graph.{name}": snapshot.graph.arrays[name] for name in ARRAYS}
    arrays |= {
        "keys.start": snapshot.keys.start,
        "keys.text": snapshot.keys.text,
        "keys.table": snapshot.keys.table,
        "names.start": snapshot.names.start,
        "names.text": snapshot.names.text,
        "settings.ci": np.fromiter(snapshot.settings, np.int32, len(snapshot.settings)),
        "settings.of": setting_of,
        "links.number": snapshot.links.number,
        "links.ends": snapshot.links.ends,
        "roots": np.array(sorted(snapshot.roots), np.int32),
    }
    arrays |= _confirmed("items", snapshot.confirmed_items)
    arrays |= _confirmed("relations", snapshot.confirmed_relations)
    return header, arrays


def loaded(header: Header, arrays: Arrays, catalog: Catalog) -> Snapshot:
    """The snapshot that was dumped with this catalog; it uses the arrays as they are."""
    rules = Rules(catalog)
    graph = Graph({name: arrays[f"graph.{name}"] for name in ARRAYS})
    links = Links(arrays["links.number"], arrays["links.ends"])
    roots = frozenset(arrays["roots"].tolist())
    settings = header["settings"]
    return Snapshot(
        seq=header["seq"],
        catalog=catalog,
        rules=rules,
        kinds=KnownKinds(
            rules,
            Numbering(RelationKind(*kind) for kind in header["kinds"]),
            Numbering(header["groups"]),
        ),
        types=Numbering(header["types"]),
        sites=Numbering(header["sites"]),
        sources=Numbering(header["sources"]),
        graph=graph,
        keys=Keys(arrays["keys.start"], arrays["keys.text"], arrays["keys.table"]),
        names=Texts(arrays["names.start"], arrays["names.text"]),
        settings={
            ci: settings[one]
            for ci, one in zip(
                arrays["settings.ci"].tolist(), arrays["settings.of"].tolist(), strict=True
            )
        },
        changed={},
        changed_keys={},
        links=links,
        roots=roots,
        network=links.network(graph, roots),
        confirmed_items=_confirmations("items", arrays),
        confirmed_relations=_confirmations("relations", arrays),
    )


def _distinct(values: Any) -> tuple[list[Any], npt.NDArray[np.int32]]:
    """The different values, and which of them each one is: many CIs state the same needs."""
    known: dict[str, int] = {}
    different: list[Any] = []
    which: list[int] = []
    for value in values:
        form = repr(value)
        if form not in known:
            known[form] = len(different)
            different.append(value)
        which.append(known[form])
    return different, np.array(which, np.int32)


def _confirmed(name: str, confirmations: Confirmations) -> Arrays:
    first, at, source = confirmations.arrays()
    return {f"{name}.first": first, f"{name}.at": at, f"{name}.source": source}


def _confirmations(name: str, arrays: Arrays) -> Confirmations:
    return Confirmations(arrays[f"{name}.first"], arrays[f"{name}.at"], arrays[f"{name}.source"])
