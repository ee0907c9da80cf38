"""Courses of alerts: any order and repetition of the same words gives the same; damping."""

from hypothesis import given
from hypothesis import strategies as st

from cmdb.tickets.alerts import (
    MOST_MOMENTS,
    Alert,
    Course,
    Damping,
    course_of,
    evidence_of,
    fields_of,
    number_of,
)

WORDS = st.lists(st.tuples(st.booleans(), st.integers(0, 40)), min_size=1, max_size=14)


def alert(firing, at):
    """A word whose texts tell its moment."""
    return Alert("s", "f", f"at {at}", firing, float(at), summary=f"{at}")


def heard(words):
    """What is kept of words in the order in which they come."""
    course, fields = Course(), {}
    for firing, at in words:
        after = course.heard(firing, float(at))
        if after != course:
            fields = fields_of(alert(firing, at), after, fields)
        course = after
    return course, fields


@given(words=WORDS, data=st.data())
def test_order_and_repetition_change_nothing(words, data):
    again = data.draw(st.lists(st.sampled_from(words), max_size=8))
    mixed = data.draw(st.permutations(words + again))
    course, fields = heard(mixed)
    expected, known = heard(sorted(set(words), key=lambda word: (word[1], not word[0])))
    assert course == expected
    if course.fired:
        assert fields == known
    assert course_of(fields) == course


@given(words=WORDS)
def test_a_course_says_what_the_whole_history_says(words):
    fired = {at for firing, at in words if firing}
    cleared = {at for firing, at in words if not firing}
    course, _ = heard(words)
    assert course.firing == (max(fired, default=-1) > max(cleared, default=-1))
    begins, was = 0, False
    for at in range(41):
        begins += at in fired and not was
        was = at in fired or was
        was = was and at not in cleared
    assert course.onsets(-1.0) == begins
    if course.firing:
        assert course.since == min(at for at in fired if at > max(cleared, default=-1))


@given(words=st.lists(st.tuples(st.booleans(), st.integers(0, 500)), max_size=120))
def test_what_is_kept_is_bounded(words):
    course, _ = heard(words)
    assert len(course.fired) <= MOST_MOMENTS
    assert len(course.cleared) <= MOST_MOMENTS


def test_damping():
    rule = Damping(open_after=10, close_after=60, flaps=3, window=600)
    once = Course((100.0,))
    assert rule.counts_from(once, 100) == 110
    assert rule.over_from(Course((100.0,), (120.0,)), 130) == 180
    flapping = Course((100.0, 200.0, 300.0), (150.0, 250.0, 350.0))
    assert rule.flapping(flapping, 400)
    assert rule.over_from(flapping, 400) == 950
    assert not rule.flapping(flapping, 1000)


def test_numbers_tell_sources_and_fingerprints_apart():
    numbers = {number_of(*one) for one in (("a", "b"), ("a", "c"), ("b", "b"), ("ab", ""))}
    assert len(numbers) == 4
    assert number_of("a", "\ud800") != number_of("a", "")


def test_evidence_is_kept_in_the_ticket():
    evidence = {"hostname": ("a=b", "c"), "site": ("hq",)}
    one = Alert("s", "f", "n", True, 1.0, evidence=evidence)
    assert evidence_of(fields_of(one, Course((1.0,)), {})) == evidence
