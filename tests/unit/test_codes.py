"""Patterns of codes and names, rules in declarations, and what is wrong with observed codes."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cmdb.errors import (
    AmbiguousPattern,
    CMDBError,
    InvalidInput,
    NumbersUsedUp,
    PatternDisagrees,
    PatternMismatch,
    Rejected,
    UnknownField,
    WrongPattern,
    WrongValue,
)
from cmdb.identity.codes import Code, code_of, form_errors
from cmdb.identity.observation import ObservedItem
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.codes import CodeRule
from cmdb.schema.declarations import ci_type_from_dict, declaration_to_dict
from cmdb.schema.patterns import parse_pattern

ROOM = "D{building:02}{floor}{room:02}-{number:03}"
MACHINE = {
    "name": "machine",
    "description": "A machine in a room.",
    "parent": "server",
    "attributes": [
        {"name": "building", "kind": "integer", "description": "Building."},
        {"name": "floor", "kind": "string", "description": "Floor."},
        {"name": "room", "kind": "string", "description": "Room."},
    ],
    "code": {"pattern": ROOM},
}


def catalog(*types, **more):
    declared = [{**MACHINE, **more}, *types]
    return builtin_catalog().extended([ci_type_from_dict(one) for one in declared], [])


def refused(pattern):
    with pytest.raises(CMDBError) as caught:
        parse_pattern(pattern, "code")
    return caught.value.errors if isinstance(caught.value, Rejected) else [caught.value]


def written(pattern, **values):
    errors = []
    parts = parse_pattern(pattern, "code").parts(values, "row 1", errors)
    return parts, errors


def test_the_example_of_operations_teams():
    rule = CodeRule(ROOM)
    parts, errors = written(ROOM, building=1, floor="02", room="10")
    assert errors == []
    assert rule.code(parts, 9, "x") == "D010210-009"
    told = {"building": "01", "floor": "02", "room": "10", "number": "009"}
    assert rule.parsed.match("D010210-009") == told
    assert rule.parsed.match("D0102b10-009")["floor"] == "02b"
    for wrong in ("D010210-09", "D010210-0009", "d010210-009", "DX10210-009", "D0110-009", ""):
        assert rule.parsed.match(wrong) is None


def test_literal_braces_and_every_kind_of_field():
    pattern = "{{{site}}}/{face:2}.{number}"
    parts, errors = written(pattern, site="lab 1", face="ab")
    assert errors == []
    code = CodeRule(pattern).code(parts, 120, "x")
    assert code == "{lab 1}/ab.120"
    assert parse_pattern(pattern, "code").match(code) == {**parts, "number": "120"}
    assert parse_pattern(pattern, "code").match("{lab 1}/ab.012") is None


elements = st.one_of(
    st.sampled_from(["A", "1", "-", ".", "{{", "}}", " ", "室"]),
    st.sampled_from(["{a}", "{b:02}", "{c:2}", "{d}", "{e:1}", "{f:01}", "{number}"]),
)
texts = st.text("A1-. }室", min_size=1, max_size=4)


@given(st.lists(elements, min_size=1, max_size=8).map("".join), st.data())
def test_what_is_written_is_read_back(pattern, data):
    try:
        parsed = parse_pattern(pattern, "code")
    except CMDBError:
        assume(False)
    parts = {}
    for name, field in (parsed.fields | {"number": parsed.counter}).items():
        if field is None:
            continue
        try:
            parts[name] = field.written(data.draw(texts | st.integers(1, 99)))
        except ValueError:
            assume(False)
    assert parsed.match(parsed.joined(parts)) == parts
    assert parsed.match(parsed.joined(parsed.example())) == parsed.example()


def test_ambiguous_patterns_are_refused_with_position_and_remedy():
    (error,) = refused("X{site}{floor}-{number}")
    assert isinstance(error, AmbiguousPattern)
    assert (error.fields["position"], error.fields["other"]) == (8, "{site}")
    assert "separator" in str(error)
    for one in ("{a}B{b}", "{a}{b:02}{c}", "{a}{number}"):
        assert [type(e) for e in refused(one)] == [AmbiguousPattern]
    (value,) = written("{site}-{number}", site="a-b")[1]
    assert "none of -" in str(value)
    assert written("{site}-{number:03}", site="a-b") == ({"site": "a-b"}, [])


def test_all_that_is_wrong_with_a_pattern_is_told_at_once():
    errors = refused("{Site}x}y{z:0}{a}-{a}\n{number:3}{")
    assert {type(e) for e in errors} == {WrongPattern}
    assert [e.fields["position"] for e in errors] == [1, 8, 10, 19, 22, 23, 33]
    for wrong in ("", "x" * 201):
        assert [type(e) for e in refused(wrong)] == [WrongValue]


def test_numbers_are_never_widened():
    parts, errors = written("{site}{building:02}-{number:02}", site="a", building=100)
    assert (parts, [type(e) for e in errors]) == ({"site": "a"}, [WrongValue])
    assert "from 0 to 99" in str(errors[0])
    assert CodeRule("{site}-{number:02}").code({"site": "a"}, 99, "x") == "a-99"
    with pytest.raises(NumbersUsedUp, match="number 100 does not fit"):
        CodeRule("{site}-{number:02}").code({"site": "a"}, 100, "x")
    for wrong in (-1, "1.0", "١", "x", " 1", ""):
        assert written("{building:02}", building=wrong)[0] == {}
    assert written("{building:02}", building="001")[0] == {"building": "01"}


def test_counters_count_per_their_fields():
    parts = {"building": "01", "floor": "02", "room": "10"}
    assert CodeRule(ROOM).counter(parts) == "asset_tag:D010210-{number}"
    assert CodeRule(ROOM, per=()).counter(parts) == "asset_tag:D{building}{floor}{room}-{number}"
    wider = CodeRule(ROOM.replace("03", "04"), per=("building",))
    assert wider.counter(parts) == "asset_tag:D01{floor}{room}-{number}"


def test_rules_are_declared_inherited_and_overridden():
    child = {"name": "special", "description": "One.", "parent": "machine"}
    own = {**child, "name": "own", "code": {"pattern": "S{number:04}", "per": []}}
    known = catalog(child, own, name_pattern="{site}-{hostname}")
    assert known.codes["special"] == CodeRule(ROOM)
    assert known.codes["own"] == CodeRule("S{number:04}", per=())
    assert known.code_owners == {"machine": "machine", "special": "machine", "own": "own"}
    assert known.name_patterns["own"].text == "{site}-{hostname}"
    assert "server" not in known.codes
    for declared in known.ci_types.values():
        assert ci_type_from_dict(declaration_to_dict(declared)) == declared


def test_no_built_in_type_has_a_rule():
    assert (builtin_catalog().codes, builtin_catalog().name_patterns) == ({}, {})


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        ({"pattern": "{bulding:02}-{number}"}, UnknownField, "nearest known name: 'building'"),
        ({"pattern": "{ip_addresses}-{number}"}, WrongValue, "a single string or integer"),
        ({"pattern": "X{number}", "attribute": "asset"}, UnknownField, "machine.code.attribute"),
        ({"pattern": "X{number}", "attribute": "building"}, WrongValue, "any single string"),
        ({"pattern": "{asset_tag}-{number}"}, InvalidInput, "cannot be made from itself"),
        ({"pattern": "X{building}"}, InvalidInput, "needs a counter"),
        ({"pattern": "X{number}", "per": ["site"]}, UnknownField, "machine.code.per"),
        ({"pattern": 5}, WrongValue, "pattern is 5, but must be a string"),
        ({}, WrongValue, "pattern"),
        ({"pattern": "X{number}", "per": "site"}, WrongValue, "a list of fields"),
        ({"pattern": "X{number}", "pre": []}, UnknownField, "'per'"),
        ("X{number}", WrongValue, "an object"),
    ],
)
def test_rules_that_do_not_fit_their_type(code, error, words):
    with pytest.raises(error) as caught:
        catalog(code=code)
    assert words in str(caught.value)


def test_all_that_is_wrong_with_the_rules_of_types_is_told_at_once():
    child = {"name": "special", "description": "One.", "parent": "machine", "name_pattern": "{x"}
    with pytest.raises(Rejected) as caught:
        catalog(child, code={"pattern": "{a}{b}", "attribute": "c"})
    places = [one.fields["place"] for one in caught.value.errors]
    assert places == [
        "type machine.code.pattern",
        "type machine.code.attribute",
        "type special.code.pattern",
        "type special.code.attribute",
        "type special.name_pattern",
    ]


def seen(**attributes):
    return ObservedItem("m1", "machine", "row 3", name="web 1", attributes=attributes)


def test_a_code_must_look_right_and_agree_with_what_it_tells():
    known = catalog()
    assert list(form_errors(known, seen(building=1))) == []
    assert list(form_errors(known, seen(asset_tag="D010210-009", building=1, room="10"))) == []
    (error,) = form_errors(known, seen(asset_tag="D010210-09", building=1, floor="02"))
    assert isinstance(error, PatternMismatch)
    assert str(error).startswith("row 3 'm1': attribute 'asset_tag' is 'D010210-09'")
    assert "such as 'D01020" in str(error)
    errors = list(form_errors(known, seen(asset_tag="D010210-009", building=2, room="11")))
    assert [type(one) for one in errors] == [PatternDisagrees] * 2
    assert "says attribute 'building' '01', but attribute 'building' is 2" in str(errors[0])
    (error,) = form_errors(known, seen(asset_tag="D010210-009", building=200))
    assert "must be a whole number from 0 to 99" in str(error)


def test_a_name_must_look_right():
    known = catalog(name_pattern="{site}-{number:02}")
    (error,) = form_errors(known, seen(site="lab"))
    assert "row 3 'm1': name is 'web 1'" in str(error)
    assert "such as 'lab-01'" in str(error)
    nameless = ObservedItem("m1", "machine", "row 3")
    assert list(form_errors(known, nameless)) == []


def test_the_code_of_a_thing():
    known = catalog()
    assert code_of(known, seen(asset_tag="x")) == Code("asset_tag", "x")
    assert code_of(known, seen()) is None
    assert code_of(known, ObservedItem("s", "server", "row", attributes={"asset_tag": "x"})) is None
