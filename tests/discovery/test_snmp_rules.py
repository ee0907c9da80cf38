"""The rules about makers: data that anybody may add to, so that mistakes in it must show."""

import re
from collections import Counter

import pytest

from cmdb.schema.catalog import builtin_catalog
from discovery.agents.snmp import collect, families, makers, words
from discovery.agents.snmp.families import FACTS, Family, family_of
from discovery.agents.snmp.walk import Walk

OID = re.compile(r"1\.(?:3\.6|2\.840)(?:\.(?:\d+|\*))+")
TYPES = frozenset(builtin_catalog().ancestors)


@pytest.mark.parametrize("family", families.families(), ids=lambda one: str(one.enterprises))
def test_a_family_says_what_exists(family: Family) -> None:
    named = {family.ci_type, *(kind for _, kind in (*family.types, *family.words))}
    places = [place for found in family.places.values() for place in found]

    assert named - {None} <= TYPES
    assert all(OID.fullmatch(place.oid) for place in places)
    assert all(place.part is None or place.part.groups for place in places)
    assert all(set(one.groupindex) & set(FACTS) for one in family.descriptions)
    assert all(start.startswith("1.3.6.1.4.1.") for start, _ in family.types)


def test_no_number_is_of_two_families() -> None:
    numbers = Counter(number for one in families.families() for number in one.enterprises)

    assert [number for number, times in numbers.items() if times > 1] == []
    assert all(number.isdecimal() for number in numbers)
    assert len(numbers) > 400


def test_words_say_what_exists() -> None:
    for fact in FACTS:
        assert all(fact in pattern.groupindex for pattern in words.patterns(fact))
    assert {kind for _, kind in words._named("types")} <= TYPES


@pytest.mark.parametrize(
    ("object_id", "vendor", "ci_type"),
    [
        ("1.3.6.1.4.1.9.1.2494", "Cisco", None),
        ("1.3.6.1.4.1.318.1.3.4.6", "APC", "pdu"),
        ("1.3.6.1.4.1.318.1.3.27", "APC", "ups"),
        ("1.3.6.1.4.1.674.10892.5", "Dell", "server"),
        ("1.3.6.1.4.1.674.10895.3056", "Dell", "switch"),
        ("1.3.6.1.4.1.311.1.1.3.1.1", None, "endpoint"),
        ("1.3.6.1.4.1.8072.3.2.10", None, None),
    ],
)
def test_sys_object_id_tells_maker_and_kind(
    object_id: str, vendor: str | None, ci_type: str | None
) -> None:
    family = family_of(object_id)

    assert family is not None
    assert (family.vendor, family.type_of(object_id)) == (vendor, ci_type)


@pytest.mark.parametrize("object_id", ["", "0.0", "1.3.6.1.2.1.1", "1.3.6.1.4.1", "x", None])
def test_other_object_ids_are_of_no_family(object_id: str | None) -> None:
    assert family_of(object_id) is None


def test_what_is_asked_of_a_maker_is_what_its_rules_read() -> None:
    scalars, tables = collect.objects("1.3.6.1.4.1.8691.7.84", ["8691"])

    assert "1.3.6.1.4.1.8691.7.84.1.78.0" in scalars
    assert not any("*" in one for one in (*scalars, *tables))
    scalars, tables = collect.objects("1.3.6.1.4.1.12356.101.1.1000", ["12356"])
    assert "1.3.6.1.4.1.12356.100.1.1.1.0" in scalars
    assert "1.3.6.1.4.1.12356.101.13.2.1.1.2" in tables


def test_a_star_stands_for_one_number() -> None:
    family = family_of("1.3.6.1.4.1.8691.7.84")
    assert family is not None
    base = "1.3.6.1.4.1.8691.7"
    told = Walk({f"{base}.84.1.78.0": b"S1", f"{base}.1.2.3.78.0": b"S2"})

    assert family.value("serial", told) == "S1"
    assert family.value("serial", Walk({f"{base}.1.2.3.78.0": b"S2"})) is None


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Version 12.2(55)SE3", "12.2(55)SE3"),
        ("v5.4.5,build1138,170531 (GA)", "5.4.5"),
        ("V4.70(ABBI.2) | 12/17/2021", "4.70(ABBI.2)"),
        ("V200R012C00SPC500", "V200R012C00SPC500"),
        ("VRP (R) software, Version 5.160 (CN), RELEASE 0089", "5.160"),
        ("8.0.5.0 build on Thu May 23 23:12:23 EDT 2019", "8.0.5.0"),
        ("no digits", None),
    ],
)
def test_a_version_is_told_without_the_words_around_it(said: str, version: str | None) -> None:
    assert words.version(said) == version


@pytest.mark.parametrize(
    ("said", "vendor", "model"),
    [
        ("D-Link DES-3028 Fast Ethernet Switch", "D-Link", "DES-3028"),
        ("EnGenius ECS1528P", "EnGenius", "ECS1528P"),
        ("Room Alert 12E v3.3.0", "AVTECH", "Room Alert 12E"),
        ("Dell Networking N2048, 6.1.1.7, Linux 3.6.5", "Dell", "Networking N2048"),
        ("Linux host 5.10.0 #1 SMP x86_64", None, None),
        ("FIREWALL", None, None),
    ],
)
def test_many_descriptions_begin_with_a_model(
    said: str, vendor: str | None, model: str | None
) -> None:
    assert words.model(said, vendor) == model


def test_makers_are_known_by_their_numbers() -> None:
    assert makers.of_enterprise("9") == "ciscoSystems"
    assert makers.of_enterprise("99999999") is None
    assert makers.of_mac("00:1b:0c:00:00:01") == "Cisco Systems, Inc"
    assert makers.of_mac("02:00:00:00:00:01") is None
