"""Webhooks of Prometheus Alertmanager (version 4 of its data), also of Grafana and vmalert."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from cmdb.errors import CMDBError, MissingField, WrongValue, shown
from cmdb.tickets.alerts import EARLIEST, Alert
from discovery.alerting import (
    Received,
    document,
    label_evidence,
    listed,
    severity_of,
    time_of,
    words_of,
)

TEXTS = ("summary", "description", "message")


def parse(received: Received) -> Iterator[Alert | CMDBError]:
    """The alerts of a webhook, or of `GET /api/v2/alerts`: a list of them without a frame."""
    body = document(received)
    alerts = body if isinstance(body, list) else None
    if alerts is None:
        if not isinstance(body, dict):
            raise WrongValue(place="body", name="it", value=shown(body), expected="an object")
        alerts = listed(body.get("alerts"), "alerts")
    for position, one in enumerate(alerts):
        place = f"alerts[{position}]"
        try:
            yield _alert(one, received, place)
        except CMDBError as error:
            yield error


def _alert(one: Any, received: Received, place: str) -> Alert:
    if not isinstance(one, dict):
        raise WrongValue(place=place, name="it", value=shown(one), expected="an object")
    labels, notes = words_of(one.get("labels")), words_of(one.get("annotations"))
    if "alertname" not in labels:
        raise MissingField(place=place, name="labels.alertname")
    status = one.get("status", "firing")
    if isinstance(status, dict):  # of GET /api/v2/alerts, where cleared ones are not told
        status = "firing"
    if status not in ("firing", "resolved"):
        expected = "'firing' or 'resolved'"
        raise WrongValue(place=place, name="'status'", value=shown(status), expected=expected)
    firing = status == "firing"
    at = time_of(one.get("startsAt"), place, "startsAt")
    if not firing:
        ended = time_of(one.get("endsAt"), place, "endsAt")
        at = ended if ended >= EARLIEST else at  # the year 1 stands for none
    known = one.get("fingerprint")
    text = "\n".join(notes[name] for name in TEXTS if name in notes)
    return Alert(
        received.source.name,
        known if isinstance(known, str) and known else _printed(labels),
        labels["alertname"],
        firing,
        at,
        severity_of(labels.get("severity", "warning"), received.source.mapping.severities),
        text or labels["alertname"],
        labels,
        label_evidence(labels),
    )


def _printed(labels: dict[str, str]) -> str:
    """What tells an alert from others where the sender does not say it: all its labels."""
    return sha256(repr(sorted(labels.items())).encode("utf-8", "surrogatepass")).hexdigest()
