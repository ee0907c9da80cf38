"""A picture as one self-contained page: pan, zoom, search and click-for-why, with no network."""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from string import Template
from typing import Any

from cmdb.pictures.fold import Folded, fold
from cmdb.pictures.layout import lay_out
from cmdb.pictures.model import HIDDEN, STATES, Group, Node, Picture, Row
from cmdb.pictures.shapes import DEFINITIONS
from cmdb.pictures.svg import NAMESPACE, body, facts, legend, stylesheet, tag
from cmdb.pictures.text import clean, escaped
from cmdb.pictures.words import relation_name, t, type_name

SEARCHABLE = 20_000
"""The page lists so many CIs, worst first; the other formats have all."""
LEGEND_ROOM = 1300
ALL_STATES = (*STATES, HIDDEN)
WORDS = (
    "Nothing found",
    "Showing {n} of {m}",
    "State",
    "Type",
    "Site",
    "Key",
    "Round",
    "Why",
    "Path",
    "Given as failed.",
    "not visible to you",
    "Click a box to see why it is impacted.",
    "Drag to move, wheel or + and − to zoom, 0 to show everything, / to search.",
)
"""What the script says."""


def to_html(picture: Picture, language: str) -> str:
    """The page."""
    folded = fold(picture)
    drawing = lay_out(folded)
    signs, legend_height = legend(LEGEND_ROOM, language)
    script, style = _sources()
    texts = {
        "language": tag(language),
        "title": t("Impact of {title}", language, title=picture.title),
        "facts": " · ".join(facts(picture, language)),
        "search": t("Search by name or key", language),
        "zoom_in": t("Zoom in", language),
        "zoom_out": t("Zoom out", language),
        "fit": t("Show everything", language),
        "close": t("Close", language),
        "note": _note(picture, language),
        "policy": policy(),
    }
    return Template(stylesheet("page.html")).substitute(
        {name: escaped(text) for name, text in texts.items()},
        script=script,
        style=style,
        data=_embedded(_data(picture, folded, language)),
        definitions=DEFINITIONS,
        picture="\n".join(body(picture, folded, drawing, language)),
        legend="".join(signs),
        legend_box=f"-6 -6 {LEGEND_ROOM + 12} {legend_height + 6:.0f}",
        namespace=NAMESPACE,
    )


def policy() -> str:
    """The Content-Security-Policy under which every page works: nothing but its own parts."""
    script, style = map(_hash, _sources())
    return f"default-src 'none'; script-src {script}; style-src {style}"


def _sources() -> tuple[str, str]:
    """The script and the style of every page."""
    return stylesheet("page.js"), stylesheet("picture.css") + stylesheet("page.css")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _embedded(data: Any) -> str:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _note(picture: Picture, language: str) -> str:
    if len(picture.nodes) <= SEARCHABLE:
        return ""
    template = "Only the {n} worst CIs can be searched here; the JSON answer has all {m}."
    n, m = f"{SEARCHABLE:,}", f"{len(picture.nodes):,}"
    return t(template, language, n=n, m=m)


def _data(picture: Picture, folded: Folded, language: str) -> dict[str, Any]:
    """What the script shows. CIs are known by their place in `cis`, hidden ones by −1."""
    nodes = picture.nodes[:SEARCHABLE]
    numbers = {n.key: -1 if n.state == HIDDEN else i for i, n in enumerate(nodes)}
    types = {name: i for i, name in enumerate(dict.fromkeys(node.type for node in nodes))}
    groups = {(group.dependent, group.name): group for group in picture.groups}
    teller = _Teller(picture, numbers, groups, language)
    return {
        "note": _note(picture, language),
        "words": {word: t(word, language) for word in WORDS},
        "states": list(ALL_STATES),
        "stateNames": [t(state, language) for state in ALL_STATES],
        "types": [clean(type_name(picture.catalog, name, language)) for name in types],
        "cis": [
            [
                clean(node.key),
                clean(node.name),
                types[node.type],
                clean(node.site or ""),
                ALL_STATES.index(node.state),
                node.distance,
                folded.box_of[node.key],
                int(node.failed),
                teller.causes(node),
                teller.path(node),
            ]
            for node in nodes
        ],
    }


class _Teller:
    """Puts the reasons into words."""

    def __init__(
        self,
        picture: Picture,
        numbers: Mapping[str, int],
        groups: Mapping[tuple[str, str], Group],
        language: str,
    ) -> None:
        self._picture, self._numbers, self._groups = picture, numbers, groups
        self._language = language
        self._names: dict[str, str] = {node.key: node.name for node in picture.nodes}

    def causes(self, node: Node) -> list[list[Any]]:
        """Each cause: a sentence, then the CIs with the states they had."""
        why = self._picture.whys.get(node.key)
        return [
            [self._sentence(node, one), self._from(one)] for one in (why["causes"] if why else ())
        ]

    def path(self, node: Node) -> list[int | str]:
        """The steps from a failed CI."""
        why = self._picture.whys.get(node.key)
        return [self._reference(step) for step in (why["path"] if why else ())]

    def _from(self, cause: Row) -> list[list[Any]]:
        return [
            [self._reference(one.get("key", one)), ALL_STATES.index(one.get("state", HIDDEN))]
            for one in cause["from"]
        ]

    def _reference(self, step: Any) -> int | str:
        """A number, −1 for what is hidden, the key of what is not on the page."""
        return self._numbers.get(step, clean(step)) if isinstance(step, str) else -1

    def _sentence(self, node: Node, cause: Row) -> str:
        language = self._language
        if cause["rule"] == "dependency":
            label = relation_name(self._picture.catalog, cause["relation"], language)
            return clean(t("What it relies on ({label}) is hit:", language, label=label))
        if cause["rule"] == "redundancy":
            return clean(self._group_sentence(node, cause["group"]))
        if (hangs_on := cause.get("hangs_on")) is None:
            return t("These cut it off from the network:", language)
        key = hangs_on.get("key") if isinstance(hangs_on, Mapping) else hangs_on
        name = t(HIDDEN, language) if key is None else self._names.get(key, key)
        template = "It is connected through {name} alone, because of:"
        return clean(t(template, language, name=name))

    def _group_sentence(self, node: Node, name: str) -> str:
        group = self._groups.get((node.key, name))
        if group is None:
            return t("Of group {label} are hit:", self._language, label=name)
        return t(
            "Of group {label}, {k} of {n} are left and it needs {need}; hit are:",
            self._language,
            label=name,
            k=group.left,
            n=group.n,
            need=group.need,
        )
