"""Whether the codes and names in imports, and those that CIs carry, are as the rules say."""

from collections.abc import Iterator

from cmdb.errors import CMDBError, CodeInUse, CodeRepeated, shown
from cmdb.identity.claims import Name
from cmdb.identity.codes import Code, code_of, form_errors, place_of
from cmdb.identity.identifiers import name_digest, values
from cmdb.identity.observation import ObservedItem
from cmdb.schema.model import Catalog
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.carriers import Carriers, every_item
from cmdb.services.environment import Environment
from cmdb.services.items import list_items


@authorised(Permission.READ)
def check_carried(actor: Actor, env: Environment, type_name: str | None = None) -> list[CMDBError]:
    """What is wrong with the codes and names that CIs carry, of those the actor may see."""
    catalog = env.catalog()
    if type_name is not None:
        catalog.ci_type(type_name, "type")
    if not _has_rules(catalog):
        return []
    checked = catalog.ci_types if type_name is None else catalog.below(type_name)
    errors: list[CMDBError] = []
    holders: dict[Code, list[ObservedItem]] = {}
    for item in every_item(lambda query: list_items(actor, env, query)):
        seen = ObservedItem(item.key, item.type, item.key, item.name, attributes=item.attributes)
        if seen.type in checked:
            errors += form_errors(catalog, seen)
        if (code := code_of(catalog, seen)) is not None:
            holders.setdefault(code, []).append(seen)
    for code, group in holders.items():
        for seen in group if len(group) > 1 else ():
            if seen.type in checked:
                other = next(one.key for one in group if one.key != seen.key)
                errors.append(_in_use(seen, code, other))
    return errors


def _has_rules(catalog: Catalog) -> bool:
    """Whether any type has a code rule or a name pattern."""
    return bool(catalog.codes or catalog.name_patterns)


class CodeCheck:
    """Checks the codes and names in what one run of a source observes, batch by batch."""

    def __init__(self, env: Environment, source: str) -> None:
        self._store, self._source = env.store, source
        self._catalog = env.catalog()
        self._active = _has_rules(self._catalog)
        self._carriers = Carriers(env.store, self._catalog)
        self._first: dict[Code, tuple[str, frozenset[int]]] = {}

    def good(self, batch: list[ObservedItem], errors: list[CMDBError]) -> list[ObservedItem]:
        """The items whose codes and names are right; what is wrong is appended to `errors`.

        Whether an item is the CI that carries its code, is left to identification where it may be.
        """
        if not self._active:
            return batch
        good = []
        for seen in batch:
            found: list[CMDBError] = []
            if seen.exported is None or seen.exported.edited:
                found += form_errors(self._catalog, seen)
                code = code_of(self._catalog, seen)
                if code is not None:
                    found += self._taken(seen, code)
            errors += found
            if not found:
                good.append(seen)
        return good

    def _taken(self, seen: ObservedItem, code: Code) -> Iterator[CMDBError]:
        """What else has this code, in this run or in the store."""
        place, digests = place_of(seen), self._digests(seen)
        first, others = self._first.setdefault(code, (place, digests))
        if digests.isdisjoint(others):
            yield CodeRepeated(place=place, **_words(seen, code), first=first)
            return
        holders = self._carriers.of(code)
        own = self._subjects(seen, digests) if holders else set()
        other = next((one for one in holders if one.number not in own), None)
        if other is not None:
            yield _in_use(seen, code, other.key)

    def _names(self, seen: ObservedItem) -> list[Name]:
        return [(self._source, seen.key), *((one.source, one.key) for one in seen.aliases)]

    def _digests(self, seen: ObservedItem) -> frozenset[int]:
        """Two items that have none in common are two things."""
        body = {"type": seen.type, "attributes": seen.attributes}
        identifying = (one.digest() for one in values(self._catalog, body))
        return frozenset((*identifying, *map(name_digest, self._names(seen))))

    def _subjects(self, seen: ObservedItem, digests: frozenset[int]) -> set[int]:
        """The numbers of the CIs that an item may be."""
        claims = self._store.claims_identified(digests)
        for source, key in self._names(seen):
            claims += self._store.claims("ci", source, [key]).values()
        return {claim.subject for claim in claims}


def _in_use(seen: ObservedItem, code: Code, other: str) -> CodeInUse:
    return CodeInUse(place=place_of(seen), **_words(seen, code), other=other)


def _words(seen: ObservedItem, code: Code) -> dict[str, str]:
    name = f"attribute '{code.attribute}'"
    return {"name": name, "value": shown(code.text), "type": seen.type}
