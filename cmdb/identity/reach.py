"""Which other claims could be about the same CI as some claims."""

from collections.abc import Iterable

from cmdb.identity.claims import Claim, Name
from cmdb.identity.identifiers import aliases, hosted, name_digest
from cmdb.identity.matching import Entry, stated
from cmdb.identity.working import Working


class Reach:
    """What leads from some claims to others that could be about the same CI."""

    def __init__(self, work: Working, names: Iterable[Name]) -> None:
        self.work = work
        self.digests: set[int] = set()
        self.linked: set[Name] = set()
        self.subjects: set[int] = set()
        self.hosts: set[Name] = set()
        self.claims: list[Claim] = []
        self.names: dict[int, Name] = {}
        """The names by which others may mean these claims, or these claims others."""
        for name in names:
            self._name(name)
            self.linked |= work.rules.decisions.bound(name)
            before, now = work.stored.get(name), work.get(name)
            for claim in (before, now) if before is not now else (now,):
                if claim is not None:
                    self._take(claim)

    def _take(self, claim: Claim) -> None:
        self.claims.append(claim)
        self.subjects.add(claim.subject)
        self.digests.update(self.work.leads(claim))
        if claim.body is None:
            return
        for name in aliases(claim.body):
            self.linked.add(name)
            self._name(name)
        if (host := hosted(claim)) is not None:
            self.hosts.add(host)

    def _name(self, name: Name) -> None:
        digest = name_digest(name)
        self.digests.add(digest)
        self.names[digest] = name

    def entry(self, digest: int) -> Entry | None:
        """The value or name that has this digest, by which claims meet."""
        if digest in self.names:
            return stated(self.names[digest])
        found = (self.work.word(claim).entries.get(digest) for claim in reversed(self.claims))
        value = next((one for one in found if one is not None), None)
        return None if value is None else value[:3]
