"""References as numbers of a snapshot: what people name, as far as they may see it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from cmdb.errors import CMDBError, InvalidInput, Rejected, UnknownReference
from cmdb.impact.blast_radius import Visible
from cmdb.impact.snapshot import Snapshot
from cmdb.schema.model import Catalog
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.references import moved, resolve

Made = TypeVar("Made")
Named = tuple[str, str]
"""A reference, and the place where it stands."""


@authorised(Permission.READ)
def visible_in(actor: Actor, catalog: Catalog) -> Visible | None:
    """Says of the CIs of a type at a site whether the actor may see them; None: all."""
    if actor.scope == EVERYTHING:
        return None
    return lambda name, site: actor.scope.covers(catalog.ancestors.get(name, (name,)), site)


class Finder:
    """Finds the CIs of a snapshot that references mean; what may not be seen does not exist."""

    def __init__(self, actor: Actor, env: Environment, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.visible = visible_in(actor, snapshot.catalog)
        self._store = env.store
        self._visible_now = seer(env, actor)

    def sees(self, number: int) -> bool:
        """Whether the asker may see a CI."""
        if self.visible is None:
            return True
        item = self.snapshot.item(number)
        return self.visible(item.type, item.site)

    def find(self, named: Iterable[Named]) -> list[int | CMDBError]:
        """For each reference the number of its CI, or what is wrong with it."""
        named = list(named)
        unknown = [one for one in named if self.snapshot.number(one[0]) is None]
        resolved = resolve(self._store, unknown, self._visible_now) if unknown else {}
        return [self._found(resolved.get(name, name), name, place) for name, place in named]

    def all(self, named: Iterable[Named]) -> list[int]:
        """The numbers of all; raises everything that is wrong."""
        found = self.find(named)
        refuse([one for one in found if isinstance(one, CMDBError)])
        return [one for one in found if isinstance(one, int)]

    def _found(self, key: str | CMDBError, reference: str, place: str) -> int | CMDBError:
        if isinstance(key, CMDBError):
            return moved(key, place)
        number = self.snapshot.number(key)
        if number is None or not self.sees(number):
            return UnknownReference(place=place, reference=reference)
        return number


def refuse(errors: list[CMDBError]) -> None:
    """Raise the errors, if any: one as it is, several together."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Rejected(errors)


def tried(errors: list[CMDBError], make: Callable[[], Made], otherwise: Made) -> Made:
    """What is made, or else `otherwise`, with what is wrong with the input among the errors."""
    try:
        return make()
    except InvalidInput as error:
        errors.append(error)
    except Rejected as rejected:
        errors += rejected.errors
    return otherwise
