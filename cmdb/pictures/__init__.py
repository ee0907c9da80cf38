"""Pictures of a blast radius, for the command line, the web and the CAB pack alike."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cmdb.pictures.graphml import to_graphml
from cmdb.pictures.html import policy, to_html
from cmdb.pictures.json_graph import to_json_graph
from cmdb.pictures.model import Edge, Group, Node, Picture, picture_of
from cmdb.pictures.svg import to_svg

FORMATS: Mapping[str, Callable[[Picture, str], str]] = MappingProxyType(
    {"svg": to_svg, "html": to_html, "graphml": to_graphml, "json-graph": to_json_graph}
)
"""What makes each format of a picture, in the language ("en" or "zh")."""

__all__ = ["FORMATS", "Edge", "Group", "Node", "Picture", "picture_of", "policy"]
