"""Runs: what one import or one scan did, and how to take all of it back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cmdb.errors import NotFound
from cmdb.history.log import Commit, LogEntry
from cmdb.identity.claims import Claim, Kind, Name
from cmdb.identity.identifiers import end_digest
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import Planner
from cmdb.identity.words import without_run
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.planning import commit_plan
from cmdb.services.ports import Receipt, Signature

Words = dict[tuple[Kind, Name], Claim | None]

ENDS = ("from", "to")


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as the log has it."""

    id: str
    actor: str
    reason: str
    at: float
    commits: tuple[int, ...]


@authorised(Permission.READ)
def get_run(actor: Actor, env: Environment, id: str) -> RunView:
    """One run; NotFound when the log has none of that id."""
    commits = [] if actor.scope != EVERYTHING else list(_commits(env, id))
    if not commits:
        raise NotFound(kind="run", name=id)
    first = commits[0]
    return RunView(id, first.actor, first.reason, first.at, tuple(one.seq for one in commits))


@authorised(Permission.WRITE)
def undo_run(actor: Actor, env: Environment, id: str, receipt: Receipt | None = None) -> Plan:
    """Take back every word of a run, in one commit; what was said or decided since stays."""
    run = get_run(actor, env, id)
    now = env.clock()
    signature = Signature(actor.name, now, f"undid run {run.id}", "", receipt)
    plan, _ = commit_plan(
        env, Run("", "", now), signature, lambda planner: take_back(planner, env, id)
    )
    return plan


def take_back(planner: Planner, env: Environment, run: str) -> None:
    """Set all claims that a run changed as they were before, but for what was said since."""
    before: Words = {}
    after: Words = {}
    confirmed: list[LogEntry] = []
    gone: dict[int, str] = {}
    for commit in _commits(env, run):
        for entry in commit.entries:
            if entry.kind == "claim":
                kind, name, was, made = _claims(entry)
                before.setdefault((kind, name), was)
                after[kind, name] = made
            elif entry.kind == "confirmation":
                confirmed.append(entry)
            elif entry.kind == "ci" and entry.after is None and entry.before is not None:
                gone[entry.before["number"]] = entry.before["key"]
    planner.undo(gone)
    wanted: dict[tuple[Kind, str], list[str]] = {}
    for kind, (source, key) in before:
        wanted.setdefault((kind, source), []).append(key)
    for (kind, source), keys in wanted.items():
        for key, now in env.store.claims(kind, source, keys).items():
            one = (kind, (source, key))
            left = _moved_back(now, before[one], after[one])
            _restate(planner, now, without_run(left, run, before[one]))
    for entry in confirmed:
        for now, earlier in _unconfirmed(env, entry, run):
            if (now.kind, now.name) not in before:
                _restate(planner, now, earlier)


def _commits(env: Environment, id: str) -> Iterator[Commit]:
    for seq in env.store.commits_of(id):
        yield from env.store.log(seq - 1, 1)


def _restate(planner: Planner, now: Claim, earlier: Claim | None) -> None:
    if now.kind == "ci":
        planner.restate(earlier, now.name)
    else:
        planner.relations.restate(now, earlier)


def _moved_back(claim: Claim, before: Claim | None, after: Claim | None) -> Claim:
    """A relation's claim with the ends it had before a run gave them other names, if it did."""
    if claim.kind == "ci" or claim.body is None or before is None or after is None:
        return claim
    was, made = before.body or {}, after.body or {}
    ends = {
        end: was[end]
        for end in ENDS
        if end in was
        and claim.body[end] == made.get(end)
        and claim.stamp_of((end, "")) == before.stamp_of((end, ""))
    }
    return replace(claim, body={**claim.body, **ends})


def _claims(entry: LogEntry) -> tuple[Kind, Name, Claim | None, Claim | None]:
    """The name of the claim that an entry changed, and how it was before and after."""
    form = entry.before or entry.after or {}
    kind: Any = entry.subject.partition(":")[0]
    was, made = (None if one is None else _formed(kind, one) for one in (entry.before, entry.after))
    return kind, (form["source"], form["key"]), was, made


def _formed(kind: Any, form: dict[str, Any]) -> Claim:
    body = form["body"]
    ends = None
    if kind == "relation" and body is not None:
        ends = end_digest(tuple(body["from"])), end_digest(tuple(body["to"]))
    return Claim(
        kind,
        form["source"],
        form["key"],
        form["subject"],
        form["observed_at"],
        form.get("confirmed_at", form["observed_at"]),
        form["run"],
        body,
        form.get("withdrawn", False),
        form.get("founded"),
        form.get("origin"),
        ends,
    )


def _unconfirmed(env: Environment, entry: LogEntry, run: str) -> Iterator[tuple[Claim, Claim]]:
    """The claims that a run confirmed, each now and as it was confirmed before."""
    kinds: tuple[tuple[Kind, str], ...] = (("ci", "cis"), ("relation", "relations"))
    for stamp in (entry.before or {}).get("stamps", ()):
        for kind, group in kinds:
            numbers = [n for first, last in stamp[group] for n in range(first, last + 1)]
            about = env.store.claims_about(kind, numbers) if numbers else {}
            for claims in about.values():
                for claim in claims:
                    if claim.source == entry.subject and claim.run == run:
                        yield claim, replace(claim, confirmed_at=stamp["at"], run=stamp["run"])
