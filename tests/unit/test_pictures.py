"""Pictures: legible at every size, complete, and safe with any name."""

import io
import itertools
import json
import re
import time
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.pictures import FORMATS, Edge, Node, Picture
from cmdb.pictures.fold import LINKS_PER_BOX, MAX_BOXES, UNFOLDED, fold
from cmdb.pictures.layout import BOX_HEIGHT, BOX_WIDTH, lay_out
from cmdb.pictures.model import HIDDEN, STATES, picture_of
from cmdb.pictures.text import fitted, width
from cmdb.pictures.words import EN, ZH
from cmdb.schema.catalog import builtin_catalog
from tests.radii import picture, picture_from, rows_of

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    '"]]>',
    "<!--<script>",
    "‮משרד ראשי‬ عميل",
    "👩‍👩‍👧‍👦🖥️ server",
    "跨境人民币支付清算业务服务系统核心交易处理集群" * 20,
    "a\x00b\x0bc\ud800d",
    "line\nbreak\u2028end",
    "${style} $data {n} %s",
    "&amp;&#x3c;",
)

NODES = st.lists(
    st.tuples(
        st.sampled_from(("server", "switch", "business_service", "made_up_type")),
        st.sampled_from((None, "上海", "北京")),
        st.sampled_from(STATES),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=150,
)


@st.composite
def pictures(draw):
    """Any picture: edges go every way, as states may rise after they have been a cause."""
    nodes = [
        Node(f"ci-{i}", kind, f"CI {i}", site, state, distance, distance == 0)
        for i, (kind, site, state, distance) in enumerate(draw(NODES))
    ]
    key = st.sampled_from([node.key for node in nodes])
    ends = draw(st.lists(st.tuples(key, key, st.booleans()), max_size=300))
    edges = [Edge(a, b, "dependency", "uses", on_path) for a, b, on_path in ends if a != b]
    whys = {b: {"causes": [], "path": [a, b]} for a, b, on_path in ends if on_path}
    summary = {state: sum(n.state == state for n in nodes) for state in STATES[:3]}
    return Picture("all", 1, None, nodes, edges, [], whys, summary, 0, builtin_catalog())


@settings(max_examples=60, deadline=None)
@given(pictures())
def test_layout_holds_what_it_promises(picture):
    folded = fold(picture)
    drawing = lay_out(folded)
    counted = [node.key for box in folded.boxes for node in box.members]
    assert sorted(counted) == sorted(node.key for node in picture.nodes)
    assert all(folded.box_of[n.key] == b.number for b in folded.boxes for n in b.members)
    for box in folded.boxes:
        first, last = folded.rounds[box.column]
        assert all(first <= node.distance <= last for node in box.members)
        assert {node.state for node in box.members} == {box.state}
    assert [r for rounds in folded.rounds for r in rounds] == sorted(
        r for rounds in folded.rounds for r in rounds
    )
    numbers = {box.number for box in folded.boxes}
    assert all({link.source, link.target} <= numbers for link in folded.links)
    assert len(folded.links) <= LINKS_PER_BOX * len(folded.boxes)
    strong = [link.target for link in folded.links if link.strength]
    assert len(strong) == len(set(strong))
    by_column = sorted(drawing.placed, key=lambda p: (p.x, p.y))
    for one, other in itertools.pairwise(by_column):
        assert other.x >= one.x + BOX_WIDTH or other.y >= one.y + BOX_HEIGHT
    assert all(0 <= p.x <= drawing.width - BOX_WIDTH for p in by_column)
    assert all(-1e-6 <= p.y <= drawing.height - BOX_HEIGHT + 1e-6 for p in by_column)
    assert len(folded.boxes) <= max(MAX_BOXES, UNFOLDED)


def test_links_end_at_their_boxes():
    folded = fold(picture(300))
    drawing = lay_out(folded)
    place = {placed.box.number: placed for placed in drawing.placed}
    for route in drawing.routes:
        source, target = place[route.link.source], place[route.link.target]
        assert route.points[0] == (source.x + BOX_WIDTH, source.y + BOX_HEIGHT / 2)
        assert route.points[-1] == (target.x, target.y + BOX_HEIGHT / 2)


def test_small_radii_are_not_folded():
    folded = fold(picture(30))
    assert all(len(box.members) == 1 for box in folded.boxes)


def test_services_are_singled_out():
    folded = fold(picture(3000))
    services = [box for box in folded.boxes if box.type == "business_service"]
    assert len(services) == 30
    assert all(len(box.members) == 1 for box in services)


@pytest.mark.parametrize("size", [41, 300, 3_000, 100_000])
def test_large_radii_stay_legible(size):
    shown = picture(size)
    start = time.perf_counter()
    folded = fold(shown)
    lay_out(folded)
    assert time.perf_counter() - start < 2
    assert len(folded.boxes) <= MAX_BOXES
    assert sum(len(box.members) for box in folded.boxes) == size + 1


def test_many_types_sites_and_rounds_stay_legible():
    nodes = [
        Node(f"ci-{i}", f"type_{i % 400}", "x", f"site {i % 90}", STATES[i % 3], i % 500)
        for i in range(20_000)
    ]
    shown = Picture("all", 1, None, nodes, [], [], {}, {}, 0, builtin_catalog())
    folded = fold(shown)
    assert len(folded.boxes) <= MAX_BOXES
    assert any(first < last for first, last in folded.rounds)


def test_many_failures_are_folded():
    nodes = [Node(f"ci-{i}", "server", "x", None, "down", 0, True) for i in range(1_000)]
    shown = Picture("all", 1, None, nodes, [], [], {}, {}, 0, builtin_catalog())
    assert [len(box.members) for box in fold(shown).boxes] == [1_000]


def hostile_picture(copies):
    """Every hostile name, as name and in the key, on `copies` CIs."""
    model = rows_of(1)[0]
    keys = [(f"{i} {name}", name) for i in range(copies) for name in HOSTILE]
    return picture_from(
        [model | {"key": key, "name": name, "path": ["ups-a", key]} for key, name in keys]
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("copies", [1, 9])
@pytest.mark.parametrize("format_", FORMATS)
def test_hostile_names_stay_text(format_, copies, language):
    text = FORMATS[format_](hostile_picture(copies), language)
    text.encode()
    if format_ in ("svg", "graphml"):
        names = {element.tag.split("}")[1] for element in ElementTree.fromstring(text).iter()}
        assert not names & {"script", "img"}
    elif format_ == "html":
        assert text.count("<script") == 2
        assert text.count("</script>") == 2
        assert "<img" not in text
        assert "<!--" not in text
        data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
        names = {ci[1] for ci in json.loads(data[1])["cis"]}
        assert {HOSTILE[0], HOSTILE[1], HOSTILE[4]} <= names
    else:
        json.loads(text)


@pytest.mark.parametrize("size", [0, 1, 30, 300])
def test_svg_is_well_formed_and_counts_everything(size):
    shown = picture(size)
    root = ElementTree.fromstring(FORMATS["svg"](shown, "en"))
    assert root.find(f"{SVG}title").text == "Impact of 不间断电源 A"
    boxes = [g for g in root.iter(f"{SVG}g") if g.get("data-box")]
    assert len(boxes) == len(fold(shown).boxes)
    assert all(box.find(f"{SVG}title").text for box in boxes)


def test_graphml_and_json_graph_have_everything():
    shown = picture(300)
    graph = nx.read_graphml(io.BytesIO(FORMATS["graphml"](shown, "en").encode()))
    assert set(graph) == {node.key for node in shown.nodes}
    assert graph.number_of_edges() == len(shown.edges)
    assert graph.nodes["ups-a"]["failed"] is True
    sizes = {(d.get("n"), d.get("need")) for *_, d in graph.edges(data=True)}
    assert sizes == {(None, None), (4, 2)}
    found = json.loads(FORMATS["json-graph"](shown, "en"))["graph"]
    assert found["nodes"].keys() == {node.key for node in shown.nodes}
    assert len(found["edges"]) == len(shown.edges)
    ends = {end for edge in found["edges"] for end in (edge["source"], edge["target"])}
    assert ends <= found["nodes"].keys()


def answer(rows, failures=("db",)):
    return picture_of(
        {"seq": 1, "as_of": None, "failures": [{"key": key, "state": "down"} for key in failures]},
        rows,
        {"summary": {"down": len(rows)}, "confidence": {"hidden": 1}},
        site_of=lambda key: None,
        group_size=lambda dependent, group: (3, 2),
        named=lambda key: ("database", key.upper()),
    )


def row(key, distance, sources, path, **cause):
    causes = [{"rule": "dependency", "relation": "uses", "from": sources} | cause]
    return {
        "key": key,
        "type": "application",
        "name": key,
        "state": "down",
        "distance": distance,
        "causes": causes,
        "path": path,
    }


def test_hidden_causes_have_a_stand_in_that_reveals_nothing():
    hidden = {"hidden": True}
    shown = answer([row("app", 3, [hidden], ["db", hidden, hidden, "app"])])
    stand_ins = [node for node in shown.nodes if node.state == HIDDEN]
    assert [node.distance for node in stand_ins] == [2, 1]
    assert {(e.from_key, e.to_key) for e in shown.edges if e.on_path} == {
        ("db", "hidden:1"),
        ("hidden:1", "hidden:2"),
        ("hidden:2", "app"),
    }
    for render in FORMATS.values():
        assert render(shown, "zh")


def test_a_stand_in_takes_no_key_of_a_ci():
    shown = answer([row("hidden:1", 2, [{"hidden": True}], ["db", {"hidden": True}, "hidden:1"])])
    assert len({node.key for node in shown.nodes}) == 3


def test_a_failed_ci_that_gets_worse_stays_a_failed_ci():
    shown = answer([row("app", 1, [{"key": "db", "state": "down"}], ["db", "app"])], ("db", "app"))
    assert [(n.key, n.distance, n.failed) for n in shown.nodes] == [
        ("db", 0, True),
        ("app", 0, True),
    ]
    assert all(render(shown, "en") for render in FORMATS.values())


def test_groups_read_k_of_n():
    cause = {"rule": "redundancy", "group": "feeds"}
    shown = answer([row("app", 1, [{"key": "db", "state": "down"}], ["db", "app"], **cause)])
    assert "2 of 3, needs 2" in FORMATS["svg"](shown, "en")
    assert "余 2/3，需 2" in FORMATS["svg"](shown, "zh")


@pytest.mark.parametrize(
    ("cause", "english", "chinese"),
    [
        ({"relation": "depends_on"}, "What it relies on (depends on) is hit:", "受影响："),
        ({"rule": "redundancy", "group": "feeds"}, "Of group feeds, 2 of 3 are left", "余 2/3"),
        ({"rule": "connectivity", "hangs_on": None}, "These cut it off", "切断了它的网络"),
        ({"rule": "connectivity", "hangs_on": "sw-7"}, "connected through sw-7", "仅靠 sw-7"),
    ],
)
def test_causes_are_told_in_words(cause, english, chinese):
    shown = answer([row("app", 1, [{"key": "db", "state": "down"}], ["db", "app"], **cause)])
    assert english in FORMATS["html"](shown, "en")
    assert chinese in FORMATS["html"](shown, "zh")


def test_a_huge_page_says_what_it_leaves_out(monkeypatch):
    monkeypatch.setattr("cmdb.pictures.html.SEARCHABLE", 10)
    text = FORMATS["html"](picture(50), "en")
    assert "Only the 10 worst CIs can be searched here; the JSON answer has all 51." in text


@given(st.text(max_size=60), st.floats(20, 300), st.floats(0, 0.5))
def test_fitted_text_fits(text, room, ending):
    assert width(fitted(text, room, 14, ending=ending), 14) <= room + 1e-6


def test_a_cut_name_keeps_its_end():
    shown = fitted("跨境人民币支付清算业务服务 007", 160, 14, ending=0.35)
    assert shown.startswith("跨境人民币")
    assert shown.endswith("007")


def test_templates_have_the_same_fields_in_both_languages():
    def fields(text):
        return set(re.findall(r"{(\w+)}", text))

    assert all(fields(word) == fields(chinese) for word, chinese in ZH.items())
    assert EN.keys() <= ZH.keys()


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("#ffffff", "#8f1d14"),
        ("#3d444d", "#fbd38d"),
        ("#3d444d", "#fffceb"),
        ("#57606a", "#f3f5f7"),
        ("#57606a", "#e7eaee"),
    ],
)
def test_text_has_enough_contrast(text, ground):
    light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_states_differ_in_grey():
    down, degraded, at_risk = map(luminance, ("#8f1d14", "#fbd38d", "#fffceb"))
    assert down < 0.2 < degraded < 0.8 < at_risk
