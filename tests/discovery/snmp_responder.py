"""An SNMPv2c agent of the tests: it serves recorded values on loopback, and can misbehave.

    with Responder({"public": values}) as agent:
        agent.port, agent.asked                # where it listens, and what it was asked

A real one, on a real socket: what pysnmp sends is decoded, and what it is answered encoded.
"""

from __future__ import annotations

import socket
import threading
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any, Self

from pyasn1.codec.ber import decoder, encoder
from pyasn1.type import univ
from pysnmp.proto import api, rfc1905
from pysnmp.proto.rfc1902 import Integer32, IpAddress, ObjectIdentifier, OctetString

from discovery.agents.snmp.walk import Value

V2C = api.PROTOCOL_MODULES[api.SNMP_VERSION_2C]
Oid = tuple[int, ...]
Rows = Mapping[Oid, Any]


class Responder:
    """Serves the values of each community; `fault` may change what it answers, or withhold it."""

    def __init__(
        self,
        communities: Mapping[str, Mapping[str, Value]],
        fault: Callable[[str, list[Oid]], list[tuple[Oid, Any]] | None] | None = None,
    ) -> None:
        self._rows = {name: _encoded(values) for name, values in communities.items()}
        self._order = {name: sorted(rows) for name, rows in self._rows.items()}
        self._fault = fault
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(65_535)
            if not data:
                return
            answer = self._answer(data)
            if answer is not None:
                self._socket.sendto(answer, sender)

    def _answer(self, data: bytes) -> bytes | None:
        if data[2:5] == b"\x02\x01\x03":  # SNMPv3, which it does not speak
            return None
        message, _ = decoder.decode(data, asn1Spec=V2C.Message())
        community = bytes(V2C.apiMessage.get_community(message)).decode()
        request = V2C.apiMessage.get_pdu(message)
        bulk = request.isSameTypeWith(V2C.GetBulkRequestPDU())
        oids = [tuple(oid) for oid, _ in _varbinds(request, bulk)]
        kind = "bulk" if bulk else "get"
        self.asked += [(community, f"{kind} {'.'.join(map(str, oid))}") for oid in oids]
        if community not in self._rows:
            return None
        if bulk:
            most = int(V2C.apiBulkPDU.get_max_repetitions(request))
            found = self._bulk(community, oids, most)
        else:
            rows = self._rows[community]
            found = [(oid, rows.get(oid, rfc1905.noSuchObject)) for oid in oids]
        if self._fault is not None:
            changed = self._fault(kind, oids)
            if changed is None:
                return None
            found = changed or found
        return _response(message, request, found)

    def _bulk(self, community: str, oids: list[Oid], most: int) -> list[tuple[Oid, Any]]:
        order, rows = self._order[community], self._rows[community]
        at, found = list(oids), []
        for _ in range(min(most, 10)):
            for column, oid in enumerate(at):
                place = bisect_right(order, oid)
                if place == len(order):
                    found.append((oid, rfc1905.endOfMibView))
                else:
                    at[column] = order[place]
                    found.append((order[place], rows[order[place]]))
        return found


def _varbinds(request: Any, bulk: bool) -> Any:
    return (V2C.apiBulkPDU if bulk else V2C.apiPDU).get_varbinds(request)


def _response(message: Any, request: Any, found: list[tuple[Oid, Any]]) -> bytes:
    answer = V2C.ResponsePDU()
    V2C.apiPDU.set_defaults(answer)
    V2C.apiPDU.set_request_id(answer, V2C.apiPDU.get_request_id(request))
    V2C.apiPDU.set_varbinds(answer, [(univ.ObjectIdentifier(o), value) for o, value in found])
    reply = V2C.Message()
    V2C.apiMessage.set_defaults(reply)
    V2C.apiMessage.set_community(reply, V2C.apiMessage.get_community(message))
    V2C.apiMessage.set_pdu(reply, answer)
    return bytes(encoder.encode(reply))


def _encoded(values: Mapping[str, Value]) -> dict[Oid, Any]:
    return {tuple(map(int, oid.split("."))): _value(oid, value) for oid, value in values.items()}


def _value(oid: str, value: Value) -> Any:
    if isinstance(value, bytes):
        return OctetString(value)
    if isinstance(value, int):
        return Integer32(value) if value < 2**31 else OctetString(str(value))
    if oid.startswith("1.3.6.1.2.1.4.20."):
        return IpAddress(value)
    return ObjectIdentifier(value)
