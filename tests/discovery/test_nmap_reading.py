"""nmap's XML: recordings of real scans, and what each kind of service and host becomes."""

import subprocess
import sys
from pathlib import Path

import pytest

from cmdb.errors import UnreadableInput
from cmdb.schema.catalog import builtin_catalog
from discovery import readers
from discovery.agents import nmap
from discovery.agents.nmap.reading import HostTimedOut
from tests.discovery.nmap_recordings import DATA, port, ports, read, recorded, up, xml

ROOT = Path(__file__).resolve().parents[2]
HTTP = '<service name="http" product="nginx" method="probed" conf="10"/>'


def test_a_scan_of_services_tells_hosts_and_what_runs_on_them():
    reading = read(recorded("services"), site="lab")

    assert reading.errors == []
    assert len(reading.hosts) == 8
    web = reading.items["lab/10.20.1.11"]
    assert web.attributes == {
        "site": "lab",
        "ip_addresses": ["10.20.1.11"],
        "mac_addresses": ["00:14:22:20:01:00"],
        "vendor": "Dell",
        "open_ports": ["tcp/22", "tcp/80"],
    }
    assert (web.type, web.coverage) == ("unclassified", "part")
    assert web.attribute_confidence["vendor"] < 0.5
    assert web.observed_at == pytest.approx(1_795_600_000, abs=10_000)
    assert {name: one.type for name, one in reading.of("lab/10.20.1.11").items()} == {
        "tcp/22": "software_service",
        "tcp/80": "web_server",
    }
    assert reading.of("lab/10.20.1.11")["tcp/80"].attributes == {
        "site": "lab",
        "port": 80,
        "product": "nginx",
        "version": "1.22.1",
        "cpes": ["cpe:/a:igor_sysoev:nginx:1.22.1"],
        "urls": ["http://10.20.1.11:80/"],
    }
    assert reading.of("lab/10.20.1.11")["tcp/22"].attributes["cpes"] == [
        "cpe:/a:matt_johnston:dropbear_ssh_server:2022.83",
        "cpe:/o:linux:linux_kernel",
    ]
    assert {one.type for one in reading.relations} == {"runs_on"}
    # where something listens is certain, also where what it is was guessed from its port
    assert {one.confidence for one in reading.relations} == {None}


def test_a_version_that_nmap_only_bounds_is_a_weak_word():
    reading = read(recorded("services"))
    postgres = reading.of("10.20.2.11")["tcp/5432"]
    redis = reading.of("10.20.2.21")["tcp/6379"]

    assert (postgres.type, postgres.attributes["product"]) == ("database", "PostgreSQL")
    assert postgres.attributes["version"] == "9.6.0 or later"
    assert postgres.attribute_confidence["version"] < postgres.confidence
    assert (redis.type, redis.attributes["version"]) == ("database", "7.0.15")
    assert "version" not in redis.attribute_confidence


def test_a_deep_scan_guesses_the_system_and_finds_snmp():
    reading = read(recorded("deep"))
    switch = reading.items["10.20.3.11"]

    assert switch.attributes["guess"].startswith("Linux ")
    assert switch.attribute_confidence["guess"] <= 0.5
    assert "operating_system" not in switch.attributes
    snmp = reading.of("10.20.3.11")["udp/161"]
    assert (snmp.attributes["product"], snmp.attributes["protocol"]) == ("net-snmp", "snmp")


def test_a_sweep_tells_hosts_and_nothing_of_ports():
    reading = read(recorded("sweep"))

    assert len(reading.items) == 7
    assert all("open_ports" not in one.attributes for one in reading.items.values())
    assert reading.items["10.20.1.254"].attributes == {"ip_addresses": ["10.20.1.254"]}


def test_a_scan_without_privilege_tells_all_but_mac_addresses():
    reading = read(recorded("unprivileged"))

    assert set(reading.hosts) == {"10.20.2.11", "10.20.2.21"}
    assert all("mac_addresses" not in one.attributes for one in reading.hosts.values())
    assert reading.of("10.20.2.21")["tcp/6379"].attributes["product"] == "Redis"


def test_odd_services():
    reading = read(recorded("odd"))
    host, found = reading.items["10.20.4.11"], reading.of("10.20.4.11")

    assert host.type == "printer"
    assert host.attributes["ssh_host_keys"] == [  # as `ssh-keygen -l` shows them
        "SHA256:E5JnCIMgUN0wv0a355QCnau7Yx7ArgHBJu5ncwmjwcM",
        "SHA256:tDc/lwc7HoU56OBQv7qGuNByBwyPSWvfDKIVtIilHXI",
    ]
    assert found["tcp/443"].attributes["urls"] == ["https://10.20.4.11:443/"]
    assert found["tcp/443"].type == "web_server"
    unknown = found["tcp/5000"]
    assert (unknown.type, unknown.coverage) == ("software_service", "part")
    assert "product" not in unknown.attributes
    assert unknown.confidence == pytest.approx(0.3)
    assert "tcp/9000" in host.attributes["open_ports"]
    assert "tcp/9000" not in found  # it says nothing: tcpwrapped
    assert "udp/161" not in found  # it is closed


def test_a_host_that_took_too_long_is_told_without_its_ports_and_as_an_error():
    reading = read(recorded("timed-out"))

    assert set(reading.items) == {"10.20.4.11"}
    assert "open_ports" not in reading.items["10.20.4.11"].attributes
    assert [type(one) for one in reading.errors] == [HostTimedOut]


def test_hosts_that_were_only_assumed_to_be_there_are_none():
    seen = up("10.0.0.2", ports(port(80, HTTP)), reason="user-set")
    reading = read(xml(up("10.0.0.1", ports(port(80, state="closed")), reason="user-set"), seen))

    assert set(reading.hosts) == {"10.0.0.2"}


def test_what_may_be_open_is_not_told():
    states = ("open|filtered", "filtered", "closed", "unfiltered")
    several = [port(number, HTTP, state) for number, state in enumerate(states, 80)]
    reading = read(xml(up("10.0.0.1", ports(*several))))

    assert reading.items["10.0.0.1"].attributes["open_ports"] == []
    assert len(reading.items) == 1


def test_names_are_those_of_dns():
    typed = '<hostname name="typed" type="user"/>'
    names = f'<hostnames>{typed}<hostname name="db-1.lab.example." type="PTR"/></hostnames>'
    host = read(xml(up("10.0.0.1").replace("<hostnames/>", names))).items["10.0.0.1"]

    assert host.name == host.attributes["hostname"] == "db-1"
    assert host.attributes["fqdn"] == "db-1.lab.example"
    assert host.attribute_confidence == {"hostname": 0.5, "fqdn": 0.5}


SERVICES = [
    ("mysql", "MySQL", "database"),
    ("mysql", "MariaDB", "database"),
    ("ms-sql-s", "Microsoft SQL Server 2019", "database"),
    ("oracle-tns", "Oracle TNS listener", "database"),
    ("mongodb", "MongoDB", "database"),
    ("http", "Elasticsearch REST API", "database"),
    ("memcached", "Memcached", "middleware"),
    ("amqp", "RabbitMQ", "middleware"),
    ("http", "Apache Tomcat/Coyote JSP engine", "middleware"),
    ("http-proxy", "HAProxy http proxy", "middleware"),
    ("http", "Apache httpd", "web_server"),
    ("https", "", "web_server"),
    ("http", "Microsoft IIS httpd", "web_server"),
    ("ssh", "OpenSSH", "software_service"),
    ("domain", "ISC BIND", "software_service"),
    ("smtp", "Postfix smtpd", "software_service"),
    ("ldap", "OpenLDAP", "software_service"),
]


@pytest.mark.parametrize(("name", "product", "type_name"), SERVICES)
def test_what_listens_has_the_type_of_its_product(name, product, type_name):
    service = f'<service name="{name}" product="{product}" method="probed" conf="10"/>'
    reading = read(xml(up("10.0.0.1", ports(port(999, service)))))
    assert reading.items["10.0.0.1/tcp/999"].type == type_name


@pytest.mark.parametrize("name", sorted({name for name, _, _ in SERVICES}))
def test_a_port_number_proves_no_product(name):
    service = f'<service name="{name}" method="table" conf="3"/>'
    found = read(xml(up("10.0.0.1", ports(port(999, service))))).items["10.0.0.1/tcp/999"]
    assert (found.type, found.coverage, found.confidence) == ("software_service", "part", 0.3)


def test_services_that_disagree_leave_the_host_unclassified():
    several = [
        port(number, f'<service name="x" devicetype="{kind}" method="probed" conf="10"/>')
        for number, kind in enumerate(("printer", "router"), 1)
    ]
    assert read(xml(up("10.0.0.1", ports(*several)))).items["10.0.0.1"].type == "unclassified"
    assert read(xml(up("10.0.0.1", ports(several[1])))).items["10.0.0.1"].type == "router"


def test_a_recording_is_known_by_its_name_and_replayed():
    name, document = readers.opened(str(DATA / "services.xml"), None, builtin_catalog())
    told = list(readers.reader(name)(document))
    assert name == "nmap"
    assert len({one.key for one in told if hasattr(one, "key")}) == 17


def test_no_nmap_is_needed_to_read_a_recording():
    code = (
        "import os; os.environ['PATH'] = '/nonexistent'\n"
        "from cmdb.schema.catalog import builtin_catalog\n"
        "from discovery.agents import nmap\n"
        f"document = nmap.open_document({str(DATA / 'sweep.xml')!r}, builtin_catalog())\n"
        "print(sum(1 for _ in nmap.parse(document)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "7\n", done.stderr


def test_a_document_of_another_kind_is_refused():
    with pytest.raises(UnreadableInput):
        list(nmap.parse({"hosts": []}))
