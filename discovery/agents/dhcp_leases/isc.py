"""Leases of ISC dhcpd for IPv4: blocks of statements; the last block of an address counts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from cmdb.errors import CMDBError, UnreadableInput
from discovery.agents.dhcp_leases.lease import Document, Lease, lease

_BLOCK = re.compile(r"^\s*lease\s+(\S+)\s*\{", re.MULTILINE)
_STATEMENT = re.compile(
    r"^\s*(starts|ends|cltt|binding state|hardware ethernet|uid|client-hostname)\s+"
    r'("(?:[^"\\]|\\.)*"|[^;\n]*);',
    re.MULTILINE,
)
_TIME = re.compile(r"(?:\d )?(\d{4})/(\d\d)/(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)


def recognises(text: str) -> bool:
    """Whether a text is of ISC dhcpd."""
    return _BLOCK.search(text) is not None


def leases(document: Document) -> Iterator[Lease | CMDBError]:
    """All leases, oldest first."""
    text = document.text
    begins = list(_BLOCK.finditer(text))
    line, counted = 1, 0
    for number, match in enumerate(begins):
        line, counted = line + text.count("\n", counted, match.start(1)), match.start(1)
        place = f"{document.name}, line {line}"
        end = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        body = text[match.end() : end]
        if "}" not in body:
            detail = "the block has no end; get the file again in full"
            yield UnreadableInput(place=place, detail=detail)
            continue
        said = {name: value.strip().strip('"') for name, value in _STATEMENT.findall(body)}
        yield lease(
            match[1],
            said.get("hardware ethernet"),
            place,
            client_id=said.get("uid"),
            name=said.get("client-hostname"),
            at=_moment(said.get("cltt") or said.get("starts")),
            ends=_moment(said.get("ends")),
            active=said.get("binding state", "active") == "active",
        )


def _moment(text: str | None) -> float | None:
    """A time, which is UTC, or `epoch` and seconds; None for `never`."""
    if text is None:
        return None
    if text.startswith("epoch "):
        seconds = text.split()[1]
        return float(seconds) if re.fullmatch(r"[0-9]{1,11}", seconds) else None
    match = _TIME.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None
