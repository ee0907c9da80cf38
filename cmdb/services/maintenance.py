"""Maintenance windows: when CIs will not be in their usual state, and why."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, NotFound, UnknownName
from cmdb.history.log import Commit
from cmdb.identity.changes import Change, Document
from cmdb.impact.states import STATES
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt
from cmdb.services.references import resolve_one
from cmdb.services.times import iso, moment
from cmdb.services.versioned import Documents, commit_documents, expect, version_of

KIND = "maintenance"
FIELDS = ("key", "starts", "ends", "state", "reason")


@dataclass(frozen=True, slots=True)
class Window:
    """A CI is in `state` from `starts` until before `ends` (seconds since 1970)."""

    id: str
    key: str
    starts: float
    ends: float
    state: str = "down"
    reason: str = ""

    @property
    def version(self) -> str:
        """Its version, for optimistic concurrency: a digest of what it says."""
        return version_of(self.body())

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        return {name: getattr(self, name) for name in FIELDS}

    def content(self) -> dict[str, Any]:
        """What is shown, with times as ISO 8601."""
        times = {"starts": iso(self.starts), "ends": iso(self.ends)}
        return {"id": self.id, **self.body(), **times}

    def open_at(self, at: float) -> bool:
        """Whether the window is open at a time."""
        return self.starts <= at < self.ends


def _window(document: Document) -> Window:
    return Window(document.name, **document.body)


WINDOWS = Documents(KIND, "maintenance window", _window)


@authorised(Permission.READ)
def list_windows(
    actor: Actor, env: Environment, *, at: str | None = None, key: str | None = None
) -> list[Window]:
    """The windows of CIs the actor may see, by start: those open at a time, those of a CI."""
    found = every_window(env)
    if at is not None:
        when = moment(at, "filter", "at")
        found = [one for one in found if one.open_at(when)]
    visible = seer(env, actor)
    if key is not None:
        key = resolve_one(env.store, key, "filter", visible)
        found = [one for one in found if one.key == key]
    if visible is not None:
        items = env.store.items({one.key for one in found})
        found = [one for one in found if one.key in items and visible(items[one.key])]
    return found


def every_window(env: Environment) -> list[Window]:
    """All windows, by start, whoever may see them."""
    return sorted(WINDOWS.all(env), key=lambda one: (one.starts, one.id))


@authorised(Permission.READ)
def get_window(actor: Actor, env: Environment, number: str) -> Window:
    """One window; NotFound when there is none, or its CI may not be seen."""
    window, visible = WINDOWS.get(env, number), seer(env, actor)
    item = None if visible is None else env.store.items([window.key]).get(window.key)
    if visible is None or (item is not None and visible(item)):
        return window
    raise NotFound(kind=WINDOWS.title, name=number)


@authorised(Permission.WRITE)
def create_window(
    actor: Actor, env: Environment, values: Mapping[str, Any], receipt: Receipt | None = None
) -> Window:
    """A new window from `key` (any reference), `starts`, `ends`, and perhaps `state`, `reason`."""
    window = Window(secrets.token_hex(6), "", 0.0, 0.0)
    window = _changed(actor, env, window, values)
    reason = f"planned maintenance of {window.key}"
    return WINDOWS.put(env, actor, window.id, lambda _: window, reason, receipt=receipt)


@authorised(Permission.WRITE)
def update_window(
    actor: Actor,
    env: Environment,
    number: str,
    values: Mapping[str, Any],
    *,
    expected: str | None = None,
    receipt: Receipt | None = None,
) -> Window:
    """Change what `values` mentions; `expected` is the version the caller knows."""
    before = get_window(actor, env, number)
    expect(WINDOWS.title, number, before.version, expected)
    after = _changed(actor, env, before, values)
    if after != before:
        change = Change(_document(before), _document(after))
        reason = f"changed maintenance of {after.key}"
        commit_documents(env, actor, [change], reason, receipt)
    return after


@authorised(Permission.WRITE)
def delete_window(
    actor: Actor,
    env: Environment,
    number: str,
    *,
    expected: str | None = None,
    receipt: Receipt | None = None,
) -> None:
    """Remove a window; it stays in the log."""
    reason = f"removed maintenance of {get_window(actor, env, number).key}"
    WINDOWS.remove(env, actor, number, reason, receipt=receipt, expected=expected)


def window_of(commit: Commit) -> Window:
    """The window that a commit of one window left behind."""
    (entry,) = commit.entries
    assert entry.after is not None  # noqa: S101 - only removing leaves none behind
    return _window(Document(KIND, entry.subject.partition(":")[2], entry.after))


def _changed(actor: Actor, env: Environment, window: Window, values: Mapping[str, Any]) -> Window:
    """The window with the values in; raises everything that is wrong with them."""
    errors: list[CMDBError] = []

    def keep(name: str, read: Callable[[Any], Any]) -> None:
        nonlocal window
        if name in values:
            try:
                window = replace(window, **{name: read(values[name])})
            except CMDBError as error:
                errors.append(error)

    keep("key", lambda text: resolve_one(env.store, text, "key", seer(env, actor)))
    keep("starts", lambda text: moment(text, "window", "starts"))
    keep("ends", lambda text: moment(text, "window", "ends"))
    keep("state", _state)
    keep("reason", str)
    if not errors and window.starts >= window.ends:
        errors.append(InvalidInput(place="ends", detail="it must be later than the start"))
    refuse(errors)
    return window


def _state(name: str) -> str:
    if name not in STATES[1:]:
        raise UnknownName(place="state", kind="state", name=name, known=STATES[1:])
    return name


def _document(window: Window) -> Document:
    return Document(KIND, window.id, window.body())
