"""Which addresses have an SNMP agent at all: one small question each, all at a time.

Every agent of SNMPv3 answers to an empty question with its engine id, whoever asks (RFC 3414,
section 4); one of SNMPv2c answers only to a community that it knows.
"""

import asyncio
import ipaddress
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from discovery.agent import Secret
from discovery.agents.snmp.transport import V2C

ENGINE = "an SNMPv3 engine"
"""What an address answered with when it was not a credential, by name, that it took."""

VERSION_2C, VERSION_3 = 1, 3
POLL_SECONDS = 0.1

SYS_OBJECT_ID = bytes.fromhex("06082b06010201010200")
DISCOVERY = bytes.fromhex(
    "303a 020103"  # msgVersion
    "300f 0202 4b4e 0203 00ffe3 0401 04 0201 03"  # id, size, reportable, USM
    "0410 300e 0400 020100 020100 0400 0400 0400"  # nobody, of no engine
    "3012 0400 0400 a00c 0202 4b4e 020100 020100 3000"
)


def question(community: str, number: int) -> bytes:
    """A GetRequest of sysObjectID by SNMPv2c; `number` comes back with the answer."""
    binding = _tlv(0x30, SYS_OBJECT_ID + b"\x05\x00")
    head = _integer(number) + _integer(0) + _integer(0)
    request = _tlv(0xA0, head + _tlv(0x30, binding))
    return _tlv(0x30, _integer(VERSION_2C) + _tlv(0x04, community.encode()) + request)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _integer(number: int) -> bytes:
    return _tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def heard(data: bytes) -> tuple[int, int] | None:
    """The version of an answer and, of SNMPv2c, the number of its question."""
    try:
        whole, _ = _opened(data, 0x30)
        version, rest = _opened(whole, 0x02)
        if int.from_bytes(version, "big") == VERSION_3:
            return VERSION_3, 0
        _, rest = _opened(rest, 0x04)
        answer, _ = _opened(rest, 0xA2)
        number, _ = _opened(answer, 0x02)
        return VERSION_2C, int.from_bytes(number, "big")
    except (ValueError, IndexError):
        return None


def _opened(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of an element of BER, and what follows it."""
    if data[0] != tag:
        raise ValueError
    size, start = data[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[2:start], "big")
    if len(data) < start + size:
        raise ValueError
    return data[start : start + size], data[start + size :]


class _Door(asyncio.DatagramProtocol):
    """Hears who answers what."""

    def __init__(self, secrets: Mapping[str, Sequence[Secret]], answers: "Answers") -> None:
        self.secrets, self.answers = secrets, answers

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Take an answer of somebody who was asked."""
        target = str(ipaddress.ip_address(str(addr[0]).partition("%")[0]))
        answer = heard(data) if target in self.secrets else None
        if answer is None:
            return
        version, number = answer
        communities = _communities(self.secrets[target])
        if version == VERSION_3:
            self.answers[target].add(ENGINE)
        elif 0 < number <= len(communities):
            self.answers[target].add(communities[number - 1].name)


Answers = dict[str, set[str]]


async def knock(
    secrets: Mapping[str, Sequence[Secret]],
    port: int,
    budget: Callable[[], Awaitable[None]],
    stopped: Callable[[], bool],
    *,
    seconds: float,
    retries: int,
) -> Answers:
    """What each address answered: that it has an engine, and which credentials it took.

    `secrets` are those that may be tried, by address. Who is silent is asked again.
    """
    answers: Answers = defaultdict(set)
    loop = asyncio.get_running_loop()
    doors: dict[int, asyncio.DatagramTransport] = {}
    try:
        for version in sorted({ipaddress.ip_address(one).version for one in secrets}):
            local = ("::" if version == 6 else "0.0.0.0", 0)  # noqa: S104 - it sends, not serves
            doors[version], _ = await loop.create_datagram_endpoint(
                lambda: _Door(secrets, answers), local_addr=local
            )
        for _ in range(retries + 1):
            silent = [target for target in secrets if not answers[target]]
            for target in silent:
                door = doors[ipaddress.ip_address(target).version]
                for message in _messages(secrets[target]):
                    await budget()
                    if stopped():
                        return answers
                    door.sendto(message, (target, port))
            until = loop.time() + seconds
            while loop.time() < until and not stopped() and not all(map(answers.get, silent)):
                await asyncio.sleep(POLL_SECONDS)
    finally:
        for door in doors.values():
            door.close()
    return answers


def _messages(secrets: Sequence[Secret]) -> list[bytes]:
    communities = _communities(secrets)
    asked = [question(one.values["community"], n) for n, one in enumerate(communities, 1)]
    return asked if len(communities) == len(secrets) else [DISCOVERY, *asked]


def _communities(secrets: Sequence[Secret]) -> list[Secret]:
    return [one for one in secrets if one.kind == V2C]
