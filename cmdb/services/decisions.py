"""What people decide about identity: reviews, and merge, split, pin and ignore, all undoable."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cmdb.errors import InvalidInput, NotFound
from cmdb.identity.changes import Document
from cmdb.identity.claims import Name
from cmdb.identity.conclusion import Rules
from cmdb.identity.decisions import Decision, decision_of
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import Planner
from cmdb.schema.records import ConfigurationItem
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.effects import Effects, effects_of
from cmdb.services.environment import Environment
from cmdb.services.items import seer
from cmdb.services.planning import DECISION, commit_plan, planner_for, rules_of
from cmdb.services.ports import Receipt, Signature
from cmdb.services.references import resolve_one
from cmdb.services.reviews import concerned, get_review
from cmdb.services.runs import take_back
from cmdb.services.sight import sees_claims, what_is_seen

KIND = "decision"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a review, what it would do, and what that means to business services."""

    decision: Decision
    plan: Plan
    effects: Effects


@authorised(Permission.READ)
def choices(actor: Actor, env: Environment, id: str) -> list[Choice]:
    """The answers that a review may have, each with what it would change; nothing is done.

    Of the steps and effects those are given that concern only what the actor may see.
    """
    review, evidence = get_review(actor, env, id)
    answers = [Decision("", "ignore", rule=review.rule, value=review.value)]
    if len(review.claims) > 1:
        answers.insert(0, Decision("", "merge", review.claims))
    numbers = sorted({one.claim.subject for one in evidence})
    if len(numbers) == 2:
        first, second = (
            tuple(one.claim.name for one in evidence if one.claim.subject == n) for n in numbers
        )
        answers.insert(1, Decision("", "split", first, second))
    made = []
    snapshot = env.snapshot()
    for decision in answers:
        planner = planner_for(env, _run(env), _with(decision))
        _record(planner, env)
        plan = planner.finish()
        effects = effects_of(snapshot, plan.changes, env.clock())
        made.append(Choice(decision, *what_is_seen(actor, env, plan, effects)))
    return made


@authorised(Permission.WRITE)
def merge(
    actor: Actor,
    env: Environment,
    references: Sequence[str],
    reason: str = "",
    receipt: Receipt | None = None,
) -> Decision:
    """Decide that CIs are one; the one that came first keeps its key."""
    items = [_item(actor, env, one) for one in references]
    if len({item.number for item in items}) < 2:
        raise InvalidInput(place="merge", detail="name at least two configuration items")
    about = env.store.claims_about("ci", [item.number for item in items])
    names = tuple(sorted(claim.name for claims in about.values() for claim in claims))
    return _decide(actor, env, Decision(_fresh(), "merge", names, reason=reason), receipt)


@authorised(Permission.WRITE)
def split(
    actor: Actor,
    env: Environment,
    reference: str,
    claims: Sequence[str],
    reason: str = "",
    receipt: Receipt | None = None,
) -> Decision:
    """Decide that claims (`source:key`) are not about a CI: they leave it, or stay out of it."""
    item = _item(actor, env, reference)
    held = {claim.name for claim in env.store.claims_about("ci", [item.number])[item.number]}
    away = {_named(actor, env, one, held) for one in claims}
    if not away or away >= held:
        raise InvalidInput(
            place="split", detail=f"name some of the claims of '{item.key}', and not all of them"
        )
    names = tuple(sorted(away)), tuple(sorted(held - away))
    return _decide(actor, env, Decision(_fresh(), "split", *names, reason=reason), receipt)


@authorised(Permission.WRITE)
def pin(
    actor: Actor,
    env: Environment,
    claim: str,
    reference: str,
    reason: str = "",
    receipt: Receipt | None = None,
) -> Decision:
    """Decide that a claim (`source:key`) is about a CI, whatever it says of identity."""
    source, _, key = claim.partition(":")
    _check_claim(actor, env, (source, key))
    pinned = rules_of(env, env.clock()).decisions.pinned
    anchor = _anchor(env, _item(actor, env, reference))
    while anchor in pinned:  # such a claim goes where it is pinned, so the other one stays
        anchor = pinned[anchor]
    if anchor == (source, key):
        raise InvalidInput(place="pin", detail="the claim is what this CI came in with")
    if (source, key) in pinned.values():
        detail = "another claim is pinned to the CI of this one; undo that pin first"
        raise InvalidInput(place="pin", detail=detail)
    made = Decision(_fresh(), "pin", ((source, key),), (anchor,), reason=reason)
    return _decide(actor, env, made, receipt)


@authorised(Permission.WRITE)
def ignore(
    actor: Actor,
    env: Environment,
    *,
    review: str | None = None,
    claims: Sequence[str] = (),
    reason: str = "",
    receipt: Receipt | None = None,
) -> Decision:
    """Decide that the value of a review identifies nothing, or that claims do not count."""
    names = tuple((c.partition(":")[0], c.partition(":")[2]) for c in claims)
    rule = value = None
    if review is not None:
        found, _ = get_review(actor, env, review)
        rule, value = found.rule, found.value
    for name in names:
        _check_claim(actor, env, name)
    if not names and rule is None:
        raise InvalidInput(place="ignore", detail="name a review or claims")
    made = Decision(_fresh(), "ignore", names, (), rule, value, reason)
    return _decide(actor, env, made, receipt)


@authorised(Permission.READ)
def list_decisions(actor: Actor, env: Environment) -> list[Decision]:
    """All decisions in force that concern only what the actor may see, by id."""
    found = rules_of(env, env.clock()).decisions.in_force
    found.sort(key=lambda one: one.id)
    return [one for one in found if sees_claims(actor, env, concerned(env, one))]


@authorised(Permission.WRITE)
def undo_decision(
    actor: Actor, env: Environment, id: str, receipt: Receipt | None = None
) -> Decision:
    """Take a decision back: everything is concluded as if it had not been made."""
    document = env.store.document(DECISION, id)
    decision = None if document is None else decision_of(id, document.body)
    if (
        document is None
        or decision is None
        or not sees_claims(actor, env, concerned(env, decision))
    ):
        raise NotFound(kind=KIND, name=id)

    def say(planner: Planner) -> None:
        planner.document(document, None)
        take_back(planner, env, _run_of(decision))
        _follow(planner, env)

    signature = Signature(actor.name, env.clock(), f"undid the {decision.kind} {id}", "", receipt)
    commit_plan(env, _run(env), signature, say, amend=_without(id))
    return decision


def _decide(
    actor: Actor, env: Environment, decision: Decision, receipt: Receipt | None
) -> Decision:
    """Record a decision, and what follows from it."""
    why = f": {decision.reason}" if decision.reason else ""
    words = f"decided to {decision.kind}{why}"
    signature = Signature(actor.name, env.clock(), words, _run_of(decision), receipt)
    commit_plan(
        env, _run(env), signature, lambda planner: _record(planner, env), amend=_with(decision)
    )
    return decision


def _record(planner: Planner, env: Environment) -> None:
    """Record the last decision of the planner's rules."""
    decision = planner.rules.decisions.made[-1]
    planner.document(None, Document(DECISION, decision.id, decision.body()))
    _follow(planner, env)


def _follow(planner: Planner, env: Environment) -> None:
    """Have everything looked at that decisions concern which are in force only now, or were."""
    before = rules_of(env, planner.run.at).decisions.in_force
    for one in set(before).symmetric_difference(planner.rules.decisions.in_force):
        planner.reconsider(concerned(env, one))


def _with(decision: Decision) -> Callable[[Rules], Rules]:
    return lambda rules: replace(rules, decisions=rules.decisions.plus(decision))


def _without(id: str) -> Callable[[Rules], Rules]:
    return lambda rules: replace(rules, decisions=rules.decisions.without(id))


def _run_of(decision: Decision) -> str:
    """The run under which a decision stands in the log."""
    return f"decision-{decision.id}"


def _run(env: Environment) -> Run:
    return Run("", "decision", env.clock())


def _fresh() -> str:
    return secrets.token_hex(6)


def _item(actor: Actor, env: Environment, reference: str) -> ConfigurationItem:
    key = resolve_one(env.store, reference, "decision", seer(env, actor))
    return env.store.items([key])[key]


def _check_claim(actor: Actor, env: Environment, name: Name) -> None:
    """NotFound for a claim that is not there, or whose CI the actor may not see."""
    if not env.store.claims("ci", name[0], [name[1]]) or not sees_claims(actor, env, {name}):
        raise NotFound(kind="claim", name=f"{name[0]}:{name[1]}")


def _anchor(env: Environment, item: ConfigurationItem) -> Name:
    """The claim by which a CI is meant for good: the one it came in with."""
    claims = env.store.claims_about("ci", [item.number])[item.number]
    founders = [claim.name for claim in claims if claim.founded == item.key]
    return min(founders or [claim.name for claim in claims])


def _named(actor: Actor, env: Environment, text: str, held: Iterable[Name]) -> Name:
    """The claim that a text means, of a CI or any other."""
    for name in held:
        if f"{name[0]}:{name[1]}" == text:
            return name
    source, _, key = text.partition(":")
    _check_claim(actor, env, (source, key))
    return source, key
