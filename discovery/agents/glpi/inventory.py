"""One inventory of a document, and the observations that are made of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from cmdb.errors import CMDBError, DuplicateKey, InvalidInput, MissingField, WrongValue, shown
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.normal_forms import folded
from discovery.agents.glpi.record import AN_OBJECT, Record, moment

ITEMTYPES = ("Computer", "NetworkEquipment", "Printer", "Phone", "Unmanaged")
MAX_KEY = 512
SCANNERS = frozenset({"foo", "toolbox"})
"""What GLPI Agent writes as `deviceid` when it scanned a device and has no id of its own."""


class Notes:
    """Errors, each once."""

    def __init__(self) -> None:
        self._new: list[CMDBError] = []
        self._known: set[str] = set()

    def add(self, error: CMDBError) -> None:
        """Keep an error that is not known yet."""
        text = str(error)
        if text not in self._known:
            self._known.add(text)
            self._new.append(error)

    def taken(self) -> list[CMDBError]:
        """The errors since the last call."""
        errors, self._new = self._new, []
        return errors


@dataclass(slots=True, eq=False)
class Inventory:
    """An inventory: `key` is the source's key of the machine, `at` the time it says with zone."""

    key: str
    deviceid: str
    itemtype: str
    partial: bool
    tag: str | None
    content: Record
    at: float | None
    seen: dict[str, str]
    notes: Notes

    def item(
        self,
        key: str,
        ci_type: str,
        place: Record,
        name: str | None,
        attributes: dict[str, Any],
        confidence: float | None = None,
    ) -> ObservedItem | None:
        """An observed item, within the machine unless it is the machine.

        Of its attributes those are kept that say something and that the type has; those that are
        no good are noted. None when the key was given before.
        """
        if len(key) > MAX_KEY:
            detail = (
                f"its key would have {len(key)} characters, of {MAX_KEY} at most; shorten its name"
            )
            self.notes.add(InvalidInput(place=place.place, detail=detail))
            return None
        first = place.place if key == self.key else self.seen.setdefault(key, place.place)
        if first != place.place:
            self.notes.add(DuplicateKey(place=place.place, key=f"'{key}'", first=first))
            return None
        said = {n: v for n, v in attributes.items() if v is not None and v not in ("", [])}
        return ObservedItem(
            key=key,
            type=ci_type,
            place=place.place,
            name=name,
            attributes=self._valid(ci_type, said, place.place),
            within=None if key == self.key else self.key,
            coverage=self._coverage if key == self.key else None,
            observed_at=self.at,
            confidence=confidence,
            evidence=self.evidence(place),
        )

    @property
    def _coverage(self) -> Literal["part", "whole"]:
        return "part" if self.partial else "whole"

    def _valid(self, ci_type: str, said: dict[str, Any], place: str) -> dict[str, Any]:
        catalog = builtin_catalog()
        known = catalog.attributes[ci_type]
        mine = {name: value for name, value in said.items() if name in known}
        errors: list[CMDBError] = []
        valid = catalog.check_attributes(ci_type, mine, place, errors)
        for error in errors:
            self.notes.add(error)
        return valid

    def relation(
        self, from_key: str, relation: str, to_key: str, place: Record, **fields: Any
    ) -> ObservedRelation:
        """An observed relation."""
        return ObservedRelation(
            from_key,
            relation,
            to_key,
            place=place.place,
            within=self.key,
            observed_at=self.at,
            evidence=self.evidence(place),
            **fields,
        )

    def part(
        self,
        kind: str,
        id: str,
        relation: str,
        ci_type: str,
        place: Record,
        name: str | None,
        attributes: dict[str, Any],
    ) -> Iterator[ObservedItem | ObservedRelation]:
        """Something of the machine, and how it is related to it."""
        item = self.item(self.part_key(kind, id), ci_type, place, name, attributes)
        if item is not None:
            yield item
            yield self.relation(item.key, relation, self.key, place)

    def part_key(self, kind: str, id: str) -> str:
        """The key of something of the machine."""
        return f"{self.key}/{kind}/{folded(id)}"

    def evidence(self, place: Record) -> dict[str, Any]:
        """What an observation rests on."""
        section = place.place.removeprefix(f"{self.content.place}.")
        return {"inventory": "glpi", "deviceid": self.deviceid, "section": section}


def read(raw: Any, place: str, seen: dict[str, str]) -> Inventory | CMDBError:
    """An inventory, or what makes it useless; `seen` are the keys given so far in the document."""
    if not isinstance(raw, dict):
        return WrongValue(place=place, name="it", value=shown(raw), expected=AN_OBJECT)
    notes = Notes()
    top = Record(raw, place, notes.add)
    deviceid, content = top.text("deviceid"), raw.get("content")
    if deviceid is None:
        return next(iter(notes.taken()), MissingField(place=place, name="deviceid"))
    if not isinstance(content, dict):
        expected = "an object with the sections of the inventory"
        return WrongValue(place=place, name="'content'", value=shown(content), expected=expected)
    itemtype = raw.get("itemtype") or ITEMTYPES[0]
    if itemtype not in ITEMTYPES:
        expected = f"one of {', '.join(ITEMTYPES)}"
        return WrongValue(place=place, name="'itemtype'", value=shown(itemtype), expected=expected)
    record = Record(content, deviceid, notes.add)
    key = _key(deviceid, record)
    first = seen.setdefault(key, place)
    if first != place:
        return DuplicateKey(place=place, key=f"'{key}'", first=first)
    return Inventory(
        key=key,
        deviceid=deviceid,
        itemtype=itemtype,
        partial=top.flag("partial") is True,
        tag=top.text("tag"),
        content=record,
        at=_observed_at(record),
        seen=seen,
        notes=notes,
    )


def _key(deviceid: str, content: Record) -> str:
    """The deviceid; with it what the device is known by where that is no id of a device."""
    if deviceid not in SCANNERS:
        return deviceid
    device = content.record("network_device")
    own = device.serial("serial") or device.mac("mac") or device.text("name")
    return f"{deviceid}/{folded(own)}" if own else deviceid


def _observed_at(content: Record) -> float | None:
    """When it was made: only if it says so with a zone, for local times of strangers differ."""
    text = content.record("accesslog").text("logdate")
    found = None if text is None else moment(text)
    return None if found is None else found.timestamp()
