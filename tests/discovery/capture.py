"""What leaves a machine: a capture by tcpdump, and what of it tests want to know."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import BinaryIO, Self

from tests.discovery.namespaces import Namespace, NamespaceError, end

LINUX_COOKED_2 = 276
OUTGOING = 4
ARP, IPV4, IPV6 = 0x0806, 0x0800, 0x86DD
ARP_QUESTION = b"\x00\x01"
ICMP, TCP, UDP = 1, 6, 17
SNAPSHOT_BYTES, BUFFER_KIB = 160, 16_384
MARK_PORT = 9
MARK_SECONDS = 20.0


@dataclass(frozen=True)
class Packet:
    """A packet that left: when, what kind, where to; `port` where it has one.

    `kind` is `arp` (a question; the target is the address asked for), `icmp`, `tcp`, `udp`, or a
    number.
    """

    time: float
    kind: str
    target: IPv4Address | IPv6Address
    port: int | None = None


class Capture:
    """All packets that leave a machine while the context is open; afterwards in `packets`.

    It is whole: at its end a mark is sent to the machine itself, and awaited in the capture.
    """

    def __init__(self, machine: Namespace) -> None:
        self.packets: list[Packet] = []
        self._machine = machine
        self._mark = os.urandom(16)
        self._marked = threading.Event()
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        form = ("-y", "LINUX_SLL2", "-s", str(SNAPSHOT_BYTES), "-B", str(BUFFER_KIB))
        words = ("tcpdump", "-i", "any", *form, "-U", "--immediate-mode", "-w", "-")
        pipe = subprocess.PIPE
        self._process = self._machine.open_process(*words, stdout=pipe, stderr=pipe)
        line = b""
        while b"listening on" not in line:
            line = self._stream("stderr").readline()
            if not line:
                raise NamespaceError("tcpdump ended before it listened")
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._machine.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(self._mark, ("127.0.0.1", MARK_PORT))
        whole = self._marked.wait(MARK_SECONDS)
        end(self._process)
        self._reader.join()
        said = self._stream("stderr").read().decode()
        for name in ("stdout", "stderr"):
            self._stream(name).close()
        if self._failure is not None:
            raise self._failure
        if not whole or "\n0 packets dropped by kernel" not in said:
            raise NamespaceError(f"the capture is not whole: {said}")

    def _stream(self, name: str) -> BinaryIO:
        stream: BinaryIO = getattr(self._process, name)
        return stream

    def _read(self) -> None:
        try:
            for time, frame in records(self._stream("stdout")):
                if self._mark in frame:
                    self._marked.set()
                elif (packet := outgoing(time, frame)) is not None:
                    self.packets.append(packet)
        except Exception as error:  # the thread that opened the capture raises it
            self._failure = error


def records(file: BinaryIO) -> Iterator[tuple[float, bytes]]:
    """The time and the bytes of each packet of a pcap file."""
    order, _, _, _, _, _, link = struct.unpack("<IHHiIII", file.read(24))
    if (order, link) != (0xA1B2C3D4, LINUX_COOKED_2):
        raise NamespaceError("not a capture of all interfaces")
    while len(header := file.read(16)) == 16:
        seconds, microseconds, length, _ = struct.unpack("<IIII", header)
        yield seconds + microseconds / 1e6, file.read(length)


def outgoing(time: float, frame: bytes) -> Packet | None:
    """What a packet is that went to another machine, unasked by ARP; None for all others."""
    kind, _, _, _, direction = struct.unpack(">HHIHB", frame[:11])
    packet = frame[20:]
    if direction != OUTGOING:
        return None
    if kind == ARP:
        if packet[6:8] != ARP_QUESTION:
            return None
        return Packet(time, "arp", ipaddress.ip_address(packet[24:28]))
    if kind == IPV4:
        target, protocol = packet[16:20], packet[9]
        content = packet[(packet[0] & 15) * 4 :]
    elif kind == IPV6:
        target, protocol, content = packet[24:40], packet[6], packet[40:]
    else:
        return None
    address = ipaddress.ip_address(target)
    if address.is_loopback:
        return None
    name = {ICMP: "icmp", TCP: "tcp", UDP: "udp"}.get(protocol, str(protocol))
    has_port = name in ("tcp", "udp") and len(content) >= 4
    return Packet(time, name, address, int.from_bytes(content[2:4]) if has_port else None)
