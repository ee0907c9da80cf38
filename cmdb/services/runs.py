"""Runs: what one import or one scan did, and how to take all of it back."""

from collections.abc import Iterator
from dataclasses import dataclass

from cmdb.errors import NotFound
from cmdb.history.log import Commit
from cmdb.identity.changes import Document
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import Planner
from cmdb.identity.undoing import remains
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.planning import commit_plan
from cmdb.services.ports import Receipt, Signature
from cmdb.services.run_log import UNDONE, UndoneRuns


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
    """Take back every word of a run, in one commit; what was said or decided since stays.

    Words and CIs are then as if the run had never been made, whatever other runs are undone before
    or after; `cmdb.identity.undoing` says where the log cannot tell that. To undo a run again
    changes nothing, unless it said more since: under its id it counts again.
    """
    run = get_run(actor, env, id)
    now = env.clock()
    signature = Signature(actor.name, now, f"undid run {run.id}", "", receipt)
    plan, _ = commit_plan(
        env, Run("", "", now), signature, lambda planner: take_back(planner, env, id)
    )
    return plan


def take_back(planner: Planner, env: Environment, run: str) -> None:
    """Set all claims of which a run has words as if it had never said them."""
    past = UndoneRuns(env.store, run)
    log = past.log(run)
    planner.undo(log.gone)
    for now in log.claims():
        left = remains(now, past.now, run, past)
        if now.kind == "ci":
            planner.restate(left, now.name)
        else:
            planner.relations.restate(now, left)
    if past.news:
        before = env.store.document(UNDONE, run)
        planner.document(before, Document(UNDONE, run, {"seq": past.now}))


def _commits(env: Environment, id: str) -> Iterator[Commit]:
    for seq in env.store.commits_of(id):
        yield from env.store.log(seq - 1, 1)
