"""Connection tables: what listens, who is the client, and what a table cannot tell."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError, UnreadableInput
from cmdb.identity.endpoints import Endpoint, endpoint
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from discovery import readers
from discovery.agents import connections
from discovery.agents.connections.recording import Document
from tests.readings import taken

DATA = Path(__file__).parents[1] / "data" / "connections"
WEB = "web01.example.org@hq"


class Reading:
    def __init__(self, document: Document) -> None:
        found = list(connections.parse(document))
        taken(found)
        self.items = {one.key: one for one in found if isinstance(one, ObservedItem)}
        self.relations = [one for one in found if isinstance(one, ObservedRelation)]
        self.errors = [str(one) for one in found if isinstance(one, CMDBError)]
        names = [(one.from_key, one.type, one.to_key) for one in self.relations]
        assert len(set(names)) == len(names)
        for one in self.relations:
            for key in (one.from_key, one.to_key):
                assert key in self.items or endpoint(key) is not None

    @property
    def depends(self) -> set[tuple[str, str, str]]:
        return {
            (one.from_key, one.type, one.to_key) for one in self.relations if one.type != "runs_on"
        }


def read(text: str, name: str = "web01") -> Reading:
    return Reading(Document(name, text))


def recorded(name: str) -> Reading:
    form, document = readers.opened(str(DATA / name), "connections", builtin_catalog())
    assert form == "connections"
    return Reading(document)


def test_a_host_of_ss_is_known_by_name_address_and_mac():
    host = recorded("web01.txt").items[WEB]
    assert host.attributes == {
        "hostname": "web01",
        "fqdn": "web01.example.org",
        "ip_addresses": ["10.1.1.1"],
        "mac_addresses": ["00:14:22:01:02:03"],
        "site": "hq",
    }
    assert host.observed_at == 1769850000


def test_what_listens_is_a_service_of_its_kind_within_the_host():
    found = recorded("web01.txt").items
    services = {one.attributes["port"]: one for key, one in found.items() if "/port/" in key}
    assert {port: one.type for port, one in services.items()} == {
        53: "software_service",
        80: "web_server",
        443: "web_server",
        6379: "middleware",
    }
    assert {one.within for one in services.values()} == {WEB}
    assert services[53].attributes["bind_address"] == "127.0.0.1"
    assert services[53].evidence["protocols"] == ["tcp", "udp"]


def test_the_side_that_listens_is_the_server():
    assert recorded("web01.txt").depends == {
        (f"{WEB}/port/80", "depends_on", "endpoint:10.1.2.9/tcp/5432@hq"),
        (f"{WEB}/port/443", "depends_on", "endpoint:10.1.2.9/tcp/5432@hq"),
        (f"{WEB}/port/80", "depends_on", f"{WEB}/port/6379"),
        (f"{WEB}/port/443", "depends_on", f"{WEB}/port/6379"),
        (f"{WEB}/program/batch", "depends_on", "endpoint:10.1.2.10/tcp/3306@hq"),
        (WEB, "uses", "endpoint:10.1.2.11/tcp/25@hq"),
        ("endpoint:10.1.3.3@hq", "uses", f"{WEB}/port/443"),
    }


def test_netstat_of_linux():
    found = recorded("netstat-linux.txt")
    host = "netstat-linux"
    assert {key for key in found.items if "/port/" in key} == {
        f"{host}/port/5432",
        f"{host}/port/22",
        f"{host}/port/123",
    }
    assert found.items[f"{host}/port/5432"].type == "database"
    assert found.depends == {
        ("endpoint:10.1.1.1", "uses", f"{host}/port/5432"),
        (f"{host}/program/python3", "depends_on", "endpoint:10.1.2.30/tcp/9200"),
        ("endpoint:2001:db8::77", "uses", f"{host}/port/22"),
    }
    assert found.errors == [
        "netstat-linux, line 11: it is 'tcp 0 0 10.1.2.9:52000 10.1.2.44 ESTABLISHED 951/broken',"
        " but must be two addresses with ports, such as 10.0.0.5:443"
    ]


def test_netstat_of_windows_in_any_language():
    found = recorded("SQL7.txt")
    assert found.items["SQL7/port/1433"].type == "database"
    assert found.items["SQL7/port/445"].attributes["port"] == 445
    assert found.depends == {
        ("endpoint:10.1.1.1", "uses", "SQL7/port/1433"),
        ("SQL7/program/billing.exe", "depends_on", "endpoint:10.1.4.8/tcp/389"),
        ("SQL7/program/billing.exe", "depends_on", "endpoint:10.1.4.8"),  # a port of RPC
    }
    assert found.errors == []


def test_windows_also_writes_utf_16_and_programs_in_brackets(tmp_path):
    text = (
        "  TCP    0.0.0.0:8080    0.0.0.0:0    LISTENING    77\r\n [tomcat9.exe]\r\n"
        "  TCP    10.0.0.1:50001    10.0.0.2:1521    ESTABLISHED    77\r\n [tomcat9.exe]\r\n"
    )
    path = tmp_path / "app.txt"
    path.write_bytes(text.encode("utf-16"))
    _, document = readers.opened(str(path), "connections", builtin_catalog())
    found = Reading(document)
    assert found.items["app/port/8080"].name == "tomcat9.exe tcp/8080"
    assert found.depends == {("app/port/8080", "depends_on", "endpoint:10.0.0.2/tcp/1521")}


LISTENS = 'tcp LISTEN 0 5 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=1,fd=6))\n'


def connected(local: str, remote: str, users: str = 'users:(("nginx",pid=1,fd=7))') -> str:
    return f"tcp ESTAB 0 0 {local} {remote} {users}\n"


def test_each_hour_counts_once_and_a_recording_without_time_counts_once():
    line = connected("10.0.0.1:40000", "10.0.0.2:5432")
    timed = "".join(
        f"# at 2026-01-31T{clock}+01:00\n{LISTENS}{line}"
        for clock in ("09:00:00", "09:20:00", "11:00:00")
    )
    (found,) = (one for one in read(timed).relations if one.type == "depends_on")
    assert found.evidence["sightings"] == ["2026-01-31T08Z", "2026-01-31T10Z"]
    assert found.confidence == 0.25
    twice = [read(LISTENS + line).relations[-1].evidence["sightings"] for _ in range(2)]
    assert twice[0] == twice[1]
    assert len(twice[0]) == 1
    assert read(LISTENS * 2 + line).relations[-1].evidence["sightings"] != twice[0]


@pytest.mark.parametrize(
    "line",
    [
        connected("10.0.0.1:40000", "8.8.8.8:53"),  # of a stranger
        connected("[fe80::1%eth0]:40000", "[fe80::2%eth0]:445"),
        connected("10.0.0.1:40000", "10.0.0.2:22", 'users:(("ssh",pid=9,fd=3))'),
        "tcp SYN-SENT 0 1 10.0.0.1:40000 10.0.0.2:5432\n",
        connected("127.0.0.1:40000", "127.0.0.1:9999"),  # nobody listens there
        "udp UNCONN 0 0 0.0.0.0:50000 0.0.0.0:*\n",
        "u_str ESTAB 0 0 * 12345 * 12346\n",
    ],
)
def test_what_is_no_dependency(line):
    found = read(LISTENS + line)
    assert found.depends == set()
    assert [key for key in found.items if "/port/" in key] == ["web01/port/80"]


def test_a_host_with_a_public_address_has_neighbours_with_public_addresses():
    line = connected("193.99.144.80:40000", "193.99.144.85:5432")
    assert read(LISTENS + line).depends == {
        ("web01/port/80", "depends_on", "endpoint:193.99.144.85/tcp/5432")
    }


def test_who_serves_everybody_has_no_clients_told():
    lines = [connected("10.0.0.1:80", f"10.0.1.{n}:{50000 + n}") for n in range(1, 51)]
    assert len(read(LISTENS + "".join(lines)).depends) == 50
    lines.append(connected("10.0.0.1:80", "10.0.2.1:50000"))
    assert read(LISTENS + "".join(lines)).depends == set()


def test_without_listening_sockets_the_ports_tell_who_is_the_server():
    found = read(
        connected("10.0.0.1:5432", "10.0.0.2:40000", "")
        + connected("10.0.0.1:40001", "10.0.0.3:25", 'users:(("exim",pid=3,fd=1))')
    )
    assert found.depends == {("web01/program/exim", "depends_on", "endpoint:10.0.0.3/tcp/25")}


def test_a_runtime_is_known_by_its_process_alone():
    text = (
        'tcp LISTEN 0 5 *:8080 *:* users:(("java",pid=10,fd=6))\n'
        + connected("10.0.0.1:40000", "10.0.0.2:1521", 'users:(("java",pid=10,fd=8))')
        + connected("10.0.0.1:40001", "10.0.0.2:3306", 'users:(("java",pid=11,fd=8))')
    )
    assert read(text).depends == {
        ("web01/port/8080", "depends_on", "endpoint:10.0.0.2/tcp/1521"),
        ("web01/program/java", "depends_on", "endpoint:10.0.0.2/tcp/3306"),
    }


def test_a_recording_is_of_one_host_whatever_its_output_says():
    text = "# target 10.0.0.9\n# site hq\n# ssh-host-key SHA256:x\n# site evil\n# target 1.2.3.4\n"
    assert next(iter(read(text + LISTENS).items)) == "10.0.0.9@hq"


def test_a_file_of_something_else_is_refused():
    with pytest.raises(UnreadableInput, match="no line of it"):
        list(connections.parse(Document("x", "Hello,\nworld\n")))


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_is_read_or_refused(text, name):
    for document in (Document(name, text), Document(name, f"{LISTENS}tcp {text}")):
        try:
            found = list(connections.parse(document))
        except UnreadableInput:
            continue
        assert found


@given(
    st.ip_addresses(),
    st.none() | st.tuples(st.sampled_from(["tcp", "udp"]), st.integers(0, 65535)),
    st.none() | st.text(min_size=1, max_size=20),
)
def test_an_endpoint_is_read_as_it_was_written(address, port, site):
    written = Endpoint(str(address), *(port or (None, None)), site)
    assert endpoint(written.text()) == written
