"""A picture in JSON Graph Format 2 (jsongraphformat.info): every CI and edge, unfolded."""

import json
import re
from typing import Any

from cmdb.pictures.model import Edge, Picture

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""What UTF-8 cannot hold, but JSON can say."""


def to_json_graph(picture: Picture, language: str) -> str:
    """The whole graph; metadata have the names of the impact answer in every language."""
    graph = {
        "directed": True,
        "type": "impact",
        "label": picture.title,
        "metadata": {
            "seq": picture.seq,
            "as_of": picture.as_of,
            "summary": picture.summary,
            "hidden": picture.hidden,
        },
        "nodes": {
            node.key: {
                "label": node.name,
                "metadata": {
                    "type": node.type,
                    "site": node.site,
                    "state": node.state,
                    "distance": node.distance,
                    "failed": node.failed,
                },
            }
            for node in picture.nodes
        },
        "edges": _edges(picture),
    }
    text = json.dumps({"graph": graph}, ensure_ascii=False)
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _edges(picture: Picture) -> list[dict[str, Any]]:
    groups = {(group.dependent, group.name): group for group in picture.groups}

    def metadata(edge: Edge) -> dict[str, Any]:
        found: dict[str, Any] = {"rule": edge.rule, "on_path": edge.on_path}
        group = groups.get((edge.to_key, edge.label)) if edge.rule == "redundancy" else None
        return found | ({"n": group.n, "need": group.need} if group else {})

    return [
        {
            "source": edge.from_key,
            "target": edge.to_key,
            "relation": edge.label,
            "metadata": metadata(edge),
        }
        for edge in picture.edges
    ]
