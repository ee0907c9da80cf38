"""Declarations: attribute values, needs, and declarations as data."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError, InvalidInput, UnknownField, WrongValue
from cmdb.schema.attributes import KINDS, Attribute
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import (
    CIType,
    ci_type_from_dict,
    declaration_to_dict,
    need_fraction,
    need_of,
    relation_type_from_dict,
)
from cmdb.schema.model import check_redundancy

CATALOG = builtin_catalog()

# --- attributes --------------------------------------------------------------------------------

VALUES = {  # kind: (value, normal form) pairs, and values that are refused
    "string": ([("x", "x"), ("", ""), ("机房", "机房")], [1, None, True, ["x"], {"a": 1}]),
    "integer": ([(0, 0), (-5, -5), (2**63 - 1, 2**63 - 1)], ["1", 1.0, True, 2**63, None]),
    "number": ([(1, 1), (2.5, 2.5)], ["1", False, float("nan"), float("inf"), [1]]),
    "boolean": ([(True, True), (False, False)], [0, 1, "true", None]),
    "date": ([("2026-03-01", "2026-03-01")], ["2026-02-30", "1.3.2026", 20260301, ""]),
    "datetime": (
        [("2026-03-01T08:00:00Z", "2026-03-01T08:00:00+00:00"),
         ("2026-03-01T08:00:00+08:00", "2026-03-01T08:00:00+08:00")],
        ["2026-03-01T08:00:00", "yesterday", 0],
    ),
    "ip": ([("10.0.0.1", "10.0.0.1"), ("2001:DB8:0::1", "2001:db8::1")],
           ["10.0.0.256", "10.0.0.1/24", "host", 167772161]),
    "interface": ([("10.0.0.1/24", "10.0.0.1/24"), ("10.0.0.1", "10.0.0.1/32")],
                  ["10.0.0.1/33", "x", 1]),
    "network": ([("10.0.0.0/24", "10.0.0.0/24")], ["10.0.0.1/24", "10.0.0.0/40", 0]),
    "mac": ([("00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e"), ("001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e")],
            ["00:1a:2b:3c:4d", "00:1a:2b:3c:4d:5g", 1]),
    "url": ([("https://example.org/", "https://example.org/")],
            ["example.org", "https:// x", 1]),
}  # fmt: skip


def test_the_table_has_every_kind() -> None:
    assert set(VALUES) == set(KINDS)


def _checked(attribute: Attribute, value: object) -> tuple[dict[str, object], list[CMDBError]]:
    catalog = CATALOG.extended((CIType("mine", "M", "我", "M.", "ci", (attribute,)),), ())
    errors: list[CMDBError] = []
    return catalog.check_attributes("mine", {attribute.name: value}, "cis[7]", errors), errors


@pytest.mark.parametrize(
    ("kind", "value", "normal"), [(k, v, n) for k, (good, _) in VALUES.items() for v, n in good]
)
def test_good_values_are_brought_to_normal_form(kind: str, value: object, normal: object) -> None:
    assert _checked(Attribute("it", kind, "It."), value) == ({"it": normal}, [])
    many = Attribute("it", kind, "It.", many=True)
    assert _checked(many, [value, value]) == ({"it": [normal, normal]}, [])
    assert _checked(many, []) == ({"it": []}, [])


@pytest.mark.parametrize(
    ("kind", "value"), [(k, v) for k, (_, bad) in VALUES.items() for v in bad if v is not None]
)
def test_bad_values_are_refused(kind: str, value: object) -> None:
    for attribute, given_value in (
        (Attribute("it", kind, "It."), value),
        (Attribute("it", kind, "It.", many=True), [value]),
    ):
        result, errors = _checked(attribute, given_value)
        assert result == {}
        assert [type(e) for e in errors] == [WrongValue]
        assert str(errors[0]).startswith("cis[7]: attribute 'it' is ")
        assert KINDS[kind][0] in str(errors[0])


def test_limits_choices_and_units_are_named() -> None:
    errors: list[CMDBError] = []
    CATALOG.check_attributes("vlan", {"vlan_id": 4095, "environment": "prod"}, "x", errors)
    CATALOG.check_attributes("server", {"memory": -1, "mac_addresses": "00"}, "x", errors)
    messages = [str(e) for e in errors]
    assert "an integer from 1 to 4094" in messages[0]
    assert "one of production, pre_production, test, development" in messages[1]
    assert "in MiB" in messages[2]
    assert "a list, each a MAC address" in messages[3]


def test_none_withdraws_and_unknown_attributes_name_the_nearest() -> None:
    errors: list[CMDBError] = []
    values = {"serial_number": None, "serial_numbr": "1", "memory": 1024}
    result = CATALOG.check_attributes("server", values, "x", errors)
    assert result == {"serial_number": None, "memory": 1024}
    assert [type(e) for e in errors] == [UnknownField]
    assert "nearest known name: 'serial_number'" in str(errors[0])
    assert CATALOG.check_attributes("server", ["no"], "x", errors) == {}
    assert "an object" in str(errors[1])


# --- needs -------------------------------------------------------------------------------------


@given(st.integers(100, 10_000), st.integers(0, 10_000))
def test_percentages_are_rounded_up_exactly(hundredths: int, members: int) -> None:
    need = f"{hundredths // 100}.{hundredths % 100:02}%"
    assert need_of(need, members) == ceil(Fraction(hundredths, 10_000) * members)


@given(st.integers(1, 100), st.integers(0, 10**18))
def test_whole_percentages_of_many_are_exact(percent: int, members: int) -> None:
    assert need_of(f"{percent}%", members) == ceil(Fraction(percent, 100) * members)


@given(st.integers(1, 10**9), st.integers(0, 1000))
def test_a_count_is_itself(need: int, members: int) -> None:
    assert need_of(need, members) == need


@pytest.mark.parametrize(
    "need", [0, -1, True, 1.0, 2.5, "0%", "0.5%", "101%", "100.1%", "50", "50 %", "٥٠%", "%", None]
)
def test_what_is_no_need_is_refused(need: object) -> None:
    with pytest.raises(ValueError, match="an integer of at least 1, or 1% to 100%"):
        need_fraction(need)
    errors: list[CMDBError] = []
    check_redundancy({"a": {"need": need}}, "x", errors)
    assert len(errors) == 1


def test_redundancy_is_checked() -> None:
    errors: list[CMDBError] = []
    good = {"a": {"need": 2}, "b": {"need": "50%"}, "c": None}
    assert check_redundancy(good, "x", errors) == good
    assert errors == []
    for bad in ({"a": 1}, {"a": {}}, {"a": {"need": 1, "more": 2}}, ["a"]):
        check_redundancy(bad, "x", errors)
    assert [type(e) for e in errors] == [WrongValue] * 4


# --- declarations as data ----------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOG.ci_types)
def test_ci_types_survive_being_data(name: str) -> None:
    assert ci_type_from_dict(declaration_to_dict(CATALOG.ci_types[name])) == CATALOG.ci_types[name]


@pytest.mark.parametrize("name", CATALOG.relation_types)
def test_relation_types_survive_being_data(name: str) -> None:
    one = CATALOG.relation_types[name]
    assert relation_type_from_dict(declaration_to_dict(one)) == one


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"nme": 1}, "unknown field 'nme'; nearest known name: 'name'"),
        ({"name": "Bad Name"}, "lower case letters"),
        ({"name": None}, "a string"),
        ({"impact": "sideways"}, "one of to→from"),
        ({"strength": "medium"}, "one of hard, soft"),
        ({"need": "200%"}, "1% to 100%"),
        ({"impact": "both", "group": "g"}, "takes no group"),
    ],
)
def test_wrong_relation_declarations_are_refused(change: dict[str, object], message: str) -> None:
    data = {"name": "feeds", "description": "F.", **change}
    with pytest.raises(InvalidInput, match=message):
        relation_type_from_dict(data)


def test_wrong_ci_declarations_are_refused() -> None:
    with pytest.raises(InvalidInput, match="an object"):
        ci_type_from_dict(["x"])  # type: ignore[arg-type]
    bad = {"name": "x", "description": "X.", "attributes": [
        {"name": "a", "kind": "text", "description": "A."}]}  # fmt: skip
    with pytest.raises(InvalidInput, match=r"type.attributes\[0\]: kind"):
        ci_type_from_dict(bad)
