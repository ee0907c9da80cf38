"""nmap's XML that is cut off, hostile, very large, or of hosts that are none."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cmdb.errors import UnreadableInput
from discovery.agents.nmap.phantoms import AnswersForAll
from discovery.agents.nmap.stream import MOST_BYTES, MOST_DEPTH
from tests.discovery.nmap_recordings import HEAD, port, ports, read, recorded, up, xml

ROOT = Path(__file__).resolve().parents[2]
HTTP = '<service name="http" product="nginx" method="probed" conf="10"/>'
WRAPPED = '<service name="tcpwrapped" method="probed" conf="8"/>'


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_it_does_not_matter_in_what_pieces_the_xml_comes(size):
    content = recorded("services")
    assert read(content, size=size) == read(content)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_what_is_cut_off_keeps_the_hosts_before(share):
    content = recorded("services")
    part = content[: int(len(content) * share)]
    reading = read(part)

    assert set(reading.hosts) < set(read(content).hosts)
    assert len(reading.hosts) == part.count(b"</host>")
    assert "ends before nmap had ended" in str(reading.errors[0])


ENTITIES = b'<!DOCTYPE nmaprun [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE nmaprun [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAMETER = b'<!DOCTYPE nmaprun [<!ENTITY % a SYSTEM "http://127.0.0.1/"> %a;]>'
HOST = xml(up("10.0.0.1", ports(port(80, HTTP)))).partition(b"<!DOCTYPE nmaprun>\n")[2]
FAILED = b'<runstats><finished exit="error" errormsg="no &lt;b&gt;"/></runstats></nmaprun>'


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (ENTITIES + HOST.replace(b"nginx", b"&b;"), "entities"),
        (OUTSIDE + HOST.replace(b"nginx", b"&a;"), "entities"),
        (PARAMETER + HOST, "entities"),
        (HOST.replace(b"nginx", b"&unknown;"), "undefined entity"),
        (HOST.replace(b"nginx", b"&#x1b;"), "not sound XML"),
        (b"<html>" + HOST, "not XML of nmap"),
        (b"\x00\x01\x02", "not sound XML"),
        (b"", "ends before"),
        (HEAD + b"<host>" * MOST_DEPTH + b"<a/>", "nested deeper"),
        (HEAD + b"<host><address addr='" + b"1" * (MOST_BYTES + 1000) + b"'/>", "MiB of XML"),
        (HEAD + FAILED, "nmap ended early: no <b>"),
    ],
    ids=range(11),
)
def test_hostile_xml_is_refused(content, detail):
    reading = read(content, size=1 << 20)

    assert not reading.items
    assert [type(one) for one in reading.errors] == [UnreadableInput]
    assert detail in str(reading.errors[0])


@pytest.mark.parametrize(
    "host",
    [
        up("10.0.0.300"),
        up("localhost"),
        up("10.0.0.1/24"),
        up("--script=x"),
        '<status state="up" reason="x"/>',
        '<address addr="10.0.0.7" addrtype="ipv4"/>',
        up("10.0.0.7", ports('<port protocol="tcp" portid="ssh"/>')),
        up("10.0.0.7", ports(port(0))),
        up("10.0.0.7", ports(port(65_536))),
        up("10.0.0.7", ports(port(80, protocol="icmp"))),
        up("10.0.0.7", ports('<port protocol="tcp" portid="80"/>')),
        up("10.0.0.7", ports(port(80, '<service name="x" conf="ten"/>'))),
        up("10.0.0.7", '<os><osmatch name="x" accuracy="most" line="1"/></os>'),
    ],
)
def test_a_host_that_makes_no_sense_is_an_error_beside_the_others(host):
    reading = read(xml(up("10.0.0.8"), host, up("10.0.0.9")))

    assert set(reading.items) == {"10.0.0.8", "10.0.0.9"}
    assert [type(one) for one in reading.errors] == [UnreadableInput]


def test_texts_of_strangers_are_one_line_of_bounded_length():
    told = f"&#x202e;a&#xa;b\t &#x7f;{'long' * 100}"
    said = f'product="{told}" extrainfo="{told}" method="probed" conf="10"'
    reading = read(xml(up("10.0.0.1", ports(port(80, f'<service name="http" {said}/>')))))
    service = reading.items["10.0.0.1/tcp/80"]

    assert service.attributes["product"].startswith("a b longlong")
    assert len(service.attributes["product"]) <= 200
    assert service.name.isprintable()


def network(count: int = 256, **how: Any) -> list[str]:
    """Hosts that are all alike."""
    return [up(f"10.1.2.{number}", **how) for number in range(count)]


@pytest.mark.parametrize(
    "hosts",
    [
        network(),
        network(mac="00:60:B0:20:01:01"),
        network(inner=ports(port(80, state="closed"))),
        network(inner=ports(port(80, WRAPPED))),
    ],
    ids=["silent", "one MAC address", "closed", "wrapped"],
)
def test_what_answers_for_all_addresses_is_no_host(hosts):
    reading = read(xml(*hosts))

    assert not reading.items
    assert [type(one) for one in reading.errors] == [AnswersForAll]
    assert "10.1.2.0/24: 256 addresses" in str(reading.errors[0])


def test_what_tells_something_of_itself_among_them_is_a_host():
    hosts = network()
    hosts[77] = up("10.1.2.77", ports(port(80, HTTP)))
    reading = read(xml(*hosts))

    assert set(reading.hosts) == {"10.1.2.77"}
    assert [type(one) for one in reading.errors] == [AnswersForAll]


def test_hosts_that_differ_or_are_few_are_hosts():
    cards = [up(f"10.1.2.{n}", mac=f"00:60:B0:20:01:{n:02X}") for n in range(256)]
    assert len(read(xml(*cards)).hosts) == 256
    assert len(read(xml(*network(200))).hosts) == 200


MEMORY = """
from pathlib import Path
from discovery.agents import nmap
from tests.discovery.nmap_recordings import END, HEAD, recorded

parts = recorded("services").split(b"<host ")[1:]
hosts = [b"<host " + one.partition(b"</host>")[0] for one in parts]

def content():
    yield HEAD
    for number in range(10_000):
        before, place, after = hosts[number % len(hosts)].partition(b'<address addr="')
        address = b"10.%d.%d.%d" % (number >> 16, number >> 8 & 255, number & 255)
        yield before + place + address + b'"' + after.partition(b'"')[2] + b"</host>"
    yield END

told = nmap.parse(nmap.Recording("scan.xml", content()))
print(sum(hasattr(one, "coverage") for one in told))
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
print(int(peak.split()[0]) // 1024)  # ru_maxrss would be that of the parent, if larger
"""


def test_ten_thousand_hosts_are_read_in_bounded_memory():
    done = subprocess.run([sys.executable, "-c", MEMORY], cwd=ROOT, capture_output=True, text=True)
    items, megabytes = map(int, done.stdout.split())

    assert items > 20_000
    assert megabytes < 300


RECONCILED = """
import tempfile
from pathlib import Path
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.stores.sqlite import SQLiteStore
from discovery.agents import nmap
from tests.discovery.nmap_recordings import END, HEAD, port, ports, up

said = ports(
    port(22, '<service name="ssh" product="OpenSSH" version="9.2" conf="10"/>'),
    port(80, '<service name="http" conf="3"/>'),
)

def content():
    yield HEAD
    for number in range(10_000):
        high, low = divmod(number, 256)
        card = f"00:1A:2B:00:{high:02X}:{low:02X}"
        yield f"<host>{up(f'10.0.{high}.{low}', said, mac=card)}</host>".encode()
    yield END

actor = Actor("test", frozenset({"administrator"}))
with tempfile.TemporaryDirectory() as folder:
    env = Environment(SQLiteStore(Path(folder) / "cmdb.db"))
    told = nmap.parse(nmap.Recording("scan.xml", content()))
    report = ingest(actor, env, told, source="nmap", reason="test", waiting=True)
    env.close()
peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
print(report.items.created, report.relations.created, int(peak.split()[0]) // 1024)
"""


def test_ten_thousand_hosts_are_reconciled_in_bounded_memory():
    done = subprocess.run(
        [sys.executable, "-c", RECONCILED], cwd=ROOT, capture_output=True, text=True
    )
    items, relations, megabytes = map(int, done.stdout.split())
    assert (items, relations) == (30_000, 20_000)
    assert megabytes < 300
