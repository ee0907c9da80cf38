"""Runs of jobs, and their shards: documents that all workers share.

A shard that nobody works at any more, as its worker's heartbeat has stopped, is taken up by
another. No two runs of one network are under way at once.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cmdb.errors import CMDBError, Conflict, NotFound
from cmdb.history.log import Commit
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt, Signature
from discovery.job import Job
from discovery.jobs import get_job
from discovery.scope import network

RUN, SHARD = "discovery_run", "discovery_shard"
SILENT = 60.0
"""Seconds without a heartbeat after which a worker is taken to be gone."""

KEPT = 50
"""Runs of a job that stay; older ones are in the log."""

State = Literal["waiting", "running", "done", "failed", "cancelled"]
ENDED = frozenset({"done", "failed", "cancelled"})


class NetworkBusy(Conflict):
    """Another run scans the same network now."""

    template = "run {run} of job {name} scans {kind} now; wait for it, or cancel it"


@dataclass(frozen=True, slots=True)
class ShardState:
    """How a shard stands. `counts` are those of the reports of what it found.

    `refused` and `accepted` say of credentials, as `NAME@TARGET`, what targets answered to them.
    """

    number: int
    id: str
    targets: tuple[str, ...]
    state: State = "waiting"
    attempts: int = 0
    worker: str = ""
    heartbeat: float = 0.0
    started: float | None = None
    ended: float | None = None
    done: float = 0.0
    packets: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    error_count: int = 0
    errors: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    found: dict[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()

    def free(self, now: float) -> bool:
        """Whether a worker may take it."""
        lost = self.state == "running" and now - self.heartbeat > SILENT
        return self.state == "waiting" or lost


@dataclass(frozen=True, slots=True)
class RunState:
    """How a run stands, with its job as it was when it started."""

    id: str
    job: Job
    started: float
    why: str
    shards: int
    state: State = "running"
    ended: float | None = None
    cancelled: bool = False
    missing: int = 0
    frozen: bool = False

    def body(self) -> dict[str, Any]:
        """What the store keeps."""
        fields = {name: getattr(self, name) for name in self.__slots__ if name not in ("id", "job")}
        return {**fields, "job": self.job.name, "with": self.job.body()}


@authorised(Permission.OBSERVE, everywhere=True)
def start_run(
    actor: Actor,
    env: Environment,
    name: str,
    why: str,
    seen: str | None = None,
    receipt: Receipt | None = None,
) -> RunState:
    """Start a run of a job: plan it, and keep its shards for the workers.

    `seen` is the last run the caller knew, so that one tick of many starts it. Raises NetworkBusy,
    and Conflict when another run has started meanwhile.
    """
    job = get_job(actor, env, name)
    planned = job.shards()
    now = env.clock()
    run = RunState(f"{name}-{secrets.token_hex(6)}", job, now, why, len(planned))
    shards = [ShardState(i, one.id, one.targets) for i, one in enumerate(planned)]

    def plan() -> ChangeSet:
        known = all_runs(env)
        latest = max(
            (o for o in known if o.job.name == name), key=lambda o: o.started, default=None
        )
        if seen is not None and (latest.id if latest else "") != seen:
            raise Conflict(kind="discovery job", name=name)
        for other in known:
            if other.state == "running" and (shared := _shared(job, other.job)):
                raise NetworkBusy(run=other.id, name=other.job.name, kind=shared)
        changes = ChangeSet(documents=[Change(None, Document(RUN, run.id, run.body()))])
        changes.documents += [Change(None, _shard(run.id, one)) for one in shards]
        changes.documents += _outdated(env, [one for one in known if one.job.name == name])
        return changes

    reason = f"started discovery {name}"
    env.store.commit_planned(plan, Signature(actor.name, now, reason, receipt=receipt))
    return run


def run_of(commit: Commit) -> str:
    """The id of the run that a commit started or changed."""
    subjects = (one.subject.partition(":") for one in commit.entries if one.after is not None)
    return next(name for kind, _, name in subjects if kind == RUN)


def _shared(one: Job, other: Job) -> str:
    """A network or address that two jobs at one site have in common."""
    if one.site != other.site:
        return ""
    if one.address and one.address == other.address:
        return one.address
    theirs = [network(text, "network") for text in other.networks]
    for text in one.networks:
        mine = network(text, "network")
        if any(mine.version == net.version and mine.overlaps(net) for net in theirs):
            return text
    return ""


def _outdated(env: Environment, runs: list[RunState]) -> list[Change[Document]]:
    """The removal of the oldest runs of a job that have ended."""
    ended = sorted((one for one in runs if one.state in ENDED), key=lambda one: one.started)
    gone: list[Change[Document]] = []
    for run in ended[: max(0, len(ended) + 1 - KEPT)]:
        gone.append(Change(env.store.document(RUN, run.id), None))
        gone += [Change(one, None) for one in env.store.documents(f"{SHARD}:{run.id}")]
    return gone


def all_runs(env: Environment) -> list[RunState]:
    """All runs that are kept."""
    return [_run(one) for one in env.store.documents(RUN)]


@authorised(Permission.READ, everywhere=True)
def list_runs(actor: Actor, env: Environment, job: str | None = None) -> list[RunState]:
    """The runs that are kept, the latest first."""
    found = [one for one in all_runs(env) if job in (None, one.job.name)]
    return sorted(found, key=lambda one: (-one.started, one.id))


@authorised(Permission.READ, everywhere=True)
def get_run(actor: Actor, env: Environment, run: str) -> tuple[RunState, list[ShardState]]:
    """A run and its shards in their order; NotFound."""
    return read_run(env, run), read_shards(env, run)


@authorised(Permission.WRITE, everywhere=True)
def cancel_run(
    actor: Actor, env: Environment, run: str, receipt: Receipt | None = None
) -> RunState:
    """Let a run end soon; what it has found stays."""
    known = read_run(env, run)
    if known.cancelled or known.state in ENDED:
        return known

    def cancel(one: RunState) -> RunState:
        return replace(one, cancelled=True)

    return change_run(env, actor, run, cancel, "cancelled", receipt)


def read_run(env: Environment, run: str) -> RunState:
    """A run as it stands; NotFound."""
    found = env.store.document(RUN, run)
    if found is None:
        raise NotFound(kind="discovery run", name=run)
    return _run(found)


def read_shards(env: Environment, run: str) -> list[ShardState]:
    """The shards of a run in their order."""
    return sorted(map(_state, env.store.documents(f"{SHARD}:{run}")), key=lambda one: one.number)


def change_run(
    env: Environment,
    actor: Actor,
    run: str,
    change: Callable[[RunState], RunState],
    what: str,
    receipt: Receipt | None = None,
) -> RunState:
    """Change a run; repeated while others change it too."""
    while True:
        before = env.store.document(RUN, run)
        if before is None:
            raise NotFound(kind="discovery run", name=run)
        after = change(_run(before))
        document = Document(RUN, run, after.body())
        try:
            _commit(env, actor, before, document, f"{what} {run}", receipt)
        except Conflict:
            continue
        return after


def take_shard(env: Environment, actor: Actor, run: str, worker: str) -> ShardState | None:
    """Take a free shard of a run for a worker; None when there is none."""
    for shard in read_shards(env, run):
        now = env.clock()
        if shard.free(now):
            attempts = shard.attempts + 1
            taken = replace(
                shard, state="running", attempts=attempts, worker=worker, heartbeat=now, started=now
            )
            try:
                change_shard(env, actor, run, shard, taken, "took")
            except Conflict:
                continue  # another worker was faster
            return taken
    return None


def change_shard(
    env: Environment, actor: Actor, run: str, before: ShardState, after: ShardState, what: str
) -> None:
    """Change a shard; Conflict when it is no longer as `before` says."""
    reason = f"{what} shard {before.id} of {run}"
    _commit(env, actor, _shard(run, before), _shard(run, after), reason)


def _commit(
    env: Environment,
    actor: Actor,
    before: Document,
    after: Document,
    reason: str,
    receipt: Receipt | None = None,
) -> None:
    changes = ChangeSet(documents=[Change(before, after)])
    env.store.commit(changes, Signature(actor.name, env.clock(), reason, receipt=receipt))


def told(error: CMDBError) -> str:
    """An error as a run keeps it."""
    return f"{error.code}: {error}"


def _shard(run: str, shard: ShardState) -> Document:
    body = {name: getattr(shard, name) for name in shard.__slots__}
    lists = {name: list(value) for name, value in body.items() if isinstance(value, tuple)}
    return Document(f"{SHARD}:{run}", f"{shard.number:05}", {**body, **lists})


def _state(document: Document) -> ShardState:
    tuples = {name: tuple(value) for name, value in document.body.items() if type(value) is list}
    return ShardState(**{**document.body, **tuples})


def _run(document: Document) -> RunState:
    body = dict(document.body)
    job = Job.model_validate({"name": body.pop("job"), **body.pop("with")})
    return RunState(document.name, job, **body)
