"""A picture as GraphML: every CI and edge, unfolded, for yEd, Gephi and the like."""

from io import BytesIO

from cmdb.pictures.model import Picture
from cmdb.pictures.text import clean


def to_graphml(picture: Picture, language: str) -> str:
    """The whole graph; attributes have the names of the impact answer in every language."""
    import networkx as nx  # slow to import, and no other format needs it

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        title=clean(picture.title),
        seq=picture.seq,
        as_of=picture.as_of or "",
        hidden=picture.hidden,
    )
    groups = {(group.dependent, group.name): group for group in picture.groups}
    for node in picture.nodes:
        graph.add_node(
            clean(node.key),
            name=clean(node.name),
            type=clean(node.type),
            site=clean(node.site or ""),
            state=node.state,
            distance=node.distance,
            failed=node.failed,
        )
    for edge in picture.edges:
        group = groups.get((edge.to_key, edge.label)) if edge.rule == "redundancy" else None
        size = {"n": group.n, "need": group.need} if group else {}
        graph.add_edge(
            clean(edge.from_key),
            clean(edge.to_key),
            rule=edge.rule,
            label=clean(edge.label),
            on_path=edge.on_path,
            **size,
        )
    file = BytesIO()
    nx.write_graphml(graph, file)
    return file.getvalue().decode()
