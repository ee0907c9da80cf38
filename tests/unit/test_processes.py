"""Processes: what is wrong with one is told at once, and no ticket does what it does not say."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cmdb.errors import CMDBError, Forbidden, Rejected
from cmdb.tickets.clocks import Clock, Target
from cmdb.tickets.defaults import CLOCKS, EFFECTS, ROLES, default_processes, wrong_in
from cmdb.tickets.process import Condition, read_process
from cmdb.tickets.ticket import SYSTEM, IllegalStep, by_itself, edited, moved, opened, ready

KINDS = (
    *("article", "change", "emergency_plan", "incident", "inspection"),
    *("problem", "release", "request"),
)
EVERYBODY = tuple(sorted(ROLES))
DAY = 86_400.0


def small(**more):
    """A process of two states, with something changed."""
    made = {
        "kind": "x",
        "version": 1,
        "prefix": "X",
        "opening": ["requester"],
        "editing": ["service_desk"],
        "states": [state("new", "new"), state("old", "closed")],
        "steps": [step("end", ["new"], "old")],
        "fields": [{"name": "note", "type": "text", "label": "Note", "label_zh": "备注"}],
    }
    return made | more


def step(name, sources, target, **more):
    made = {"name": name, "sources": sources, "target": target, "roles": ["service_desk"]}
    return {**made, "label": name, "label_zh": name, **more}


def state(name, kind="active"):
    return {"name": name, "kind": kind, "label": name, "label_zh": name}


def test_the_defaults_are_sound():
    processes = default_processes()
    assert tuple(sorted(processes)) == KINDS
    for process in processes.values():
        assert wrong_in(process) == []
        assert read_process(process.model_dump(mode="json")) == process
    steps = [one for process in processes.values() for one in process.steps]
    states = [one for process in processes.values() for one in process.states]
    assert {effect for one in steps for effect in one.effects} == EFFECTS
    assert {name for one in states for name in one.clocks} == set(CLOCKS)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"states": [], "steps": []}, ["no states"]),
        ({"steps": []}, ["to the state 'old'", "state 'new' no end"]),
        ({"steps": [step("end", ["new"], "odl")]}, ["state 'odl'"]),
        ({"steps": [step("end", ["new"], "old", roles=["boss"])]}, ["role 'boss'"]),
        ({"steps": [step("end", ["new"], "old", requires=["ntoe"])]}, ["known name: 'note'"]),
        ({"steps": [step("end", ["new"], "old", effects=["explode"])]}, ["effect 'explode'"]),
        ({"steps": [step("end", ["new"], "old"), step("end", ["new"], "new")]}, ["two steps"]),
        (
            {
                "states": [*small()["states"], state("lost"), state("trap")],
                "steps": [*small()["steps"], step("in", ["new"], "trap")],
            },
            ["to the state 'lost'", "state 'lost' no end", "state 'trap' no end"],
        ),
        ({"states": [state("new", "new"), state("old")]}, ["could never end"]),
        ({"steps": [step("end", ["new"], "old", after=0, roles=["system"])]}, ["longer than 0"]),
        ({"opening": ["nobody"]}, ["role 'nobody'"]),
        ({"required": ["nothing"]}, ["field 'nothing'"]),
        ({"steps": [step("end", ["new"], "old", sets={"note": 7})]}, ["'note' is 7"]),
        (
            {
                "steps": [
                    step(
                        "end",
                        ["new"],
                        "old",
                        roles=["system"],
                        automatic=[{"subject": "in_window", "operator": "is", "value": True}],
                    )
                ]
            },
            ["use 'after'"],
        ),
        (
            {"steps": [step("end", ["new"], "old", effects=["publish_known_error"])]},
            ["'root_cause'; require it", "'workaround'; require it"],
        ),
        (
            {
                "steps": [
                    step(
                        "end",
                        ["new"],
                        "old",
                        guards=[{"subject": "moon", "operator": "is", "value": 1}],
                    )
                ]
            },
            ["field 'moon'"],
        ),
    ],
)
def test_everything_that_is_wrong_is_told(more, told):
    found = [str(error) for error in wrong_in(read_process(small(**more)))]
    assert len(found) == len(told)
    for words in told:
        assert any(words in one for one in found), (words, found)


@pytest.mark.parametrize(
    "data", [None, [], {}, small(version="x"), small(more=1), small(states=[{"name": "a"}])]
)
def test_what_has_the_wrong_form_is_refused(data):
    with pytest.raises(Rejected):
        read_process(data)


@pytest.mark.parametrize(
    ("operator", "value", "given", "holds"),
    [
        ("is", 1, 1, True),
        ("is", 1, None, False),
        ("is not", 1, None, True),
        ("in", ["a", "b"], "a", True),
        ("filled", None, [], False),
        ("empty", None, "", True),
        ("at least", 2, 2, True),
        ("at least", 2, None, False),
        ("at most", 0, None, False),
        ("at most", 0, True, False),
        ("at most", 0, 0, True),
    ],
)
def test_conditions(operator, value, given, holds):
    assert Condition(subject="x", operator=operator, value=value).holds({"x": given}) == holds


def incident(**values):
    process = default_processes()["incident"]
    made = opened(process, "INC-1", {"title": "mail is down", **values}, ["requester"], 0.0)
    clocks = {name: Clock(Target(3600.0, "always"), 0.0) for name in CLOCKS}
    return process, replace(made, clocks=clocks)


def take(process, ticket, name, role="service_desk", at=10.0, facts=None, **values):
    return moved(process, ticket, name, values, [role], facts or {}, at)[0]


def test_an_incident_from_its_record_to_its_end():
    process, ticket = incident(impact=1, urgency=2)
    ticket = take(process, ticket, "classify", category="network")
    ticket = take(process, ticket, "dispatch", team="network")
    ticket = take(process, ticket, "accept", "fulfiller", 60.0, assignee="li")
    assert ticket.clocks["respond"].stopped == 60.0
    ticket = take(process, ticket, "wait_for_user", "fulfiller", 100.0, waiting_for="a log")
    assert ticket.clocks["resolve"].paused
    ticket = take(process, ticket, "resume", "requester", 200.0)
    ticket = take(process, ticket, "resolve", "fulfiller", 300.0, solution="a new cable")
    assert ticket.clocks["resolve"].stopped == 300.0
    assert by_itself(process, ticket, 300.0 + 3 * DAY - 1) is None
    assert by_itself(process, ticket, 300.0 + 3 * DAY).name == "expire"
    ticket = take(process, ticket, "reopen", "requester", 400.0, reason="it is down again")
    assert ticket.clocks["resolve"].running
    ticket = take(process, ticket, "accept", "fulfiller", 500.0)
    ticket = take(process, ticket, "resolve", "fulfiller", 600.0)
    ticket = take(process, ticket, "confirm", "requester", 700.0)
    assert (ticket.state, ticket.fields["solution"]) == ("closed", "a new cable")
    with pytest.raises(CMDBError, match="closed"):
        edited(process, ticket, {"title": "x"}, ["service_desk"])


def test_fields_are_edited_and_taken_away():
    process, ticket = incident(impact=1)
    ticket = edited(process, ticket, {"impact": None, "team": "network"}, ["service_desk"])
    assert ticket.fields == {"title": "mail is down", "team": "network"}
    with pytest.raises(Forbidden):
        edited(process, ticket, {"team": "x"}, ["requester"])


def test_everything_that_keeps_a_step_back_is_told_at_once():
    process, ticket = incident()
    with pytest.raises(Rejected) as caught:
        take(process, ticket, "classify", impact=4, colour="red")
    kinds = sorted(type(error).__name__ for error in caught.value.errors)
    assert kinds == ["MissingField", "MissingField", "UnknownField", "WrongValue"]
    with pytest.raises(IllegalStep, match="'classify'"):
        take(process, ticket, "resolve")
    with pytest.raises(Forbidden, match="service_desk"):
        take(process, ticket, "classify", "requester")
    with pytest.raises(CMDBError, match="nearest known name: 'classify'"):
        take(process, ticket, "clasify")


def test_guards_ask_for_facts():
    process = default_processes()["change"]
    ticket = opened(process, "CHG-1", {"title": "x", "category": "normal"}, ["fulfiller"], 0.0)
    plans = ("benefit", "risk", "implementation_plan", "test_plan", "back_out_plan")
    ticket = take(process, ticket, "assess", "fulfiller", **dict.fromkeys(plans, "as written"))
    with pytest.raises(Rejected, match="beforehand"):
        take(process, ticket, "take_approved", "fulfiller", template="t")
    ticket = take(process, ticket, "request_approval", "change_manager")
    facts = {"rejections": 0, "missing_approvals": 1}
    with pytest.raises(Rejected, match="not all whose approval"):
        take(process, ticket, "approve", "change_manager", facts=facts)
    with pytest.raises(Rejected, match="not all whose approval"):
        take(process, ticket, "approve", "change_manager")  # nobody knows, so it does not hold
    facts["missing_approvals"] = 0
    assert take(process, ticket, "approve", "change_manager", facts=facts).state == "approved"


def test_opening_needs_a_title_and_what_the_process_says():
    process = default_processes()["request"]
    with pytest.raises(Rejected) as caught:
        opened(process, "REQ-1", {"title": " ", "priority": True}, ["requester"], 0.0)
    kinds = [type(error).__name__ for error in caught.value.errors]
    assert kinds == ["WrongValue", "MissingField", "MissingField"]
    with pytest.raises(Forbidden):
        opened(process, "REQ-1", {"title": "x", "item": "y"}, ["cab_member"], 0.0)


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
STEPS = st.lists(
    st.tuples(st.sets(NAMES, min_size=1), NAMES, st.sets(st.sampled_from(EVERYBODY), min_size=1)),
    max_size=10,
)


def drawn_process(kinds, drawn):
    names = ["a", "b", "c", "d", "e"][: len(kinds)]
    steps = [
        step(f"step {n}", sorted(sources & set(names)) or ["a"], target, roles=sorted(roles))
        for n, (sources, target, roles) in enumerate(drawn)
        if target in names
    ]
    states = [state(name, kind) for name, kind in zip(names, kinds, strict=True)]
    return read_process(small(states=states, steps=steps))


@settings(max_examples=300, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(["active", "waiting", "closed"]), min_size=1, max_size=5),
    drawn=STEPS,
    tried=st.lists(st.tuples(st.integers(0, 9), st.sampled_from(EVERYBODY)), max_size=20),
)
def test_a_sound_process_always_has_an_end_and_tickets_keep_to_it(kinds, drawn, tried):
    process = drawn_process(kinds, drawn)
    arcs = {(source, one.target) for one in process.steps for source in one.sources}
    names = {one.name for one in process.states}

    def ahead(start):
        seen, before = {start}, set()
        while seen != before:
            before = set(seen)
            seen |= {target for source, target in arcs if source in seen}
        return seen

    closed = {one.name for one in process.states if one.kind == "closed"}
    sound = ahead("a") == names and all(ahead(name) & closed for name in names)
    assert (wrong_in(process) == []) == sound
    ticket = opened(process, "X-1", {"title": "t"}, ["requester"], 0.0)
    for number, role in tried:
        before = ticket
        known = next((s for s in process.steps if s.name == f"step {number}"), None)
        allowed = known is not None and before.state in known.sources and role in known.roles
        try:
            ticket = moved(process, ticket, f"step {number}", {}, [role], {}, 1.0)[0]
        except CMDBError:
            assert not allowed
            assert ticket == before
        else:
            assert allowed
            assert ticket.state == known.target


def test_who_may_take_a_step_but_not_edit_fills_only_what_it_needs():
    process, ticket = incident(urgency=2)
    with pytest.raises(Rejected, match="'cancel' you may fill 'reason', but not 'priority'"):
        take(process, ticket, "cancel", "requester", reason="x", priority=1)
    assert take(process, ticket, "cancel", "requester", reason="x").state == "cancelled"
    assert take(process, ticket, "cancel", reason="x", priority=1).fields["priority"] == 1


def test_what_must_be_filled_is_not_emptied():
    process, ticket = incident()
    with pytest.raises(Rejected, match="'title' is missing"):
        edited(process, ticket, {"title": " "}, ["service_desk"])
    with pytest.raises(Rejected, match="'title' is missing"):
        take(process, ticket, "cancel", reason="x", title=None)
    process = default_processes()["change"]
    ticket = opened(process, "CHG-1", {"title": "x", "category": "normal"}, ["fulfiller"], 0.0)
    with pytest.raises(Rejected, match="'category' is missing"):
        edited(process, ticket, {"category": None}, ["fulfiller"])


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ({"title": "a\nb"}, False),
        ({"title": "\ud800"}, False),
        ({"description": "a\n\tb\r\n<script>汉字</script>"}, True),
        ({"description": "a\0b"}, False),
        ({"team": "a\x1bb"}, False),
    ],
)
def test_texts_hold_no_control_characters(values, good):
    process, ticket = incident()
    if good:
        assert edited(process, ticket, values, ["service_desk"]).fields.items() >= values.items()
    else:
        with pytest.raises(Rejected, match="without control characters"):
            edited(process, ticket, values, ["service_desk"])


def test_a_step_by_itself_looks_at_what_it_would_set():
    ways = {"roles": ["system"], "automatic": [], "requires": ["note"]}
    guards = [{"subject": "note", "operator": "is", "value": "given", "words": "no note"}]
    free = step("end", ["new"], "old", guards=guards, sets={"note": "given"}, **ways)
    barred = step("end", ["new"], "old", guards=guards, sets={"note": "other"}, **ways)
    for declared, taken in ((free, True), (barred, False)):
        process = read_process(small(steps=[declared]))
        ticket = opened(process, "X-1", {"title": "t", "note": "given"}, ["requester"], 0.0)
        for one in (ticket, replace(ticket, fields={"title": "t"})):
            assert (ready(process, one, {}) is not None) == taken
            if taken:
                assert moved(process, one, "end", {}, [SYSTEM], {}, 1.0)[0].state == "old"


def test_what_ends_a_ticket_ends_its_clocks():
    process = read_process(small())
    ticket = opened(process, "X-1", {"title": "t"}, ["requester"], 0.0)
    ticket = replace(ticket, clocks={"resolve": Clock(Target(60.0, "always"), 0.0)})
    assert take(process, ticket, "end", at=9.0).clocks["resolve"].stopped == 9.0


def test_the_system_takes_only_what_is_its_own():
    process, ticket = incident()
    with pytest.raises(Forbidden):
        take(process, ticket, "cancel", SYSTEM, reason="x")
