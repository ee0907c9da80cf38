"""What a device is: its kind, maker, model, version and serial number, by rules kept as data."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cmdb.schema import normal_forms
from cmdb.schema.catalog import builtin_catalog
from discovery.agents.snmp import entities, families, makers, mibs, words
from discovery.agents.snmp.entities import Entity
from discovery.agents.snmp.families import FACTS, Family
from discovery.agents.snmp.interfaces import Interface
from discovery.agents.snmp.walk import Walk, text

GUESSED = 0.5
"""Confidence in a maker that only a hardware address tells."""

VERSION_OF = ("software_version", "os_version", "firmware_version")
"""Where a version goes: the first of these that the type has."""

LINUX = re.compile(
    r"Linux \S+ (\d\S*) .*?(?:\b(x86_64|aarch64|i[3-6]86|arm\w*|mips\w*|ppc\w*))?\W*$"
)


NO_MODEL = re.compile(r"(chassis|stack|switch|router|system|frame|rack|board|device)( \d+)?", re.I)
"""What some write in the place of a model."""


@dataclass(slots=True)
class Facts:
    """What the rules tell; `confidence` by attribute, where it is weak."""

    ci_type: str
    vendor: str | None = None
    model: str | None = None
    version: str | None = None
    serial: str | None = None
    platform: str | None = None
    kernel: str | None = None
    architecture: str | None = None
    part_number: str | None = None
    cpus: list[str] = field(default_factory=list)
    confidence: dict[str, float] = field(default_factory=dict)

    def attributes(self) -> dict[str, Any]:
        """The facts as attributes of the type."""
        known = builtin_catalog().attributes[self.ci_type]
        where = next((name for name in VERSION_OF if name in known), "version")
        return {
            "vendor": self.vendor,
            "model": self.model,
            "serial_number": self.serial,
            "part_number": self.part_number if self.part_number != self.model else None,
            where: self.version,
            "platform": self.platform,
            "operating_system": self.platform,
            "kernel": self.kernel,
            "architecture": self.architecture,
            "cpu_model": ", ".join(dict.fromkeys(self.cpus)),
            "cpu_threads": len(self.cpus) or None,
        }


def facts(walk: Walk, parts: list[Entity], interfaces: dict[int, Interface]) -> Facts:
    """All facts about a device."""
    object_id = walk.text(mibs.SYS_OBJECT_ID)
    family = families.family_of(object_id)
    described = walk.text(mibs.SYS_DESCR) or ""
    own = entities.main(parts)
    told = {fact: _fact(fact, walk, family, described, parts, own) for fact in FACTS}
    vendor, confidence = _vendor(walk, family, own, described, interfaces)
    platform = _platform(family, described)
    found = Facts(
        ci_type=_type(walk, family, object_id, f"{described} {told['model'] or ''}", platform),
        vendor=vendor,
        platform=platform,
        part_number=own.model if own else None,
        cpus=_processors(walk),
        confidence=confidence,
        **told,
    )
    linux = LINUX.match(described)
    if linux is not None:
        found.kernel, found.architecture = linux[1], linux[2]
    return found


def _fact(
    fact: str,
    walk: Walk,
    family: Family | None,
    described: str,
    parts: list[Entity],
    own: Entity | None,
) -> str | None:
    """A fact by the first rule that tells it: the maker's own words before those of everybody."""
    ways: list[Iterable[str | None]] = []
    if family is not None:
        ways += [(family.value(fact, walk),), _described(fact, family.descriptions, described)]
    ways += [
        _entity(fact, parts, own, family.vendor if family else None),
        _standard(fact, walk),
        (one.value(fact, walk) for one in families.present(walk) if one is not family),
        _described(fact, words.patterns(fact), described),
        [words.model(described, family.vendor if family else None) if fact == "model" else None],
    ]
    for way in ways:
        for found in way:
            clean = _clean(fact, found)
            if clean is not None:
                return clean
    return None


def _described(
    fact: str, patterns: Iterable[re.Pattern[str]], described: str
) -> Iterator[str | None]:
    for pattern in patterns:
        found = pattern.search(described)
        if found is not None and fact in pattern.groupindex:
            yield found[fact]


def _entity(
    fact: str, parts: list[Entity], own: Entity | None, vendor: str | None
) -> Iterator[str | None]:
    """What ENTITY-MIB tells."""
    if own is None:
        return
    alone = entities.only(parts, fact)
    if fact == "model":
        yield own.model or alone
        described = own.description or ""
        yield words.model(described, vendor)
        yield described if re.search(r"\d", described) else None
    elif fact == "serial":
        yield own.serial if entities.serial_of(own) else alone
    else:
        yield entities.software_of(parts, own)
        yield own.firmware


def _standard(fact: str, walk: Walk) -> Iterator[str | None]:
    """What the MIBs of printers, power supplies and others tell."""
    ids = dict(_ieee1284(walk.first(mibs.IEEE1284_ID) or ""))
    if fact == "model":
        yield walk.text(mibs.UPS_MODEL)
        yield ids.get("MDL") or ids.get("MODEL")
        yield _printer(walk)
    elif fact == "serial":
        yield walk.first(mibs.PRINTER_SERIAL)
        yield ids.get("SN") or ids.get("SERN") or ids.get("SERIALNUMBER")
        yield walk.text(mibs.DOCSIS_SERIAL)
    else:
        yield walk.text(mibs.UPS_SOFTWARE)
        yield walk.text(mibs.UPS_AGENT_SOFTWARE)
        yield walk.text(mibs.DOCSIS_SOFTWARE)
        yield walk.text(mibs.PROBE_SOFTWARE)


def _ieee1284(id: str) -> Iterator[tuple[str, str]]:
    """The pairs of an IEEE 1284 device id."""
    for pair in id.split(";"):
        name, colon, value = pair.partition(":")
        if colon and value.strip():
            yield name.strip().upper(), value.strip()


def _devices(walk: Walk, kind: str) -> list[str]:
    """The descriptions of what hrDeviceTable has of a kind."""
    named = walk.texts(mibs.HR_DEVICE_DESCR)
    return [
        named[row]
        for row, found in walk.column(mibs.HR_DEVICE_TYPE).items()
        if found == kind and row in named
    ]


def _printer(walk: Walk) -> str | None:
    """What the printer calls itself; the queues of computers are no printers."""
    if words.KERNELS.match(walk.text(mibs.SYS_DESCR) or ""):
        return None
    return next(iter(_devices(walk, mibs.HR_PRINTER)), None)


def _processors(walk: Walk) -> list[str]:
    return _devices(walk, mibs.HR_PROCESSOR)


def _clean(fact: str, found: str | None) -> str | None:
    """A fact without what is no part of it; None where it says nothing."""
    line = text(found.encode()) if found else None
    if line is None:
        return None
    if fact == "version":
        return words.version(line)
    if fact == "serial":
        return line if normal_forms.serial(line) else None
    return line if re.search(r"[^\W_]{2}", line) and not NO_MODEL.fullmatch(line) else None


def _vendor(
    walk: Walk,
    family: Family | None,
    own: Entity | None,
    described: str,
    interfaces: dict[int, Interface],
) -> tuple[str | None, dict[str, float]]:
    """The maker, and how sure that is."""
    enterprise = families.enterprise_of(walk.text(mibs.SYS_OBJECT_ID))
    ids = dict(_ieee1284(walk.first(mibs.IEEE1284_ID) or ""))
    maker = own.maker if own is not None and own.maker and len(own.maker) > 1 else None
    if family is not None and family.vendor is not None:
        return family.vendor, {}
    found = (
        one.vendor
        for one in families.present(walk)
        if one.vendor and any(one.value(fact, walk) for fact in FACTS)
    )
    holder = None if family is not None else makers.of_enterprise(enterprise)
    named = maker or holder or words.vendor(described) or next(found, None)
    named = named or walk.text(mibs.UPS_MAKER) or ids.get("MFG")
    if named:
        return named, {}
    macs = (one.mac for one in interfaces.values() if one.mac and normal_forms.mac(one.mac))
    guess = next(filter(None, map(makers.of_mac, macs)), None)
    return guess, {"vendor": GUESSED} if guess else {}


def _platform(family: Family | None, described: str) -> str | None:
    """The software platform."""
    for pattern, name in (*(family.platforms if family else ()), *words.platforms()):
        if pattern.search(described):
            return name
    return None


def _type(
    walk: Walk, family: Family | None, object_id: str | None, said: str, platform: str | None
) -> str:
    """The CI type, by the surest evidence there is."""
    own = family.type_of(object_id or "") if family else None
    if own is not None:
        return own
    if walk.first(mibs.PRINTER_SERIAL) or walk.first(mibs.PRINTER_PAGES) or _printer(walk):
        return "printer"
    if walk.text(mibs.UPS_MODEL) or walk.text(mibs.UPS_MAKER):
        return "ups"
    named = (name for pattern, name in (family.words if family else ()) if pattern.search(said))
    found = next(named, None) or words.type_of(said) or (family.ci_type if family else None)
    if found is not None:
        return found
    if len(walk.column(mibs.BRIDGE_PORT_IF_INDEX)) > 2:
        return "switch"
    return "computer" if platform in words.SYSTEMS else "device"
