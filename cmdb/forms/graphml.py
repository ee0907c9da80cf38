"""GraphML of the whole graph, for Gephi, yEd, networkx and the like."""

import re
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from cmdb.forms.cells import value_cell
from cmdb.forms.content import Content
from cmdb.forms.csv import cell_text
from cmdb.schema.attributes import Attribute

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold (XML 1.0, 2.2)."""


_KINDS: dict[str, Callable[[Any], Any]] = {"integer": int, "number": float, "boolean": bool}


def write(content: Content, file: BinaryIO, language: str) -> None:
    """CIs as nodes, relations as edges, attributes as they are; the same in every language.

    A CI's name is its `label`, for that is what the programs show; lists are written as in CSV.
    Attributes named like a field have the prefix `attribute.`.
    """
    import networkx as nx  # slow to import, and no other form needs it

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for item in content.items.values():
        declared = content.catalog.attributes.get(item.type, {})
        fields = {
            "label": item.name,
            "type": item.type,
            "status": item.status,
            "network_root": item.network_root,
        }
        graph.add_node(_clean(item.key))
        graph.nodes[_clean(item.key)].update(_data(fields, item.attributes, declared))
    for one in content.relations:
        fields = {"type": one.type, "strength": one.strength, "group": one.group, "id": one.id}
        ends = _clean(one.from_key), _clean(one.to_key)
        number = graph.add_edge(*ends)
        graph.edges[*ends, number].update(_data(fields, one.attributes, {}))
    nx.write_graphml(graph, file)


def _data(
    fields: Mapping[str, Any], attributes: Mapping[str, Any], declared: Mapping[str, Attribute]
) -> dict[str, Any]:
    data = {name: value for name, value in fields.items() if value is not None}
    for name, value in attributes.items():
        attribute = declared.get(name)
        kind = _KINDS.get(attribute.kind) if attribute and not attribute.many else None
        taken = name in fields
        data[f"attribute.{name}" if taken else name] = (
            kind(value) if kind and isinstance(value, int | float) else _text(attribute, value)
        )
    return {name: _clean(v) if isinstance(v, str) else v for name, v in data.items()}


def _text(attribute: Attribute | None, value: Any) -> str:
    return value if isinstance(value, str) else cell_text(value_cell(attribute, value))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
