"""A picture as one static SVG file."""

from collections.abc import Iterator
from importlib.resources import files

from cmdb.pictures.fold import Folded, fold
from cmdb.pictures.layout import Drawing, lay_out
from cmdb.pictures.model import STATES, Picture
from cmdb.pictures.shapes import (
    COLUMN_PADDING,
    DEFINITIONS,
    HEADING_HEIGHT,
    boxes,
    grounds,
    headings,
    links,
)
from cmdb.pictures.text import escaped, fitted, width
from cmdb.pictures.words import t

MARGIN = 28
TITLE_HEIGHT = 62
LEGEND_LINE = 30
LEAST_WIDTH = 760
NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'


def to_svg(picture: Picture, language: str) -> str:
    """The picture, folded to what is legible, with title and legend."""
    folded = fold(picture)
    drawing = lay_out(folded)
    inner = max(drawing.width, LEAST_WIDTH)
    signs, legend_height = legend(inner, language)
    top = MARGIN + TITLE_HEIGHT + HEADING_HEIGHT
    bottom = top + drawing.height + 2 * COLUMN_PADDING + 24
    size = f"{inner + 2 * MARGIN:.0f} {bottom + legend_height + MARGIN:.0f}"
    wide, tall = size.split()
    title = t("Impact of {title}", language, title=picture.title)
    return "\n".join(
        [
            f'<svg {NAMESPACE} viewBox="0 0 {size}" width="{wide}" height="{tall}" '
            f'class="picture" lang="{tag(language)}">',
            f"<title>{escaped(title)}</title>",
            f"<desc>{escaped(' · '.join(facts(picture, language)))}</desc>",
            f"<style>{stylesheet('picture.css')}</style>",
            DEFINITIONS,
            '<rect class="paper" width="100%" height="100%"/>',
            f'<text class="title" x="{MARGIN}" y="{MARGIN + 20}">'
            f"{escaped(fitted(title, inner, 20))}</text>",
            f'<text class="facts" x="{MARGIN}" y="{MARGIN + 42}">'
            f"{escaped(fitted(' · '.join(facts(picture, language)), inner, 12))}</text>",
            f'<g transform="translate({MARGIN} {top})">',
            *body(picture, folded, drawing, language),
            "</g>",
            f'<g transform="translate({MARGIN} {bottom:.1f})">',
            *signs,
            "</g></svg>",
        ]
    )


def tag(language: str) -> str:
    """The language tag, by which browsers choose the forms of Chinese characters."""
    return "zh-CN" if language == "zh" else "en"


def stylesheet(name: str) -> str:
    """The text of a file of the page."""
    return (files("cmdb.pictures") / "page" / name).read_text(encoding="utf-8")


def body(picture: Picture, folded: Folded, drawing: Drawing, language: str) -> Iterator[str]:
    """Headings, links and boxes; the upper left box may start at (0, `COLUMN_PADDING`)."""
    yield from grounds(drawing)
    yield f'<g transform="translate(0 {COLUMN_PADDING})">'
    yield from links(drawing)
    yield from boxes(picture, folded, drawing, language)
    yield '</g><g class="headings">'
    yield from headings(folded, drawing, language)
    yield "</g>"


def facts(picture: Picture, language: str) -> list[str]:
    """The summary of the answer in a few words each."""
    states = [state for state in STATES if state in picture.summary]
    total = sum(picture.summary[state] for state in states)
    found = [t("{n} impacted", language, n=f"{total:,}")]
    for state in states:
        if n := picture.summary[state]:
            found.append(f"{t(state, language)} {n:,}")
    if services := sum(picture.summary.get("services", {}).values()):
        found.append(t("{n} services", language, n=f"{services:,}"))
    if picture.hidden:
        found.append(t("{n} hidden", language, n=f"{picture.hidden:,}"))
    found.append(t("commit {n}", language, n=picture.seq))
    if picture.as_of is not None:
        found.append(t("as of {time}", language, time=picture.as_of))
    return found


def legend(room: float, language: str) -> tuple[list[str], float]:
    """What the shapes mean, in lines as long as the room, and how high they are."""
    parts: list[str] = []
    x, line = 0.0, 0
    for sign, word in _signs():
        words = t(word, language)
        long = 46 + width(words, 12) + 18
        if x > 0 and x + long > room:
            x, line = 0.0, line + 1
        parts.append(
            f'<g transform="translate({x:.0f} {line * LEGEND_LINE})">{sign}'
            f'<text class="legend" x="46" y="15">{escaped(words)}</text></g>'
        )
        x += long
    return parts, (line + 1) * LEGEND_LINE


def _signs() -> Iterator[tuple[str, str]]:
    frame = '<rect class="frame" width="36" height="22" rx="5"/>'
    band = (
        '<path class="band" d="M6 1.500h24v19h-24q-4.500 0-4.500-4.500v-10q0-4.500 4.500-4.500z"/>'
    )
    for state in STATES[:3]:
        sign = f'<use href="#s-{state}" x="10" y="3" width="16" height="16"/>'
        yield f'<g class="box {state}">{frame}{band}{sign}</g>', state
    ring = '<rect class="ring" x="-3" y="-3" width="42" height="28" rx="7"/>'
    yield f'<g class="box ok failed">{ring}{frame}</g>', "failed"
    stack = '<rect class="stack" x="4" y="4" width="36" height="22" rx="5"/>'
    yield f'<g class="box ok folded">{stack}{frame}</g>', "many CIs in one box"
    for strength, word in ((2, "path to a service"), (1, "path"), (0, "other cause")):
        yield f'<path class="link strength-{strength}" d="M0 11H36"/>', word
    badge = '<rect class="badge" y="3" width="36" height="16" rx="8"/>'
    yield (
        f'{badge}<text class="badge-text" x="18" y="14.500">k / n</text>',
        "members left in a redundancy group",
    )
