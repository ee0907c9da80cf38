"""What an administrator configures for tickets: read, put and removed, and all that is in force.

A setting in the store stands before the default of its name. Each change is planned while nobody
else commits, and gives the whole a new revision in the same commit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmdb.errors import CMDBError, InvalidInput, NotFound
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.schema.strict import plain
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt, Signature
from cmdb.services.revisions import Revised
from cmdb.services.users import people
from cmdb.services.versioned import expect, version_of
from cmdb.tickets.configuration.in_force import TicketSettings, inconsistencies
from cmdb.tickets.configuration.kinds import (
    KINDS,
    PROCESS,
    default_settings,
    faults_of,
    known_kind,
    read_new_process,
    read_setting,
)
from cmdb.tickets.configuration.values import Setting
from cmdb.tickets.defaults import default_processes
from cmdb.tickets.process import Process

Planned = tuple[Document, TicketSettings]
"""A document to put or remove, and the settings with that."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A setting in force: an administrator's `own`, or a default."""

    kind: str
    name: str
    own: bool
    setting: Setting | Process

    def body(self) -> dict[str, Any]:
        """What it says, as JSON-ready data, without its name."""
        hidden = "kind" if self.kind == PROCESS else "name"
        return {name: value for name, value in plain(self.setting).items() if name != hidden}

    @property
    def version(self) -> str:
        """Its version, for optimistic concurrency: a digest of what it says."""
        return version_of(self.body())


@authorised(Permission.ADMINISTER, everywhere=True)
def list_settings(actor: Actor, env: Environment, kind: str) -> list[Kept]:
    """The settings of a kind in force, by name; of processes those of the highest version."""
    known_kind(kind, "kind")
    return sorted(_in_force(settings(env), kind).values(), key=lambda one: one.name)


@authorised(Permission.ADMINISTER, everywhere=True)
def get_setting(actor: Actor, env: Environment, kind: str, name: str) -> Kept:
    """One setting in force; NotFound when there is none."""
    known_kind(kind, "kind")
    return _found(_in_force(settings(env), kind), kind, name)


@authorised(Permission.ADMINISTER, everywhere=True)
def put_setting(
    actor: Actor,
    env: Environment,
    kind: str,
    name: str,
    values: Mapping[str, Any],
    *,
    expected: str | None = None,
    receipt: Receipt | None = None,
) -> Kept:
    """Set what has this name; of a process a new version is kept beside those there are.

    `expected` is the version the caller knows. Rejected with everything that is wrong, also with
    what it would leave without the thing that it names.
    """
    known_kind(kind, "kind")

    def plan(now: TicketSettings) -> Planned | None:
        _expect(_in_force(now, kind).get(name), kind, name, expected)
        if kind == PROCESS:
            process = read_new_process(name, values)
            if process == now.processes.get(name):
                return None
            refuse(faults_of(process, now.processes))
            return _process_document(process), _with_process(now, process)
        setting = read_setting(kind, name, values)
        return Document(_document_kind(kind), name, setting.body()), _with(now, kind, name, setting)

    _commit(actor, env, plan, f"set {kind} {name}", receipt)
    return _found(_in_force(settings(env), kind), kind, name)


@authorised(Permission.ADMINISTER, everywhere=True)
def remove_setting(
    actor: Actor,
    env: Environment,
    kind: str,
    name: str,
    *,
    expected: str | None = None,
    receipt: Receipt | None = None,
) -> Kept | None:
    """Remove an administrator's own setting; gives the default that is in force again, if any."""
    known_kind(kind, "kind")
    if kind == PROCESS:
        detail = "tickets follow the version they began with; put a new version instead"
        raise InvalidInput(place=f"process {name}", detail=detail)

    def plan(now: TicketSettings) -> Planned | None:
        kept = _found(_in_force(now, kind), kind, name)
        _expect(kept, kind, name, expected)
        if not kept.own:
            detail = "it is a default, which cannot be removed; put another of its name"
            raise InvalidInput(place=f"{kind} {name}", detail=detail)
        after = _with(now, kind, name, default_settings(kind).get(name))
        return Document(_document_kind(kind), name, {}), after

    _commit(actor, env, plan, f"removed {kind} {name}", receipt, remove=True)
    return _in_force(settings(env), kind).get(name)


def settings(env: Environment) -> TicketSettings:
    """All settings in force."""
    return _SETTINGS.of(env)


def processes(env: Environment) -> dict[str, Process]:
    """The current process of each kind of ticket."""
    return settings(env).processes


def process_of(env: Environment, kind: str, version: int) -> Process:
    """The process that a ticket of this kind began with; NotFound."""
    found = settings(env).versions.get((kind, version))
    if found is None:
        raise NotFound(kind="process", name=f"{kind}@{version}")
    return found


def _read(env: Environment, revision: str) -> TicketSettings:
    by_kind = {}
    for kind in KINDS:
        own = env.store.documents(_document_kind(kind))
        put = {one.name: read_setting(kind, one.name, one.body) for one in own}
        by_kind[kind] = {**default_settings(kind), **put}
    versions = {(one.kind, one.version): one for one in default_processes().values()}
    for document in env.store.documents(_document_kind(PROCESS)):
        process = read_new_process(document.name.partition("@")[0], document.body)
        versions[process.kind, process.version] = process
    return TicketSettings(by_kind, versions, revision)


_SETTINGS = Revised("ticket_settings", "revision", _read)


def _in_force(now: TicketSettings, kind: str) -> dict[str, Kept]:
    if kind == PROCESS:
        builtin = default_processes()
        return {
            name: Kept(kind, name, one != builtin.get(name), one)
            for name, one in now.processes.items()
        }
    builtin_settings = default_settings(kind)
    return {
        name: Kept(kind, name, one is not builtin_settings.get(name), one)
        for name, one in now.by_kind[kind].items()
    }


def _commit(
    actor: Actor,
    env: Environment,
    plan: Callable[[TicketSettings], Planned | None],
    reason: str,
    receipt: Receipt | None,
    remove: bool = False,
) -> None:
    """Do what is planned on the settings as they are, with a new revision of the whole."""

    def changes() -> ChangeSet:
        now = settings(env)
        planned = plan(now)
        if planned is None:
            return ChangeSet()
        document, after = planned
        _check(env, now, after)
        before = env.store.document(document.kind, document.name)
        change = Change(before, None if remove else document)
        if change.before == change.after:
            return ChangeSet()
        return ChangeSet(documents=[change, _SETTINGS.renewed(env)])

    signature = Signature(actor.name, env.clock(), reason, receipt=receipt)
    env.store.commit_planned(changes, signature)


def _check(env: Environment, before: TicketSettings, after: TicketSettings) -> None:
    """Raise what fits together no more; what did not before is no hindrance."""
    types, users = env.catalog().ci_types, people(env)
    known = {str(one) for one in inconsistencies(before, types, users)}
    found: list[CMDBError] = inconsistencies(after, types, users)
    refuse([one for one in found if str(one) not in known])


def _with(now: TicketSettings, kind: str, name: str, setting: Setting | None) -> TicketSettings:
    others = {key: one for key, one in now.by_kind[kind].items() if key != name}
    listed = others if setting is None else {**others, name: setting}
    return replace(now, by_kind={**now.by_kind, kind: listed})


def _with_process(now: TicketSettings, process: Process) -> TicketSettings:
    return replace(now, versions={**now.versions, (process.kind, process.version): process})


def _process_document(process: Process) -> Document:
    name = f"{process.kind}@{process.version}"
    body = {key: value for key, value in plain(process).items() if key != "kind"}
    return Document(_document_kind(PROCESS), name, body)


def _document_kind(kind: str) -> str:
    return f"ticket_{kind}"


def _expect(kept: Kept | None, kind: str, name: str, expected: str | None) -> None:
    expect(kind, name, None if kept is None else kept.version, expected)


def _found(known: Mapping[str, Kept], kind: str, name: str) -> Kept:
    if name not in known:
        raise NotFound(kind=kind.replace("_", " "), name=name)
    return known[name]
