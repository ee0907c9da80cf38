"""What logged commits mean to a snapshot."""

from collections.abc import Callable, Iterable
from typing import Any

from cmdb.history.log import Commit, LogEntry
from cmdb.impact.topology import Confirmation, Delta, TopologyItem, TopologyRelation
from cmdb.schema.catalog import builtin_catalog
from cmdb.schema.declarations import ci_type_from_dict, relation_type_from_dict
from cmdb.schema.model import Catalog

CI_TYPE, RELATION_TYPE = "ci_type", "relation_type"

Form = dict[str, Any]


def catalog_of(ci_types: Iterable[Form], relation_types: Iterable[Form]) -> Catalog:
    """The built-in types and those that users declared, given as data."""
    own = [ci_type_from_dict(one) for one in ci_types]
    own_relations = [relation_type_from_dict(one) for one in relation_types]
    if not own and not own_relations:
        return builtin_catalog()
    return builtin_catalog().extended(own, own_relations)


def changes_types(commits: Iterable[Commit]) -> bool:
    """Whether a type declaration was changed."""
    return any(is_type(entry) for commit in commits for entry in commit.entries)


def is_type(entry: LogEntry) -> bool:
    """Whether an entry is about a type declaration."""
    kind = entry.subject.partition(":")[0]
    return entry.kind == "document" and kind in (CI_TYPE, RELATION_TYPE)


class Reader:
    """Reads commits one after the other into one delta.

    `known` gives the numbers of CIs that were there before, by key.
    """

    def __init__(self, seq: int, known: Callable[[str], int | None]) -> None:
        self.delta = Delta(seq)
        self._known = known
        self._new: dict[str, int] = {}

    def read(self, commit: Commit) -> None:
        """Take in the next commit."""
        for entry in commit.entries:
            self._read(entry)
        self.delta.seq = commit.seq

    def _read(self, entry: LogEntry) -> None:
        after, before = entry.after, entry.before
        if entry.kind == "ci":
            if after is not None:
                self._new[after["key"]] = after["number"]
                self.delta.items[after["number"]] = _item(after)
            elif before is not None:
                self.delta.items[before["number"]] = None
        elif entry.kind == "relation":
            self._relation(before, after)
        elif entry.kind == "claim" and after is not None and _spoken(after):
            kind, _, subject = entry.subject.partition(":")
            number = int(subject)
            at = after.get("confirmed_at", after["observed_at"])
            self._confirm(kind, number, number, at, after["source"])
        elif entry.kind == "confirmation" and after is not None:
            for kind, name in (("ci", "cis"), ("relation", "relations")):
                for first, last in after[name]:
                    self._confirm(kind, first, last, after["at"], entry.subject)

    def _confirm(self, kind: str, first: int, last: int, at: float, source: str) -> None:
        """Note a confirmation; one that goes on where the last one ended becomes part of it."""
        delta = self.delta
        confirmed = delta.confirmed_items if kind == "ci" else delta.confirmed_relations
        before = confirmed[-1] if confirmed else None
        if before and (before.last + 1, before.at, before.source) == (first, at, source):
            confirmed[-1] = before._replace(last=last)
        else:
            confirmed.append(Confirmation(first, last, at, source))

    def _relation(self, before: Form | None, after: Form | None) -> None:
        form = after or before
        if form is None:
            return
        number = form["number"]
        known = self.delta.relations.get(number)
        first = known[0] if known is not None and known[0] is not None else self._formed(before)
        self.delta.relations[number] = first, self._formed(after)

    def _formed(self, form: Form | None) -> TopologyRelation | None:
        if form is None:
            return None
        return TopologyRelation(
            form["number"],
            self._number(form["from"]),
            form["type"],
            self._number(form["to"]),
            form["group"],
            form["strength"],
            0.0,
        )

    def _number(self, key: str) -> int:
        number = self._new[key] if key in self._new else self._known(key)
        if number is None:
            raise KeyError(key)
        return number


def _item(form: Form) -> TopologyItem:
    return TopologyItem(
        form["number"],
        form["key"],
        form["type"],
        form["name"],
        form["status"],
        form["network_root"],
        form["redundancy"],
        form["attributes"].get("site"),
        0.0,
    )


def _spoken(claim: Form) -> bool:
    """Whether a logged claim confirms its subject: an alias or a withdrawal does not."""
    return claim["body"] is not None and not claim.get("withdrawn")
