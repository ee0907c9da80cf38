"""Reviews: identifiers that are disputed, with the evidence side by side and a proposal."""

from dataclasses import dataclass

from cmdb.errors import NotFound
from cmdb.identity.changes import Document
from cmdb.identity.claims import Claim, Name
from cmdb.identity.decisions import Decision
from cmdb.identity.identifiers import BETWEEN, digest, name_digest
from cmdb.identity.planner import REVIEW
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.sight import claims_named, sees_claims


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


@authorised(Permission.READ)
def list_reviews(actor: Actor, env: Environment) -> list[Review]:
    """What waits for somebody's decision and concerns only what the actor may see, oldest first."""
    found = [_review(env, one) for one in env.store.documents(REVIEW)]
    found = [one for one in found if sees_claims(actor, env, concerned(env, one))]
    return sorted(found, key=lambda one: (one.since, one.id))


@authorised(Permission.READ)
def get_review(actor: Actor, env: Environment, id: str) -> tuple[Review, list[Evidence]]:
    """One review with its evidence; NotFound when it is not open, or not for the actor to see."""
    document = env.store.document(REVIEW, id)
    review = None if document is None else _review(env, document)
    if review is None or not sees_claims(actor, env, concerned(env, review)):
        raise NotFound(kind="review", name=id)
    claims = claims_named(env, review.claims)
    items = env.store.items_by_number({claim.subject for claim in claims})
    keys = {number: item.key for number, item in items.items()}
    return review, [Evidence(claim, keys.get(claim.subject)) for claim in claims]


def concerned(env: Environment, one: Review | Decision) -> set[Name]:
    """All claims that a review or decision concerns."""
    names = set(one.claims) | set(one.others if isinstance(one, Decision) else ())
    if one.rule == "alias" and one.value is not None:
        source, _, key = one.value.partition(BETWEEN)
        found = env.store.claims_identified([name_digest((source, key))])
        return names | {(source, key), *(claim.name for claim in found)}
    if one.rule is not None and one.value is not None:
        found = env.store.claims_identified([digest(one.rule, one.value)])
        names |= {claim.name for claim in found}
    return names


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
