"""Zone files and leases: which hosts they name, and which entries are of none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmdb.errors import CMDBError, Rejected, UnreadableInput
from cmdb.schema.catalog import builtin_catalog
from discovery import readers
from discovery.agents import dhcp_leases, dns_zone
from discovery.agents.dhcp_leases.lease import Document as Leases
from discovery.agents.dns_zone import Document as Zone
from tests.discovery.asking import Asked, Reading

DATA = Path(__file__).parents[1] / "data"


def read(agent: str, path: Path) -> Reading:
    form, document = readers.opened(str(path), agent, builtin_catalog())
    return Reading(readers.reader(form)(document))


def test_a_zone_names_hosts_and_what_they_offer():
    found = read("dns_zone", DATA / "dns" / "db.example.org")
    hosts = {key: one for key, one in found.items.items() if one.type == "unclassified"}
    assert {key: one.attributes["ip_addresses"] for key, one in hosts.items()} == {
        "ns1.example.org": ["10.1.0.53", "2001:db8::53"],
        "web.example.org": ["10.1.1.1"],
        "dc1.example.org": ["10.1.0.10"],
    }
    assert hosts["web.example.org"].attributes["hostname"] == "web"
    assert {key: one.name for key, one in found.items.items() if key not in hosts} == {
        "dc1.example.org/port/389": "ldap tcp/389",
        "dc1.example.org/port/88": "kerberos udp/88",
    }
    (error,) = found.errors
    assert error.startswith("db.example.org, line 14: ")


def test_a_reverse_zone_names_the_same_hosts():
    found = read("dns_zone", DATA / "dns" / "1.1.10.in-addr.arpa.zone")
    (host,) = found.items.values()
    assert (host.key, host.attributes["ip_addresses"]) == ("web.example.org", ["10.1.1.1"])
    assert found.errors == []


@pytest.mark.parametrize(
    "text",
    [
        "$INCLUDE /etc/passwd\nweb IN A 10.0.0.1\n",
        "$ORIGIN example.org.\n@ IN SOA a b 1 2 3 4 5\n$INCLUDE /etc/hostname\nweb IN A 10.0.0.1\n",
        "$ORIGIN example.org.\n$GENERATE 1-1000000000 h$ A 10.0.0.1\nweb IN A 10.0.0.1\n",
    ],
)
def test_no_other_file_is_read_and_nothing_is_generated(text):
    found = list(dns_zone.parse(Zone("db.example.org", text)))
    errors = [one for one in found if isinstance(one, CMDBError)]
    assert len(errors) == 1
    assert len(found) == 2


def test_a_zone_without_a_name_is_refused():
    with pytest.raises(UnreadableInput):
        list(dns_zone.parse(Zone("zone", "web IN A 10.0.0.1\n")))


def test_leases_of_dhcpd():
    found = read("dhcp_leases", DATA / "dhcp" / "dhcpd.leases")
    clients = {key: (one.name, one.attributes["ip_addresses"]) for key, one in found.items.items()}
    assert clients == {
        "00:14:22:01:02:99": ("new-20.example.org", ["10.1.8.20"]),
        "00:14:22:01:02:21": ("00:14:22:01:02:21", ["10.1.8.21", "10.1.8.30"]),
    }
    assert found.items["00:14:22:01:02:99"].observed_at == 1769850000
    assert found.items["00:14:22:01:02:99"].attributes["fqdn"] == "new-20.example.org"
    assert found.errors == [
        "dhcpd.leases, line 47: the address is '10.1.8.300', but must be an IP address",
        "dhcpd.leases, line 50: the block has no end; get the file again in full",
    ]


def test_leases_of_dnsmasq():
    found = read("dhcp_leases", DATA / "dhcp" / "dnsmasq.leases")
    assert {key: one.name for key, one in found.items.items()} == {
        "00:14:22:01:02:20": "desk-20",
        "00:14:22:01:02:21": "00:14:22:01:02:21",
        "00:01:00:01:aa:bb:cc:dd:00:14:22:01:02:40": "laptop",
    }
    assert len(found.errors) == 1
    assert "line 3" in found.errors[0]


def test_leases_of_kea():
    found = read("dhcp_leases", DATA / "dhcp" / "kea-leases4.csv")
    (client,) = found.items.values()
    assert client.attributes == {
        "hostname": "desk-20",
        "fqdn": "desk-20.example.org",
        "ip_addresses": ["10.1.8.20"],
        "mac_addresses": ["00:14:22:01:02:20"],
    }
    assert client.observed_at == 1769850000
    assert found.errors == [
        "kea-leases4.csv, line 5: 'expire' is 'soon', but must be a number of seconds,"
        " as is 'valid_lifetime'"
    ]


def test_files_are_agents_too_and_what_they_name_is_at_the_site():
    path = DATA / "dhcp" / "dnsmasq.leases"
    found = Asked("dhcp_leases", str(path))
    assert {one.attributes["site"] for one in found.reading.items.values()} == {"hq"}
    assert found.reading.covered == []  # a line of it was bad
    assert found.commands == [f"read {path}"]
    whole = Asked("dns_zone", str(DATA / "dns" / "1.1.10.in-addr.arpa.zone"))
    assert len(whole.reading.covered) == 1


@pytest.mark.parametrize("address", ["leases", "http://10.0.0.1/leases", "", "-oN /tmp/x", "/a\0b"])
def test_an_agent_of_files_takes_whole_paths_only(address):
    with pytest.raises(Rejected):
        Asked("dhcp_leases", address)


PIECES = (
    "lease 10.0.0.1 {",
    "  hardware ethernet 00:14:22:01:02:20;",
    "}",
    "  starts epoch 9;",
    "0 00:14:22:01:02:20 10.0.0.1 a *",
    "address,valid_lifetime,expire",
    "10.0.0.1,1,1",
    "@ IN SOA a b 1 2 3 4 5",
    "web IN A 10.0.0.1",
    "$ORIGIN example.org.",
    "x IN PTR y.",
    "(",
    "_ldap._tcp IN SRV 0 0 389 web",
)
LINES = st.lists(st.one_of(st.text(max_size=40), st.sampled_from(PIECES)), max_size=12)


@given(LINES)
def test_any_text_is_read_or_refused(lines):
    text = "\n".join(lines)
    for parse, document in (
        (dns_zone.parse, Zone("db.example.org", text)),
        (dhcp_leases.parse, Leases("x", text)),
    ):
        try:
            Reading(parse(document))
        except UnreadableInput:
            continue
