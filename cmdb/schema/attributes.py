"""Attributes: the kinds of value a CI can carry, and their validation."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cmdb.schema.normal_forms import PLAIN_IPV4

PLAIN_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
URL = re.compile(r"[a-z][a-z0-9+.\-]*://\S+")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A declared attribute of a CI type.

    `kind` is one of `KINDS`; `unit` is an SI or IEC unit; `choices` limits a string; `minimum` and
    `maximum` limit a number; `many` makes it a list of such values. Where several sources give a
    list, `combine` says whether the best source's list counts alone ("owner") or all ("union").
    `form` names the normal form in which it identifies (`cmdb.schema.normal_forms`).
    """

    name: str
    kind: str
    description: str
    unit: str | None = None
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    many: bool = False
    combine: str = "owner"
    form: str = "text"

    def expected(self) -> str:
        """What a value must be, in words."""
        words = f"one of {', '.join(self.choices)}" if self.choices else KINDS[self.kind][0]
        if self.minimum is not None or self.maximum is not None:
            low = "" if self.minimum is None else f" from {self.minimum:g}"
            high = "" if self.maximum is None else f" to {self.maximum:g}"
            words += low + high
        if self.unit:
            words += f" in {self.unit}"
        return f"a list, each {words}" if self.many else words

    def validated(self, value: Any) -> Any:
        """The normal form of `value`; raises ValueError or TypeError when it does not fit."""
        if self.many:
            if not isinstance(value, list):
                raise TypeError(self.expected())
            return [self._validated_one(one) for one in value]
        return self._validated_one(value)

    def _validated_one(self, value: Any) -> Any:
        normal = KINDS[self.kind][1](value)
        if self.choices and normal not in self.choices:
            raise ValueError(self.expected())
        if self.minimum is not None and normal < self.minimum:
            raise ValueError(self.expected())
        if self.maximum is not None and normal > self.maximum:
            raise ValueError(self.expected())
        return normal


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a string")
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or not -(2**63) <= value < 2**63:
        raise TypeError("an integer")
    return value


def _number(value: Any) -> float | int:
    if type(value) not in (int, float) or value != value or abs(value) == float("inf"):
        raise TypeError("a number")
    return value  # type: ignore[no-any-return]


def _boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise TypeError("true or false")
    return value


def _date(value: Any) -> str:
    return date.fromisoformat(_string(value)).isoformat()


def _datetime(value: Any) -> str:
    parsed = datetime.fromisoformat(_string(value))
    if parsed.tzinfo is None:
        raise ValueError("a time zone is missing")
    return parsed.isoformat()


def _ip(value: Any) -> str:
    if PLAIN_IPV4.fullmatch(_string(value)):
        return str(value)
    return str(ipaddress.ip_address(value))


def _interface(value: Any) -> str:
    return str(ipaddress.ip_interface(_string(value)))


def _network(value: Any) -> str:
    return str(ipaddress.ip_network(_string(value)))


def _mac(value: Any) -> str:
    if PLAIN_MAC.fullmatch(_string(value)):
        return str(value)
    digits = re.sub(r"[:\-.]", "", value).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise ValueError("a MAC address")
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def _url(value: Any) -> str:
    if not URL.fullmatch(_string(value)):
        raise ValueError("a URL")
    return str(value)


KINDS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "string": ("a string", _string),
    "integer": ("an integer", _integer),
    "number": ("a number", _number),
    "boolean": ("true or false", _boolean),
    "date": ("a date such as 2026-03-01", _date),
    "datetime": ("a time with zone such as 2026-03-01T08:00:00+00:00", _datetime),
    "ip": ("an IP address", _ip),
    "interface": ("an IP address with prefix length such as 10.0.0.1/24", _interface),
    "network": ("an IP network such as 10.0.0.0/24", _network),
    "mac": ("a MAC address such as 00:1a:2b:3c:4d:5e", _mac),
    "url": ("a URL such as https://example.org/", _url),
}
