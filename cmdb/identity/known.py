"""What planning reads of the store: a narrow part of its port."""

from collections.abc import Iterable
from typing import Protocol

from cmdb.identity.changes import Document
from cmdb.identity.claims import Claim, Kind
from cmdb.schema.records import ConfigurationItem, Relation, RelationIdentity


class Known(Protocol):
    """The claims and records that are there; nothing changes while a plan is made."""

    def claims(self, kind: Kind, source: str, keys: Iterable[str]) -> dict[str, Claim]:
        """What the source says under these keys, by key."""
        ...

    def claims_about(self, kind: Kind, subjects: Iterable[int]) -> dict[int, list[Claim]]:
        """All claims on these CIs or relations, by number."""
        ...

    def claims_identified(self, digests: Iterable[int]) -> list[Claim]:
        """The claims about CIs that are found under one of these digests."""
        ...

    def common(self, digests: Iterable[int], more_than: int) -> dict[int, int]:
        """How many claims are found under each digest, for those with more than so many."""
        ...

    def contested(self, subjects: Iterable[int]) -> dict[int, list[str]]:
        """For those of the CIs about which more than one claim has a word: of which sources."""
        ...

    def claims_at(self, ends: Iterable[int]) -> list[Claim]:
        """The claims on relations that have one of these digests at an end."""
        ...

    def items(self, keys: Iterable[str]) -> dict[str, ConfigurationItem]:
        """The CIs that have these keys, by key."""
        ...

    def items_by_number(self, numbers: Iterable[int]) -> dict[int, ConfigurationItem]:
        """The CIs that have these numbers."""
        ...

    def relations(self, identities: Iterable[RelationIdentity]) -> dict[RelationIdentity, Relation]:
        """The relations that have these identities."""
        ...

    def relations_by_number(self, numbers: Iterable[int]) -> dict[int, Relation]:
        """The relations that have these numbers."""
        ...

    def documents(self, kind: str) -> list[Document]:
        """All documents of a kind, by name."""
        ...
