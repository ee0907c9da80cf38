"""Whether the codes and names that a source gives are as the rules say."""

from cmdb.errors import CMDBError, CodeInUse, CodeRepeated, shown
from cmdb.identity.claims import Claim
from cmdb.identity.codes import Code, code_of, form_errors, place_of
from cmdb.identity.identifiers import name_digest, values
from cmdb.identity.observation import ObservedItem
from cmdb.schema.model import Catalog
from cmdb.services.carriers import Carriers
from cmdb.services.environment import Environment
from cmdb.services.roundtrip import own_rows


def has_rules(catalog: Catalog) -> bool:
    """Whether any type has a code rule or a name pattern."""
    return bool(catalog.codes or catalog.name_patterns)


class CodeCheck:
    """Checks the codes and names in what one run of a source observes, batch by batch."""

    def __init__(self, env: Environment, source: str) -> None:
        self._store, self._source = env.store, source
        self._catalog = env.catalog()
        self._active = has_rules(self._catalog)
        self._carriers = Carriers(env.store, self._catalog)
        self._first: dict[Code, tuple[str, frozenset[int]]] = {}

    def good(self, batch: list[ObservedItem], errors: list[CMDBError]) -> list[ObservedItem]:
        """The items whose codes and names are right; what is wrong is appended to `errors`.

        Where an item may be the CI that carries its code, identification decides whether it is.
        """
        if not self._active:
            return batch
        coded = [one.key for one in batch if code_of(self._catalog, one) is not None]
        own = self._store.claims("ci", self._source, coded) if coded else {}
        unedited = {id(one) for one in batch if one.exported and not one.exported.edited}
        silent = unedited & own_rows(self._store, batch)
        good = []
        for seen in batch:
            found = [] if id(seen) in silent else self._errors(seen, own.get(seen.key))
            errors += found
            if not found:
                good.append(seen)
        return good

    def _errors(self, seen: ObservedItem, own: Claim | None) -> list[CMDBError]:
        found = list(form_errors(self._catalog, seen))
        code = code_of(self._catalog, seen)
        if code is None:
            return found
        digests = self._digests(seen)
        others = [one for one in self._carriers.of(code) if not own or one.number != own.subject]
        subjects = self._subjects(seen, digests) if others else set()
        other = next((one for one in others if one.number not in subjects), None)
        if other is not None:
            found.append(in_use(seen, code, other.key))
        if not found:  # a row that is refused takes no code from a later one
            place = place_of(seen)
            first, before = self._first.setdefault(code, (place, digests))
            if digests.isdisjoint(before):
                found.append(CodeRepeated(place=place, **_words(seen, code), first=first))
        return found

    def _digests(self, seen: ObservedItem) -> frozenset[int]:
        """Two items that have none in common are two things."""
        body = {"type": seen.type, "attributes": seen.attributes}
        names = ((self._source, seen.key), *((one.source, one.key) for one in seen.aliases))
        identifying = (one.digest() for one in values(self._catalog, body))
        return frozenset((*identifying, *map(name_digest, names)))

    def _subjects(self, seen: ObservedItem, digests: frozenset[int]) -> set[int]:
        """The numbers of the CIs that an item may be."""
        claims = self._store.claims_identified(digests)
        for alias in seen.aliases:
            claims += self._store.claims("ci", alias.source, [alias.key]).values()
        return {claim.subject for claim in claims}


def in_use(seen: ObservedItem, code: Code, other: str) -> CodeInUse:
    """That a code belongs to another CI."""
    return CodeInUse(place=place_of(seen), **_words(seen, code), other=other)


def _words(seen: ObservedItem, code: Code) -> dict[str, str]:
    name = f"attribute '{code.attribute}'"
    return {"name": name, "value": shown(code.text), "type": seen.type}
