"""Targets that are none: options, separators, digits of other scripts, prefixes, zones, names.

None may reach a program, and none may be taken for something harmless.
"""

from itertools import product
from typing import Any

GOOD = "10.20.3.11"
"""An address that is allowed in the tests' scope."""

OPTIONS = (
    *("-oN /tmp/nmap-was-here", "-oX/tmp/nmap-was-here", "-iL/etc/passwd", "-iR 10", "-Pn", "-sU"),
    *("--script=http-fetch", "--script exec", "--script-args x=y", "--resume /tmp/x", "-D 8.8.8.8"),
    *("--interactive", "--datadir /tmp", "--exclude x", "--proxies http://127.0.0.1", "-e lo"),
)
SEPARATORS = (
    *(" ", "\n", "\r\n", "\t", "\x00", "\x0b", "\x0c", "\x1b", "\x85", "\xa0", "\u2028", "\u200b"),
    *(",", ";", "|", "&", "&&", "`", "#", "\\", "'", '"', "$(id)", "${IFS}", "%0a", "\ufeff"),
)
ZEROS = (
    *(0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6),
    *(0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2),
)
"""The digit zero of scripts whose digits Python's `int` understands."""

PREFIXES = (
    *("0", "00", "33", "99", "128", "999", "-1", "+8", " 8", "8 ", "8.0", "0x18", "1e1", "24/24"),
    *("4294967304", "18446744073709551640", "\u0668", "24%lo", "24\n", "24 -oN x", "255.0.0.0"),
    *("", "0.0.0.255", "/24", "*", "8\x00"),
)
ZONES = (
    *("fe80::1%eth0", "fe80::1%lo", "fe80::%25eth0/64", "fd00::1%1", "::1%lo", "fd00::/64%eth0"),
    *("fe80::1%$(id)", "fe80::1%-oN", "[fd00::1]", "[fd00::1]:22", "fd00::1/129", "fd00::1/0"),
    *(
        "fd00:::1",
        "fd00::1::2",
        "fd00::12345",
        "::/0",
        "0::0/00",
        "fd00::1/64",
        "::ffff:10.20.3.300",
    ),
)
NAMES = (
    *("localhost", "example.com", "scanme.example.org.", "a", "-", "--", "host-1", "r\xf6slein.de"),
    *("xn--rslein-wxa.de", "inside.example", "10.20.3.11.nip.example", "1.2.3.4.example", "_x"),
    *("127.1", "0x7f.0.0.1", "2130706433", "0x7f000001", "017700000001", "10.20.3", "10.20.3.11."),
    *(".10.20.3.11", "10.20.3.0-255", "10.20.3.*", "10.20.3.1,2", "10.20.3.1-", "10-11.20.3.1"),
    *("10.20.3.011", "010.20.3.11", "10.20.3.256", "10.20.3.-1", "10.20.3.11.5", "10..3.11"),
    *("http://10.20.3.11/", "10.20.3.11:22", "user@10.20.3.11", "10.20.3.11/24", "10,20,3,11"),
    *("", " ", ".", ":", "/", "...", ":::", "/24", "10.20.3.11/", "a" * 100_000, "1" * 100_000),
    *("10.20.3.11/8/8", "file:///etc/passwd", "/etc/passwd", "../../etc/passwd", "@/etc/passwd"),
)
OUTSIDE = (
    *(
        "8.8.8.8",
        "1.1.1.0/24",
        "10.20.4.1",
        "10.20.2.255",
        "10.20.0.0/16",
        "10.20.2.0/23",
        "0.0.0.0",
    ),
    *("10.0.0.0/8", "127.0.0.1", "169.254.169.254", "224.0.0.1", "255.255.255.255", "128.0.0.0/1"),
    *("::1", "fd00::1", "2001:db8::/32", "fe80::1", "ff02::1", "::ffff:10.20.3.11", "::"),
    *("::10.20.3.11", "2002:0a14:030b::", "64:ff9b::a14:30b", "10.20.3.66", "192.168.0.1"),
)
"""Well made, but not allowed; 10.20.3.66 is denied."""

OTHERS: tuple[Any, ...] = (
    *(None, True, 0, 169_083_659, 10.2, b"10.20.3.11", ["10.20.3.11"], ("10.20.3.11",), {}),
    *({"target": GOOD}, b"10.20.3.11", float("nan")),
)


def _in_digits(zero: int, text: str) -> str:
    return "".join(chr(zero + int(c)) if c.isdecimal() else c for c in text)


def targets() -> list[Any]:
    """All of them, each once; those of `OUTSIDE` are the only ones that are literals."""
    made: list[Any] = list(OPTIONS)
    made += [f"{GOOD} {option}" for option in OPTIONS] + [f"{option} {GOOD}" for option in OPTIONS]
    made += [f"{GOOD}{one}{more}" for one, more in product(SEPARATORS, ("", "8.8.8.8"))]
    made += [f"{one}{GOOD}" for one in SEPARATORS]
    written = (GOOD, "10.20.3.0/24", "fd00::1")
    made += [_in_digits(zero, text) for zero, text in product(ZEROS, written)]
    made += [f"10.20.3.0/{_in_digits(zero, '24')}" for zero in ZEROS]
    made += [f"10.20.3.0/{prefix}" for prefix in PREFIXES]
    return [*dict.fromkeys((*made, *ZONES, *NAMES, *OUTSIDE)), *OTHERS]
