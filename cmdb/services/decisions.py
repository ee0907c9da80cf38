"""What people decide about identity: reviews, and merge, split, pin and ignore, all undoable."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cmdb.errors import InvalidInput, NotFound
from cmdb.identity.changes import Document
from cmdb.identity.claims import Claim, Name
from cmdb.identity.conclusion import Rules
from cmdb.identity.decisions import Decision, Decisions, decision_of
from cmdb.identity.identifiers import BETWEEN, digest, name_digest
from cmdb.identity.plan import Plan, Run
from cmdb.identity.planner import REVIEW, Planner
from cmdb.schema.records import ConfigurationItem
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.effects import Effects, effects_of
from cmdb.services.environment import Environment
from cmdb.services.planning import DECISION, commit_plan, planner_for
from cmdb.services.ports import Receipt, Signature
from cmdb.services.references import resolve_one
from cmdb.services.runs import take_back

KIND = "decision"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One claim of a review, side by side with the others: what it says and which CI it is of."""

    claim: Claim
    key: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """A disputed identifier: an equal value in claims that disagree in something else."""

    id: str
    rule: str
    value: str
    reasons: tuple[str, ...]
    since: float
    claims: tuple[Name, ...]
    proposal: str

    @property
    def shown(self) -> str:
        """The value for people."""
        return self.value.replace(BETWEEN, " ").strip()


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a review, what it would do, and what that means to business services."""

    decision: Decision
    plan: Plan
    effects: Effects


@authorised(Permission.READ)
def list_reviews(actor: Actor, env: Environment) -> list[Review]:
    """Everything that waits for somebody's decision, oldest first."""
    found = [_review(env, one) for one in env.store.documents(REVIEW)]
    return sorted(found, key=lambda one: (one.since, one.id))


@authorised(Permission.READ)
def get_review(actor: Actor, env: Environment, id: str) -> tuple[Review, list[Evidence]]:
    """One review with its evidence; NotFound when it is no longer open."""
    document = env.store.document(REVIEW, id)
    if document is None:
        raise NotFound(kind="review", name=id)
    review = _review(env, document)
    claims = _claims(env, review.claims)
    items = env.store.items_by_number({claim.subject for claim in claims})
    keys = {number: item.key for number, item in items.items()}
    return review, [Evidence(claim, keys.get(claim.subject)) for claim in claims]


@authorised(Permission.READ)
def choices(actor: Actor, env: Environment, id: str) -> list[Choice]:
    """The answers that a review may have, each with what it would change; nothing is done."""
    review, _ = get_review(actor, env, id)
    answers = [Decision("", "ignore", rule=review.rule, value=review.value)]
    if len(review.claims) > 1:
        answers.insert(0, Decision("", "merge", review.claims))
    made = []
    snapshot = env.snapshot()
    for decision in answers:
        planner = planner_for(env, _run(env), _with(decision))
        _say(planner, env, decision)
        plan = planner.finish()
        made.append(Choice(decision, plan, effects_of(snapshot, plan.changes, env.clock())))
    return made


def _review(env: Environment, document: Document) -> Review:
    body = document.body
    names = tuple((source, key) for source, key in body["claims"])
    rule, reasons = body["rule"], tuple(body["reasons"])
    identifiers = {one.name: one for rules in env.catalog().identifiers.values() for one in rules}
    declared = identifiers.get(rule)
    if reasons == ("common",) or (declared is not None and declared.clonable):
        proposal = "ignore"
    elif reasons == ("record",):
        proposal = "merge"
    else:
        proposal = "keep apart"
    return Review(document.name, rule, body["value"], reasons, body["since"], names, proposal)


@authorised(Permission.WRITE)
def merge(
    actor: Actor,
    env: Environment,
    references: Sequence[str],
    reason: str = "",
    receipt: Receipt | None = None,
) -> Decision:
    """Decide that CIs are one; the one that came first keeps its key."""
    items = [_item(env, one) for one in references]
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
    """Decide that some claims (`source:key`) of a CI are about another one than the rest."""
    item = _item(env, reference)
    held = {claim.name for claim in env.store.claims_about("ci", [item.number])[item.number]}
    away = {_named(one, held, item) for one in claims}
    if not away or away == held:
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
    if not env.store.claims("ci", source, [key]):
        raise NotFound(kind="claim", name=claim)
    anchor = _anchor(env, _item(env, reference))
    if anchor == (source, key):
        raise InvalidInput(place="pin", detail="the claim is what this CI came in with")
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
    for source, key in names:
        if not env.store.claims("ci", source, [key]):
            raise NotFound(kind="claim", name=f"{source}:{key}")
    if not names and rule is None:
        raise InvalidInput(place="ignore", detail="name a review or claims")
    made = Decision(_fresh(), "ignore", names, (), rule, value, reason)
    return _decide(actor, env, made, receipt)


@authorised(Permission.READ)
def list_decisions(actor: Actor, env: Environment) -> list[Decision]:
    """All decisions in force."""
    return [decision_of(one.name, one.body) for one in env.store.documents(DECISION)]


@authorised(Permission.WRITE)
def undo_decision(
    actor: Actor, env: Environment, id: str, receipt: Receipt | None = None
) -> Decision:
    """Take a decision back: everything is concluded as if it had not been made."""
    document = env.store.document(DECISION, id)
    if document is None:
        raise NotFound(kind=KIND, name=id)
    decision = decision_of(id, document.body)

    def say(planner: Planner) -> None:
        planner.document(document, None)
        take_back(planner, env, _run_of(decision))
        _say(planner, env, decision)

    signature = Signature(actor.name, env.clock(), f"undid the {decision.kind} {id}", "", receipt)
    commit_plan(env, _run(env), signature, say, amend=_without({id}))
    return decision


def _decide(
    actor: Actor, env: Environment, decision: Decision, receipt: Receipt | None
) -> Decision:
    """Record a decision in the place of those that say otherwise, and what follows from it."""

    def say(planner: Planner) -> None:
        for document in env.store.documents(DECISION):
            other = decision_of(document.name, document.body)
            if _contrary(decision, other):
                planner.document(document, None)
                _say(planner, env, other)
        planner.document(None, Document(DECISION, decision.id, decision.body()))
        _say(planner, env, decision)

    def amend(rules: Rules) -> Rules:
        contrary = {one.id for one in rules.decisions.all if _contrary(decision, one)}
        return _with(decision)(_without(contrary)(rules))

    why = f": {decision.reason}" if decision.reason else ""
    words = f"decided to {decision.kind}{why}"
    signature = Signature(actor.name, env.clock(), words, _run_of(decision), receipt)
    commit_plan(env, _run(env), signature, say, amend=amend)
    return decision


def _say(planner: Planner, env: Environment, decision: Decision) -> None:
    """Have everything looked at that a decision concerns."""
    names = {*decision.claims, *decision.others}
    if decision.rule == "alias" and decision.value is not None:
        source, _, key = decision.value.partition(BETWEEN)
        found = env.store.claims_identified([name_digest((source, key))])
        names |= {(source, key), *(claim.name for claim in found)}
    elif decision.rule is not None and decision.value is not None:
        found = env.store.claims_identified([digest(decision.rule, decision.value)])
        names |= {claim.name for claim in found}
    planner.reconsider(names)


def _contrary(new: Decision, old: Decision) -> bool:
    """Whether a decision in force says the opposite of a new one."""
    joins = {"merge", "pin"}
    if new.kind == "pin" and old.kind == "pin":
        return new.claims == old.claims
    pairs = {(new.kind in joins, old.kind == "split"), (old.kind in joins, new.kind == "split")}
    if (True, True) not in pairs:
        return False
    joined, parted = (old, new) if new.kind == "split" else (new, old)
    together = {*joined.claims, *joined.others}
    return bool(together & set(parted.claims) and together & set(parted.others))


def _with(decision: Decision) -> Callable[[Rules], Rules]:
    return lambda rules: replace(rules, decisions=Decisions((*rules.decisions.all, decision)))


def _without(ids: set[str]) -> Callable[[Rules], Rules]:
    return lambda rules: replace(
        rules, decisions=Decisions(one for one in rules.decisions.all if one.id not in ids)
    )


def _run_of(decision: Decision) -> str:
    """The run under which a decision stands in the log."""
    return f"decision-{decision.id}"


def _run(env: Environment) -> Run:
    return Run("", "decision", env.clock())


def _fresh() -> str:
    return secrets.token_hex(6)


def _item(env: Environment, reference: str) -> ConfigurationItem:
    key = resolve_one(env.store, reference, "configuration item")
    return env.store.items([key])[key]


def _anchor(env: Environment, item: ConfigurationItem) -> Name:
    """The claim by which a CI is meant for good: the one it came in with."""
    claims = env.store.claims_about("ci", [item.number])[item.number]
    founders = [claim.name for claim in claims if claim.founded == item.key]
    return min(founders or [claim.name for claim in claims])


def _named(text: str, held: Iterable[Name], item: ConfigurationItem) -> Name:
    for name in held:
        if f"{name[0]}:{name[1]}" == text:
            return name
    raise NotFound(kind=f"claim of '{item.key}'", name=text)


def _claims(env: Environment, names: Iterable[Name]) -> list[Claim]:
    wanted: dict[str, list[str]] = {}
    for source, key in names:
        wanted.setdefault(source, []).append(key)
    found = [env.store.claims("ci", source, keys) for source, keys in wanted.items()]
    return [group[key] for group in found for key in sorted(group)]
