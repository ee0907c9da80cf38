"""GLPI inventories of computers: every fact that the catalog has an attribute for, by hand."""

from tests.glpi_reading import LAPTOP, example, inventory, read


def test_every_fact_of_a_computer():
    found = read(example("computer_1"))
    machine = found.machine()
    assert (machine.key, machine.type, machine.name) == (LAPTOP, "endpoint", "glpixps")
    assert machine.observed_at is None  # its logdate names no zone
    assert machine.attributes == {
        "hostname": "glpixps",
        "tags": ["000005"],
        "inventory_agent": "FusionInventory-Agent_v2.5.2-1.fc31",
        "uuid": "4c4c4544-0034-3010-8048-b6c04f503732",
        "serial_number": "640HP72",
        "vendor": "Dell Inc.",
        "model": "XPS 13 9350",
        "part_number": "0704",
        "form": "laptop",
        "bios_version": "1.4.3",
        "bios_date": "2016-02-06",
        "cpu_model": "Intel(R) Core(TM) i5-6200U CPU @ 2.30GHz",
        "cpu_count": 1,
        "cpu_cores": 2,
        "cpu_threads": 4,
        "cpu_speed": 2300,
        "memory": 7800,
        "swap": 7951,
        "disk": 238,
        "encrypted": True,
        "operating_system": "Fedora 31 (Workstation Edition)",
        "os_version": "31 (Workstation Edition)",
        "kernel": "5.6.15-200.fc31.x86_64",
        "architecture": "x86_64",
        "platform": "Fedora",
        "last_boot": "2020-06-09T07:58:08+02:00",
        "time_zone": "CEST",
        "ssh_host_keys": ["SHA256:uCs1DBNob9xtYSg4ffkBHwGnmD5xoLGRNRX0ee9M+oM"],
        "default_gateway": "192.168.1.1",
        "dns_servers": ["192.168.1.1"],
        "ip_addresses": ["192.168.1.142", "192.168.1.118", "192.168.122.1"],
        "mac_addresses": ["00:e0:4c:68:01:db", "44:85:00:2b:90:bc"],
        "last_user": "root",
        "logged_on_users": ["root", "trasher"],
        "remote_access": ["teamviewer 123456789"],
        "firewall_enabled": True,
    }


def test_every_component_of_a_computer():
    found = read(example("computer_1"))
    components = {k: v.attributes for k, v in found.items.items() if v.type == "component"}
    module = {
        "kind": "memory",
        "vendor": "Elpida",
        "capacity": 4096,
        "technology": "LPDDR3",
        "speed": "1867",
    }
    assert components == {
        f"{LAPTOP}/disk/s29nnxah146409": {
            "kind": "disk",
            "vendor": "Samsung",
            "model": "PM951 NVMe SAMSUNG 256GB",
            "serial_number": "S29NNXAH146409",
            "slot": "nvme0n1",
            "firmware_version": "BXV77D0Q",
            "capacity": 244198,
            "technology": "PCI",
        },
        f"{LAPTOP}/memory/12161217": {**module, "serial_number": "12161217", "slot": "1"},
        f"{LAPTOP}/memory/12121212": {**module, "serial_number": "12121212", "slot": "2"},
        f"{LAPTOP}/battery/34605": {
            "kind": "battery",
            "vendor": "SMP",
            "model": "DELL RWT1R43",
            "serial_number": "34605",
            "technology": "lithium-ion",
            "manufacture_date": "2019-07-06",
        },
        f"{LAPTOP}/monitor/abh55d": {
            "kind": "monitor",
            "vendor": "Sharp Corporation",
            "model": "DJCP6",
            "serial_number": "ABH55D",
        },
        f"{LAPTOP}/controller/xyz": {
            "kind": "controller",
            "vendor": "Intel Corporation",
            "model": "Xeon",
            "serial_number": "xyz",
        },
        f"{LAPTOP}/mainboard//640hp72/ce129536461378/": {
            "kind": "mainboard",
            "vendor": "Dell Inc.",
            "model": "07TYC2",
            "serial_number": "/640HP72/CE129536461378/",
        },
    }
    assert all((key, LAPTOP) in found.of("part_of") for key in components)


def test_every_file_system_of_a_computer():
    found = read(example("computer_1"))
    systems = {v.name: v.attributes for v in found.items.values() if v.type == "file_system"}
    luks = {"encrypted": True, "encryption": "LUKS1 aes-xts-plain64"}
    rows = (
        ("/", "ext4", "/dev/mapper/xps-root", "e2d02a40-829a-44ce-b863-cf765ac2c9eb", 40189, luks),
        ("/var/www", "ext4", "/dev/mapper/xps-www", "80e8e3bb-7d19-4d1e-a8d5-3fb798627a5e", 20030,
         {}),
        ("/boot", "ext4", "/dev/nvme0n1p2", "dca65bdb-c073-4bcb-bd0d-210031a532c9", 975, {}),
        ("/var/lib/mysql", "ext4", "/dev/mapper/xps-maria", "79d60190-518f-4de4-8ed5-74146414b890",
         20030, luks),
        ("/home", "ext4", "/dev/mapper/xps-home", "b61d4fbf-32da-4c7a-8b15-45ae81b946b2", 120439,
         luks),
        ("/boot/efi", "vfat", "/dev/nvme0n1p1", "A710-491B", 199, {}),
    )  # fmt: skip
    assert systems == {
        mount: {
            "mount_point": mount,
            "format": format,
            "volume": volume,
            "volume_id": id,
            "size": size,
            **more,
        }
        for mount, format, volume, id, size, more in rows
    }


def test_every_interface_of_a_computer():
    found = read(example("computer_1"))
    interfaces = {k: v for k, v in found.items.items() if v.type == "network_interface"}
    assert {one.name: one.attributes for one in interfaces.values()} == {
        "lo": {
            "if_name": "lo",
            "interface_type": "loopback",
            "ip_addresses": ["127.0.0.1", "::1"],
            "networks": ["127.0.0.0/8", "::/12"],
            "oper_status": "up",
            "virtual": True,
        },
        "enp57s0u1u4": {
            "if_name": "enp57s0u1u4",
            "interface_type": "ethernet",
            "mac_address": "00:e0:4c:68:01:db",
            "ip_addresses": ["192.168.1.142", "fe80::b283:4fa3:d3f2:96b1"],
            "networks": ["192.168.1.0/24", "fe80::/64"],
            "gateway": "192.168.1.1",
            "speed": 100,
            "oper_status": "up",
            "virtual": False,
            "driver": "r8152",
        },
        "wlp58s0": {
            "if_name": "wlp58s0",
            "interface_type": "wifi",
            "mac_address": "44:85:00:2b:90:bc",
            "ip_addresses": ["192.168.1.118", "fe80::92a4:26c6:99dd:2d60"],
            "networks": ["192.168.1.0/24", "fe80::/64"],
            "gateway": "192.168.1.1",
            "oper_status": "up",
            "virtual": False,
            "driver": "iwlwifi",
            "ssid": "trashylands",
        },
        "virbr0": {
            "if_name": "virbr0",
            "interface_type": "bridge",
            "mac_address": "52:54:00:fa:20:0e",
            "ip_addresses": ["192.168.122.1"],
            "networks": ["192.168.122.0/24"],
            "oper_status": "up",
            "virtual": True,
        },
        "virbr0-nic": {
            "if_name": "virbr0-nic",
            "mac_address": "52:54:00:fa:20:0e",
            "oper_status": "down",
            "virtual": True,
        },
    }
    assert all((key, LAPTOP) in found.of("part_of") for key in interfaces)
    assert {one.within for one in interfaces.values()} == {LAPTOP}


def test_all_software_of_a_computer():
    found = read(example("computer_1"))
    packages = {v.name: v.attributes for v in found.items.values() if v.type == "software_package"}
    rows = (
        ("gitg", "3.32.1-1.fc31", 2.228, "2019-12-19",
         "GTK+ graphical interface for the git revision control system"),
        ("expat", "2.2.8-1.fc31", 0.256, "2019-12-19", "An XML parser library"),
        ("gnome-calculator", "3.34.1-1.fc31", 5.676, "2019-12-19", "A desktop calculator"),
        ("libcryptui", "3.12.2-18.fc31", 4.192, "2019-12-19", "Interface components for OpenPGP"),
        ("tar", "1.32-2.fc31", 2.989, "2019-12-19", "A GNU file archiving program"),
        ("gettext", "0.20.1-3.fc31", 4.961, "2020-01-15",
         "GNU libraries and utilities for producing multi-lingual messages"),
    )  # fmt: skip
    assert packages == {
        name: {
            "product": name,
            "version": version,
            "vendor": "Fedora Project",
            "architecture": "x86_64",
            "package_manager": "rpm",
            "category": "Unspecified",
            "size": size,
            "install_date": installed,
            "description": description,
        }
        for name, version, size, installed, description in rows
    }
    assert found.attributes(f"{LAPTOP}/software/operating-system") == {
        "product": "Fedora",
        "version": "31 (Workstation Edition)",
        "kernel": "5.6.15-200.fc31.x86_64",
        "architecture": "x86_64",
    }
    assert found.of("runs_on") == [
        (key, LAPTOP)
        for key, one in found.items.items()
        if one.type in ("operating_system", "software_package")
    ]


def test_databases():
    found = read(example("computer_2_partial_dbs"))
    host = "acomputer-2021-01-26-14-32-36"
    service = f"{host}/database/mariadb:3306"
    assert found.attributes(service) == {
        "product": "MariaDB",
        "instance": "MariaDB",
        "version": "Ver 15.1 Distrib 10.5.10-MariaDB",
        "port": 3306,
        "active": True,
        "backed_up": True,
        "last_backup": "2021-06-21",
    }
    assert found.attributes(f"{host}/database/postgresql 13:5432") == {
        "product": "PostgreSQL 13",
        "instance": "PostgreSQL 13",
        "vendor": "PostgreSQL",
        "version": "13.2.3",
        "port": 5432,
        "active": True,
        "backed_up": False,
    }
    inner = found.items[f"{service}/glpi"]
    assert inner.attributes == {"product": "MariaDB", "instance": "glpi", "size": 50.781}
    assert inner.within == service
    assert (f"{service}/glpi", service) in found.of("part_of")
    assert (service, host) in found.of("runs_on")


def test_guests():
    found = read(example("computer_2"))
    host = "acomputer-2021-01-26-14-32-36"
    assert found.items[host].type == "endpoint"  # that it hosts a machine does not make it a host
    container = found.items[f"{host}/guest/7e64b4b09941"]
    assert (container.type, container.name, container.within) == ("container", "db", None)
    assert container.attributes == {
        "container_id": "7e64b4b09941",
        "image": "postgres",
        "runtime": "docker",
        "state": "running",
    }
    assert found.items[f"{host}/guest/5506c9cf948e"].type == "container"  # it has an image
    guest = found.items[f"{host}/guest/'t"]
    assert guest.type == "virtual_machine"
    assert guest.attributes == {"vcpus": 1, "hypervisor_type": "Oracle VM VirtualBox"}
    assert len(found.of("hosted_on")) == 6


def test_several_versions_of_a_package_are_one_package():
    kernels = [{"name": "kernel", "arch": "x86_64", "version": f"5.{n}"} for n in (9, 13, 10)]
    package = read(inventory(softwares=kernels)).attributes("pc-1/package/kernel/x86_64")
    assert package["version"] == "5.13"
    assert package["versions"] == ["5.10", "5.13", "5.9"]
