"""The observations about one device, checked against the catalog as they are made."""

from collections.abc import Iterator
from typing import Any

from cmdb.errors import CMDBError, DuplicateKey, InvalidInput
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.normal_forms import folded
from discovery.agents.snmp.walk import Walk

MAX_KEY = 512


class Report:
    """Makes the observations about a device. `key` is the source's key of the device, `kind` its
    CI type; `errors` gathers what was left out.
    """

    def __init__(self, walk: Walk, kind: str) -> None:
        self.walk, self.kind = walk, kind
        self.key = key_of(walk)
        self.errors: list[CMDBError] = []
        self._places: dict[str, str] = {}

    def item(
        self,
        key: str,
        ci_type: str,
        section: str,
        name: str | None,
        attributes: dict[str, Any],
        **fields: Any,
    ) -> ObservedItem | None:
        """An item with those of its attributes that say something and that its type has.

        `section` is the table and row it was read from. None when its key was given before.
        """
        place = f"{self.key} {section}"
        if len(key) > MAX_KEY:
            detail = f"its key would have {len(key)} characters, of {MAX_KEY} at most"
            self.errors.append(InvalidInput(place=place, detail=detail))
            return None
        first = self._places.setdefault(key, place)
        if first != place:
            self.errors.append(DuplicateKey(place=place, key=f"'{key}'", first=first))
            return None
        known = builtin_catalog().attributes[ci_type]
        said = {n: v for n, v in attributes.items() if n in known and v not in (None, "", [])}
        valid = builtin_catalog().check_attributes(ci_type, said, place, self.errors)
        evidence = self.evidence(section)
        return ObservedItem(
            key, ci_type, place, name=name, attributes=valid, evidence=evidence, **fields
        )

    def part(
        self, kind: str, id: str, ci_type: str, section: str, name: str, attributes: dict[str, Any]
    ) -> Iterator[ObservedItem | ObservedRelation]:
        """Something within the device, and that it is a part of it."""
        item = self.item(
            self.part_key(kind, id), ci_type, section, name, attributes, within=self.key
        )
        if item is not None:
            yield item
            yield self.relation(item.key, "part_of", self.key, section)

    def relation(
        self, from_key: str, relation: str, to_key: str, section: str, **fields: Any
    ) -> ObservedRelation:
        """A relation that the device told of."""
        place, evidence = f"{self.key} {section}", self.evidence(section)
        return ObservedRelation(
            from_key, relation, to_key, place, within=self.key, evidence=evidence, **fields
        )

    def told(self, key: str) -> bool:
        """Whether something of this key was told."""
        return key in self._places

    def part_key(self, kind: str, id: str) -> str:
        """The key of something of the device."""
        return f"{self.key}/{kind}/{folded(id)}"

    def evidence(self, section: str) -> dict[str, Any]:
        """What an observation rests on."""
        return {"agent": "snmp", "section": section, **self.walk.evidence}


def key_of(walk: Walk) -> str:
    """The source's key of a device: where it answered, at its site; of a recording, its name."""
    own = walk.address or walk.name
    return f"{walk.site}/{own}" if walk.site else own
