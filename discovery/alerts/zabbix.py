"""Zabbix: what its webhook media type sends, and events streamed by its connectors (NDJSON)."""

from collections.abc import Iterator
from typing import Any

import orjson

from cmdb.errors import CMDBError, InvalidInput, MissingField, WrongValue, shown
from cmdb.tickets.alerts import Alert, Severity
from discovery.alerting import (
    Received,
    host_evidence,
    joined,
    label_evidence,
    severity_of,
    time_of,
    words_of,
)

NUMBERED: tuple[Severity, ...] = ("info", "info", "warning", "error", "error", "critical")
"""Not classified, information, warning, average, high, disaster."""

MACROS = {
    "host": ("host_host", "host", "host_name"),
    "ip": ("host_ip", "ip"),
    "dns": ("host_dns", "dns"),
    "connection": ("host_conn",),
    "key": ("ci", "cmdb_key"),
    "serial": ("host_serial",),
    "mac": ("host_mac",),
}
"""Parameters of the media type that tell of the host; see docs/alerts.md."""


def parse(received: Received) -> Iterator[Alert | CMDBError]:
    """The events of a call: an object, a list of them, or one on each line."""
    for position, one in enumerate(_events(received.body)):
        place = f"alerts[{position}]"
        if isinstance(one, CMDBError):
            yield one
            continue
        try:
            if not isinstance(one, dict):
                raise WrongValue(place=place, name="it", value=shown(one), expected="an object")
            streamed = "eventid" in one
            yield (_streamed if streamed else _sent)(one, received, place)
        except CMDBError as error:
            yield error


def _events(body: bytes) -> Iterator[Any]:
    try:
        whole = orjson.loads(body)
        yield from whole if isinstance(whole, list) else [whole]
        return
    except orjson.JSONDecodeError:
        lines = [line for line in body.splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        try:
            yield orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield InvalidInput(place=f"line {number}", detail=f"it is not JSON: {error}")


def _streamed(one: dict[str, Any], received: Received, place: str) -> Alert:
    """An event of a connector: a recovery has a value of 0, and names its problem."""
    firing = one.get("value", 1) == 1
    number = one.get("eventid") if firing else one.get("p_eventid")
    if number is None:
        raise MissingField(place=place, name="eventid" if firing else "p_eventid")
    at = time_of(one.get("clock"), place, "clock")
    at += min(max(_whole(one.get("ns")), 0), 999_999_999) / 1e9
    hosts = [host for host in one.get("hosts") or () if isinstance(host, dict)]
    named = [host_evidence(str(host[n])) for host in hosts for n in ("host", "name") if host.get(n)]
    tags = {
        str(tag["tag"]): str(tag.get("value") or "yes")
        for tag in one.get("tags") or ()
        if isinstance(tag, dict) and tag.get("tag")
    }
    name = str(one.get("name") or f"event {number}")
    return Alert(
        received.source.name,
        f"event {number}",
        name,
        firing,
        at,
        _severity(one.get("severity"), received),
        name,
        tags,
        joined(*named, label_evidence(tags)),
    )


def _sent(one: dict[str, Any], received: Received, place: str) -> Alert:
    """What the webhook media type sends: macros by name."""
    values = words_of(one)
    if "event_value" not in values:
        raise MissingField(place=place, name="event_value")
    firing = values["event_value"] != "0"
    recovered = "event_recovery_timestamp" in values and not firing
    name = "event_recovery_timestamp" if recovered else "event_timestamp"
    at = time_of(one.get(name), place, name)
    trigger, event = values.get("trigger_id"), values.get("event_id")
    if trigger is None and event is None:
        raise MissingField(place=place, name="trigger_id")
    host = values.get("host_id") or _first(values, "host")
    title = values.get("event_name") or values.get("trigger_name") or f"event {event}"
    tags = words_of(one.get("event_tags")) if isinstance(one.get("event_tags"), dict) else {}
    return Alert(
        received.source.name,
        f"trigger {trigger} {host}" if trigger else f"event {event}",
        title,
        firing,
        at,
        _severity(values.get("event_nseverity") or values.get("event_severity"), received),
        values.get("event_opdata") or title,
        {**tags, **{n: v for n, v in values.items() if n.startswith(("host_", "trigger_"))}},
        _evidence(values, tags),
    )


def _evidence(values: dict[str, str], tags: dict[str, str]) -> dict[str, tuple[str, ...]]:
    parts = [label_evidence(tags)]
    for kind, names in MACROS.items():
        for name in names:
            value = values.get(name, "")
            if not value or value.startswith(("{", "*UNKNOWN*")):
                continue
            if kind in ("host", "dns", "connection", "ip"):
                parts.append(host_evidence(value))
            else:
                attribute = {"serial": "serial_number", "mac": "mac_addresses"}.get(kind, kind)
                parts.append({attribute: (value,)})
    return joined(*parts)


def _first(values: dict[str, str], kind: str) -> str:
    return next((values[name] for name in MACROS[kind] if name in values), "")


def _severity(value: Any, received: Received) -> Severity:
    text = str(value)
    if text.isdecimal() and len(text) == 1 and int(text) < len(NUMBERED):
        return NUMBERED[int(text)]
    return severity_of(text, received.source.mapping.severities)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0
