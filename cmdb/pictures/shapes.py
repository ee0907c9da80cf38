"""The parts of the drawing as SVG: column headings, links, boxes and the symbols of the states."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from cmdb.pictures.fold import Box, Folded
from cmdb.pictures.layout import BOX_HEIGHT, BOX_WIDTH, COLUMN_GAP, Drawing, Placed, Route
from cmdb.pictures.model import HIDDEN, Group, Node, Picture
from cmdb.pictures.text import escaped, fitted, width
from cmdb.pictures.words import t, type_name

HEADING_HEIGHT = 40
COLUMN_PADDING = 10
TEXT_X = 36
TEXT_ROOM = BOX_WIDTH - TEXT_X - 6
NAME_SIZE = 14
BADGE_ROOM = COLUMN_GAP - 2 * COLUMN_PADDING
NAMED = 12
"""CIs of a folded box that its tooltip names."""

DEFINITIONS = f"""<defs>
<clipPath id="room"><rect x="{TEXT_X}" width="{BOX_WIDTH - TEXT_X - 2}" height="{BOX_HEIGHT}"/>\
</clipPath>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" \
patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/>\
<rect class="hatch-line" width="2" height="6"/></pattern>
<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" \
markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker>
<symbol id="s-down" viewBox="0 0 20 20"><path class="sign" d="M6 1h8l5 5v8l-5 5H6l-5-5V6z"/>\
<path class="mark" d="M6.5 6.5l7 7M13.5 6.5l-7 7"/></symbol>
<symbol id="s-degraded" viewBox="0 0 20 20"><path class="sign" d="M10 0l10 10-10 10L0 10z"/>\
<path class="mark" d="M10 5v6M10 14v.6"/></symbol>
<symbol id="s-at_risk" viewBox="0 0 20 20"><circle class="sign" cx="10" cy="10" r="9"/>\
<path class="mark" d="M5 11.5q2.5-4 5-1.5t5-1.5"/></symbol>
<symbol id="s-ok" viewBox="0 0 20 20"><circle class="sign" cx="10" cy="10" r="9"/>\
<path class="mark" d="M5.5 10.5l3 3 6-7"/></symbol>
<symbol id="s-hidden" viewBox="0 0 20 20"><rect class="sign" x="1" y="1" width="18" height="18"/>\
<path class="mark" d="M7 7.5q0-3 3-3t3 2.8q0 2-3 3.200v1.500M10 15v.6"/></symbol>
</defs>"""


def grounds(drawing: Drawing) -> Iterator[str]:
    """A ground for every column."""
    tall = HEADING_HEIGHT + drawing.height + 2 * COLUMN_PADDING
    for x in drawing.column_x:
        yield _column(x, tall)


def headings(folded: Folded, drawing: Drawing, language: str) -> Iterator[str]:
    """Above every column, its rounds and the number of its CIs."""
    counts: Counter[int] = Counter()
    for box in folded.boxes:
        counts[box.column] += len(box.members) if box.state != HIDDEN else 0
    for column, (x, (first, last)) in enumerate(zip(drawing.column_x, folded.rounds, strict=True)):
        if last == 0:
            title = t("Failed", language)
        elif first == last:
            title = t("Round {n}", language, n=first)
        else:
            title = t("Rounds {n}–{m}", language, n=first, m=last)
        n = counts[column]
        count = t("{n} CI" if n == 1 else "{n} CIs", language, n=f"{n:,}")
        yield (
            f'{_column(x, HEADING_HEIGHT)}<text class="heading" x="{x:g}" y="-14">'
            f'{title}</text><text class="count" x="{x + BOX_WIDTH:g}" y="-14">{count}</text>'
        )


def _column(x: float, tall: float) -> str:
    return (
        f'<rect class="ground" x="{x - COLUMN_PADDING:g}" y="{-HEADING_HEIGHT}" rx="10" '
        f'width="{BOX_WIDTH + 2 * COLUMN_PADDING}" height="{tall:.1f}"/>'
    )


def links(drawing: Drawing) -> Iterator[str]:
    """The links, those of the paths on top."""
    for route in sorted(drawing.routes, key=lambda one: one.link.strength):
        link = route.link
        yield (
            f'<path class="link strength-{link.strength}" data-from="{link.source}" '
            f'data-to="{link.target}" d="{_curve(route)}"/>'
        )


def _curve(route: Route) -> str:
    (x, y), *rest = route.points
    loop = 40 if len(rest) == 1 and rest[0][0] == x else 0
    d = [f"M{x:g} {y:.1f}"]
    for i, (x1, y1) in enumerate(rest):
        if i % 2:
            d.append(f"H{x1:g}")
        else:
            bend = x + loop if loop else (x + x1) / 2
            d.append(f"C{bend:g} {y:.1f} {bend:g} {y1:.1f} {x1:g} {y1:.1f}")
        x, y = x1, y1
    return "".join(d)


def boxes(picture: Picture, folded: Folded, drawing: Drawing, language: str) -> Iterator[str]:
    """The boxes with their badges."""
    groups: dict[int, list[Group]] = defaultdict(list)
    for group in picture.groups:
        if group.dependent in folded.box_of:
            groups[folded.box_of[group.dependent]].append(group)
    for placed in drawing.placed:
        number = placed.box.number
        yield _box(picture, placed, groups.get(number, ()), folded.undrawn, language)


def _box(
    picture: Picture,
    placed: Placed,
    groups: Sequence[Group],
    undrawn: Mapping[int, int],
    language: str,
) -> str:
    box = placed.box
    name, about = labels(picture, box, language)
    kinds = ["box", box.state, *["failed"] * box.failed, *["folded"] * (len(box.members) > 1)]
    shown = _short(name, folded=len(box.members) > 1)
    frame = f'width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"'
    parts = [
        f'<g class="{" ".join(kinds)}" data-box="{box.number}" tabindex="0" role="button" '
        f'transform="translate({placed.x:g} {placed.y:.1f})">',
        f"<title>{escaped(_tooltip(picture, box, groups, undrawn, language))}</title>",
    ]
    if len(box.members) > 1:
        parts.append(f'<rect class="stack" x="4" y="4" {frame}/>')
    if box.failed:
        ring = f'width="{BOX_WIDTH + 8}" height="{BOX_HEIGHT + 8}" rx="9"'
        parts.append(f'<rect class="ring" x="-4" y="-4" {ring}/>')
    parts.append(
        f'<rect class="frame" {frame}/>'
        f'<path class="band" d="M7 1.500h23v{BOX_HEIGHT - 3}h-23q-5.500 0-5.500-5.500'
        f'v-{BOX_HEIGHT - 14}q0-5.500 5.500-5.500z"/>'
        f'<use href="#s-{box.state}" x="6" y="{BOX_HEIGHT / 2 - 10:g}" width="20" height="20"/>'
        f'<text class="name" x="{TEXT_X}" y="18">{escaped(shown)}</text>'
        f'<text class="about" x="{TEXT_X}" y="34">{escaped(fitted(about, TEXT_ROOM, 11.5))}</text>'
    )
    if box.column > 0:
        parts.extend(_badges(groups, undrawn.get(box.number, 0), language))
    return "".join([*parts, "</g>"])


def _short(name: str, *, folded: bool) -> str:
    """The name cut to its room; counts stay, and numbers that end a name."""
    if not folded:
        return fitted(name, TEXT_ROOM, NAME_SIZE, ending=0.35 if name[-1:].isdigit() else 0)
    kind, times, count = name.rpartition(" × ")
    room = TEXT_ROOM - width(times + count, NAME_SIZE)
    return fitted(kind, room, NAME_SIZE) + times + count


def _badges(groups: Sequence[Group], undrawn: int, language: str) -> Iterator[str]:
    """What stands where the links end: k of n of the commonest group, causes left out."""
    if groups:
        k, n, need = Counter((g.left, g.n, g.need) for g in groups).most_common(1)[0][0]
        words = fitted(t("{k} of {n}, needs {need}", language, k=k, n=n, need=need), BADGE_ROOM, 10)
        long = width(words, 10) + 8
        middle = BOX_HEIGHT / 2
        yield (
            f'<rect class="badge" x="{-10 - long:.1f}" y="{middle - 8:g}" width="{long:.1f}" '
            f'height="16" rx="8"/><text class="badge-text" x="{-10 - long / 2:.1f}" '
            f'y="{middle + 3.500:g}">{escaped(words)}</text>'
        )
    if undrawn:
        yield f'<text class="undrawn" x="-8" y="{BOX_HEIGHT - 1}">+{undrawn:,}</text>'


def labels(picture: Picture, box: Box, language: str) -> tuple[str, str]:
    """The two lines of a box."""
    kind = type_name(picture.catalog, box.type, language)
    if box.state == HIDDEN:
        return t("Hidden CIs", language), t("not visible to you", language)
    if len(box.members) == 1:
        node = box.members[0]
        return node.name, " · ".join(filter(None, (kind, node.site)))
    names = ", ".join(node.name[:40] for node in box.members[:3])
    return f"{kind} × {len(box.members):,}", " · ".join(filter(None, (box.site, names)))


def _tooltip(
    picture: Picture,
    box: Box,
    groups: Sequence[Group],
    undrawn: Mapping[int, int],
    language: str,
) -> str:
    name, about = labels(picture, box, language)
    lines = [name, f"{about} · {t(box.state, language)}"]
    if len(box.members) > 1:
        lines[1:] = [" · ".join(filter(None, (box.site, t(box.state, language))))]
        lines += [_line(node) for node in box.members[:NAMED]]
        lines += ["…"] * (len(box.members) > NAMED)
    else:
        lines += [box.members[0].key] if box.state != HIDDEN else []
        template = "group {name}: {k} of {n} left, needs {need}"
        lines += [t(template, language, name=g.name, k=g.left, n=g.n, need=g.need) for g in groups]
    if more := undrawn.get(box.number):
        lines.append(t("{n} more causes not drawn", language, n=f"{more:,}"))
    return "\n".join(lines)


def _line(node: Node) -> str:
    return f"{node.name} ({node.key})" if node.name != node.key else node.key
