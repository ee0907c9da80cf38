"""What each profile does, and the arguments of nmap: fixed words, and whole numbers of the scope.

Hosts are looked for first, and only those found are scanned: never `-Pn`. No argument holds a text
that anybody entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cmdb.errors import InvalidInput, WrongValue, shown
from discovery.agents.nmap.ports import (
    DEEP,
    DEEP_UDP,
    DISCOVERY,
    FEW,
    INVENTORY,
    SERVICES,
    spans,
)
from discovery.scope import Scope

FRAGILE_RATE = 20
RATE_SHARE = 0.8
"""Of the scope's rate, what nmap is told: it catches up in a burst after each pause."""

SCRIPT_SECONDS = 30
"""For one of the scripts by which nmap tells versions."""

MOST_HOSTS_AT_ONCE = 16
PROBES_A_PORT = 4
"""How often a port is asked at most, with room: hosts at once are so few that each can finish."""

OS_PORTS = frozenset(range(30_000, 44_781))
"""Where OS detection asks a port that it expects to be closed."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is looked at; `system` asks for a guess at the operating system."""

    tcp: frozenset[int] = frozenset()
    versions: tuple[str, ...] = ()
    udp: frozenset[int] = frozenset()
    system: bool = False


PROFILES = {
    "inventory": Profile(INVENTORY, ("-sV", "--version-light")),
    "sweep": Profile(),
    "services": Profile(SERVICES, ("-sV",)),
    "deep": Profile(DEEP, ("-sV",), DEEP_UDP, system=True),
}
FRAGILE = Profile(FEW)


def profile_of(name: str, scope: Scope) -> Profile:
    """What is done for a profile within a scope: in a fragile one, at most a few ports."""
    chosen = PROFILES[name]
    return FRAGILE if scope.fragile and chosen.tcp else chosen


def arguments(
    name: str, scope: Scope, *, version: int, raw: bool, names: bool = False
) -> list[str]:
    """The command line of a scan of IPv4 or IPv6; the targets go in by standard input.

    Without `raw` packets it connects, and does neither OS detection nor UDP. WrongValue when a
    number of the scope is none.
    """
    profile = profile_of(name, scope)
    forbidden = _forbidden(scope)
    rate = _count("rate", scope.rate)
    timeout = _count("host_timeout", scope.host_timeout)
    tcp, udp = profile.tcp - forbidden, profile.udp - forbidden
    connect = scope.fragile or not raw
    words = ["nmap", "-6"] if version == 6 else ["nmap"]
    words += ["--system-dns"] if names else ["-n"]
    words += ["--noninteractive", "-oX", "-", "-iL", "-", "--stats-every", "1s"]
    words += ["--privileged" if raw else "--unprivileged"]
    words += ["-T2" if scope.fragile else "-T3", "--max-retries", "2"]
    rate = max(1, int(RATE_SHARE * (min(rate, FRAGILE_RATE) if scope.fragile else rate)))
    words += ["--max-rate", f"{rate}"]
    words += _knocks(version, raw, forbidden)
    if forbidden:
        words += ["--exclude-ports", spans(forbidden)]
    if not tcp:
        return [*words, "-sn"]
    words += ["-sT" if connect else "-sS", *profile.versions]
    if profile.versions:
        words += ["--script-timeout", f"{SCRIPT_SECONDS}s"]
    ports = f"T:{spans(tcp)}"
    if udp and not connect:
        words += ["-sU"]
        ports += f",U:{spans(udp)}"
    if profile.system and not connect and not forbidden & OS_PORTS:
        words += ["-O", "--osscan-limit", "--max-os-tries", "1"]
    at_once = rate * timeout // (PROBES_A_PORT * len(tcp))
    words += ["--host-timeout", f"{timeout}s"]
    words += ["--max-hostgroup", f"{min(max(1, at_once), MOST_HOSTS_AT_ONCE)}"]
    return [*words, "-p", ports]


def _knocks(version: int, raw: bool, forbidden: frozenset[int]) -> Iterable[str]:
    """How hosts are looked for beyond the own segment, where ARP or ND is enough."""
    ports = [port for port in DISCOVERY if port not in forbidden]
    if not ports:
        detail = f"all of {', '.join(map(str, DISCOVERY))} are forbidden, of which a scan needs one"
        raise InvalidInput(place="forbidden_ports", detail=detail)
    first, second = ports[0], ports[min(1, len(ports) - 1)]
    if not raw:
        return [f"-PS{first},{second}"]
    echo = ["-PE"] if version == 6 else ["-PE", "-PP"]
    return [*echo, f"-PS{first}", f"-PA{second}"]


def _forbidden(scope: Scope) -> frozenset[int]:
    return frozenset(_count("forbidden_ports", port, 65_535) for port in scope.forbidden_ports)


def _count(name: str, value: object, most: int = 2**31) -> int:
    """A whole number of the scope, which may have come from anywhere."""
    if type(value) is not int or not 0 < value <= most:
        expected = f"a whole number from 1 to {most}"
        raise WrongValue(place="scope", name=f"'{name}'", value=shown(value), expected=expected)
    return value
