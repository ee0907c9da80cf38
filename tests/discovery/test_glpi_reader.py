"""The GLPI reader, on the examples of its inventory format and on hostile documents."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cmdb.errors import UnreadableInput
from discovery import readers
from discovery.agents import glpi
from tests.glpi_reading import LAPTOP, computer, example, inventory, read
from tests.shared_data import shared_data

EXAMPLES = (
    "computer_1",
    "computer_1_partial_softs",
    "computer_2",
    "computer_2_partial_dbs",
    "computer_2_partial_vms",
    "networkequipment_1",
    "networkequipment_3",
    "phone_1",
    "printer_1",
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_load_without_error(name):
    reading = read(example(name))
    assert reading.errors == []
    assert readers.recognised(example(name)) == "glpi"


@pytest.mark.parametrize(
    ("whole", "partial", "said"),
    [
        ("computer_1", "computer_1_partial_softs", {"software_package", "operating_system"}),
        ("computer_2", "computer_2_partial_dbs", {"database"}),
        ("computer_2", "computer_2_partial_vms", {"container", "virtual_machine"}),
    ],
)
def test_a_partial_inventory_says_only_what_it_mentions(whole, partial, said):
    before, after = read(example(whole)), read(example(partial))
    assert {one.type for one in after.items.values()} <= said | {"endpoint", "component"}
    assert before.machine().key == after.machine().key
    assert before.machine().type == after.machine().type
    known = before.machine().attributes
    assert None not in after.machine().attributes.values()
    assert {n: known.get(n) for n in after.machine().attributes} == after.machine().attributes
    shared = before.items.keys() & after.items.keys()
    changed = {
        key: name
        for key in shared
        for name, value in after.attributes(key).items()
        if before.attributes(key).get(name) != value
    }
    expected = {
        "computer_1_partial_softs": {f"{LAPTOP}/package/gitg/x86_64": "version"},
        "computer_2_partial_dbs": {},
        "computer_2_partial_vms": {
            "acomputer-2021-01-26-14-32-36/guest/5506c9cf948e": "runtime",
            "acomputer-2021-01-26-14-32-36/guest/7e64b4b09941": "state",
        },
    }
    packages = {k: v for k, v in changed.items() if k not in expected[partial]}
    assert set(expected[partial].items()) <= set(changed.items())
    assert all("/package/" in key and name == "version" for key, name in packages.items())


@pytest.mark.parametrize(
    ("document", "type_name"),
    [
        (computer(chassis_type="Laptop"), "endpoint"),
        (computer(chassis_type="Rack Mount Chassis"), "server"),
        (computer(chassis_type="Tower"), "computer"),
        (computer(chassis_type="Desktop"), "endpoint"),
        ({**computer(chassis_type="Desktop"), "partial": True}, "computer"),
        ({**computer(chassis_type="Laptop"), "partial": True}, "endpoint"),
        (
            inventory(
                hardware={"chassis_type": "Desktop"},
                operatingsystem={"full_name": "Microsoft Windows Server 2022"},
            ),
            "server",
        ),
        (computer(chassis_type="Laptop", vmsystem="VMware"), "virtual_machine"),
        (computer(vmsystem="Docker"), "container"),
        (computer(vmsystem="Physical"), "computer"),
        (computer(), "computer"),
        (inventory(operatingsystem={"full_name": "Microsoft Windows Server 2022"}), "server"),
        (inventory(operatingsystem={"full_name": "Microsoft Windows 11 Pro"}), "endpoint"),
        (inventory(operatingsystem={"name": "VMware ESXi"}), "hypervisor"),
        (inventory(virtualmachines=[{"name": "a", "vmtype": "kvm"}]), "hypervisor"),
        (inventory(virtualmachines=[{"name": "a", "vmtype": "docker"}]), "computer"),
        ({**computer(chassis_type="Rack Mount Chassis"), "partial": True}, "computer"),
        ({**inventory(softwares=[]), "partial": True}, "unclassified"),
        (inventory("NetworkEquipment"), "network_device"),
        (
            inventory("NetworkEquipment", network_device={"description": "Cisco IOS Switch"}),
            "switch",
        ),
        (inventory("NetworkEquipment", network_device={"type": "Storage"}), "storage"),
        (inventory("Unmanaged", network_device={"type": "Power"}), "unclassified"),
        (inventory("Unmanaged", network_device={"type": "Phone"}), "phone"),
        (inventory("Printer"), "printer"),
        (inventory("Phone"), "phone"),
    ],
)
def test_the_type_is_what_there_is_evidence_for(document, type_name):
    assert read(document).machine().type == type_name


def test_junk_is_normalised():
    document = inventory(
        hardware={"name": " pc\n1 ", "memory": "2048", "workgroup": "N/A", "uuid": ""},
        bios={"ssn": "To Be Filled By O.E.M.", "bdate": "2018-07-09 00:00:00", "assettag": "None"},
        networks=[
            {
                "description": "eth0",
                "mac": "00-1B-21-AA-BB-CC",
                "speed": "4294967295",
                "mtu": "1500",
            }
        ],
        operatingsystem={"boot_time": "2020-02-30 99:00:00", "install_date": "1970-01-01 00:00:00"},
    )
    found = read(document)
    assert found.errors == []
    assert found.machine().name == "pc 1"
    assert found.machine().attributes == {
        "memory": 2048,
        "bios_date": "2018-07-09",
        "mac_addresses": ["00:1b:21:aa:bb:cc"],
    }
    eth0 = found.attributes("pc-1/interface/eth0")
    assert eth0 == {"if_name": "eth0", "mac_address": "00:1b:21:aa:bb:cc", "mtu": 1500}


def test_a_bad_field_is_told_and_the_rest_goes_in():
    document = inventory(
        hardware={"name": "pc", "memory": "lots", "dns": "10.0.0.1/x"},
        bios=[1, 2],
        softwares=[{"name": "tar", "filesize": {}}, 7, {"version": "1"}],
        networks={"description": "eth0", "mac": "zz"},
    )
    found = read(document)
    assert sorted(found.errors) == [
        "pc-1.hardware: 'dns' is 'x', but must be an IP address",
        "pc-1.hardware: 'memory' is 'lots', but must be a number",
        "pc-1.networks[0]: 'mac' is 'zz', but must be a MAC address",
        "pc-1.softwares[0]: 'filesize' is an object, but must be a number",
        "pc-1.softwares[1]: it is 7, but must be an object",
        "pc-1.softwares[2]: required field 'name' is missing",
        "pc-1: 'bios' is a list, but must be an object",
    ]
    assert found.machine().attributes == {"hostname": "pc", "dns_servers": ["10.0.0.1"]}
    assert {"pc-1/package/tar", "pc-1/interface/eth0"} <= found.items.keys()


def test_the_time_counts_only_with_a_zone():
    def at(logdate: str) -> float | None:
        return read(inventory(accesslog={"logdate": logdate})).machine().observed_at

    assert at("2020-06-12T14:19:54Z") == 1591971594.0
    assert at("2020-06-12 14:19:54+02:00:00") == 1591971594.0 - 7200
    assert at("2020-06-12 14:19:54") is None
    assert at("soon") is None


def test_many_inventories_in_one_document():
    one, two = inventory(hardware={"name": "a"}), inventory(hardware={"name": "b"})
    two["deviceid"] = "pc-2"
    found = read([one, two, 5, {"deviceid": "x"}, {"content": {}}, {**one, "itemtype": "Car"}, one])
    assert list(found.items) == ["pc-1", "pc-2"]
    assert found.errors == [
        "inventories[2]: it is 5, but must be an object",
        "inventories[3]: 'content' is null, but must be an object with the sections of the"
        " inventory",
        "inventories[4]: required field 'deviceid' is missing",
        "inventories[5]: 'itemtype' is 'Car', but must be one of Computer, NetworkEquipment,"
        " Printer, Phone, Unmanaged",
        "inventories[6]: 'pc-1' was already given at inventories[0]; keep one of them",
    ]
    assert readers.recognised([one, two]) == "glpi"


@pytest.mark.parametrize("document", [None, 3, "x", True])
def test_what_is_no_inventory_is_refused(document):
    with pytest.raises(UnreadableInput, match="a GLPI inventory must be an object"):
        list(glpi.parse(document))


JUNK: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["N/A", "-1", "1e999", "\x00", "0.0.0.0", "9" * 400, "\ud800", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def mutated(draw: Any, value: Any, rate: int) -> Any:
    """A copy in which some values, of any depth, are junk."""
    if draw(st.integers(0, rate)) == 0:
        return draw(JUNK)
    if isinstance(value, dict):
        return {name: mutated(draw, inner, rate) for name, inner in value.items()}
    if isinstance(value, list):
        return [mutated(draw, inner, rate) for inner in value[:4]]
    return value


@st.composite
def broken(draw: Any) -> Any:
    base = copy.deepcopy(example(draw(st.sampled_from(EXAMPLES))))
    for name in list(base["content"]):
        if draw(st.booleans()):
            base["content"][name] = mutated(draw, base["content"][name], 20)
    if draw(st.integers(0, 9)) == 0:
        base["itemtype"] = draw(JUNK)
    if draw(st.integers(0, 9)) == 0:
        base["deviceid"] = draw(JUNK)
    return base


@given(broken())
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_hostile_documents_give_errors_and_no_crash(document):
    read(document)


@given(st.dictionaries(st.sampled_from(["deviceid", "content", "itemtype", "partial"]), JUNK))
@settings(deadline=None)
def test_junk_gives_errors_and_no_crash(document):
    read(document)


def test_an_inventory_whose_id_nobody_could_read_is_refused():
    found = read({**inventory(hardware={"name": "pc"}), "deviceid": "\U00018cd6"})
    assert found.errors == ["inventory: required field 'deviceid' is missing"]
    assert not found.items


def test_deep_nesting_and_many_rows():
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": [deep]}
    rows = [{"name": f"p{n}", "version": deep if n % 2 else "1"} for n in range(20_000)]
    found = read(inventory(hardware=deep, softwares=rows, networks=deep, bios={"ssn": deep}))
    assert len(found.errors) == 10_001
    assert sum(one.type == "software_package" for one in found.items.values()) == 20_000


def test_the_schema_has_no_section_that_was_not_thought_of():
    """Each section of the format is either read or left out on purpose."""
    schema = json.loads(shared_data("glpi-inventory/inventory.schema.json").read_text())
    sections = set(schema["properties"]["content"]["properties"])
    left_out = {
        "cameras", "cartridges", "consumables", "envs", "error", "inputs", "jobid",
        "licenseinfos", "local_groups", "local_users", "logical_volumes", "physical_volumes",
        "ports", "printers", "processes", "sensors", "slots", "sounds", "usbdevices",
        "versionprovider", "videos", "volume_groups",
    }  # fmt: skip
    read_in = {
        "accesslog", "antivirus", "batteries", "bios", "controllers", "cpus", "databases_services",
        "drives", "firewalls", "firmwares", "hardware", "memories", "modems", "monitors",
        "network_components", "network_device", "network_ports", "networks", "operatingsystem",
        "pagecounters", "powersupplies", "remote_mgmt", "simcards", "softwares", "storages",
        "users", "versionclient", "virtualmachines",
    }  # fmt: skip
    assert sections - left_out == read_in
