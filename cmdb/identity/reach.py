"""Which other claims could be about the same CI as some claims."""

from collections.abc import Iterable

from cmdb.identity.claims import Claim, Name
from cmdb.identity.identifiers import Value, aliases, hosted, name_digest
from cmdb.identity.working import Working


class Reach:
    """What leads from some claims to others that could be about the same CI."""

    def __init__(self, work: Working, names: Iterable[Name]) -> None:
        self.digests: set[int] = set()
        self.linked: set[Name] = set()
        self.subjects: set[int] = set()
        self.hosts: set[Name] = set()
        self.claims: list[Claim] = []
        self.values: dict[int, Value] = {}
        self.names: dict[int, Name] = {}
        """The names by which others may mean these claims, or these claims others."""
        for name in names:
            self._name(name)
            self.linked |= work.rules.decisions.bound(name)
            before, now = work.stored.get(name), work.get(name)
            for claim in (before, now) if before is not now else (now,):
                if claim is not None:
                    self._take(work, claim)

    def _take(self, work: Working, claim: Claim) -> None:
        self.claims.append(claim)
        self.subjects.add(claim.subject)
        self.digests.update(work.leads(claim))
        if claim.body is None:
            return
        for name in aliases(claim.body):
            self.linked.add(name)
            self._name(name)
        self.values |= work.entries(claim)
        if (host := hosted(claim)) is not None:
            self.hosts.add(host)

    def _name(self, name: Name) -> None:
        digest = name_digest(name)
        self.digests.add(digest)
        self.names[digest] = name
