"""The listener on loopback: real datagrams of syslog, and real traps of all versions by pysnmp."""

import asyncio
import socket
import threading
import time

import pytest
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    NotificationType,
    ObjectIdentity,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    send_notification,
    usmAesCfb128Protocol,
    usmHMAC192SHA256AuthProtocol,
)
from pysnmp.proto.rfc1902 import Integer32, OctetString

from cmdb.errors import InvalidInput
from cmdb.services.ticket_configuration import put_setting
from cmdb.stores.sqlite import SQLiteStore
from discovery.agent import Secret
from discovery.listening import Inbox, Limits, Listener, Listening, Message, address_of
from tests.alert_world import ADMIN, World

HERE = ("127.0.0.1", 0)
WAIT = 20.0
LINK_DOWN, LINK_UP = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"
SECRETS = (
    Secret("v2", "snmp_v2c", {"community": "let-me-in"}),
    Secret(
        "v3",
        "snmp_v3",
        {
            "user": "trapper",
            "auth": "SHA-256",
            "auth_key": "authentication",
            "privacy": "AES",
            "privacy_key": "privacy-of-it",
        },
    ),
)


@pytest.fixture
def world(tmp_path):
    made = World(SQLiteStore(tmp_path / "cmdb.db"))
    made.now = time.time()
    yield made
    made.env.close()


@pytest.fixture
def listening(world):
    """Starts listeners, and ends them."""
    started = []

    def start(**what):
        listener = Listener(world.env, Listening(**what))
        listener.start()
        started.append(listener)
        return listener

    yield start
    for listener in started:
        listener.close()


def until(condition):
    """Wait for something that is sure to come."""
    ended = time.monotonic() + WAIT
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < ended
        pause.wait(0.02)


def send(port, *lines):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for line in lines:
            sender.sendto(line, ("127.0.0.1", port))


def trap(port, auth, oid=LINK_DOWN, kind="trap"):
    """Send a notification as pysnmp does."""

    async def sent():
        snmp = SnmpEngine()
        try:
            return await send_notification(
                snmp,
                auth,
                await UdpTransportTarget.create(("127.0.0.1", port), timeout=5, retries=0),
                ContextData(),
                kind,
                NotificationType(ObjectIdentity(oid)).add_varbinds(
                    ("1.3.6.1.2.1.2.2.1.1.7", Integer32(7)),
                    ("1.3.6.1.2.1.2.2.1.2.7", OctetString("eth7")),
                    ("1.3.6.1.2.1.1.5.0", OctetString("acc-1")),
                ),
            )
        finally:
            snmp.close_dispatcher()

    return asyncio.run(sent())


def test_syslog_becomes_alerts(world, listening):
    listener = listening(syslog=HERE)
    lines = [
        f"<131>1 - srv0-{n % 4}.example.org app - down{n} - it failed".encode() for n in range(8)
    ]
    send(listener.ports["syslog"], *lines, b"rubbish", b"\xff" * 9000)
    until(lambda: world.count() == 8)
    assert world.count(states=frozenset({"firing"})) == 8
    until(lambda: listener.inbox.counts["refused"] == 2)


def test_a_listener_that_ends_takes_in_what_it_has_heard(world, listening):
    listener = listening(syslog=HERE)
    for part in range(6):
        lines = (b"<11>1 - h a - m%d - it broke" % n for n in range(50 * part, 50 * part + 50))
        send(listener.ports["syslog"], *lines)
        until(lambda: listener.inbox.counts["received"] == 50 * part + 50)  # noqa: B023
    listener.close()
    assert world.count() == 300


def test_who_sends_too_much_is_limited(world, listening):
    listener = listening(syslog=HERE, rate=0.001, burst=5)
    send(listener.ports["syslog"], *(b"<11>1 - h a - m%d - it broke" % n for n in range(50)))
    until(lambda: sum(listener.inbox.counts[one] for one in ("received", "limited")) == 50)
    assert listener.inbox.counts["received"] == 5
    until(lambda: world.count() == 5)


def test_an_inbox_is_bounded():
    inbox = Inbox(Limits(1, 1), most=3)
    for n in range(5):
        inbox.offer(Message("syslog", b"%d" % n, "a"))
    assert [one.body for one in inbox.take(10)] == [b"0", b"1", b"2"]
    assert inbox.counts["dropped"] == 2


def test_senders_are_limited_one_by_one_and_forgotten():
    limits = Limits(rate=1.0, burst=2.0)
    assert [limits.allows("a", 0.0) for _ in range(3)] == [True, True, False]
    assert limits.allows("b", 0.0)
    assert limits.allows("a", 1.0)
    for n in range(20_000):
        limits.allows(f"sender {n}", 2.0)
    assert len(limits._left) <= 10_000


V3 = UsmUserData(
    "trapper",
    "authentication",
    "privacy-of-it",
    authProtocol=usmHMAC192SHA256AuthProtocol,
    privProtocol=usmAesCfb128Protocol,
)


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        (CommunityData("let-me-in", mpModel=0), "trap"),
        (CommunityData("let-me-in", mpModel=1), "trap"),
        (CommunityData("let-me-in", mpModel=1), "inform"),
        (V3, "trap"),
        (V3, "inform"),
    ],
    ids=("v1", "v2c", "v2c inform", "v3", "v3 inform"),
)
def test_traps_become_alerts(world, listening, auth, kind):
    listener = listening(traps=HERE, secrets=SECRETS)
    port = listener.ports["traps"]
    fault, *_ = trap(port, auth, kind=kind)
    assert fault is None
    until(lambda: world.count() == 1)
    (ticket,) = world.tickets("alert")
    assert ticket.title == "acc-1 linkDown eth7"
    assert (ticket.state, ticket.tied("affected")) == ("firing", ["acc1"])
    trap(port, auth, LINK_UP, kind)
    until(lambda: world.tickets("alert")[0].state == "cleared")
    assert world.count() == 1


def test_traps_of_strangers_are_not_heard(world, listening):
    listener = listening(traps=HERE, secrets=SECRETS)
    port = listener.ports["traps"]
    trap(port, CommunityData("guessed", mpModel=1))
    send(port, b"\x30\x82\xff\xff", b"", b"\x00" * 2000)
    trap(port, CommunityData("let-me-in", mpModel=1))
    until(lambda: world.count() == 1)
    assert listener.inbox.counts["received"] == 1


def test_addresses():
    assert address_of("127.0.0.1:514", "x") == ("127.0.0.1", 514)
    assert address_of("[::1]:162", "x") == ("::1", 162)
    for wrong in ("514", ":514", "a:b", "a:99999"):
        with pytest.raises(InvalidInput):
            address_of(wrong, "x")


def test_where_nothing_can_listen_it_says_so(world, listening):
    taken = listening(syslog=HERE)
    where = ("127.0.0.1", taken.ports["syslog"])
    with pytest.raises(InvalidInput, match="cannot listen"):
        Listener(world.env, Listening(syslog=where)).start()


def test_a_source_says_at_which_site_its_addresses_hold(world, listening):
    put_setting(ADMIN, world.env, "alert_source", "lab", {"format": "syslog", "site": "lab"})
    listener = listening(syslog=HERE, syslog_source="lab")
    send(listener.ports["syslog"], b"<11>1 - 10.9.9.9 a - m - it broke")
    until(lambda: world.count() == 1)
    (ticket,) = world.tickets("alert")
    assert "site=lab" in ticket.fields["evidence"]
