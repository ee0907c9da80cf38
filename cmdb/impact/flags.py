"""The flags of a CI, as the engine has them."""

from cmdb.impact.topology import TopologyItem
from cmdb.schema.records import IN_GRAPH, STATUSES

IN_GRAPH_FLAG, ROOT_FLAG, EXISTS_FLAG, STATUS_SHIFT = 1, 2, 4, 3

STATUS_FLAGS = {
    status: EXISTS_FLAG | number << STATUS_SHIFT | (IN_GRAPH_FLAG if status in IN_GRAPH else 0)
    for number, status in enumerate(STATUSES)
}
"""What the lifecycle status of a CI means to the engine."""


def flags_of(item: TopologyItem | None) -> int:
    """The flags of a CI; 0 for none."""
    if item is None:
        return 0
    return STATUS_FLAGS[item.status] | (ROOT_FLAG if item.network_root else 0)
