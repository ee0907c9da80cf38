"""What a table says again beside what was done here, against a simple rule for each part."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cmdb.schema.records import Tie
from cmdb.tickets.defaults import default_processes
from cmdb.tickets.merging import Said, by_time, merged, said_of
from cmdb.tickets.ticket import Ticket

PROCESS = default_processes()["incident"]
VALUES = st.dictionaries(st.sampled_from("abc"), st.sampled_from([1, "x", ["y"]]))
STATES = st.sampled_from(["recorded", "in_progress", "resolved", "closed"])
KEYS = st.lists(st.sampled_from("pqr"), unique=True)


def ticket(values, state, keys):
    ties = tuple(Tie("affected", key) for key in keys)
    return Ticket("INC-1", "incident", 1, state, 1.0, 2.0, dict(values), items=ties)


@given(last=VALUES, here=VALUES, now=VALUES, data=st.data())
def test_each_part_follows_where_nobody_has_changed_it(last, here, now, data):
    first, ours, theirs = (data.draw(STATES) for _ in range(3))
    tied, before_keys, keys = (data.draw(KEYS) for _ in range(3))
    said = said_of(Said().and_then(last, first, tied).body())
    before = ticket(here, ours, before_keys)
    wanted = replace(before, fields={**here, **now}, state=theirs, entered=3.0)
    after, new, stay = merged(PROCESS, before, wanted, now, keys, said)
    for name in {*here, *now}:
        untouched = here.get(name) == last.get(name)
        follows = name in now and untouched
        assert after.fields.get(name) == (now if follows else here).get(name)
        assert (name in stay) == (name in now and not untouched and now[name] != here.get(name))
    moved = ours in by_time(PROCESS, first) and ours != theirs
    assert (after.state, after.entered) == ((theirs, 3.0) if moved else (ours, 2.0))
    assert ("state" in stay) == (not moved and ours != theirs)
    assert new == [key for key in keys if key not in before_keys and key not in tied]
    assert ("items" in stay) == any(k in tied and k not in before_keys for k in keys)


@given(here=VALUES, now=VALUES, states=st.tuples(STATES, STATES), keys=KEYS)
def test_nothing_of_an_older_word_is_followed(here, now, states, keys):
    before = ticket(here, states[0], "p")
    wanted = replace(before, fields={**here, **now}, state=states[1], opened=0.0)
    after, new, stay = merged(PROCESS, before, wanted, now, keys, None)
    assert (after, new) == (before, [])
    differ = {name for name, value in now.items() if here.get(name) != value}
    differ |= {"state"} if states[0] != states[1] else set()
    differ |= {"items"} if set(keys) - {"p"} else set()
    assert set(stay) == differ


def test_what_time_alone_does_is_no_change():
    assert by_time(PROCESS, "resolved") == {"resolved", "closed"}
    assert by_time(PROCESS, "in_progress") == {"in_progress"}
