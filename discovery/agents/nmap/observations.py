"""Observations of a host as nmap saw it: the host, what listens on it, and that this runs there.

A scan is a weak source. Where its word is a guess, the observation says how sure it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from discovery.agents.nmap import kinds
from discovery.agents.nmap.hosts import Host, Port

PROBED, VAGUE_VERSION, GUESS, MAKER, NAME = 0.8, 0.3, 0.5, 0.3, 0.5
"""How sure a word is at most: by asking, "or later", of a system, of a network card, of DNS."""

VAGUE = re.compile(r"\bor\b| - |\d\.[Xx]\b")
PRODUCT = re.compile(r"(.+?)(?:; \1\b.*| DB| key-value store)?", re.IGNORECASE)
"""The name of a product, and what nmap adds to it."""

WRAPPED = "tcpwrapped"
"""What nmap calls a port that accepts connections and says nothing: anything may stand there."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and how it was seen; `method` is empty for a recording, which tells its own time."""

    site: str | None = None
    method: str = ""

    def key(self, host: Host) -> str:
        """The source's key of a host: an address at a site."""
        return f"{self.site}/{host.address}" if self.site else str(host.address)

    def at(self, host: Host) -> float | None:
        """When a host was seen; None: in this run."""
        return None if self.method else host.at


def observations(host: Host, origin: Origin) -> Iterator[Observation | CMDBError]:
    """All that is said of a host; the host first."""
    errors: list[CMDBError] = []
    yield _host(host, origin, errors)
    for port in host.ports:
        if port.name != WRAPPED:
            service = _service(host, port, origin, errors)
            yield service
            yield ObservedRelation(
                service.key,
                "runs_on",
                origin.key(host),
                place=service.place,
                evidence=service.evidence,
                observed_at=origin.at(host),
                within=origin.key(host),
            )
    yield from errors


def _host(host: Host, origin: Origin, errors: list[CMDBError]) -> ObservedItem:
    ci_type = kinds.device_type(host.ports)
    name = next((one.rstrip(".") for one in host.names if one.rstrip(".")), None)
    makers = {maker for maker in host.makers.values() if maker}
    attributes: dict[str, Any] = {
        "site": origin.site,
        "ip_addresses": [str(host.address)],
        "mac_addresses": list(host.makers) or None,
        "vendor": makers.pop() if len(makers) == 1 else None,
        "hostname": name.partition(".")[0] if name else None,
        "fqdn": name if name and "." in name else None,
        "ssh_host_keys": sorted(host.host_keys) or None,
        "guess": f"{host.guess[0]} ({host.guess[1]:.0%})" if host.guess else None,
    }
    if host.scanned and not host.timed_out:
        attributes["open_ports"] = [f"{port.protocol}/{port.number}" for port in host.ports]
    surety = {"vendor": MAKER, "hostname": NAME, "fqdn": NAME}
    if host.guess:
        surety["guess"] = round(GUESS * host.guess[1], 2)
    evidence = _evidence(origin, reason=host.reason)
    if host.guess and ci_type != "unclassified":
        evidence["guess"] = attributes["guess"]
    said = _known(ci_type, attributes, str(host.address), errors)
    return ObservedItem(
        key=origin.key(host),
        type=ci_type,
        place=str(host.address),
        name=name.partition(".")[0] if name else None,
        attributes=said,
        attribute_confidence={name: sure for name, sure in surety.items() if name in said},
        evidence=evidence,
        observed_at=origin.at(host),
        coverage="part",
    )


def _service(host: Host, port: Port, origin: Origin, errors: list[CMDBError]) -> ObservedItem:
    ci_type, kind = kinds.service_type(port)
    place = f"{host.address} {port.protocol}/{port.number}"
    protocol = _protocol(port)
    attributes: dict[str, Any] = {
        "site": origin.site,
        "port": port.number,
        "protocol": protocol,
        "product": _product(port),
        "version": port.version if port.probed else None,
        "cpes": list(port.cpes),
        "banner": port.extra,
        "kind": kind,
        "urls": [_url(host, port)] if ci_type == kinds.WEB_SERVER else None,
    }
    said = _known(ci_type, {n: v for n, v in attributes.items() if v}, place, errors)
    vague = VAGUE.search(port.version) is not None
    evidence = _evidence(
        origin, service=port.name, told_by="answer" if port.probed else "port number"
    )
    return ObservedItem(
        key=f"{origin.key(host)}/{port.protocol}/{port.number}",
        type=ci_type,
        place=place,
        name=f"{said.get('product') or protocol} {port.protocol}/{port.number}",
        attributes=said,
        within=origin.key(host),
        confidence=min(port.confidence, PROBED),
        attribute_confidence={"version": VAGUE_VERSION} if vague and "version" in said else {},
        evidence=evidence,
        observed_at=origin.at(host),
        coverage="part" if ci_type == kinds.SERVICE else None,
    )


def _product(port: Port) -> str | None:
    """The product, if an answer told it."""
    match = PRODUCT.fullmatch(port.product) if port.probed else None
    return None if match is None else match[1]


def _protocol(port: Port) -> str:
    """What is spoken there, as far as it is known."""
    if not port.name or port.name == "unknown":
        return port.protocol
    if not port.tls:
        return port.name
    return "https" if port.name in ("http", "https") else f"{port.name} over TLS"


def _url(host: Host, port: Port) -> str:
    address = f"[{host.address}]" if host.address.version == 6 else str(host.address)
    scheme = "https" if port.tls or port.name.startswith("https") else "http"
    return f"{scheme}://{address}:{port.number}/"


def _evidence(origin: Origin, **facts: str) -> dict[str, Any]:
    said = {"scan": "nmap", "method": origin.method, **facts}
    return {name: value for name, value in said.items() if value}


def _known(
    ci_type: str, attributes: dict[str, Any], place: str, errors: list[CMDBError]
) -> dict[str, Any]:
    """What says something and the type has; what is no good is reported and left out."""
    catalog = builtin_catalog()
    known = catalog.attributes[ci_type]
    said = {n: v for n, v in attributes.items() if v is not None and n in known}
    return catalog.check_attributes(ci_type, said, place, errors)
