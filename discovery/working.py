"""Workers: take the shards of a run, let the agent run, and reconcile what it tells as it comes."""

import logging
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace

from cmdb.errors import CMDBError, Conflict
from cmdb.identity.observation import ObservedItem, ObservedRelation
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from discovery import disappearance, readers
from discovery.agent import Context, Covered, Event, Progress, Secret, Shard
from discovery.credentials import opened
from discovery.keyring import Keyring, at
from discovery.runs import (
    ENDED,
    RunState,
    ShardState,
    State,
    change_run,
    change_shard,
    read_run,
    read_shards,
    take_shard,
    told,
)
from discovery.schedules import any_open

HEARTBEAT, LOOK = 10.0, 0.5
"""Seconds between signs of life, and between looks whether to stop."""

BATCH, BATCH_SECONDS = 2_000, 5.0
MOST_TOLD = 100
"""Errors and commands of a shard that are kept."""

log = logging.getLogger(__name__)


@authorised(Permission.OBSERVE)
def work(actor: Actor, env: Environment, run: str, stop: threading.Event | None = None) -> RunState:
    """Do what is left of a run, shard by shard, until it has ended or `stop` is set.

    A failed shard is tried again, as often as the job says. When the windows of the job are closed
    the rest waits. Whoever finds all shards ended, ends the run.
    """
    stop = stop or threading.Event()
    name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"
    while not stop.is_set():
        state = read_run(env, run)
        if state.state in ENDED:
            return state
        if state.cancelled or _overdue(env, state):
            return _end(env, actor, run)
        if not any_open(state.job.windows, env.clock()):
            return state
        shard = take_shard(env, actor, run, name)
        if shard is not None:
            _Worker(env, actor, state, shard, stop).work()
        elif all(one.state in ENDED for one in read_shards(env, run)):
            return _end(env, actor, run)
        else:
            return state  # others are at work
    return read_run(env, run)


def _overdue(env: Environment, run: RunState) -> bool:
    return env.clock() > run.started + run.job.deadline


def _end(env: Environment, actor: Actor, run: str) -> RunState:
    """End a run: what was not begun is cancelled; then count what has vanished."""
    shards = read_shards(env, run)
    for shard in shards:
        if shard.state not in ENDED:
            after = replace(shard, state="cancelled", ended=env.clock())
            try:
                change_shard(env, actor, run, shard, after, "cancelled")
            except Conflict:
                return read_run(env, run)  # its worker is ending it
    shards = read_shards(env, run)
    states = {one.state for one in shards}
    cancelled = "cancelled" in states
    ended: State = "cancelled" if cancelled else "failed" if states == {"failed"} else "done"
    known = read_run(env, run)
    if known.state in ENDED:
        return known
    vanished = disappearance.count(env, actor, known, shards)

    def end(one: RunState) -> RunState:
        return replace(
            one,
            state=ended,
            ended=env.clock(),
            missing=vanished.missing,
            frozen=vanished.frozen,
        )

    return change_run(env, actor, run, end, "ended")


class _Worker:
    """One shard in work."""

    def __init__(
        self,
        env: Environment,
        actor: Actor,
        run: RunState,
        shard: ShardState,
        stop: threading.Event,
    ) -> None:
        self.env, self.actor, self.run, self.stop = env, actor, run, stop
        self.kept = shard  # as the store has it
        self.now = replace(shard, found={})  # as it is
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.counts: dict[str, Counter[str]] = {"items": Counter(), "relations": Counter()}
        self.events: list[ObservedItem | ObservedRelation] = []
        self.flushed = time.monotonic()
        self.known = disappearance.known(env, run.job, shard.id)

    def work(self) -> None:
        """Run the agent to its end, and say how it went."""
        context = Context(self.run.job.scope(), self._audit)
        left = self.run.started + self.run.job.deadline - self.env.clock()
        context.deadline = time.monotonic() + left
        watch = threading.Thread(target=self._watch, args=(context,), daemon=True)
        watch.start()
        failed = False
        try:
            self._give_keys(context)
            for event in self._agent(context):
                self._take(event)
            self._flush()
        except CMDBError as error:
            failed = not isinstance(error, Conflict)
            self._error(error)
        except Exception as error:  # an agent's fault must not end the worker
            log.exception("shard %s of %s", self.now.id, self.run.id)
            failed = True
            self._error(CMDBError(detail=f"{type(error).__name__}: {error}"))
        finally:
            self.ended.set()
            watch.join()
        self._finish(failed, context)

    def _give_keys(self, context: Context) -> None:
        """Let the agent use the credentials of the job, and keep what targets answer to them."""
        secrets = opened(self.env, self.run.job.credentials)
        if not secrets:
            return
        heard = [self.now, *read_shards(self.env, self.run.id)]
        keys = Keyring(
            secrets,
            dict.fromkeys(answer for one in heard for answer in one.refused),
            dict.fromkeys(answer for one in heard for answer in one.accepted),
        )

        def refused(secret: Secret, target: str) -> None:
            keys.refused(secret, target)
            self.now = replace(self.now, refused=(*self.now.refused, at(secret, target)))

        def accepted(secret: Secret, target: str) -> None:
            keys.accepted(secret, target)
            if (answer := at(secret, target)) not in self.now.accepted:
                self.now = replace(self.now, accepted=(*self.now.accepted, answer))

        context.secrets, context.refused, context.accepted = keys.secrets, refused, accepted

    def _agent(self, context: Context) -> Iterator[Event]:
        planned = {one.id: one for one in self.run.job.shards()}
        shard: Shard = planned[self.now.id]
        return readers.agent(self.run.job.agent).run(shard, context)

    def _take(self, event: Event) -> None:
        if isinstance(event, Progress):
            packets = self.now.packets if event.packets is None else event.packets
            self.now = replace(self.now, done=event.done, packets=packets)
        elif isinstance(event, Covered):
            self.now = replace(self.now, covered=(*self.now.covered, event.method))
        elif isinstance(event, CMDBError):
            self._error(event)
        else:
            if isinstance(event, ObservedItem):
                self.now.found[event.key] = event.type
                event = disappearance.back(self.known, event)
            self.events.append(event)
        late = time.monotonic() - self.flushed > BATCH_SECONDS
        if self.events and (len(self.events) >= BATCH or late):
            self._flush()

    def _flush(self) -> None:
        """Reconcile what was told since the last time."""
        told_now, self.events = self.events, []
        if told_now:
            report = ingest(
                self.actor,
                self.env,
                told_now,
                source=self.run.job.source_name,
                reason=f"discovery {self.run.id}",
                run=self.run.id,
                waiting=True,
            )
            self.counts["items"].update(asdict(report.items))
            self.counts["relations"].update(asdict(report.relations))
            for error in report.errors:
                self._error(error)
        self.flushed = time.monotonic()

    def _error(self, error: CMDBError) -> None:
        errors = (*self.now.errors, told(error))[:MOST_TOLD]
        self.now = replace(self.now, errors=errors, error_count=self.now.error_count + 1)

    def _audit(self, command: str) -> None:
        """Log a command before it leaves."""
        self.now = replace(self.now, commands=(*self.now.commands, command)[:MOST_TOLD])
        self._keep("ran a command in")

    def _keep(self, what: str, **changes: object) -> None:
        with self.lock:
            after = replace(self.now, found={}, heartbeat=self.env.clock(), **changes)  # type: ignore[arg-type]
            change_shard(self.env, self.actor, self.run.id, self.kept, after, what)
            self.kept = after

    def _watch(self, context: Context) -> None:
        """Give signs of life, and stop the agent when it is to stop."""
        beat = time.monotonic()
        while not self.ended.wait(LOOK):
            try:
                closed = not any_open(self.run.job.windows, self.env.clock())
                if self.stop.is_set() or closed or read_run(self.env, self.run.id).cancelled:
                    context.cancelled.set()
                if time.monotonic() - beat >= HEARTBEAT:
                    self._keep("is at")
                    beat = time.monotonic()
            except CMDBError:  # the shard is another worker's now, or the store does not answer
                log.exception("shard %s of %s", self.now.id, self.run.id)
                context.cancelled.set()

    def _finish(self, failed: bool, context: Context) -> None:
        """Say how the shard ended: whole, to be tried again, to be gone on with, or not at all."""
        state: State = "done"
        if failed:
            state = "waiting" if self.now.attempts <= self.run.job.retries else "failed"
        elif context.stopped:
            paused = not context.cancelled.is_set() or not read_run(self.env, self.run.id).cancelled
            overdue = time.monotonic() >= context.deadline
            state = "waiting" if paused and not overdue else "cancelled"
        ended = None if state == "waiting" else self.env.clock()
        counts = {kind: dict(+counted) for kind, counted in self.counts.items()}
        found = self.now.found if state == "done" else {}
        after = replace(
            self.now,
            state=state,
            ended=ended,
            done=1.0 if state == "done" else self.now.done,
            counts=counts,
            found=found,
        )
        with self.lock:
            try:
                change_shard(self.env, self.actor, self.run.id, self.kept, after, state)
            except Conflict:
                log.warning("shard %s of %s was taken over", self.now.id, self.run.id)
