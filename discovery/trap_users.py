"""Users of SNMPv3 whose traps are taken, from whatever engine they come.

A trap is protected with keys of its sender's engine, which nobody has told us. So with the first
from an engine the keys that belong to it are made (RFC 3414, 2.6); what has others is not heard.
"""

import logging
from collections.abc import Iterable
from typing import Any

from pyasn1.codec.ber import decoder
from pyasn1.error import PyAsn1Error
from pysnmp.entity import config
from pysnmp.proto import api
from pysnmp.proto.error import ProtocolError
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message
from pysnmp.proto.rfc1902 import OctetString
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from discovery.agent import Secret
from discovery.agents.snmp.transport import AUTHENTICATIONS, PRIVACIES, V2C, V3

VERSION_3 = 3
MOST_ENGINES = 5000
"""So many engines are let in: making keys takes time, and engines may be made up."""

log = logging.getLogger(__name__)


class TrapUsers:
    """The communities and users of some credentials, on an engine of pysnmp."""

    def __init__(self, snmp: Any, secrets: Iterable[Secret]) -> None:
        self._snmp = snmp
        self._users: dict[str, Secret] = {}
        self._known: set[tuple[bytes, str]] = set()
        for position, secret in enumerate(secrets):
            if secret.kind == V2C:
                config.add_v1_system(snmp, f"area-{position}", secret.values["community"])
            elif secret.kind == V3:
                self._users[secret.values["user"]] = secret
                self._add(secret, {})

    def let_in(self, datagram: bytes) -> None:
        """Let the engine of a message in, if it is of version 3 and names a user we know."""
        if not self._users:
            return
        found = _sender(datagram)
        if found is None or found in self._known or found[1] not in self._users:
            return
        if len(self._known) >= MOST_ENGINES:
            log.warning("more than %d SNMP engines send traps; others are not heard", MOST_ENGINES)
            return
        self._known.add(found)
        self._add(self._users[found[1]], {"securityEngineId": OctetString(found[0])})

    def _add(self, secret: Secret, engine: dict[str, Any]) -> None:
        values = secret.values
        words = (values.get(one, "").replace("-", "").casefold() for one in ("auth", "privacy"))
        auth, privacy = words
        config.add_v3_user(
            self._snmp,
            values["user"],
            AUTHENTICATIONS[auth],
            values.get("auth_key") or None,
            PRIVACIES[privacy],
            values.get("privacy_key") or None,
            **engine,
        )


def _sender(datagram: bytes) -> tuple[bytes, str] | None:
    """The engine and the user that a message of version 3 names."""
    try:
        if int(api.decodeMessageVersion(datagram)) != VERSION_3:
            return None
        message, _ = decoder.decode(datagram, asn1Spec=SNMPv3Message())
        said, _ = decoder.decode(
            bytes(message["msgSecurityParameters"]), asn1Spec=UsmSecurityParameters()
        )
        engine, user = bytes(said[0]), bytes(said[3]).decode("utf-8", "replace")
    except (PyAsn1Error, ProtocolError, ValueError, IndexError, TypeError):
        return None
    return (engine, user) if 4 < len(engine) < 33 else None
