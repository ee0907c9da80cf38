"""Normal forms: equal things become equal texts, noise becomes nothing, whatever the spelling."""

import ipaddress
import uuid as uuids

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.schema.normal_forms import FORMS, folded

SERIAL, VENDOR, UUID, MAC = (FORMS[name] for name in ("serial", "vendor", "uuid", "mac"))
FQDN, HOSTNAME, ADDRESS, DIGITS = (
    FORMS[name] for name in ("fqdn", "hostname", "address", "digits")
)
SCALARS = st.one_of(st.text(), st.integers(), st.floats(), st.booleans())


@given(value=SCALARS, form=st.sampled_from(sorted(FORMS)))
def test_a_form_of_a_form_is_itself(value, form):
    once = FORMS[form](value)
    assert once is None or (once and FORMS[form](once) == once)


@given(value=st.text(), form=st.sampled_from(sorted(FORMS)))
def test_case_width_and_outer_spaces_never_count(value, form):
    assert FORMS[form](f"\t{value} ") == FORMS[form](value) == FORMS[form](folded(value))


def test_what_is_remembered_tells_types_apart():
    assert [FORMS["text"](one) for one in (1, True, 1.0, "1")] == ["1", "true", "1.0", "1"]


@pytest.mark.parametrize(
    "spellings",
    [
        ("HP", "HPE", "Hewlett-Packard", "Hewlett-Packard Company", "HP Inc.", "惠普"),
        ("Hewlett Packard Enterprise", "hpe", "ＨＰ"),
        ("Dell", "Dell Inc.", "DELL", "Dell EMC", "Dell Computer Corporation", "戴尔"),
        ("Lenovo", "LENOVO", "Lenovo Group Limited", "IBM/Lenovo", "联想集团有限公司"),
        ("Cisco", "Cisco Systems, Inc.", "cisco Systems", "CISCO SYSTEMS"),
        ("Huawei", "Huawei Technologies Co., Ltd.", "HUAWEI", "华为技术有限公司"),
        ("H3C", "New H3C Technologies Co., Ltd.", "Hangzhou H3C Technologies Co., Limited"),
        ("H3C", "新华三技术有限公司", "H3C Technologies Co., Limited"),
        ("Juniper", "Juniper Networks, Inc.", "juniper networks"),
        ("ASUS", "ASUSTeK COMPUTER INC.", "ASUSTeK Computer Inc."),
        ("Supermicro", "Super Micro Computer, Inc.", "SuperMicro"),
        ("MSI", "Micro-Star International Co., Ltd."),
        ("Hikvision", "Hangzhou Hikvision Digital Technology Co., Ltd."),
        ("VMware", "VMware, Inc."),
        ("Fujitsu", "FUJITSU SIEMENS", "Fujitsu Technology Solutions GmbH"),
    ],
)
def test_a_maker_has_one_name(spellings):
    assert len({VENDOR(one) for one in spellings}) == 1
    assert VENDOR(spellings[0]) is not None


def test_makers_stay_apart():
    makers = (
        "HP",
        "Dell",
        "Lenovo",
        "IBM",
        "Cisco",
        "Huawei",
        "H3C",
        "Juniper",
        "Fujitsu",
        "Aruba",
    )
    assert len({VENDOR(one) for one in makers}) == len(makers)


@pytest.mark.parametrize(
    "value", ["", " ", "Unknown", "To be filled by O.E.M.", "System manufacturer"]
)
def test_no_maker(value):
    assert VENDOR(value) is None


def test_a_legal_form_alone_is_a_name():
    assert VENDOR("AB") == "ab"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CZC8-1234 XY", "czc81234xy"),
        ("FCW2145L0AB", " fcw2145l0ab "),
        ("ＰＦ０ＡＢＣ１２", "PF0ABC12"),
        ("VMware-56 4d 0a 1b", "VMWARE-564D0A1B"),
    ],
)
def test_serials_are_equal(one, other):
    assert SERIAL(one) == SERIAL(other) is not None


@pytest.mark.parametrize(
    "value",
    [
        *("To Be Filled By O.E.M.", "To be filled by OEM", "Default string", "Not Specified"),
        *("System Serial Number", "None", "0", "00000000", "0123456789", "123456789", "N/A"),
        *(
            "xxxxxxxxxxx",
            "Not Applicable",
            "INVALID",
            ".......",
            "Chassis Serial Number",
            "FFFFFFFF",
        ),
        *(
            "1234567890",
            "12345",
            "Unknown",
            "empty",
            "SerNum",
            "-",
            "Ｎｏｎｅ",
            "to be filled by o​em",
        ),
    ],
)
def test_placeholder_serials_say_nothing(value):
    assert SERIAL(value) is None


@pytest.mark.parametrize("value", ["7XK3Q42", "5CG9321ABC", "MXQ84902GT", "J9F2N13", "12345679"])
def test_real_serials_count(value):
    assert SERIAL(value) == value.casefold()


@given(st.uuids(version=4))
def test_a_uuid_has_one_form_in_either_byte_order(one):
    swapped = uuids.UUID(bytes=one.bytes_le)
    spellings = (
        *(str(one), str(one).upper(), f"{{{one}}}", one.hex, one.urn, str(swapped)),
        "VMware-" + one.hex[:16] + "-" + one.hex[16:],
    )
    assert len({UUID(value) for value in spellings}) == 1
    assert UUID(str(one)) in (one.hex, swapped.hex)


@given(st.uuids(version=4), st.uuids(version=4))
def test_different_uuids_stay_apart(one, other):
    same = other in (one, uuids.UUID(bytes=one.bytes_le))
    assert (UUID(str(one)) == UUID(str(other))) == same


@pytest.mark.parametrize(
    "value",
    [
        *("00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"),
        *("03000200-0400-0500-0006-000700080009", "00020003-0004-0005-0006-000700080009"),
        *("4C4C4544-0000-2010-8020-80C04F202020", "44454C4C-0000-1020-8020-80C04F202020"),
        *("Not Settable", "1234", "", "12345678-1234-5678-90AB-CDDEEFAABBCC"),
    ],
)
def test_uuids_of_many_boards_say_nothing(value):
    assert UUID(value) is None


@given(st.binary(min_size=6, max_size=6))
def test_a_mac_counts_when_one_interface_of_the_world_has_it(raw):
    spellings = (raw.hex(":"), raw.hex("-").upper(), raw.hex(".", 2), raw.hex())
    (form,) = {MAC(one) for one in spellings}
    if raw[0] & 3:
        assert form is None
    else:
        assert form in (raw.hex(), None)


@pytest.mark.parametrize(
    "value",
    [
        *("00:00:5e:00:01:0a", "00:00:5e:00:02:0a"),  # VRRP for IPv4 and IPv6, CARP
        *("00:00:0c:07:ac:01", "00:00:0c:9f:f0:01", "00:05:73:a0:00:01"),  # HSRP 1, 2, IPv6
        "00:07:b4:00:01:01",  # GLBP
        *("02:42:ac:11:00:02", "da:a1:19:12:34:56"),  # Docker, random
        *("ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:01"),  # broadcast, multicast
        *("00:00:00:00:00:00", "00:50:56:c0:00:08", "00:05:9a:3c:7a:00", "0c:5b:8f:27:9a:64"),
        *("20:41:53:59:4e:ff", "00:1b:54", "not a MAC", ""),
    ],
)
def test_shared_and_made_up_macs_say_nothing(value):
    assert MAC(value) is None


@pytest.mark.parametrize("value", ["00:1b:54:0a:0b:0c", "00:50:56:9a:12:34", "00:00:0c:01:02:03"])
def test_real_macs_count(value):
    assert MAC(value) == value.replace(":", "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("DB1.Example.COM.", "db1.example.com"),
        ("db1", None),
        ("localhost.localdomain", None),
        ("10.0.0.1", None),
        ("2001:db8::1", None),
        ("ip-10-0-0-5.ec2.internal", None),
        ("10.0.0.5.dhcp.example.com", None),
        ("host-2024-01.example.com", "host-2024-01.example.com"),
        (".", None),
    ],
)
def test_domain_names(value, expected):
    assert FQDN(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("DB1.example.com.", "db1"),
        ("DB1", "db1"),
        ("localhost", None),
        ("10.0.0.1", None),
        ("dhcp-10-0-0-5", None),
        ("", None),
    ],
)
def test_host_names(value, expected):
    assert HOSTNAME(value) == expected


@given(st.ip_addresses())
def test_an_address_has_one_spelling(one):
    form = ADDRESS(str(one))
    if one.version == 6:
        assert ADDRESS(one.exploded.upper()) == form
    assert form is None or ipaddress.ip_address(form) == (getattr(one, "ipv4_mapped", None) or one)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10.0.0.1/24", "10.0.0.1"),
        ("2001:0DB8:0:0::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        *((one, None) for one in ("127.0.0.1", "169.254.3.4", "224.0.0.251", "0.0.0.0", "::1")),
        *((one, None) for one in ("fe80::1%eth0", "ff02::1", "::", "db1", "")),
    ],
)
def test_addresses(value, expected):
    assert ADDRESS(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0x80001F8880AB01CD", "80001f8880ab01cd"),
        ("80:00:1f:88:80:ab:01:cd", "80001f8880ab01cd"),
        ("0000000000000000", None),
        ("8000", None),
    ],
)
def test_engine_ids(value, expected):
    assert DIGITS(value) == expected
