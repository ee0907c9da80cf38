"""What the nmap agent makes of a recording, checked as every reading must be."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cmdb.errors import CMDBError
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from discovery.agents import nmap
from tests.readings import check_joins, taken

DATA = Path(__file__).resolve().parents[1] / "data" / "nmap"
HEAD = b'<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" start="1795600000">\n'
END = b'<runstats><finished exit="success"/><hosts up="1" down="0" total="1"/></runstats></nmaprun>'


@dataclass
class Reading:
    """What was told; `of` a host: its services by port."""

    items: dict[str, ObservedItem] = field(default_factory=dict)
    relations: list[ObservedRelation] = field(default_factory=list)
    errors: list[CMDBError] = field(default_factory=list)

    @property
    def hosts(self) -> dict[str, ObservedItem]:
        return {key: one for key, one in self.items.items() if one.within is None}

    def of(self, host: str) -> dict[str, ObservedItem]:
        inner = [one for one in self.items.values() if one.within == host]
        return {one.key.removeprefix(f"{host}/"): one for one in inner}


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


def xml(*hosts: str) -> bytes:
    """A scan of these hosts, each the inner XML of one."""
    return HEAD + "".join(f"<host>{host}</host>\n" for host in hosts).encode() + END


def up(address: str, inner: str = "", reason: str = "echo-reply", mac: str = "") -> str:
    """The inner XML of a host that is up."""
    card = f'<address addr="{mac}" addrtype="mac"/>' if mac else ""
    return (
        f'<status state="up" reason="{reason}" reason_ttl="63"/>'
        f'<address addr="{address}" addrtype="ipv4"/>{card}<hostnames/>{inner}'
    )


def port(number: int, service: str = "", state: str = "open", protocol: str = "tcp") -> str:
    said = f'<state state="{state}" reason="syn-ack" reason_ttl="63"/>{service}'
    return f'<port protocol="{protocol}" portid="{number}">{said}</port>'


def ports(*several: str) -> str:
    return f"<ports>{''.join(several)}</ports>"


def read(content: bytes, site: str | None = None, size: int = 1000) -> Reading:
    """What is told of XML that comes in pieces."""
    pieces = (content[i : i + size] for i in range(0, len(content), size))
    return reading_of(nmap.parse(nmap.Recording("scan.xml", pieces, site)))


def reading_of(told: Iterable[Observation | CMDBError]) -> Reading:
    """What was told, taken by the catalog as it is, with ends that are there."""
    reading = Reading()
    found = list(told)
    reading.errors += [one for one in found if isinstance(one, CMDBError)]
    known = taken(found)
    reading.items = {one.key: one for one in known.items}
    reading.relations = known.relations
    check_joins(reading.relations, reading.items)
    inner = {one.key for one in reading.items.values() if one.within is not None}
    assert {one.from_key for one in reading.relations} == inner
    assert all(one.within == reading.items[one.from_key].within for one in reading.relations)
    return reading
