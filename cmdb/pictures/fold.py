"""Folding: as many boxes as a picture stays legible with, however many CIs there are."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cmdb.pictures.model import HIDDEN, STATES, Node, Picture

UNFOLDED = 40
"""Up to so many CIs each has a box of its own."""
SINGLED_SERVICES = 40
SINGLED_FAILURES = 12
MAX_BOXES = 120
MAX_TALL = 44
"""Boxes in one column."""
LINKS_PER_BOX = 3


@dataclass(frozen=True, slots=True)
class Box:
    """One CI, or many of one column and state; `type` and `site` are theirs where they share it."""

    number: int
    column: int
    members: Sequence[Node]
    type: str
    site: str | None
    state: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Link:
    """`count` edges between two boxes; `strength`: 2 path to a service, 1 path, 0 other cause."""

    source: int
    target: int
    count: int
    strength: int


@dataclass(frozen=True, slots=True)
class Folded:
    """The boxes and links to draw; `undrawn` counts causes left out by box."""

    boxes: Sequence[Box]
    links: Sequence[Link]
    rounds: Sequence[tuple[int, int]]
    undrawn: Mapping[int, int]
    box_of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Level:
    """How coarsely to fold: at most so many columns; by type, family of types or neither."""

    columns: int
    by: str
    site: bool = False


LEVELS = (
    _Level(12, "type", site=True),
    _Level(12, "type"),
    _Level(8, "type"),
    _Level(8, "family"),
    _Level(5, "family"),
    _Level(4, ""),
)

Class = tuple[int, str, str | None, str, bool]


def fold(picture: Picture) -> Folded:
    """The finest folding of the picture that is legible."""
    services = _service_keys(picture)
    if len(picture.nodes) <= UNFOLDED:
        alone: list[Node] = list(picture.nodes)
        classes: dict[Class, list[Node]] = {}
        level = _Level(len(picture.nodes), "type", site=True)
        columns = _columns(picture, level)
    else:
        alone, classes = _sorted_out(picture, services)
        for level in LEVELS:
            columns = _columns(picture, level)
            if _fits(alone, _merged(picture, classes, level, columns), columns):
                break
    together = _merged(picture, classes, level, columns)
    boxes = _boxes(alone, together, columns)
    box_of = {node.key: box.number for box in boxes for node in box.members}
    links, undrawn = _links(picture, boxes, box_of, services)
    return Folded(boxes, links, _rounds(columns), undrawn, box_of)


def _service_keys(picture: Picture) -> list[str]:
    """The services to single out: all, else those of the business, else none."""
    for wanted in ("service", "business_service"):
        types = picture.catalog.below(wanted)
        keys = [node.key for node in picture.nodes if node.type in types and not node.failed]
        if len(keys) <= SINGLED_SERVICES:
            return keys
    return []


def _steps(picture: Picture, services: Iterable[str]) -> set[str]:
    """CIs on the paths to the services, the services included."""
    steps = set(services)
    for key in services:
        if key in picture.whys:
            steps.update(step for step in picture.whys[key]["path"] if isinstance(step, str))
    return steps


def _sorted_out(
    picture: Picture, services: Sequence[str]
) -> tuple[list[Node], dict[Class, list[Node]]]:
    """The nodes that keep a box of their own, and the others by what they have in common."""
    on_paths = _steps(picture, services)
    kept = on_paths if len(on_paths) <= UNFOLDED else set(services)
    failed = [node.key for node in picture.nodes if node.failed]
    kept = (kept - set(failed)) | set(failed if len(failed) <= SINGLED_FAILURES else ())
    alone: list[Node] = []
    classes: dict[Class, list[Node]] = defaultdict(list)
    for node in picture.nodes:
        if node.key in kept:
            alone.append(node)
        else:
            common = (node.distance, node.type, node.site, node.state, node.failed)
            classes[common].append(node)
    return alone, classes


def _columns(picture: Picture, level: _Level) -> dict[int, int]:
    """Distance → column: failed CIs have the first, rounds are merged where they are too many."""
    failed = any(node.failed for node in picture.nodes)
    distances = sorted({node.distance for node in picture.nodes})
    first = 1 if failed and distances[:1] == [0] else 0
    later = distances[first:]
    wide = max(len(later), level.columns)
    columns = {one: first + i * level.columns // wide for i, one in enumerate(later)}
    return {0: 0} | columns if first else columns


def _rounds(columns: Mapping[int, int]) -> list[tuple[int, int]]:
    """The first and last distance of every column."""
    by_column: dict[int, list[int]] = defaultdict(list)
    for distance, column in columns.items():
        by_column[column].append(distance)
    return [(min(by_column[c]), max(by_column[c])) for c in sorted(by_column)]


def _merged(
    picture: Picture, classes: Mapping[Class, list[Node]], level: _Level, columns: Mapping[int, int]
) -> dict[Class, list[list[Node]]]:
    """The classes that become one box at this level."""
    merged: dict[Class, list[list[Node]]] = defaultdict(list)
    for (distance, ci_type, site, state, failed), nodes in classes.items():
        kind = ci_type if level.by == "type" else ""
        if level.by == "family":
            kind = (picture.catalog.ancestors.get(ci_type, (ci_type, ""))[:-1] or ("",))[-1]
        place = site if level.site else None
        merged[columns[distance], kind, place, state, failed].append(nodes)
    return merged


def _fits(alone: Sequence[Node], together: Iterable[Class], columns: Mapping[int, int]) -> bool:
    tall = Counter(columns[node.distance] for node in alone)
    tall.update(common[0] for common in together)
    return tall.total() <= MAX_BOXES and max(tall.values()) <= MAX_TALL


def _boxes(
    alone: Sequence[Node],
    together: Mapping[Class, list[list[Node]]],
    columns: Mapping[int, int],
) -> list[Box]:
    order = (*STATES, HIDDEN)
    drafts = [(columns[n.distance], [n], n.type, n.site, n.state, n.failed) for n in alone]
    for (column, kind, site, state, failed), parts in together.items():
        nodes = [node for part in parts for node in part]
        if len(nodes) == 1:
            kind, site = nodes[0].type, nodes[0].site
        drafts.append((column, nodes, kind, site, state, failed))
    drafts.sort(
        key=lambda d: (
            d[0],
            not d[5],
            d[3] or "",
            d[2],
            order.index(d[4]),
            d[1][0].name,
            d[1][0].key,
        )
    )
    return [Box(i, *draft) for i, draft in enumerate(drafts)]


def _links(
    picture: Picture, boxes: Sequence[Box], box_of: Mapping[str, int], services: Iterable[str]
) -> tuple[list[Link], dict[int, int]]:
    """The merged edges: every box keeps its strongest, those from the left if there are any."""
    to_service = set(_service_steps(picture, services))
    counts: Counter[tuple[int, int]] = Counter()
    strength: dict[tuple[int, int], int] = {}
    for edge in picture.edges:
        ends = box_of[edge.from_key], box_of[edge.to_key]
        if ends[0] != ends[1]:
            counts[ends] += 1
            strong = 2 if (edge.from_key, edge.to_key) in to_service else int(edge.on_path)
            strength[ends] = max(strength.get(ends, 0), strong)
    into: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for ends in counts:
        into[ends[1]].append(ends)
    links: list[Link] = []
    undrawn: dict[int, int] = {}
    for target, found in sorted(into.items()):
        from_left = [e for e in found if boxes[e[0]].column < boxes[target].column]
        drawn = sorted(from_left or found, key=lambda e: (-strength[e], -counts[e], e))
        drawn = drawn[:LINKS_PER_BOX]
        for i, ends in enumerate(drawn):
            links.append(Link(*ends, counts[ends], strength[ends] if i == 0 else 0))
        if more := sum(map(counts.__getitem__, found)) - sum(map(counts.__getitem__, drawn)):
            undrawn[target] = more
    return links, undrawn


def _service_steps(picture: Picture, services: Iterable[str]) -> Iterator[tuple[str, str]]:
    for key in services:
        if key in picture.whys:
            for before, after in pairwise(picture.whys[key]["path"]):
                if isinstance(before, str) and isinstance(after, str):
                    yield before, after
