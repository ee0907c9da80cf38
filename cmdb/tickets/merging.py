"""What another system says again of a ticket, beside what was done here since it said it last.

Of each part there are three forms: what it said last, what stands here, and what it says now. What
stands here as it said it last follows it; what was changed here stays, and is told.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from cmdb.tickets.forms import empty
from cmdb.tickets.process import Process
from cmdb.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Said:
    """What a system said last: digests of fields by name, the state that followed, keys of CIs."""

    fields: Mapping[str, str] = field(default_factory=dict)
    state: str = ""
    items: tuple[str, ...] = ()

    def and_then(self, values: Mapping[str, Any], state: str, items: Iterable[str]) -> "Said":
        """With what it says now."""
        fields = {**self.fields, **{name: digest(value) for name, value in values.items()}}
        keys = dict.fromkeys((*self.items, *items))
        return Said(fields, state or self.state, tuple(keys))

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        return {"fields": dict(self.fields), "state": self.state, "items": list(self.items)}


def said_of(body: Mapping[str, Any]) -> Said:
    """What the store keeps, read."""
    return Said(body["fields"], body["state"], tuple(body["items"])) if body else Said()


def digest(value: Any) -> str:
    """What tells a value from others."""
    text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()[:16]


def merged(
    process: Process,
    before: Ticket,
    wanted: Ticket,
    values: Mapping[str, Any],
    keys: Iterable[str],
    said: Said | None,
) -> tuple[Ticket, list[str], list[str]]:
    """A ticket that is `wanted` so, with what stays; the CIs to be tied; the parts that stay.

    `values` are the fields that are named. Without `said` nothing of it is followed, as of a word
    that is older than the last one.
    """
    fields, stay = dict(before.fields), list[str]()
    for name in values:
        ours, theirs = before.fields.get(name), wanted.fields.get(name)
        if ours == theirs or (empty(ours) and empty(theirs)):
            continue
        if said is not None and _untouched(ours, said.fields.get(name)):
            fields[name] = theirs
        else:
            stay.append(name)
    after = replace(before, fields=fields)
    if said is not None:
        after = replace(after, opened=wanted.opened)
    if wanted.state != before.state:
        if said is not None and before.state in by_time(process, said.state):
            after = replace(after, state=wanted.state, entered=wanted.entered)
        else:
            stay.append("state")
    tied = {tie.name for tie in before.items}
    lacking = [key for key in keys if key not in tied]
    new = [] if said is None else [key for key in lacking if key not in said.items]
    return after, new, stay + ["items"] * (len(new) < len(lacking))


def by_time(process: Process, state: str) -> set[str]:
    """A state, and those that time alone leads to from it."""
    found, waiting = set[str](), [state]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [one.target for one in process.offered(name) if one.after is not None]
    return found


def _untouched(ours: Any, said: str | None) -> bool:
    """Whether a value stands as it was said last."""
    return said is None if empty(ours) else digest(ours) == said
