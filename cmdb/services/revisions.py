"""What is read of many documents, and read again only after one of them was changed.

Whoever changes one of them gives a revision document another content in the same commit. So one
short read tells whether what was read before is still all there is, whichever process changed it.
"""

import secrets
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from cmdb.identity.changes import Change, Document
from cmdb.services.environment import Environment

What = TypeVar("What")


class Revised(Generic[What]):
    """What `read` makes of the documents whose revision stands in the document `kind`, `name`."""

    def __init__(self, kind: str, name: str, read: Callable[[Environment, str], What]) -> None:
        self._place, self._read = (kind, name), read
        self._known: WeakKeyDictionary[Environment, tuple[str, What]] = WeakKeyDictionary()

    def of(self, env: Environment) -> What:
        """What was read before, while the revision is the same; else all is read anew.

        What was read while somebody changed something is not kept.
        """
        while True:
            revision = self._revision(env)
            known = self._known.get(env)
            if known is not None and known[0] == revision:
                return known[1]
            made = self._read(env, revision)
            if self._revision(env) == revision:
                self._known[env] = revision, made
                return made

    def renewed(self, env: Environment) -> Change[Document]:
        """The change to be committed with every change of one of the documents."""
        known = env.store.document(*self._place)
        return Change(known, Document(*self._place, {"revision": secrets.token_hex(8)}))

    def _revision(self, env: Environment) -> str:
        known = env.store.document(*self._place)
        return "" if known is None else str(known.body["revision"])
