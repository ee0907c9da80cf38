"""SNMP traps and informs, of all versions, as the listener writes them: variables in JSON.

`{"sender": "192.0.2.1", "variables": [["1.3.6.1.6.3.1.1.4.1.0", "1.3.6.1.6.3.1.1.5.3"], …]}`;
octets that are no text are written as `0x…`.
"""

from collections.abc import Iterator
from typing import Any

from cmdb.errors import CMDBError, MissingField, WrongValue, shown
from cmdb.tickets.alerts import Alert, Severity
from discovery.alerting import Received, document, host_evidence, joined

TRAP, ADDRESS = "1.3.6.1.6.3.1.1.4.1.0", "1.3.6.1.6.3.18.1.3.0"
UPTIME, ENTERPRISE = "1.3.6.1.2.1.1.3.0", "1.3.6.1.6.3.1.1.4.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
INDEX, DESCRIBED, NAMED = (
    *("1.3.6.1.2.1.2.2.1.1.", "1.3.6.1.2.1.2.2.1.2.", "1.3.6.1.2.1.31.1.1.1.1."),
)
MOST_VARIABLES, MOST_SHOWN = 256, 16

KNOWN: dict[str, tuple[str, str, bool, Severity]] = {
    "1.3.6.1.6.3.1.1.5.1": ("coldStart", "coldStart", True, "warning"),
    "1.3.6.1.6.3.1.1.5.2": ("warmStart", "warmStart", True, "info"),
    "1.3.6.1.6.3.1.1.5.3": ("linkDown", "link", True, "error"),
    "1.3.6.1.6.3.1.1.5.4": ("linkUp", "link", False, "error"),
    "1.3.6.1.6.3.1.1.5.5": ("authenticationFailure", "authentication", True, "info"),
    "1.3.6.1.6.3.1.1.5.6": ("egpNeighborLoss", "egp", True, "warning"),
    "1.3.6.1.2.1.15.7.1": ("bgpEstablished", "bgp", False, "error"),
    "1.3.6.1.2.1.15.7.2": ("bgpBackwardTransition", "bgp", True, "error"),
    "1.3.6.1.2.1.15.0.1": ("bgpEstablished", "bgp", False, "error"),
    "1.3.6.1.2.1.15.0.2": ("bgpBackwardTransition", "bgp", True, "error"),
    "1.3.6.1.2.1.47.2.0.1": ("entConfigChange", "entConfigChange", True, "info"),
    "1.3.6.1.2.1.33.2.1": ("upsTrapOnBattery", "ups", True, "critical"),
    "1.3.6.1.2.1.33.2.3": ("upsTrapAlarmEntryAdded", "upsAlarm", True, "error"),
    "1.3.6.1.2.1.33.2.4": ("upsTrapAlarmEntryRemoved", "upsAlarm", False, "error"),
}
"""Traps by OID: name; what is one alert with its end; whether it fires; how bad it is."""


def parse(received: Received) -> Iterator[Alert | CMDBError]:
    """The trap, or a list of them."""
    body = document(received)
    for position, one in enumerate(body if isinstance(body, list) else [body]):
        try:
            yield _alert(one, received, f"alerts[{position}]")
        except CMDBError as error:
            yield error


def _alert(one: Any, received: Received, place: str) -> Alert:
    if not isinstance(one, dict):
        raise WrongValue(place=place, name="it", value=shown(one), expected="an object")
    values = _values(one.get("variables"), place)
    oid = values.get(TRAP, "").lstrip(".")
    if not oid:
        raise MissingField(place=place, name=TRAP)
    sender = str(one.get("sender") or received.sender)
    agent = values.get(ADDRESS) or sender
    name, kind, firing, severity = KNOWN.get(oid, (f"trap {oid}", oid, True, "warning"))
    instance = _instance(values)
    host = values.get(SYS_NAME, "")
    details = [
        f"{key}={value}"
        for key, value in values.items()
        if key not in (TRAP, ADDRESS, UPTIME, ENTERPRISE)
    ]
    labels = {"trap": name, "oid": oid, "agent": agent, "interface": instance}
    return Alert(
        received.source.name,
        "\x1f".join((agent, kind, instance)),
        " ".join(filter(None, (host or agent, name, instance))),
        firing,
        received.now,
        severity,
        ", ".join(details[:MOST_SHOWN]),
        {key: value for key, value in labels.items() if value},
        joined(host_evidence(host), host_evidence(agent), host_evidence(sender)),
    )


def _values(given: Any, place: str) -> dict[str, str]:
    if not isinstance(given, list) or len(given) > MOST_VARIABLES:
        expected = f"a list of at most {MOST_VARIABLES} pairs"
        raise WrongValue(place=place, name="'variables'", value=shown(given), expected=expected)
    pairs = [one for one in given if isinstance(one, list) and len(one) == 2]
    return {str(oid).lstrip("."): str(value) for oid, value in pairs}


def _instance(values: dict[str, str]) -> str:
    """The interface of a trap by name, or else by its number."""
    for column in (NAMED, DESCRIBED, INDEX):
        for oid, value in values.items():
            if oid.startswith(column):
                return value if column != INDEX else f"interface {value}"
    return ""
