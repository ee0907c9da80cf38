"""Listening for syslog and SNMP traps over UDP: bounded, limited by sender, and told when it drops.

What comes waits in a bounded inbox until it is committed. UDP keeps nothing for us, so what does
not fit is counted and told in the log, and never holds up anything else.
"""

import asyncio
import logging
import socket
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv

from cmdb.errors import CMDBError, InvalidInput
from cmdb.services.actor import Actor
from cmdb.services.alerting.intake import alert_source, submit_alerts
from cmdb.services.environment import Environment
from cmdb.tickets.alerts import Alert
from discovery.agent import Secret
from discovery.alerting import Received, read
from discovery.trap_users import TrapUsers

LISTENER = Actor("listener", frozenset({"collector"}))
MOST_WAITING, MOST_SENDERS, MOST_BYTES = 20_000, 10_000, 8192
AT_ONCE, PAUSE_SECONDS, RETRY_SECONDS, TOLD_SECONDS = 500, 0.1, 2.0, 60.0

BUFFER = 4 * 1024 * 1024

log = logging.getLogger(__name__)
Address = tuple[str, int]


class Message(NamedTuple):
    """What came from a sender, for a source."""

    source: str
    body: bytes
    sender: str


class Limits:
    """How much each sender may send: `rate` a second, and `burst` at once.

    Of senders only the last ones are remembered, as their addresses may be made up.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, sender: str, now: float) -> bool:
        """Whether one more is taken from a sender at a moment."""
        left, at = self._left.pop(sender, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        allowed = left >= 1.0
        self._left[sender] = (left - allowed, now)
        if len(self._left) > MOST_SENDERS:
            self._left.popitem(last=False)
        return allowed


@dataclass
class Inbox:
    """Messages that wait to be taken in; `counts` tells what became of all that came."""

    limits: Limits
    most: int = MOST_WAITING
    counts: Counter[str] = field(default_factory=Counter)
    _waiting: deque[Message] = field(default_factory=deque)

    def offer(self, message: Message) -> None:
        """Keep a message, unless there are too many."""
        if len(self._waiting) >= self.most:
            self.counts["dropped"] += 1
            return
        self.counts["received"] += 1
        self._waiting.append(message)

    def allows(self, sender: str) -> bool:
        """Whether a sender may send one more now."""
        allowed = self.limits.allows(sender, time.monotonic())
        self.counts["limited"] += not allowed
        return allowed

    def take(self, most: int) -> list[Message]:
        """The messages that waited longest."""
        taken: list[Message] = []
        with suppress(IndexError):
            while len(taken) < most:
                taken.append(self._waiting.popleft())
        return taken


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen: for syslog, for traps; for which sources; with which SNMP credentials."""

    syslog: Address | None = None
    traps: Address | None = None
    syslog_source: str = "syslog"
    traps_source: str = "snmp_trap"
    secrets: Sequence[Secret] = ()
    rate: float = 200.0
    burst: float = 1000.0


def address_of(text: str, place: str) -> Address:
    """An address with its port, such as `127.0.0.1:5514` or `[::1]:5514`."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not int(port) < 65536:
        detail = f"'{text}' is no address with a port, such as 127.0.0.1:5514"
        raise InvalidInput(place=place, detail=detail)
    return host, int(port)


class Listener:
    """Listens until it is closed, in two threads: one hears, one takes in."""

    def __init__(self, env: Environment, what: Listening, inbox: Inbox | None = None) -> None:
        self._env, self._what = env, what
        self.inbox = inbox or Inbox(Limits(what.rate, what.burst))
        self.ports: dict[str, int] = {}
        self._loop = asyncio.new_event_loop()
        self._stop = threading.Event()
        self._ready: Exception | None = None
        self._started = threading.Event()
        self._engine: Any = None
        self._threads = [
            threading.Thread(target=self._hear, name="cmdb-listener", daemon=True),
            threading.Thread(target=self._take_in, name="cmdb-listener-taking", daemon=True),
        ]

    def start(self) -> None:
        """Listen; InvalidInput where that cannot be."""
        for name in (self._what.syslog_source, self._what.traps_source):
            alert_source(LISTENER, self._env, name)
        self._threads[0].start()
        self._started.wait()
        if self._ready is not None:
            where = self._what.syslog or self._what.traps
            raise InvalidInput(place="listen", detail=f"cannot listen at {where}: {self._ready}")
        self._threads[1].start()

    def close(self) -> None:
        """Hear no more; what was heard is taken in first."""
        if self._threads[0].is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._threads[0].join(10)
        self._stop.set()
        self._threads[1].join(30)

    def _hear(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._open())
        except (OSError, CMDBError) as error:
            self._ready = error
        finally:
            self._started.set()
        if self._ready is None:
            self._loop.run_forever()
        if self._engine is not None:
            with suppress(Exception):
                self._engine.close_dispatcher()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _open(self) -> None:
        if self._what.syslog is not None:
            transport, _ = await self._loop.create_datagram_endpoint(
                lambda: _Syslog(self.inbox, self._what.syslog_source),
                local_addr=self._what.syslog,
            )
            _widen(transport)
            self.ports["syslog"] = transport.get_extra_info("sockname")[1]
        if self._what.traps is not None:
            await self._open_traps(self._what.traps)

    async def _open_traps(self, where: Address) -> None:
        self._engine = engine.SnmpEngine()
        six = ":" in where[0]
        module, domain = (udp6, udp6.DOMAIN_NAME) if six else (udp, udp.DOMAIN_NAME)
        base = module.Udp6AsyncioTransport if six else module.UdpAsyncioTransport
        inbox, users = self.inbox, TrapUsers(self._engine, self._what.secrets)

        class Limited(base):  # type: ignore[misc, valid-type]
            """Takes no more from a sender than it may send, before anything is decoded."""

            def datagram_received(self, datagram: bytes, address: Any) -> None:
                if inbox.allows(str(address[0])):
                    users.let_in(datagram)
                    super().datagram_received(datagram, address)

        transport = Limited().open_server_mode(where)
        await transport._lport
        _widen(transport.transport)
        self.ports["traps"] = transport.transport.get_extra_info("sockname")[1]
        config.add_transport(self._engine, domain, transport)
        ntfrcv.NotificationReceiver(self._engine, self._hear_trap)

    def _hear_trap(self, snmp: Any, state: Any, _id: Any, _name: Any, found: Any, _: Any) -> None:
        _, where = snmp.message_dispatcher.get_transport_info(state)
        variables = [[str(oid), _shown(value)] for oid, value in found]
        body = orjson.dumps({"sender": str(where[0]), "variables": variables})
        self.inbox.offer(Message(self._what.traps_source, body, str(where[0])))

    def _take_in(self) -> None:
        """Take in what waits, until there is nothing more to come."""
        told, known = time.monotonic(), Counter[str]()
        while True:
            ending = self._stop.is_set()
            messages = self.inbox.take(AT_ONCE)
            if messages:
                self._deliver(messages)
            elif ending:
                break
            else:
                self._stop.wait(PAUSE_SECONDS)
            if time.monotonic() - told > TOLD_SECONDS or ending:
                known = self._tell(known)
                told = time.monotonic()

    def _tell(self, known: Counter[str]) -> Counter[str]:
        now = Counter(self.inbox.counts)
        lost = {name: now[name] - known[name] for name in ("dropped", "limited")}
        if any(lost.values()):
            log.warning("of what came: %(dropped)d dropped, %(limited)d over the limit", lost)
        return now

    def _deliver(self, messages: Sequence[Message]) -> None:
        alerts = list(self._alerts(messages))
        while alerts:
            try:
                submit_alerts(LISTENER, self._env, alerts).result()
                return
            except Exception as error:  # such as a store that does not answer
                log.error("alerts wait: %s", error)
                if self._stop.wait(RETRY_SECONDS):
                    self.inbox.counts["dropped"] += len(alerts)
                    return

    def _alerts(self, messages: Sequence[Message]) -> Iterator[Alert]:
        now = self._env.clock()
        for message in messages:
            try:
                source = alert_source(LISTENER, self._env, message.source)
                for one in read(Received(message.body, source, now, message.sender)):
                    if isinstance(one, CMDBError):
                        raise one
                    yield one
            except Exception as error:  # whatever comes from the network must not end this
                self.inbox.counts["refused"] += 1
                log.info("from %s: %s", message.sender, error)


class _Syslog(asyncio.DatagramProtocol):
    """One message in each datagram (RFC 5426)."""

    def __init__(self, inbox: Inbox, source: str) -> None:
        self._inbox, self._source = inbox, source

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """Keep it until it is taken in."""
        if self._inbox.allows(str(addr[0])):
            line = data[:MOST_BYTES].replace(b"\n", b" ").replace(b"\r", b" ")
            self._inbox.offer(Message(self._source, line, str(addr[0])))


def _widen(transport: Any) -> None:
    """Let the system keep more while we are busy."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)


def _shown(value: Any) -> str:
    """A value of a trap as text; octets that are none as `0x…`."""
    octets: Callable[[], bytes] | None = getattr(value, "asOctets", None)
    if octets is None or type(value).__name__ == "IpAddress":
        return str(value.prettyPrint())
    raw = octets()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"
    return text if text.isprintable() else f"0x{raw.hex()}"
