"""What every plan has: the run it belongs to, its change set, and what it counted."""

from dataclasses import dataclass, field

from cmdb.errors import CMDBError
from cmdb.identity.changes import ChangeSet


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one source; `at` is the time of observation, seconds since 1970."""

    id: str
    source: str
    at: float


@dataclass(slots=True)
class Counts:
    """What happened to the records of one kind."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0

    def add(self, other: "Counts") -> None:
        """Add another batch's counts."""
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.withdrawn += other.withdrawn


@dataclass(slots=True)
class Plan:
    """What a batch of observations leads to. Nothing is done until the change set is committed."""

    changes: ChangeSet
    counts: Counts = field(default_factory=Counts)
    errors: list[CMDBError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    subjects: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Source key → (CI key, CI type) of every item of the batch."""
    created: set[str] = field(default_factory=set)
    """The keys of the CIs that are new."""
