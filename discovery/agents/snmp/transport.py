"""Asking one SNMP agent: the narrow way in which the rest of the package sees the network."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self

from pysnmp.entity.rfc3413.cmdgen import BulkCommandGenerator, GetCommandGenerator
from pysnmp.hlapi.v3arch.asyncio import (
    USM_AUTH_HMAC96_MD5,
    USM_AUTH_HMAC96_SHA,
    USM_AUTH_HMAC128_SHA224,
    USM_AUTH_HMAC192_SHA256,
    USM_AUTH_HMAC256_SHA384,
    USM_AUTH_HMAC384_SHA512,
    USM_AUTH_NONE,
    USM_PRIV_CBC56_DES,
    USM_PRIV_CBC168_3DES,
    USM_PRIV_CFB128_AES,
    USM_PRIV_CFB192_AES,
    USM_PRIV_CFB256_AES,
    USM_PRIV_NONE,
    CommunityData,
    ContextData,
    SnmpEngine,
    Udp6TransportTarget,
    UdpTransportTarget,
    UsmUserData,
)
from pysnmp.hlapi.v3arch.asyncio.lcd import CommandGeneratorLcdConfigurator
from pysnmp.proto import errind
from pysnmp.proto.rfc1902 import Integer32, IpAddress, Null, ObjectIdentifier, OctetString

from cmdb.errors import CMDBError
from discovery.agent import Secret
from discovery.agents.snmp.walk import Value

V2C, V3 = "snmp_v2c", "snmp_v3"
KINDS = (V3, V2C)
"""Kinds of credential; version 3 shows nothing to who listens."""

AUTHENTICATIONS = {
    "": USM_AUTH_NONE,
    "none": USM_AUTH_NONE,
    "md5": USM_AUTH_HMAC96_MD5,
    "sha": USM_AUTH_HMAC96_SHA,
    "sha1": USM_AUTH_HMAC96_SHA,
    "sha224": USM_AUTH_HMAC128_SHA224,
    "sha256": USM_AUTH_HMAC192_SHA256,
    "sha384": USM_AUTH_HMAC256_SHA384,
    "sha512": USM_AUTH_HMAC384_SHA512,
}
PRIVACIES = {
    "": USM_PRIV_NONE,
    "none": USM_PRIV_NONE,
    "des": USM_PRIV_CBC56_DES,
    "3des": USM_PRIV_CBC168_3DES,
    "aes": USM_PRIV_CFB128_AES,
    "aes128": USM_PRIV_CFB128_AES,
    "aes192": USM_PRIV_CFB192_AES,
    "aes256": USM_PRIV_CFB256_AES,
}
"""`auth` and `privacy` of a credential, without hyphens and case."""

REFUSALS = (
    errind.UnknownUserName,
    errind.UnknownSecurityName,
    errind.WrongDigest,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.DecryptionError,
    errind.UnsupportedSecurityLevel,
)
"""What an agent answers to a wrong user, key or level."""

AUTHORIZATION_ERROR = 16
"""The status of an answer of who knows the user, but lets it read nothing at this level."""

MOST_ROWS, COLUMNS_AT_ONCE, SCALARS_AT_ONCE = 20, 8, 12

Varbinds = list[tuple[str, Value | None]]


class UnusableCredential(CMDBError):
    """A credential that names what SNMP does not have."""

    template = "credential '{credential}' cannot be used: {detail}"


class Silent(Exception):
    """Nobody answered in time."""


class Refused(Exception):
    """The agent would not have the credential."""


class Broken(Exception):
    """The agent answered, but not as it must."""


class Transport(Protocol):
    """What can be asked of an agent. Raises Silent, Refused and Broken."""

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """The values of single objects; those it does not have are left out."""
        ...

    def walk(self, oids: Iterable[str]) -> AsyncIterator[tuple[str, Value]]:
        """What is below these OIDs, several at a time; each in its order."""
        ...

    async def following(self, oid: str) -> str | None:
        """The next OID of the agent after one."""
        ...


class Session:
    """SNMP with one agent and one credential, by pysnmp; a context manager.

    `budget` is awaited before each question. With `vlan` Cisco's switches answer for that alone.
    """

    def __init__(
        self,
        target: str,
        port: int,
        secret: Secret,
        budget: Callable[[], Awaitable[None]],
        *,
        seconds: float = 2.0,
        retries: int = 1,
        vlan: int | None = None,
    ) -> None:
        self.target, self.port, self.secret = target, port, secret
        self.seconds, self.retries = seconds, retries
        self._budget = budget
        self._auth = _auth(secret, vlan)
        named = secret.values.get("context", "") if vlan is None else f"vlan-{vlan}"
        named = named if secret.kind == V3 else ""
        self._context = ContextData(contextName=named.encode())
        self._engine = SnmpEngine()
        self._known = CommandGeneratorLcdConfigurator()
        self._rows = MOST_ROWS

    async def __aenter__(self) -> Self:
        kind = Udp6TransportTarget if ":" in self.target else UdpTransportTarget
        where = (self.target, self.port)
        self._where = await kind.create(where, timeout=self.seconds, retries=self.retries)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with suppress(Exception):
            self._engine.close_dispatcher()

    async def get(self, oids: Sequence[str]) -> dict[str, Value]:
        """See `Transport`."""
        found: dict[str, Value] = {}
        for start in range(0, len(oids), SCALARS_AT_ONCE):
            asked = oids[start : start + SCALARS_AT_ONCE]
            status, varbinds = await self._ask(GetCommandGenerator(), asked)
            if status and len(asked) > 1:
                for one in asked:
                    found |= await self.get([one])
                continue
            for oid, value in varbinds if not status else ():
                if value is not None:
                    found[oid] = value
        return found

    async def walk(self, oids: Iterable[str]) -> AsyncIterator[tuple[str, Value]]:
        """See `Transport`. An agent that goes round in circles is Broken."""
        waiting = list(dict.fromkeys(oids))
        at: dict[str, str] = {}
        while waiting or at:
            while waiting and len(at) < COLUMNS_AT_ONCE:
                first = waiting.pop(0)
                at[first] = first
            roots = list(at)
            varbinds = await self._bulk([at[root] for root in roots])
            if not varbinds:
                raise Broken("it sent an empty answer")
            for place, (oid, value) in enumerate(varbinds):
                root = roots[place % len(roots)]
                if root not in at:
                    continue
                if value is None or not oid.startswith(f"{root}."):
                    del at[root]
                    continue
                if _order(oid) <= _order(at[root]):
                    raise Broken(f"it goes round in circles at {oid}")
                at[root] = oid
                yield oid, value

    async def following(self, oid: str) -> str | None:
        """See `Transport`."""
        _, varbinds = await self._ask(BulkCommandGenerator(), [oid], 0, 1)
        found = next(iter(varbinds), (None, None))
        return found[0] if found[1] is not None else None

    async def _bulk(self, oids: list[str]) -> Varbinds:
        """One GETBULK, with fewer rows when the agent cannot give as many."""
        while True:
            rows = max(1, self._rows)
            status, varbinds = await self._ask(BulkCommandGenerator(), oids, 0, rows)
            if not status:
                return varbinds
            if rows == 1:
                raise Broken(f"it answers with error {status}")
            self._rows = rows // 4

    async def _ask(self, command: Any, oids: Sequence[str], *how: int) -> tuple[int, Varbinds]:
        await self._budget()
        address, _ = self._known.configure(
            self._engine, self._auth, self._where, self._context.contextName
        )
        answer: asyncio.Future[tuple[Any, Any, Any]] = asyncio.get_running_loop().create_future()

        def hear(_engine: Any, _handle: Any, fault: Any, status: Any, *found: Any) -> None:
            if not answer.done():
                answer.set_result((fault, status, found[1]))

        command.send_varbinds(
            self._engine,
            address,
            self._context.contextEngineId,
            self._context.contextName,
            *how,
            [(ObjectIdentifier(one), Null("")) for one in oids],
            hear,
        )
        fault, status, varbinds = await answer
        if fault is not None:
            if isinstance(fault, REFUSALS):
                raise Refused(str(fault))
            if isinstance(fault, errind.RequestTimedOut):
                raise Silent
            raise Broken(str(fault))
        if int(status) == AUTHORIZATION_ERROR:
            raise Refused("it may not read")
        return int(status), [(str(oid), _value(value)) for oid, value in varbinds]


def _auth(secret: Secret, vlan: int | None) -> CommunityData | UsmUserData:
    values = secret.values
    if secret.kind == V2C:
        community = values["community"] + ("" if vlan is None else f"@{vlan}")
        return CommunityData(community, mpModel=1)  # noqa: S508 - some agents have no other
    found = []
    for name, known in (("auth", AUTHENTICATIONS), ("privacy", PRIVACIES)):
        word = values.get(name, "").replace("-", "").casefold()
        if not word and values.get(f"{name}_key"):
            word = {"auth": "sha", "privacy": "aes"}[name]
        if word not in known:
            detail = f"'{name}' must be one of {', '.join(filter(None, known))}"
            raise UnusableCredential(credential=secret.name, detail=detail)
        found.append(known[word])
    return UsmUserData(
        values["user"],
        authKey=values.get("auth_key") or None,
        privKey=values.get("privacy_key") or None,
        authProtocol=found[0],
        privProtocol=found[1],
    )


def _value(value: Any) -> Value | None:
    """A value of pysnmp; None for exceptions such as noSuchInstance."""
    if isinstance(value, IpAddress):
        return ".".join(map(str, value.asNumbers()))
    if isinstance(value, OctetString):
        return bytes(value.asOctets())
    if isinstance(value, ObjectIdentifier):
        return str(value)
    if isinstance(value, Integer32) or hasattr(value, "__int__"):
        with suppress(TypeError, ValueError):
            return int(value)
    return None


def _order(oid: str) -> list[int]:
    return [int(one) for one in oid.split(".")]
