"""Observations against the catalog: normal forms, and every error of a row at once."""

from dataclasses import replace
from typing import TypeVar

from cmdb.errors import (
    CMDBError,
    DuplicateKey,
    InvalidInput,
    SelfRelation,
    UnknownName,
    WrongValue,
)
from cmdb.identity.names import checked_name, look_alike
from cmdb.identity.observation import Alias, Observation, ObservedItem, ObservedRelation
from cmdb.schema.declarations import STRENGTHS
from cmdb.schema.model import Catalog, check_redundancy
from cmdb.schema.records import STATUSES

FUTURE_SECONDS = 3600.0
"""How far the clocks of sources may be ahead."""


class Validator:
    """Checks the observations of one run; `errors` gathers what is wrong, in order.

    `places` says where the key of each item stood first, and `refused` are the keys of bad items.
    """

    def __init__(self, catalog: Catalog, now: float = float("inf")) -> None:
        self.catalog = catalog
        self._latest = now + FUTURE_SECONDS
        self.errors: list[CMDBError] = []
        self.items: list[ObservedItem] = []
        self.relations: list[ObservedRelation] = []
        self.places: dict[str, str] = {}
        self.refused: set[str] = set()

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
            item = self._item(_spelt_item(observation, errors), errors)
            if not errors:
                self.items.append(item)
            elif self.places[item.key] == item.place:
                self.refused.add(item.key)
        else:
            relation = _spelt_relation(observation, errors)
            self._relation(relation, errors)
            if not errors:
                self.relations.append(relation)
        self.errors += errors

    def look_alikes(self) -> list[list[str]]:
        """Groups of keys of the items of this run that people cannot tell apart, sorted."""
        return look_alike(self.places)

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
        first = self.places.setdefault(seen.key, seen.place)
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
        if seen.from_key == seen.to_key:
            errors.append(SelfRelation(place=seen.place, relation=seen.type, key=seen.to_key))
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


Word = TypeVar("Word", str, str | None)


class _Speller:
    """Gives the names in an observation one spelling; `errors` gathers those that have none."""

    def __init__(self, place: str, errors: list[CMDBError]) -> None:
        self.place, self.errors = place, errors

    def __call__(self, name: str, word: Word) -> Word:
        if word is None:
            return word
        try:
            return checked_name(word, self.place, name)
        except CMDBError as error:
            self.errors.append(error)
            return word


def _spelt_item(seen: ObservedItem, errors: list[CMDBError]) -> ObservedItem:
    """The item with its keys and names in one spelling."""
    spell = _Speller(seen.place, errors)
    key, name = spell("key", seen.key), spell("name", seen.name)
    within = spell("within", seen.within)
    aliases = tuple(
        Alias(spell("aliases", one.source), spell("aliases", one.key)) for one in seen.aliases
    )
    redundancy = {spell("redundancy", group): need for group, need in seen.redundancy.items()}
    words = (key, name, within, aliases, redundancy)
    if words == (seen.key, seen.name, seen.within, seen.aliases, seen.redundancy):
        return seen
    return replace(seen, key=key, name=name, within=within, aliases=aliases, redundancy=redundancy)


def _spelt_relation(seen: ObservedRelation, errors: list[CMDBError]) -> ObservedRelation:
    """The relation with its keys and names in one spelling."""
    spell = _Speller(seen.place, errors)
    from_key, to_key = spell("from", seen.from_key), spell("to", seen.to_key)
    group, label = spell("group", seen.group or None), spell("id", seen.id or None)
    within = spell("within", seen.within)
    words = (from_key, to_key, group, label, within)
    if words == (seen.from_key, seen.to_key, seen.group, seen.id, seen.within):
        return seen
    return replace(seen, from_key=from_key, to_key=to_key, group=group, id=label, within=within)


def _named(place: str, *keys: str) -> str:
    """The place with the keys that it does not show yet."""
    missing = [f"'{key}'" for key in keys if key not in place]
    return " ".join([place, *missing])
