"""Syslog: RFC 5424, and the older form that RFC 3164 describes; each line is a message.

A message is an event without an end, but for those that say that something is up again: messages
of one host, program and kind, with numbers left out, are one alert.
"""

import re
from collections.abc import Iterator
from hashlib import sha256

from cmdb.errors import CMDBError, InvalidInput
from cmdb.tickets.alerts import Alert, Severity
from discovery.alerting import Received, at_year, host_evidence, joined, time_of

MOST_MESSAGE = 8192
BOM = b"\xef\xbb\xbf"
NEWER = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<at>\S{1,64}) (?P<host>\S{1,255}) (?P<app>\S{1,48})"
    r" (?P<pid>\S{1,128}) (?P<id>\S{1,32}) (?P<rest>.*)",
    re.DOTALL,
)
DATA = re.compile(r'(?:-|(?:\[(?:[^"\]\\]|"(?:[^"\\]|\\.)*")*\])+) ?')
OLDER = re.compile(
    r"<(?P<pri>\d{1,3})>(?:\d+: )?(?:\*?(?P<at>[A-Z][a-z]{2} [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d)"
    r"(?:\.\d+)?(?: [A-Z]{3,4})?:? )?(?P<rest>.*)",
    re.DOTALL,
)
CISCO = re.compile(r"%(?P<facility>[A-Z0-9_-]+)-(?P<level>[0-7])-(?P<mnemonic>[A-Z0-9_]+):")
PROGRAM = re.compile(r"(?:(?P<host>[^\s:\[]{1,255}) )?(?P<app>[^\s:\[]{1,48})(?:\[\d+\])?: ")

LEVELS: tuple[Severity, ...] = (
    *("critical", "critical", "critical", "error"),
    *("warning", "info", "info", "info"),
)
"""Emergency, alert, critical, error; warning; notice, informational, debug."""

UP = re.compile(
    r"\b(?:changed state to up|state (?:to|is) (?:now )?(?:up|full|established)|link (?:is )?up"
    r"|is (?:back )?up|restored|recovered|cleared|resolved|back to normal)\b",
    re.IGNORECASE,
)
DOWN = re.compile(
    r"\b(?:changed state to (?:administratively )?down|state (?:to|is) (?:now )?(?:down|init|idle)"
    r"|link (?:is )?down|is down|lost|failed|failure|raised)\b",
    re.IGNORECASE,
)
PATH = re.compile(r"\b(?=[\w./:-]*\d)[A-Za-z][A-Za-z-]*\d[\d/:.]*\b")
"""Names of interfaces, disks and the like, which tell one thing from another."""

VALUE = re.compile(r"\b(?:0x)?[0-9a-f]*\d[0-9a-f.:]*\b", re.IGNORECASE)
STATES = re.compile(r"\b(?:administratively|up|down|raised|cleared|restored|recovered|failed)\b")


def parse(received: Received) -> Iterator[Alert | CMDBError]:
    """The messages, one on each line."""
    lines = [line for line in received.body.splitlines() if line.strip(b" \t\r\x00")]
    for position, line in enumerate(lines):
        try:
            yield _alert(line[:MOST_MESSAGE], received, f"alerts[{position}]")
        except CMDBError as error:
            yield error


def _alert(line: bytes, received: Received, place: str) -> Alert:
    text = line.replace(BOM, b"").decode("utf-8", "replace").strip("\x00\r ")
    newer = NEWER.fullmatch(text)
    found = newer or OLDER.fullmatch(text)
    if found is None or int(found["pri"]) > 191:
        detail = "it begins with no priority such as <134>; send syslog (RFC 5424 or RFC 3164)"
        raise InvalidInput(place=place, detail=detail)
    level = int(found["pri"]) % 8
    host, program = "", ""
    if newer is not None:
        host, program = _said(newer["host"]), _said(newer["app"])
        message = newer["rest"]
        data = DATA.match(message)
        message = message[data.end() :] if data else message
        at = received.now if newer["at"] == "-" else time_of(newer["at"], place, "timestamp")
        kind = _said(newer["id"])
    else:
        at = _older_time(found["at"], received.now)
        message, kind = found["rest"], ""
        if named := PROGRAM.match(message):
            host, program = named["host"] or "", named["app"]
            message = message[named.end() :]
    if cisco := CISCO.search(f"{program}: {message}"):
        kind = f"{cisco['facility']}-{cisco['mnemonic']}"
        level = min(level, int(cisco["level"]))
        program = program if not program.startswith("%") else ""
    up = UP.search(message) is not None and DOWN.search(message) is None
    severity = "warning" if up and LEVELS[level] == "info" else LEVELS[level]
    sender = host_evidence(received.sender) if received.sender else {}
    evidence = joined(host_evidence(host) if host else {}, sender)
    whole = "\x1f".join((host or received.sender, program, kind, subject(message)))
    labels = {"host": host or received.sender, "program": program, "message_id": kind}
    return Alert(
        received.source.name,
        sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        f"{host or received.sender} {kind or program}: {message}".strip(),
        not up,
        at,
        severity,
        message,
        {name: value for name, value in labels.items() if value},
        evidence,
    )


def subject(message: str) -> str:
    """What a message is about: the same when it fails and when it is well again.

    Names with digits, as of interfaces, stay; other numbers, and the state, are left out.
    """
    kept = " ".join(PATH.findall(message))
    plain = STATES.sub("", VALUE.sub("#", PATH.sub("", message)).casefold())
    return " ".join(f"{kept} {plain}".split())[:512]


def _older_time(text: str | None, now: float) -> float:
    """The time of an old message, which names neither year nor zone.

    It is that of a sender in UTC; where that would be ahead, or hours ago, it is now.
    """
    if text is None:
        return now
    parts = text.split()
    at = at_year(" ".join((parts[0], parts[1], parts[-1])), now)
    return at if at is not None and abs(at - now) < 900 else now


def _said(text: str) -> str:
    return "" if text == "-" else text
