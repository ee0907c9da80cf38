"""What is not found any more: counted, then missing, then retired, and never deleted.

A miss counts only when a shard was looked at wholly, by the method that had found the thing. Three
misses over 72 hours make it missing, 75 days retired; what another source has seen since stays.
When over a fifth vanishes at once nothing is counted, and the run says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cmdb.errors import Conflict
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.identity.observation import ObservedItem
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment
from cmdb.services.ingest import ingest
from cmdb.services.ports import Signature
from cmdb.services.vanishing import FEWEST, MOST_SHARE
from discovery.job import Job
from discovery.runs import RunState, ShardState

SEEN = "discovery_seen"
HOUR, DAY = 3600.0, 86_400.0
MISSES, MISSING_AFTER, RETIRED_AFTER = 3, 72 * HOUR, 75 * DAY


@dataclass(frozen=True, slots=True)
class Sight:
    """How a thing stands with the job that found it; `since` is when it was first missed."""

    type: str
    misses: int = 0
    since: float = 0.0
    status: str = "live"


@dataclass(frozen=True, slots=True)
class Vanished:
    """How many things are missing or retired now, and whether too many vanished at once."""

    missing: int = 0
    frozen: bool = False


Sights = dict[str, Sight]


def judged(sight: Sight, at: float) -> str:
    """The status of a thing that was not found, at a time."""
    if sight.misses < MISSES or at - sight.since < MISSING_AFTER:
        return "live"
    return "missing" if at - sight.since < RETIRED_AFTER else "retired"


def after_shard(known: Sights, found: dict[str, str], covered: bool, at: float) -> Sights:
    """What is known after a shard that found these keys (with their types)."""
    sights = {key: Sight(type_name) for key, type_name in found.items()}
    for key, sight in known.items():
        if key in sights:
            continue
        if covered:
            since = at if not sight.misses else sight.since
            sight = replace(sight, misses=sight.misses + 1, since=since)
        sights[key] = sight
    return sights


def vanish_at_once(known: Iterable[Sights], after: Iterable[Sights]) -> bool:
    """Whether so much was missed for the first time that people should look before it counts."""
    total = fresh = 0
    for before, now in zip(known, after, strict=True):
        total += len(before)
        fresh += sum(not one.misses and now[key].misses > 0 for key, one in before.items())
    return fresh >= FEWEST and fresh > MOST_SHARE * total


def known(env: Environment, job: Job, shard: str) -> Sights:
    """What a job had found in a shard, by key."""
    document = env.store.document(SEEN, f"{job.name}/{shard}")
    if document is None or document.body["method"] != _method(job):
        return {}
    return {key: Sight(*one) for key, one in document.body["things"].items()}


def back(sights: Sights, seen: ObservedItem) -> ObservedItem:
    """An observation of what was missing says that it is live again."""
    sight = sights.get(seen.key)
    if sight is None or sight.status == "live" or seen.status is not None:
        return seen
    return replace(seen, status="live")


def count(env: Environment, actor: Actor, run: RunState, shards: list[ShardState]) -> Vanished:
    """Count the misses of a run that ends, and say what is missing or retired now."""
    done = [
        one for one in shards if one.state == "done" and not _counted(env, run.job, one.id, run.id)
    ]
    before = [known(env, run.job, one.id) for one in done]
    now = env.clock()
    after = [
        after_shard(sights, shard.found, bool(shard.covered), now)
        for shard, sights in zip(done, before, strict=True)
    ]
    frozen = vanish_at_once(before, after)
    if frozen:
        after = [
            {**sights, **{key: Sight(kind) for key, kind in shard.found.items()}}
            for shard, sights in zip(done, before, strict=True)
        ]
    told: list[ObservedItem] = []
    for sights in after:
        told += _changes(env, run.job, sights, now)
    if told:
        source, reason = run.job.source_name, f"missed by discovery {run.id}"
        ingest(actor, env, told, source=source, reason=reason, run=run.id, waiting=True)
    for shard, sights in zip(done, after, strict=True):
        _keep(env, actor, run, shard.id, sights)
    gone = sum(one.status != "live" for sights in after for one in sights.values())
    return Vanished(gone, frozen)


def _changes(env: Environment, job: Job, sights: Sights, at: float) -> list[ObservedItem]:
    """The words on what changes its status; `sights` takes it in."""
    missed = {key: one for key, one in sights.items() if one.misses}
    seen_since = _seen_by_others(env, job.source_name, missed)
    told = []
    for key, one in missed.items():
        status = "live" if key in seen_since else judged(one, at)
        if status != one.status:
            sights[key] = replace(one, status=status)
            told.append(
                ObservedItem(key, one.type, f"{job.name} {key}", status=status, coverage="part")
            )
    return told


def _seen_by_others(env: Environment, source: str, missed: Sights) -> set[str]:
    """Those of the things of which another source has spoken since they were missed."""
    claims = env.store.claims("ci", source, missed) if missed else {}
    about = env.store.claims_about("ci", {one.subject for one in claims.values()})
    return {
        key
        for key, claim in claims.items()
        if any(
            other.source != source and not other.withdrawn and other.stamp[0] >= missed[key].since
            for other in about.get(claim.subject, ())
        )
    }


def _method(job: Job) -> str:
    return f"{job.agent}/{job.profile}"


def _counted(env: Environment, job: Job, shard: str, run: str) -> bool:
    """Whether a worker has counted a shard of a run already, and ended before it could say so."""
    document = env.store.document(SEEN, f"{job.name}/{shard}")
    return document is not None and document.body["run"] == run


def _keep(env: Environment, actor: Actor, run: RunState, shard: str, sights: Sights) -> None:
    job, name = run.job, f"{run.job.name}/{shard}"
    things: dict[str, Any] = {
        key: [one.type, one.misses, one.since, one.status] for key, one in sorted(sights.items())
    }
    while True:
        before = env.store.document(SEEN, name)
        after = Document(SEEN, name, {"method": _method(job), "run": run.id, "things": things})
        changes = ChangeSet(documents=[Change(before, after)])
        try:
            reason = f"kept what {job.name} found"
            env.store.commit(changes, Signature(actor.name, env.clock(), reason))
        except Conflict:
            continue
        return
