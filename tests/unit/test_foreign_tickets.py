"""Tickets of other systems in our words, and back."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError, Rejected
from cmdb.schema.strict import read
from cmdb.tickets.defaults import default_processes
from cmdb.tickets.foreign import Link, TicketMapping, mapping_faults
from cmdb.tickets.forms import COMMON_FIELDS
from cmdb.tickets.retelling import told
from cmdb.tickets.ticket import Ticket
from cmdb.tickets.translation import translated

PROCESSES = default_processes()
INCIDENT = PROCESSES["incident"]


def mapping(**values):
    return read(TicketMapping, values, "mapping")


def said(told, /, **mapped):
    return translated(mapping(**mapped), PROCESSES, told, "row 2")


def wrong(values, **mapped):
    with pytest.raises(CMDBError) as caught:
        said(values, **mapped)
    error = caught.value
    return [str(one) for one in (error.errors if isinstance(error, Rejected) else [error])]


def test_our_own_headings_need_no_mapping():
    row = {
        **{"Number": "7", "Title": "x", "State": "Resolved", "Priority": "P2", "CI": "a; b"},
        **{"Category": "Network", "Opened": "2024-01-02 03:04", "Comments": "tried twice"},
        **{"Assignee": "old name", "Nobody knows": "this"},
    }
    got = said(row)
    assert (got.id, got.kind, got.state) == ("7", "incident", "resolved")
    assert got.values == {
        "title": "x",
        "priority": 2,
        "category": "network",
        "assignee": "old name",
    }
    assert got.items == ("a", "b")
    assert [one.text for one in got.comments] == ["tried twice"]
    assert got.times == {"opened": 1704164640.0}


def test_chinese_headings_and_words_need_none_either():
    row = {
        "编号": "7",
        "标题": "门坏了",
        "状态": "已解决",
        "优先级": "高",
        "处理人": "王",
        "配置项": "a",
    }
    got = said(row)
    assert (got.id, got.state, got.items) == ("7", "resolved", ("a",))
    assert got.values == {"title": "门坏了", "priority": 1, "assignee": "王"}


def test_a_mapping_of_everything():
    event = {
        **{"sys_id": "S1", "short": "x", "type": "Trouble", "status": {"name": "On Hold"}},
        **{
            "prio": 4,
            "owner": {"login": "zw"},
            "group": "NOC",
            "area": "Router",
            "at": "05/03/2024",
        },
        **{"ci": {"serial_number": "A1"}, "number": "not the id"},
    }
    got = said(
        event,
        fields={
            **{"sys_id": "id", "short": "title", "status.name": "state", "prio": "priority"},
            **{"owner.login": "assignee", "group": "team", "area": "category", "at": "opened"},
            "number": "",
        },
        kinds={"trouble": "incident"},
        states={"on hold": "wait_for_user"},
        priorities={"4": 3},
        people={"zw": "wang"},
        teams={"NOC": "network"},
        values={"category": {"Router": "network", "*": "other"}},
        zone="Asia/Shanghai",
        time_format="%d/%m/%Y",
    )
    assert (got.id, got.kind, got.state) == ("S1", "incident", "wait_for_user")
    assert got.values == {
        **{"title": "x", "priority": 3, "assignee": "wang", "team": "network"},
        "category": "network",
    }
    assert got.items == ({"serial_number": "A1"},)
    assert got.times["opened"] == 1709568000.0


def test_all_that_is_wrong_is_told_at_once():
    row = {"title": "x", "state": "odd", "priority": "P9", "opened": "once", "category": "odd"}
    got = wrong(row)
    assert len(got) == 5
    assert all(one.startswith("row 2: ") for one in got)
    assert "a name in 'states' of the mapping" in " ".join(got)
    assert wrong({"id": "1", "kind": "odd"})[0].startswith("row 2: unknown kind of ticket 'odd'")
    assert len(wrong({"id": "1", "version": "x", "item": [7.5, {}], "major": "perhaps"})) == 4


def test_a_mapping_names_what_there_is():
    faulty = mapping(
        kind="odd",
        states={"x": "resolvd"},
        fields={"a": "titel"},
        values={"categry": {}},
    )
    assert len(mapping_faults(faulty, PROCESSES, "mapping")) == 4
    assert mapping_faults(mapping(), PROCESSES, "mapping") == []
    for bad in ({"zone": "Mars/Base"}, {"strict": "yes"}, {"kinds": []}, {"priorities": {"x": 4}}):
        with pytest.raises(Rejected):
            mapping(**bad)


@pytest.mark.parametrize(
    ("link", "word", "older"),
    [
        (Link("INC-1"), (1.0, 1.0), False),
        (Link("INC-1", 5, 9.0), (4, 10.0), True),
        (Link("INC-1", 5, 9.0), (5, 1.0), False),
        (Link("INC-1", None, 9.0), (1, 8.0), True),
        (Link("INC-1", 5, 9.0), (None, 8.0), True),
        (Link("INC-1", 5, 9.0), (None, None), False),
    ],
)
def test_what_is_older(link, word, older):
    assert link.older(*word) is older


names = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=8)
STATES = [one.name for one in INCIDENT.states]
CATEGORIES = next(one.choices for one in INCIDENT.fields if one.name == "category")


def renamings(ours):
    """Other names for some of these, no two alike, none that is one of ours."""
    taken = {one.casefold() for one in ours}
    fresh = names.filter(lambda one: one.casefold() not in taken)
    return st.lists(st.sampled_from(ours), unique=True).flatmap(
        lambda some: st.lists(
            fresh, min_size=len(some), max_size=len(some), unique_by=lambda one: one.casefold()
        ).map(lambda theirs: dict(zip(theirs, some, strict=True)))
    )


tickets = st.fixed_dictionaries(
    {"title": names.map(str.strip)},
    optional={
        "description": names,
        "priority": st.sampled_from([1, 2, 3]),
        "category": st.sampled_from(CATEGORIES),
        "team": st.sampled_from(["network", "desk"]),
        "assignee": st.sampled_from(["wang", "li"]),
        "major": st.booleans(),
    },
)


@given(
    values=tickets,
    state=st.sampled_from(STATES),
    paths=renamings([one.name for one in COMMON_FIELDS]),
    states=renamings(STATES),
    people=renamings(["wang", "li"]),
    teams=renamings(["network", "desk"]),
    categories=renamings(CATEGORIES),
)
def test_what_a_system_is_told_comes_back_as_it_was(
    values, state, paths, states, people, teams, categories
):
    chosen = mapping(
        fields={f"x.{path}": ours for path, ours in paths.items()},
        states=states,
        people=people,
        teams=teams,
        values={"category": categories},
        priorities={"hoch": 1, "mittel": 2, "tief": 3},
    )
    ticket = Ticket("INC-1", "incident", 1, state, 1.0, 1.0, values)
    there = told(chosen, INCIDENT, ticket)
    nested = {"id": "7", "kind": there["kind"], "state": there["state"], "x": {}}
    for path, value in there["fields"].items():
        inside, name = (nested["x"], path[2:]) if path.startswith("x.") else (nested, path)
        inside[name] = value
    back = translated(chosen, PROCESSES, nested, "event")
    assert (back.state, back.values) == (state, values)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | names,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    ),
    st.sampled_from(
        [
            "id",
            "state",
            "kind",
            "priority",
            "opened",
            "item",
            "comments",
            "version",
            "title",
            "major",
            "assignee",
            "category",
            "line",
        ]
    ),
)
def test_nothing_that_is_sent_breaks_it(value, name):
    with contextlib.suppress(CMDBError):
        translated(mapping(), PROCESSES, {"id": "7", "title": "x", name: value}, "event")
