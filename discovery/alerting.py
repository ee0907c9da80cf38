"""The contract of forms of alerts, and what they share.

A form is a module of `discovery.alerts` with a pure `parse(received)`, which yields alerts, and an
error for each that is broken; nothing lists them. What it raises is wrong with the whole.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import orjson

from cmdb.errors import CMDBError, InvalidInput, UnknownName, WrongValue, shown
from cmdb.services.times import EXPECTED, parsed
from cmdb.tickets.alerts import PLACED, REFERENCE, SITE, Alert, Severity, sound
from cmdb.tickets.configuration.alerts import AlertSource
from discovery import alerts

MOST_AT_ONCE = 10_000
MILLISECONDS = 1e11
"""A number of seconds as large as this is one of milliseconds."""

PORT = re.compile(r"\[(?P<six>[0-9a-fA-F:.%]+)\](?::\d+)?|(?P<host>[^:/\s]+):\d{1,5}")

KEY_LABELS = ("ci", "cmdb_key", "ci_key")
"""Labels in which people write which CI is meant."""

IDENTIFYING = {
    "mac": "mac_addresses",
    "mac_address": "mac_addresses",
    "serial": "serial_number",
    "serial_number": "serial_number",
    "vendor": "vendor",
    "uuid": "uuid",
    "ip": "ip_addresses",
    "ip_address": "ip_addresses",
    "site": "site",
}
"""Labels that tell what identifies a CI, by the attribute that they tell."""

HOSTS = ("host", "hostname", "node", "nodename", "instance", "device", "fqdn", "target")
"""Labels that name the machine, perhaps with a port."""

WORDS: dict[str, Severity] = {
    **dict.fromkeys(("critical", "crit", "disaster", "emergency", "emerg", "fatal"), "critical"),
    **dict.fromkeys(("alert", "page", "p1", "blocker"), "critical"),
    **dict.fromkeys(("error", "err", "high", "major", "average", "p2", "severe"), "error"),
    **dict.fromkeys(("warning", "warn", "minor", "p3", "medium"), "warning"),
    **dict.fromkeys(("info", "information", "informational", "notice", "none", "ok"), "info"),
    **dict.fromkeys(("debug", "low", "p4", "p5", "not classified"), "info"),
}
"""What the usual words for how bad it is mean."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came in: bytes, from which source, when (1970); `sender` is an address, if known."""

    body: bytes
    source: AlertSource
    now: float
    sender: str = ""


Parse = Callable[[Received], Iterator[Alert | CMDBError]]


def names() -> tuple[str, ...]:
    """The names of all forms."""
    return tuple(sorted(module.name for module in iter_modules(alerts.__path__)))


def read(received: Received) -> Iterator[Alert | CMDBError]:
    """The alerts in what came in, each as it can be kept, or what is wrong with it.

    Raises what is wrong with the whole.
    """
    form = received.source.format
    if form not in names():
        place = f"alert_source {received.source.name}"
        raise UnknownName(place=place, kind="format", name=form, known=names())
    parse: Parse = import_module(f"{alerts.__name__}.{form}").parse
    site = received.source.site
    for position, one in enumerate(parse(received)):
        if position >= MOST_AT_ONCE:
            detail = f"there are more than {MOST_AT_ONCE} alerts; send them in several parts"
            yield InvalidInput(place="alerts", detail=detail)
            return
        if isinstance(one, CMDBError):
            yield one
            continue
        if site is not None and SITE not in one.evidence:
            one = _at(one, site)
        yield sound(one, received.now, f"alerts[{position}]")


def _at(alert: Alert, site: str) -> Alert:
    return replace(alert, evidence={**alert.evidence, SITE: (site,)})


def document(received: Received) -> Any:
    """What came in as JSON; InvalidInput where it is none."""
    try:
        return orjson.loads(received.body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(place="body", detail=f"it is not JSON: {error}") from None


def listed(value: Any, name: str) -> list[Any]:
    """A list of a form; WrongValue where it is none."""
    if not isinstance(value, list):
        raise WrongValue(place="body", name=f"'{name}'", value=shown(value), expected="a list")
    return value


def time_of(value: Any, place: str, name: str) -> float:
    """A moment: ISO 8601, or seconds or milliseconds since 1970; WrongValue for others."""
    found: float | None = None
    if isinstance(value, str):
        found = _number(value) if re.fullmatch(r"\d{1,16}(\.\d+)?", value) else _iso(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _number(value)
    if found is None:
        raise WrongValue(place=place, name=f"'{name}'", value=shown(value), expected=EXPECTED)
    return found


def _number(value: str | float) -> float:
    seconds = float(value)
    return seconds / 1000 if abs(seconds) >= MILLISECONDS else seconds


def _iso(text: str) -> float | None:
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text.strip())  # Go writes nanoseconds
    try:
        return parsed(cut)
    except (ValueError, OverflowError):
        return None


def severity_of(word: Any, own: Mapping[str, Severity] | None = None) -> Severity:
    """How bad a word says that it is; a warning where nobody knows the word."""
    text = str(word).strip()
    found = (own or {}).get(text) or WORDS.get(text.casefold())
    return found or "warning"


def words_of(values: Any) -> dict[str, str]:
    """The labels of an object: what is a text, a number, true or false."""
    if not isinstance(values, dict):
        return {}
    return {
        str(name): str(value)
        for name, value in values.items()
        if isinstance(value, str | int | float) and value != ""
    }


def host_evidence(text: str) -> dict[str, tuple[str, ...]]:
    """What a text says that names a machine: an address, or a name, perhaps with a port."""
    plain = text.strip()
    match = PORT.fullmatch(plain)
    if match:
        plain = match["six"] or match["host"]
    try:
        ipaddress.ip_address(plain.partition("%")[0])
        return {PLACED: (plain.partition("%")[0],)}
    except ValueError:
        pass
    if not plain:
        return {}
    names = (REFERENCE, "hostname", *(("fqdn",) if "." in plain else ()))
    return dict.fromkeys(names, (plain,))


def joined(*parts: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """All that several parts say."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for name, values in part.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *values)))
    return found


def label_evidence(labels: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What labels say of the CI: a key that people wrote, identifiers, the machine."""
    parts: list[dict[str, tuple[str, ...]]] = []
    for name, value in labels.items():
        plain = name.casefold()
        if plain in KEY_LABELS:
            parts.append({"key": (value,)})
        elif plain in IDENTIFYING:
            parts.append({IDENTIFYING[plain]: (value,)})
        elif plain in HOSTS:
            parts.append(host_evidence(value))
    return joined(*parts)


def at_year(text: str, now: float) -> float | None:
    """A moment without a year, such as `Mar  1 04:05:06`, in UTC: the one nearest to now."""
    year = datetime.fromtimestamp(now, UTC).year
    found = []
    for one in (year - 1, year, year + 1):
        try:
            when = datetime.strptime(f"{one} {text}", "%Y %b %d %H:%M:%S")
        except ValueError:
            continue
        found.append(when.replace(tzinfo=UTC).timestamp())
    return min(found, key=lambda at: abs(at - now), default=None)
