"""Gathering: what comes while one commit is under way goes together, and nobody waits for ever."""

import threading

import pytest

from cmdb.services.gathering import Gatherer

HERE, THERE = object(), object()
WAIT = 10


class Doing:
    """What a gatherer does: it notes what came together, and can be held up."""

    def __init__(self):
        self.batches, self.may, self.begun = [], threading.Event(), threading.Event()

    def __call__(self, env, items):
        self.begun.set()
        assert self.may.wait(WAIT)
        self.batches.append((env, list(items)))
        if "bad" in items:
            raise ValueError("bad")
        return [item * 2 for item in items]


@pytest.fixture
def doing():
    return Doing()


def held(doing, most=100):
    """A gatherer that is busy with its first item."""
    gatherer = Gatherer("test", doing, most)
    first = gatherer.submit(HERE, "a")
    assert doing.begun.wait(WAIT)
    return gatherer, first


def test_what_comes_meanwhile_goes_together(doing):
    gatherer, first = held(doing)
    others = [gatherer.submit(HERE, item) for item in "bcd"]
    doing.may.set()
    assert [one.result(WAIT) for one in (first, *others)] == ["aa", "bb", "cc", "dd"]
    assert doing.batches == [(HERE, ["a"]), (HERE, ["b", "c", "d"])]


def test_no_more_goes_together_than_it_may(doing):
    gatherer, _ = held(doing, most=5)
    last = [gatherer.submit(HERE, item, size) for item, size in (("b", 3), ("c", 3), ("d", 9))][-1]
    doing.may.set()
    assert last.result(WAIT) == "dd"
    assert [items for _, items in doing.batches] == [["a"], ["b"], ["c"], ["d"]]


def test_environments_do_not_mix(doing):
    gatherer, _ = held(doing)
    last = [gatherer.submit(env, item) for env, item in ((HERE, "b"), (THERE, "c"))][-1]
    doing.may.set()
    last.result(WAIT)
    assert doing.batches == [(HERE, ["a"]), (HERE, ["b"]), (THERE, ["c"])]


def test_who_fails_is_told_and_the_next_go_on(doing):
    gatherer, _ = held(doing)
    bad = gatherer.submit(HERE, "bad")
    doing.may.set()
    with pytest.raises(ValueError, match="bad"):
        bad.result(WAIT)
    assert gatherer.submit(HERE, "e").result(WAIT) == "ee"
