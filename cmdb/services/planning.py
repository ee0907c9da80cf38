"""Planning on a store: the rules in force, and a plan as a commit."""

from collections.abc import Callable, Iterable
from math import inf, nextafter

from cmdb.history.log import Commit
from cmdb.identity.changes import ChangeSet
from cmdb.identity.claims import MANUAL, Claim
from cmdb.identity.conclusion import Rules
from cmdb.identity.decisions import Decisions, decision_of
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import Planner
from cmdb.services.environment import Environment
from cmdb.services.ports import Signature

DECISION = "decision"


def rules_of(env: Environment, now: float) -> Rules:
    """All that identification and reconciliation go by, as of now."""
    decisions = (decision_of(one.name, one.body) for one in env.store.documents(DECISION))
    return Rules(env.catalog(), env.sources(), Decisions(decisions), now)


Amend = Callable[[Rules], Rules]


def planner_for(env: Environment, run: Run, amend: Amend | None = None) -> Planner:
    """A planner on what is stored; `amend` gives it other rules than those in force."""
    rules = rules_of(env, env.clock())
    return Planner(run, rules if amend is None else amend(rules), env.store)


def manual_time(env: Environment, known: Iterable[Claim]) -> float:
    """Now, but later than what was said by hand before: of two edits the second counts."""
    last = max((c.confirmed_at for c in known if c.source == MANUAL), default=0.0)
    return max(env.clock(), nextafter(last, inf))


def commit_plan(
    env: Environment,
    run: Run,
    signature: Signature,
    say: Callable[[Planner], None],
    check: Callable[[Plan], None] | None = None,
    amend: Amend | None = None,
) -> tuple[Plan, Commit | None]:
    """Plan what `say` tells a planner, and commit it; nobody commits in between.

    `check` may refuse the plan by raising an error; nothing is done then.
    """
    made: list[Plan] = []

    def changes() -> ChangeSet:
        planner = planner_for(env, run, amend)
        say(planner)
        plan = planner.finish()
        if check is not None:
            check(plan)
        made.append(plan)
        return plan.changes

    done = env.store.commit_planned(changes, signature)
    return made[-1], done
