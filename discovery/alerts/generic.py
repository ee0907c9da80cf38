"""JSON of any other system, read as its source says where things stand (`mapping`)."""

from collections.abc import Iterator
from typing import Any

from cmdb.errors import CMDBError, MissingField, WrongValue, shown
from cmdb.tickets.alerts import Alert
from cmdb.tickets.configuration.alerts import AlertMapping
from discovery.alerting import (
    Received,
    document,
    host_evidence,
    joined,
    label_evidence,
    listed,
    severity_of,
    time_of,
    words_of,
)

MOST_STEPS = 16
HOST = "host"
"""Evidence that names a machine by its name or address, perhaps with a port."""


def parse(received: Received) -> Iterator[Alert | CMDBError]:
    """The alerts of a body: one, or a list, or a list within it."""
    body, mapping = document(received), received.source.mapping
    if mapping.alerts is not None:
        body = listed(at_path(body, mapping.alerts), mapping.alerts)
    for position, one in enumerate(body if isinstance(body, list) else [body]):
        place = f"alerts[{position}]"
        try:
            yield _alert(one, received, mapping, place)
        except CMDBError as error:
            yield error


def at_path(value: Any, path: str) -> Any:
    """What stands at a path of names and positions with dots between; None for nothing.

    A name that has dots itself is found, too.
    """
    if isinstance(value, dict) and path in value:
        return value[path]
    for step in path.split(".")[:MOST_STEPS]:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and len(step) < 5:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value


def _alert(one: Any, received: Received, mapping: AlertMapping, place: str) -> Alert:
    if not isinstance(one, dict):
        raise WrongValue(place=place, name="it", value=shown(one), expected="an object")
    prints = [_text(at_path(one, path)) for path in mapping.fingerprint]
    if not any(prints):
        raise MissingField(place=place, name=", ".join(mapping.fingerprint))
    name = _text(at_path(one, mapping.name))
    if not name:
        raise MissingField(place=place, name=mapping.name)
    state = _text(at_path(one, mapping.state)).casefold()
    firing = state not in {word.casefold() for word in mapping.cleared}
    given, path = at_path(one, mapping.at), mapping.at
    if not firing and mapping.ended is not None:
        ended = at_path(one, mapping.ended)
        given, path = (given, path) if ended is None else (ended, mapping.ended)
    word = at_path(one, mapping.severity) if mapping.severity else None
    labels = words_of(at_path(one, mapping.labels)) if mapping.labels else {}
    return Alert(
        received.source.name,
        "\x1f".join(prints) if len(prints) > 1 else prints[0],
        name,
        firing,
        time_of(given, place, path),
        "warning" if word is None else severity_of(word, mapping.severities),
        _text(at_path(one, mapping.summary)) if mapping.summary else "",
        labels,
        joined(_evidence(one, mapping), label_evidence(labels)),
    )


def _evidence(one: Any, mapping: AlertMapping) -> dict[str, tuple[str, ...]]:
    parts = []
    for attribute, path in mapping.evidence.items():
        found = at_path(one, path)
        for value in found if isinstance(found, list) else [found]:
            text = _text(value)
            if text and attribute in (HOST, "hostname", "ip_addresses"):
                parts.append(host_evidence(text))
            elif text:
                parts.append({attribute: (text,)})
    return joined(*parts)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
