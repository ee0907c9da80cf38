"""A snapshot that was saved and loaded is the snapshot; a file that was damaged is found out."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.building import build
from cmdb.impact.patching import patched
from cmdb.impact.serialization import dumped, loaded
from cmdb.impact.states import DOWN
from cmdb.impact.topology import Confirmation, Delta
from cmdb.schema.catalog import builtin_catalog
from cmdb.services.ports import Saved
from cmdb.stores import archive
from cmdb.stores.archive import SnapshotFolder, superfluous
from tests.reference.estates import estates
from tests.topologies import item, relation, topology


def assert_same(one, other):
    """Two snapshots hold the same and answer the same."""
    assert one.seq == other.seq
    assert one.catalog.ci_types == other.catalog.ci_types
    assert one.catalog.relation_types == other.catalog.relation_types
    items = list(one.items())
    assert items == list(other.items())
    for ci in items:
        number = ci.number
        assert one.number(ci.key) == other.number(ci.key) == number
        assert members(one, number) == members(other, number)
        incoming = [
            [s.relation(number, *row) for row in s.graph.incoming(number)] for s in (one, other)
        ]
        assert sorted(incoming[0]) == sorted(incoming[1])
        if one.in_graph(number):
            assert_same_answers(one, other, number)


def members(snapshot, number):
    """The groups of a CI, whatever the order of its relations."""
    return {
        name: {member: sorted(relations) for member, relations in found.items()}
        for name, found in snapshot.members(number).items()
    }


def assert_same_answers(one, other, number):
    answers = [BlastRadius(s, {number: DOWN}, 1000.0).answer() for s in (one, other)]
    assert answers[0] == answers[1]


def through_a_file(folder, snapshot):
    """The snapshot as it is loaded again."""
    files = SnapshotFolder(folder, 8, 10**9)
    files.save(snapshot.seq, Saved(*dumped(snapshot)))
    saved = files.load(snapshot.seq)
    return loaded(saved.header, saved.arrays, snapshot.catalog)


@settings(max_examples=150, deadline=None)
@given(before=estates(), after=estates(), at=st.floats(1, 1e9))
def test_round_trip(tmp_path_factory, before, after, at):
    folder = tmp_path_factory.mktemp("s")
    snapshot = build(topology(before, at=5.0, source="import"), builtin_catalog())
    assert_same(snapshot, through_a_file(folder, snapshot))
    numbers = {ci["key"]: i for i, ci in enumerate(after["cis"])}
    old_numbers = {ci["key"]: i for i, ci in enumerate(before["cis"])}
    relations = {i: (relation(r, i, old_numbers), None) for i, r in enumerate(before["relations"])}
    snapshot = patched(snapshot, Delta(2, relations=relations))
    delta = Delta(3, confirmed_items=[Confirmation(0, 2, at, "agent")])
    delta.items = dict.fromkeys(range(len(before["cis"])))
    delta.items |= {i: item(ci, i) for i, ci in enumerate(after["cis"])}
    delta.relations = {i: (None, relation(r, i, numbers)) for i, r in enumerate(after["relations"])}
    snapshot = patched(snapshot, delta)
    again = through_a_file(folder, snapshot)
    assert_same(snapshot, again)
    assert_same(snapshot, through_a_file(folder, again))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A folder with one file."""
    estate = {
        "cis": [{"key": f"k{n}", "type": "server", "network_root": n == 0} for n in range(50)],
        "relations": [
            {"from": f"k{n}", "type": "depends_on", "to": f"k{n // 2}"} for n in range(1, 50)
        ],
    }
    folder = tmp_path_factory.mktemp("damage")
    snapshot = build(topology(estate), builtin_catalog())
    SnapshotFolder(folder, 8, 10**9).save(1, Saved(*dumped(snapshot)))
    (path,) = folder.iterdir()
    return path, path.read_bytes()


def assert_found_out(path, content, caplog):
    caplog.clear()
    path.write_bytes(content)
    assert SnapshotFolder(path.parent, 8, 10**9).load(1) is None
    assert len(caplog.records) == 1
    assert str(path) in caplog.text
    assert not path.exists()


def test_every_damage_is_found_out(file, caplog):
    path, whole = file
    chance = random.Random(3)
    places = [
        *range(64),
        *range(len(whole) - 8, len(whole)),
        *chance.sample(range(len(whole)), 300),
    ]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        assert_found_out(path, damaged, caplog)
    for length in (0, 1, 15, 16, 20, *chance.sample(range(len(whole)), 50), len(whole) - 1):
        assert_found_out(path, whole[:length], caplog)
    assert_found_out(path, whole + b"\0", caplog)
    path.write_bytes(whole)
    assert SnapshotFolder(path.parent, 8, 10**9).load(1) is not None


def test_another_format_is_found_out(file, caplog, monkeypatch):
    path, whole = file
    path.write_bytes(whole)
    monkeypatch.setattr(archive, "FORMAT", archive.FORMAT - 1)
    assert SnapshotFolder(path.parent, 8, 10**9).load(1) is None
    assert "format" in caplog.text


@given(
    seqs=st.lists(st.integers(1, 10_000), unique=True, max_size=40),
    keep=st.integers(1, 8),
    most=st.integers(1, 1000),
)
def test_points_to_remove(seqs, keep, most):
    """The newest stays, and no more than is allowed."""
    sizes = dict.fromkeys(seqs, 50)
    left = set(seqs) - set(superfluous(sizes, keep, most))
    assert len(left) <= keep
    assert len(left) * 50 <= most or len(left) <= 1
    assert not seqs or max(seqs) in left


def test_points_are_spread_over_the_log():
    """After any number of commits no gap is much longer than an even one would be."""
    points = {}
    for seq in range(1, 2001):
        points[seq] = 1
        for one in superfluous(points, 8, 10**9):
            del points[one]
        ordered = [0, *sorted(points)]
        gaps = [b - a for a, b in pairwise(ordered)]
        assert max(gaps) <= 3 * max(1, seq / 8)
