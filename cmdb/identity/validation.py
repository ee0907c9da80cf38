"""Observations against the catalog: normal forms, and every error of a row at once."""

from dataclasses import replace

from cmdb.errors import CMDBError, DuplicateKey, InvalidInput, UnknownName, WrongValue
from cmdb.identity.observation import Observation, ObservedItem, ObservedRelation
from cmdb.schema.declarations import STRENGTHS
from cmdb.schema.model import Catalog, check_redundancy
from cmdb.schema.records import STATUSES

FUTURE_SECONDS = 3600.0
"""How far the clocks of sources may be ahead."""


class Validator:
    """Checks the observations of one run; `errors` gathers what is wrong, in order."""

    def __init__(self, catalog: Catalog, now: float = float("inf")) -> None:
        self.catalog = catalog
        self._latest = now + FUTURE_SECONDS
        self.errors: list[CMDBError] = []
        self.items: list[ObservedItem] = []
        self.relations: list[ObservedRelation] = []
        self._places: dict[str, str] = {}

    def taken_items(self) -> list[ObservedItem]:
        """The good items since the last call."""
        items, self.items = self.items, []
        return items

    def take(self, observation: Observation | CMDBError) -> None:
        """Check one observation; an error that the reader found is kept with the others."""
        if isinstance(observation, CMDBError):
            self.errors.append(observation)
            return
        errors: list[CMDBError] = []
        self._check_word(observation, errors)
        if isinstance(observation, ObservedItem):
            item = self._item(observation, errors)
            if not errors:
                self.items.append(item)
        else:
            self._relation(observation, errors)
            if not errors:
                self.relations.append(observation)
        self.errors += errors

    def _check_word(self, seen: Observation, errors: list[CMDBError]) -> None:
        """Time and confidence: a word from the future would win for ever."""
        at, confidence = seen.observed_at, seen.confidence
        if at is not None and not 0 <= at <= self._latest:
            errors.append(
                WrongValue(
                    place=seen.place,
                    name="'observed_at'",
                    value=repr(at),
                    expected="a time since 1970 that is not in the future; set the source's clock",
                )
            )
        if confidence is not None and not 0 <= confidence <= 1:
            errors.append(
                WrongValue(
                    place=seen.place,
                    name="'confidence'",
                    value=repr(confidence),
                    expected="a number from 0 to 1",
                )
            )

    def _item(self, seen: ObservedItem, errors: list[CMDBError]) -> ObservedItem:
        place = _named(seen.place, seen.key)
        first = self._places.setdefault(seen.key, seen.place)
        if first != seen.place:
            errors.append(DuplicateKey(place=seen.place, key=f"'{seen.key}'", first=first))
        if seen.status is not None and seen.status not in STATUSES:
            errors.append(UnknownName(place=place, kind="status", name=seen.status, known=STATUSES))
        if seen.redundancy:
            check_redundancy(seen.redundancy, place, errors)
        try:
            self.catalog.ci_type(seen.type, place)
        except CMDBError as error:
            errors.append(error)
            return seen
        if not seen.attributes:
            return seen
        attributes = self.catalog.check_attributes(seen.type, seen.attributes, place, errors)
        return seen if attributes == seen.attributes else replace(seen, attributes=attributes)

    def _relation(self, seen: ObservedRelation, errors: list[CMDBError]) -> None:
        place = _named(seen.place, seen.from_key, seen.to_key)
        try:
            declared = self.catalog.relation_type(seen.type, place)
        except CMDBError as error:
            errors.append(error)
            return
        if seen.strength is not None and seen.strength not in STRENGTHS:
            errors.append(
                WrongValue(
                    place=place,
                    name="strength",
                    value=repr(seen.strength),
                    expected="'hard' or 'soft'",
                )
            )
        if seen.group and declared.impact == "both":
            errors.append(
                InvalidInput(place=place, detail="a relation with impact 'both' takes no group")
            )


def _named(place: str, *keys: str) -> str:
    """The place with the keys that it does not show yet."""
    missing = [f"'{key}'" for key in keys if key not in place]
    return " ".join([place, *missing])
