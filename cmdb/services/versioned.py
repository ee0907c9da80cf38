"""Documents with a version: read, put at the version that the caller knows, and removed."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import orjson

from cmdb.errors import NotFound, PreconditionFailed
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, Signature


class Versioned(Protocol):
    """What a document says."""

    @property
    def version(self) -> str:
        """Changes with what it says."""
        ...

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        ...


Said = TypeVar("Said", bound=Versioned)


def version_of(content: Any) -> str:
    """The version of what has no number of its own: a digest of its content."""
    return hashlib.sha256(orjson.dumps(content)).hexdigest()[:16]


def expect(kind: str, name: str, current: str | int | None, expected: str | int | None) -> None:
    """PreconditionFailed where another version is known than the current; None: there is none."""
    if expected is not None and expected != current:
        now = "none" if current is None else current
        raise PreconditionFailed(kind=kind, name=name, current=now, expected=expected)


def commit_documents(
    env: Environment,
    actor: Actor,
    changes: Sequence[Change[Document]],
    reason: str,
    receipt: Receipt | None = None,
) -> None:
    """Commit changes of documents and nothing else."""
    signature = Signature(actor.name, env.clock(), reason, receipt=receipt)
    env.store.commit(ChangeSet(documents=list(changes)), signature)


@dataclass(frozen=True, slots=True)
class Documents(Generic[Said]):
    """The documents of a kind; `title` is what messages call one, and `read` what one says."""

    kind: str
    title: str
    read: Callable[[Document], Said]

    def all(self, env: Environment) -> list[Said]:
        """All, by name."""
        return [self.read(one) for one in env.store.documents(self.kind)]

    def find(self, env: Environment, name: str) -> Said | None:
        """The one of a name, where there is one."""
        document = env.store.document(self.kind, name)
        return None if document is None else self.read(document)

    def get(self, env: Environment, name: str) -> Said:
        """The one of a name; NotFound."""
        return self.read(self._stored(env, name))

    def put(
        self,
        env: Environment,
        actor: Actor,
        name: str,
        make: Callable[[Said | None], Said],
        reason: str,
        *,
        receipt: Receipt | None = None,
        expected: str | None = None,
    ) -> Said:
        """Have what is made of the one there is, if any, stand in its place."""
        stored = env.store.document(self.kind, name)
        before = None if stored is None else self.read(stored)
        expect(self.title, name, None if before is None else before.version, expected)
        after = make(before)
        document = Document(self.kind, name, after.body())
        if document != stored:
            commit_documents(env, actor, [Change(stored, document)], reason, receipt)
        return after

    def remove(
        self,
        env: Environment,
        actor: Actor,
        name: str,
        reason: str,
        *,
        receipt: Receipt | None = None,
        expected: str | None = None,
    ) -> None:
        """Remove the one of a name; NotFound. It stays in the log."""
        stored = self._stored(env, name)
        expect(self.title, name, self.read(stored).version, expected)
        commit_documents(env, actor, [Change(stored, None)], reason, receipt)

    def _stored(self, env: Environment, name: str) -> Document:
        stored = env.store.document(self.kind, name)
        if stored is None:
            raise NotFound(kind=self.title, name=name)
        return stored
