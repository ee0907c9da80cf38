"""Patches beyond what the small estates of the exactness tests reach: many slots, hubs, groups."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from cmdb.impact.blast_radius import BlastRadius
from cmdb.impact.building import build, compacted
from cmdb.impact.patching import patched
from cmdb.impact.states import DOWN
from cmdb.impact.topology import Delta, Topology, TopologyItem, TopologyRelation
from cmdb.schema.catalog import builtin_catalog

CIS, RELATIONS, STEPS = 400, 2_000, 60


class Estate:
    """An estate that changes at random, and the deltas that say how."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.items = {n: self.item(n) for n in range(CIS)}
        self.relations = {n: self.relation(n) for n in range(RELATIONS)}
        self.next = RELATIONS

    def item(self, number):
        chance = self.chance
        status = chance.choices(("live", "retired", "missing"), (8, 1, 1))[0]
        need = {"nodes": {"need": chance.choice((1, 2, "50%"))}} if chance.random() < 0.2 else {}
        site = chance.choice((None, "a", "b"))
        root = number < 5
        return TopologyItem(
            number, f"k{number}", "switch", f"n{number}", status, root, need, site, 0
        )

    def relation(self, number):
        chance = self.chance
        ends = chance.randrange(CIS), int(CIS * chance.random() ** 3)  # the first are hubs
        kind = chance.choices(("depends_on", "uses", "powered_by", "connects_to"), (3, 2, 3, 2))[0]
        group = chance.choice((None, "nodes")) if kind == "depends_on" else None
        return TopologyRelation(number, ends[0], kind, ends[1], group, None, 0)

    def change(self, seq):
        delta = Delta(seq)
        for _ in range(self.chance.randrange(1, 30)):
            kind = self.chance.random()
            if kind < 0.3:
                number = self.chance.randrange(CIS)
                self.items[number] = delta.items[number] = self.item(number)
            elif kind < 0.6 and self.relations:
                number = self.chance.choice(list(self.relations))
                before = self.relations.pop(number)
                first = delta.relations[number][0] if number in delta.relations else before
                delta.relations[number] = (first, None)
            else:
                self.relations[self.next] = self.relation(self.next)
                delta.relations[self.next] = (None, self.relations[self.next])
                self.next += 1
        return delta

    def topology(self, seq):
        relations = [self.relations[n] for n in sorted(self.relations)]
        return Topology(seq, self.items.values(), relations)


def answers(snapshot, numbers):
    return [BlastRadius(snapshot, {n: DOWN}, 0.0).answer() for n in numbers if snapshot.in_graph(n)]


@pytest.mark.parametrize("seed", range(6))
def test_many_patches_equal_one_build(seed):
    estate = Estate(seed)
    snapshot = build(estate.topology(1), builtin_catalog())
    for seq in range(2, STEPS + 2):
        snapshot = patched(snapshot, estate.change(seq))
    fresh = build(estate.topology(STEPS + 1), builtin_catalog())
    numbers = range(0, CIS, 7)
    expected = answers(fresh, numbers)
    assert sum(len(one["impacted"]) for one in expected) > 1_000
    assert answers(snapshot, numbers) == expected
    assert answers(compacted(snapshot), numbers) == expected
    assert list(snapshot.items()) == list(fresh.items())
    for number in numbers:
        assert snapshot.members(number) == fresh.members(number)


def test_older_snapshots_stay_as_they_were_while_threads_ask():
    estate = Estate(9)
    snapshot = build(estate.topology(1), builtin_catalog())
    numbers = range(0, CIS, 20)
    known, versions = [], []
    for seq in range(2, 12):
        snapshot = patched(snapshot, estate.change(seq))
        versions.append(snapshot)
        known.append(answers(build(estate.topology(seq), builtin_catalog()), numbers))
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda one: answers(one, numbers), versions)) == known
