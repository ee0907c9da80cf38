"""Agents, plans and runs of discovery as data, the same for the command line and HTTP."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from cmdb.services.times import iso
from discovery.agent import Capabilities, Shard
from discovery.job import Job
from discovery.runs import RunState, ShardState


def agent_content(name: str, capabilities: Capabilities) -> dict[str, Any]:
    """An agent, and what it can do."""
    return {
        "name": name,
        "title": capabilities.title,
        "targets": capabilities.targets,
        "profiles": list(capabilities.profiles),
        "credentials": list(capabilities.credentials),
        "options": dict(capabilities.options),
    }


def plan_content(job: Job, shards: Iterable[Shard]) -> dict[str, Any]:
    """What a run of a job would look at."""
    rows = [{"id": one.id, "targets": list(one.targets), "profile": one.profile} for one in shards]
    return {"job": job.name, "shards": rows}


def run_content(run: RunState, shards: list[ShardState] | None) -> dict[str, Any]:
    """A run, with its shards and their sums where they are given."""
    content: dict[str, Any] = {
        "id": run.id,
        "job": run.job.name,
        "agent": run.job.agent,
        "source": run.job.source_name,
        "site": run.job.site,
        "state": run.state,
        "why": run.why,
        "started": iso(run.started),
        "ended": None if run.ended is None else iso(run.ended),
        "cancelled": run.cancelled,
        "missing": run.missing,
        "frozen": run.frozen,
    }
    if shards is None:
        return content
    items: Counter[str] = Counter()
    relations: Counter[str] = Counter()
    for one in shards:
        items.update(one.counts.get("items", {}))
        relations.update(one.counts.get("relations", {}))
    whole = sum(one.state == "done" and bool(one.covered) for one in shards)
    content |= {
        "items": dict(items),
        "relations": dict(relations),
        "coverage": whole / len(shards) if shards else 1.0,
        "packets": sum(one.packets for one in shards),
        "error_count": sum(one.error_count for one in shards),
        "shards": [_shard(one) for one in shards],
    }
    return content


def _shard(shard: ShardState) -> dict[str, Any]:
    return {
        "id": shard.id,
        "targets": list(shard.targets),
        "state": shard.state,
        "attempts": shard.attempts,
        "worker": shard.worker,
        "started": None if shard.started is None else iso(shard.started),
        "ended": None if shard.ended is None else iso(shard.ended),
        "done": shard.done,
        "packets": shard.packets,
        "items": shard.counts.get("items", {}),
        "relations": shard.counts.get("relations", {}),
        "error_count": shard.error_count,
        "errors": list(shard.errors),
        "commands": list(shard.commands),
    }
