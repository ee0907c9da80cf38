"""Endpoints: what is known of a thing only by where it answers, an address and perhaps a port.

Such a text may stand for an end of a relation. It names no thing for good: whoever has the address
at the site when the relation is told is meant.
"""

import re
from dataclasses import dataclass, replace

from cmdb.identity.observation import ObservedRelation

PREFIX = "endpoint:"

_TEXT = re.compile(
    r"endpoint:(?P<address>[0-9a-f.:]{2,45})(?:/(?P<protocol>tcp|udp|sctp)/(?P<port>\d{1,5}))?"
    r"(?:@(?P<site>.+))?",
    re.ASCII | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address within a site, and a port of it."""

    address: str
    protocol: str | None = None
    port: int | None = None
    site: str | None = None

    def text(self) -> str:
        """How it is written, such as `endpoint:10.0.0.5/tcp/5432@hq`."""
        port = "" if self.port is None else f"/{self.protocol}/{self.port}"
        return f"{PREFIX}{self.address}{port}" + (f"@{self.site}" if self.site else "")


def endpoint(text: str) -> Endpoint | None:
    """The endpoint that a text names; None where it names none."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    port = match["port"]
    return Endpoint(
        match["address"], match["protocol"], None if port is None else int(port), match["site"]
    )


def placed(text: str, site: str) -> str:
    """An endpoint of no site as one of this site; any other text as it is."""
    found = endpoint(text)
    return text if found is None or found.site else replace(found, site=site).text()


def floating(seen: ObservedRelation) -> bool:
    """Whether an end of a relation is whoever answers somewhere."""
    return any(endpoint(key) is not None for key in (seen.from_key, seen.to_key))
