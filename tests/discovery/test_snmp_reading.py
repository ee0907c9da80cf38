"""Reading SNMP: recordings of our own, and values that say one thing each."""

import bz2
import gzip
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cmdb.errors import UnreadableInput
from cmdb.schema.catalog import builtin_catalog
from discovery import readers
from discovery.agents import snmp
from discovery.agents.snmp import recordings, topology
from discovery.agents.snmp.walk import Value, Walk, decoded
from tests.discovery.snmp_reading import DATA, IF, learned, ports, read, system, walk

CORE, ACCESS = DATA / "10.20.3.11.snmpwalk", DATA / "10.20.3.13.snmprec"


def test_a_recording_of_snmpwalk() -> None:
    found = read(recordings.read(CORE))

    assert (found.device.key, found.device.name) == ("10.20.3.11", "core1")
    assert (found.device.type, found.device.coverage) == ("computer", "whole")
    assert (
        found.facts.items()
        >= {
            "hostname": "core1",
            "snmp_engine_id": "80001f88809167561aeeb8066b00000000",
            "snmp_location": "room 1",
            "snmp_contact": "operations",
            "management_ip": "10.20.3.11",
            "platform": "Linux",
            "architecture": "x86_64",
        }.items()
    )
    assert found.facts["ip_addresses"] == ["10.20.3.11"]
    assert set(found.facts["mac_addresses"]) == {f"00:1b:0c:20:01:0{n}" for n in range(3)}
    assert found.errors == []


def test_a_recording_of_snmpsim_has_the_same_facts_in_another_form() -> None:
    found = read(recordings.read(ACCESS))

    assert found.device.name == "access1"
    names = {one.attributes["if_name"] for one in found.of("network_interface")}
    assert names == {"lo", "eth0", "port1", "port2"}
    assert (
        found.port("eth0").items()
        >= {
            "interface_type": "ethernet",
            "mac_address": "00:1b:0c:20:03:00",
            "ip_addresses": ["10.20.3.13"],
            "networks": ["10.20.3.0/24"],
            "admin_status": "up",
            "oper_status": "up",
        }.items()
    )
    assert found.port("lo")["virtual"] is True


def test_both_ends_tell_a_link_alike() -> None:
    core, access = read(recordings.read(CORE)), read(recordings.read(ACCESS))
    seen, ends = core.links["port1–port2"]
    other, back = access.links["port1–port2"]

    assert (seen.name, other.name) == ("access1", "core1")
    assert ends == ["port2", "port1"] == back[::-1]
    assert set(seen.attributes["mac_addresses"]) <= set(access.facts["mac_addresses"])
    assert set(other.attributes["mac_addresses"]) <= set(core.facts["mac_addresses"])


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.open), (".bz2", bz2.open)])
def test_recordings_may_be_packed(tmp_path: Path, suffix: str, pack: object) -> None:
    path = tmp_path / f"{ACCESS.name}{suffix}"
    with pack(path, "wb") as file:  # type: ignore[operator]
        file.write(ACCESS.read_bytes())

    name, document = readers.opened(str(path), None, builtin_catalog())
    assert name == "snmp"
    assert read(document).items == read(recordings.read(ACCESS)).items


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 50, b"1.3.6.1.9|4|x\n", b"BZh9"])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.snmprec"
    path.write_bytes(content)

    with pytest.raises(UnreadableInput):
        recordings.read(path)
    with pytest.raises(UnreadableInput):
        recordings.read(tmp_path / "missing.snmprec")
    with pytest.raises(UnreadableInput):
        recordings.read(tmp_path)


def test_lines_that_are_wrong_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "10.1.1.1.snmprec"
    path.write_text(
        "1.3.6.1.2.1.1.5.0|4|sw1\n"
        "1.3.6.1.2.1.1.6.0|4x|7a7\n"
        f"{IF}.1.1|2|one\n"
        f"{IF}.1.2|2:numeric|rate=1,initial=2\n"
        f"{IF}.2.2|4:writecache|value=port2\n"
        "1.3.6.1.2.1.4.20.1.1.10.1.1.1|64x|0a010101\n"
        "nonsense\n"
    )
    found = read(recordings.read(path))

    assert found.device.name == "sw1"
    assert [one.attributes["if_name"] for one in found.of("network_interface")] == ["port2"]
    assert found.facts["ip_addresses"] == ["10.1.1.1"]


@pytest.mark.parametrize(
    ("macs", "host"),
    [
        (["00:14:22:00:00:01"], "00:14:22:00:00:01"),
        (["00:14:22:00:00:01", "00:14:22:00:00:02"], None),
        # routers share these: VRRP, HSRP, GLBP
        (["00:14:22:00:00:01", "00:00:5e:00:01:0a", "00:00:0c:07:ac:01"], "00:14:22:00:00:01"),
        (["00:00:5e:00:01:0a"], None),
        # a hypervisor and what it gave its guests
        (["00:14:22:00:00:01", "00:50:56:00:00:01", "52:54:00:00:00:02"], "00:14:22:00:00:01"),
        (["00:50:56:00:00:01", "00:50:56:00:00:02"], None),
        (["00:50:56:00:00:01"], "00:50:56:00:00:01"),
        # addresses of one's own making identify nobody, and are somebody
        (["02:14:22:00:00:01"], None),
        (["00:14:22:00:00:01", "02:14:22:00:00:01"], None),
        (["00:14:22:00:00:01", *(f"00:50:56:00:01:{n:02x}" for n in range(40))], None),
        ([], None),
    ],
)
def test_who_is_plugged_in(macs: list[str], host: str | None) -> None:
    assert topology.host_of(macs) == host


def test_a_host_alone_at_its_port_is_linked_with_what_arp_knows() -> None:
    own = "00:1b:0c:00:00:03"
    found = read(
        walk(
            system()
            | ports("Gi0/1", "Gi0/2", "Gi0/3")
            | learned(1, "00:14:22:00:00:01", own)
            | learned(2, "00:14:22:00:00:02", "00:14:22:00:00:03")
            | {"1.3.6.1.2.1.4.22.1.2.3.10.0.0.77": bytes.fromhex("001422000001")}
        )
    )

    (link,) = found.links.values()
    host, ends = link
    assert ends == ["Gi0/1", None]
    assert host.attributes["mac_addresses"] == ["00:14:22:00:00:01"]
    assert host.attributes["ip_addresses"] == ["10.0.0.77"]
    assert (host.type, host.confidence, host.within) == ("unclassified", 0.5, None)
    assert found.device.key == "hq/10.0.0.1"


def test_a_link_that_two_protocols_tell_is_one() -> None:
    lldp, cdp = "1.0.8802.1.1.2.1.4.1.1", "1.3.6.1.4.1.9.9.23.1.2.1.1"
    values: dict[str, Value] = {
        f"{lldp}.4.0.1.1": 4,
        f"{lldp}.5.0.1.1": bytes.fromhex("001422000001"),
        f"{lldp}.6.0.1.1": 5,
        f"{lldp}.7.0.1.1": b"Gi1/0/24",
        f"{lldp}.9.0.1.1": b"core.example.com",
        f"{lldp}.12.0.1.1": b"\x28",
        f"{cdp}.4.1.5": bytes([10, 0, 0, 9]),
        f"{cdp}.6.1.5": b"core(FOC1234X0AB)",
        f"{cdp}.7.1.5": b"GigabitEthernet1/0/24",
        f"{cdp}.8.1.5": b"cisco WS-C3850-48P",
        f"{cdp}.9.1.5": bytes([0, 0, 0, 0x29]),
    }
    found = read(walk(system() | ports("Gi0/1") | values))

    assert list(found.links) == ["Gi0/1–Gi1/0/24"]
    neighbour, _ = found.links["Gi0/1–Gi1/0/24"]
    assert (neighbour.type, neighbour.coverage) == ("network_device", "part")
    assert (
        neighbour.attributes.items()
        >= {
            "hostname": "core",
            "fqdn": "core.example.com",
            "chassis_id": "00:14:22:00:00:01",
            "mac_addresses": ["00:14:22:00:00:01"],
            "ip_addresses": ["10.0.0.9"],
            "model": "cisco WS-C3850-48P",
        }.items()
    )


def test_no_host_is_plugged_in_where_a_neighbour_is_announced() -> None:
    lldp = "1.0.8802.1.1.2.1.4.1.1"
    row: dict[str, Value] = {f"{lldp}.5.0.1.1": b"sw2", f"{lldp}.9.0.1.1": b"sw2"}
    found = read(walk(system() | ports("Gi0/1") | row | learned(1, "00:14:22:00:00:01")))

    assert [one.name for one, _ in found.links.values()] == ["sw2"]


def entity(index: int, **columns: Value) -> dict[str, Value]:
    numbers = {"descr": 2, "within": 4, "kind": 5, "name": 7, "software": 10, "serial": 11}
    numbers |= {"maker": 12, "model": 13}
    base = "1.3.6.1.2.1.47.1.1.1.1"
    return {f"{base}.{numbers[name]}.{index}": value for name, value in columns.items()}


def test_units_of_a_stack_are_devices_and_modules_are_components() -> None:
    stack = (
        entity(1, kind=11, within=0, descr=b"stack")
        | entity(10, kind=3, within=1, name=b"1", serial=b"FOC1111A111", model=b"C9300-48P")
        | entity(20, kind=3, within=1, name=b"2", serial=b"FOC2222B222", model=b"C9300-24P")
        | entity(11, kind=9, within=10, name=b"Uplink", serial=b"FOC3333C333", model=b"NM-8X")
        | entity(12, kind=6, within=10, name=b"PSU A", serial=b"LIT4444D444", model=b"PWR-715")
        | entity(13, kind=8, within=10, name=b"Temp", serial=b"XYZ5555E555")
        | entity(14, kind=9, within=10, name=b"Blank", serial=b"N/A")
    )
    iosxe = "Cisco IOS Software [Cupertino], Catalyst L3 Switch Software, Version 17.9.4"
    found = read(walk(system("sw1", iosxe, "1.3.6.1.4.1.9.1.2494") | stack))

    assert found.device.type == "switch"
    assert (
        found.facts.items()
        >= {
            "vendor": "Cisco",
            "model": "C9300-48P",
            "serial_number": "FOC1111A111",
            "software_version": "17.9.4",
            "stack_members": 2,
            "power_supplies": 1,
        }.items()
    )
    (unit,) = [one for one in found.of("switch") if one is not found.device]
    assert unit.attributes["serial_number"] == "FOC2222B222"
    assert unit.within is None
    kinds = {(c.attributes["kind"], c.attributes["serial_number"]) for c in found.of("component")}
    assert kinds == {("module", "FOC3333C333"), ("power_supply", "LIT4444D444")}
    joined = {(r.from_key, r.to_key) for r in found.relations if r.type == "part_of"}
    assert (unit.key, found.device.key) in joined


def test_vlans_trunks_and_aggregates() -> None:
    vlan = "1.3.6.1.2.1.17.7.1.4.3.1"
    listed = {101: b"\x00" * 12 + b"\x0c", 102: b"\x00" * 12 + b"\x08"}  # ports 101, 102; 101
    values: dict[str, Value] = {
        f"{vlan}.1.10": b"users",
        f"{vlan}.2.10": listed[101],
        f"{vlan}.4.10": listed[102],
        "1.3.6.1.2.1.17.7.1.4.5.1.1.101": 10,
        f"{IF}.3.3": 161,
        "1.2.840.10006.300.43.1.2.1.1.13.2": 3,
        "1.3.6.1.2.1.31.1.2.1.3.3.1": 1,
    }
    found = read(walk(system() | ports("Gi0/1", "Gi0/2", "Po1") | values))

    assert found.port("Gi0/1")["vlans"] == ["10 users"]
    assert "trunk" not in found.port("Gi0/1")
    assert found.port("Gi0/2")["vlans"] == ["10 users"]
    assert found.port("Gi0/2")["trunk"] is True
    assert found.port("Po1").items() >= {"aggregates": ["Gi0/1", "Gi0/2"], "virtual": True}.items()


def test_addresses_of_both_tables_and_both_versions() -> None:
    v6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.7"
    values: dict[str, Value] = {
        "1.3.6.1.2.1.4.20.1.2.10.0.0.1": 1,
        "1.3.6.1.2.1.4.20.1.3.10.0.0.1": "255.255.255.0",
        "1.3.6.1.2.1.4.20.1.2.127.0.0.1": 2,
        f"1.3.6.1.2.1.4.34.1.3.2.16.{v6}": 1,
        f"1.3.6.1.2.1.4.34.1.4.2.16.{v6}": 1,
        f"1.3.6.1.2.1.4.34.1.5.2.16.{v6}": f"1.3.6.1.2.1.4.32.1.5.1.2.16.{v6}.64",
        "1.3.6.1.2.1.4.34.1.3.1.4.10.0.0.255": 1,
        "1.3.6.1.2.1.4.34.1.4.1.4.10.0.0.255": 3,
        "1.3.6.1.2.1.4.20.1.2.0.0.0.0": 1,
    }
    found = read(walk(system() | ports("eth0") | values))

    assert set(found.port("eth0")["ip_addresses"]) == {"10.0.0.1", "2001:db8::7"}
    assert set(found.port("eth0")["networks"]) == {"10.0.0.0/24", "2001:db8::/64"}
    assert set(found.facts["ip_addresses"]) == {"10.0.0.1", "2001:db8::7"}


def test_ports_of_one_name_are_told_apart() -> None:
    found = read(walk(system() | ports("port", "port", "other")))

    assert [p.attributes["if_name"] for p in found.of("network_interface")] == [
        "port #1",
        "port #2",
        "other",
    ]


def test_a_power_supply_has_a_network_card_too() -> None:
    found = read(
        walk(
            system("ups1", "UPS", "1.3.6.1.4.1.318.1.3.27")
            | ports("eth0")
            | {
                "1.3.6.1.4.1.318.1.1.1.1.1.1.0": b"Smart-UPS 1500",
                "1.3.6.1.4.1.318.1.1.1.1.2.3.0": b"AS1234567890",
            }
        )
    )

    assert (found.device.type, found.facts["hostname"]) == ("ups", "ups1")
    assert found.facts["model"] == "Smart-UPS 1500"
    assert found.facts["serial_number"] == "AS1234567890"
    assert len(found.of("network_interface")) == 1


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"room 1", "room 1"),
        ("机房 一".encode(), "机房 一"),
        ("机房".encode("gb18030"), "机房"),
        ("Büro".encode("latin-1"), "Büro"),
    ],
)
def test_texts_are_read_in_the_encodings_devices_use(octets: bytes, text: str) -> None:
    assert decoded(octets) == text


def test_several_walks_are_several_devices_and_other_things_are_refused() -> None:
    one, other = walk(system("a")), walk(system("b"), "10.0.0.2")

    assert {i.name for i in read([one, other]).items.values()} == {"a", "b"}
    for wrong in ({}, "text", 7, None):
        with pytest.raises(UnreadableInput):
            list(snmp.parse(wrong))


COLUMNS = st.sampled_from(sorted(recordings.read(ACCESS).values))
VALUES = st.one_of(st.integers(-(2**31), 2**64), st.binary(max_size=40), st.just("1.3.6.1.4.1.9"))


@example({"1.0.8802.1.1.2.1.4.1.1.8.200.3.2": b"\xad"}, {})
@given(st.dictionaries(COLUMNS, VALUES, max_size=30), st.dictionaries(COLUMNS, st.just(b"x")))
def test_no_values_break_the_reader(changed: dict[str, Value], added: dict[str, Value]) -> None:
    values = {**recordings.read(ACCESS).values, **{f"{o}.7.7": v for o, v in added.items()}}
    found = read(Walk(values | changed, address="10.0.0.1"))

    assert found.device.key == "10.0.0.1"
