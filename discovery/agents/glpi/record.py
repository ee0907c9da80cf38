"""Checked access to the objects of an inventory: a good value or None; what is wrong is noted."""

import ipaddress
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from cmdb.errors import CMDBError, MissingField, WrongValue, shown
from cmdb.identity.names import readable
from cmdb.schema import normal_forms

MAX_TEXT = 4096
MAX_NUMBER = 1e15
EPOCH = "1970-01-01"
"""What systems give for a day they do not know."""

NOTHING = frozenset(
    {"-", "n/a", "na", "none", "null", "(null)", "undefined", "unknown", "<unknown>"}
    | {"not specified", "not available", "not provided", "no description found"}
    | {"to be filled by o.e.m.", "default string", "<unknown ssid>"}
)
"""Texts that say nothing."""

YES = frozenset({"1", "true", "yes", "on", "enabled"})
NO = frozenset({"0", "false", "no", "off", "disabled"})

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ZONED = re.compile(r"(.+?)(Z|[+-]\d\d:\d\d(?::\d\d)?)$", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """One object of an inventory; `place` names it in messages."""

    fields: dict[str, Any]
    place: str
    note: Callable[[CMDBError], None]

    def text(self, *names: str) -> str | None:
        """The first of these fields that says something, as one line."""
        return next((one for name in names if (one := self._text(name))), None)

    def required(self, name: str, *others: str) -> str | None:
        """The same, where one of them must be there."""
        found = self.text(name, *others)
        if found is None and not isinstance(self.fields.get(name), dict | list | bool):
            self.note(MissingField(place=self.place, name=name))
        return found

    def _text(self, name: str) -> str | None:
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        if type(value) in (int, float) and abs(value) < MAX_NUMBER:
            return str(value)
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            self.wrong(name, f"a text of at most {MAX_TEXT} characters")
            return None
        line = " ".join(readable(_CONTROL.sub(" ", value)).split())
        return None if line.casefold() in NOTHING else line or None

    def serial(self, *names: str) -> str | None:
        """The first of these fields with a serial number that is not a placeholder."""
        found = (self._text(name) for name in names)
        return next((one for one in found if one and normal_forms.serial(one)), None)

    def number(self, name: str, factor: float = 1) -> float | int | None:
        """A quantity, which may be written as text; a negative one means unknown."""
        value = self.fields.get(name)
        if value is None or value == "" or (isinstance(value, str) and not self._text(name)):
            return None
        try:
            if isinstance(value, bool) or len(str(value)) > 32:
                raise ValueError
            number = float(value)
            if not -MAX_NUMBER < number < MAX_NUMBER:
                raise ValueError
        except (TypeError, ValueError, OverflowError):
            self.wrong(name, "a number")
            return None
        if number < 0:
            return None
        number = round(number * factor, 3)
        return int(number) if number.is_integer() else number

    def integer(self, *names: str) -> int | None:
        """The first of these fields with a quantity, rounded."""
        found = (self.number(name) for name in names)
        return next((round(number) for number in found if number is not None), None)

    def flag(self, name: str) -> bool | None:
        """A yes or no, in any of the ways it is written."""
        value = self.fields.get(name)
        word = str(value).casefold() if isinstance(value, str | int) else ""
        if value is None or value == "" or word in NOTHING:
            return None
        if word in YES or word in NO:
            return word in YES
        self.wrong(name, "true or false")
        return None

    def date(self, name: str) -> str | None:
        """The day of a date or time; None also where the text is none, which agents do send."""
        text = self._text(name)
        try:
            day = None if text is None else date.fromisoformat(text[:10]).isoformat()
        except ValueError:
            return None
        return None if day == EPOCH else day

    def time(self, name: str, zone: timezone | None = None) -> str | None:
        """A time with its zone; None where neither the text nor the caller knows it."""
        text = self._text(name)
        found = None if text is None else moment(text, zone)
        return None if found is None else found.isoformat()

    def address(self, name: str) -> str | None:
        """An IP address; the unspecified one says nothing."""
        text = self._text(name)
        if text is None:
            return None
        try:
            parsed = ipaddress.ip_address(re.split(r"[/%]", text)[0])
        except ValueError:
            self.wrong(name, "an IP address")
            return None
        return None if parsed.is_unspecified else str(parsed)

    def addresses(self, name: str) -> list[str]:
        """The IP addresses of a list, or of a text with `/`, `,` or spaces between them."""
        value = self.fields.get(name)
        if isinstance(value, str):
            value = [one for one in re.split(r"[\s,;/]+", value) if one]
        found = (Record({name: one}, self.place, self.note).address(name) for one in listed(value))
        return distinct(found)

    def mac(self, name: str) -> str | None:
        """A hardware address of Ethernet or alike; longer ones are passed over."""
        text = self._text(name)
        if text is None:
            return None
        digits = re.sub(r"[:\-. ]", "", text).lower()
        if not re.fullmatch(r"[0-9a-f]{12,}", digits):
            self.wrong(name, "a MAC address")
            return None
        if len(digits) != 12 or not digits.strip("0"):
            return None
        return ":".join(digits[i : i + 2] for i in range(0, 12, 2))

    def macs(self, name: str) -> list[str]:
        """The hardware addresses of a field, which may be a list."""
        found = (
            Record({name: one}, self.place, self.note).mac(name)
            for one in listed(self.fields.get(name))
        )
        return distinct(found)

    def record(self, name: str) -> "Record":
        """An object in a field; an empty one where there is none."""
        value = self.fields.get(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if value is not None and value != [] and not isinstance(value, dict):
            self.wrong(name, "an object")
        fields = value if isinstance(value, dict) else {}
        return Record(fields, f"{self.place}.{name}", self.note)

    def records(self, name: str) -> list["Record"]:
        """The objects of a list, or the one that stands in its place; others are noted."""
        value = self.fields.get(name)
        found = []
        for position, one in enumerate(listed(value)):
            place = f"{self.place}.{name}[{position}]"
            if isinstance(one, dict):
                found.append(Record(one, place, self.note))
            else:
                self.note(WrongValue(place=place, name="it", value=shown(one), expected=AN_OBJECT))
        return found

    def wrong(self, name: str, expected: str) -> None:
        """Note that a field is not as it must be."""
        value = shown(self.fields.get(name))
        self.note(WrongValue(place=self.place, name=f"'{name}'", value=value, expected=expected))


AN_OBJECT = "an object"


def listed(value: Any) -> list[Any]:
    """The value as a list; None is the empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def distinct(values: Iterable[str | None]) -> list[str]:
    """The texts that are there, each once, in their order."""
    return list(dict.fromkeys(value for value in values if value))


def offset(text: str | None) -> timezone | None:
    """The zone of an offset from UTC such as +0200."""
    match = _OFFSET.fullmatch(text or "")
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        return None
    span = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-span if match[1] == "-" else span)


def moment(text: str, zone: timezone | None = None) -> datetime | None:
    """A time such as `2020-06-12 14:19:54`, in `zone` unless it names its own."""
    match = _ZONED.fullmatch(text) if len(text) > len("2020-06-12") else None
    if match is not None:
        text = match[1]
        zone = UTC if match[2] == "Z" else offset(match[2][:6])
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "T"))
    except ValueError:
        return None
    return None if zone is None else parsed.replace(tzinfo=zone)
