"""Sources and precedences: declared by an administrator, and everything concluded anew by them."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cmdb.errors import Conflict, InvalidInput, NotFound
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.identity.claims import MANUAL, NOBODY, Claim
from cmdb.identity.conclusion import Rules, faded
from cmdb.identity.plan import Run
from cmdb.identity.planner import Planner
from cmdb.schema.sources import (
    PRECEDENCE,
    SOURCE,
    Precedence,
    Source,
    Sources,
    precedence_from_dict,
    source_from_dict,
    source_to_dict,
)
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.planning import commit_plan, rules_of
from cmdb.services.ports import ItemQuery, Receipt, Signature
from cmdb.services.runs import take_back

PAGE = 5000
WITHDRAWAL = "withdrawal"
"""The kind of document that says in which run a source was withdrawn."""


@authorised(Permission.READ)
def get_sources(actor: Actor, env: Environment) -> Sources:
    """All declared sources and precedences."""
    return env.sources()


@authorised(Permission.ADMINISTER)
def put_source(
    actor: Actor, env: Environment, data: dict[str, Any], receipt: Receipt | None = None
) -> Source:
    """Declare a source, or change it; all it says is weighed anew in the same commit."""
    source = source_from_dict(data)
    run = f"source-{source.name}-{secrets.token_hex(6)}" if source.withdrawn else ""

    def say(planner: Planner) -> None:
        _document(planner, env, SOURCE, source.name, source_to_dict(source))
        withdrawal = env.store.document(WITHDRAWAL, source.name)
        if source.withdrawn and withdrawal is None:
            planner.document(None, Document(WITHDRAWAL, source.name, {"run": run}))
        elif withdrawal is not None and not source.withdrawn:
            planner.document(withdrawal, None)
            take_back(planner, env, withdrawal.body["run"])
        planner.reconsider(c.name for c in _claims_of(env, "ci", source.name))
        planner.relations.reconsider(_claims_of(env, "relation", source.name))

    def amend(rules: Rules) -> Rules:
        known = rules.sources
        declared = [one for one in known.declared.values() if one.name != source.name]
        return replace(rules, sources=Sources([*declared, source], known.precedences.values()))

    _commit(actor, env, f"declared source {source.name}", say, amend, receipt, run)
    return source


@authorised(Permission.OBSERVE)
def declare_like(actor: Actor, env: Environment, name: str, like: str) -> None:
    """Let a source that nobody declared be like a built-in one, such as in what its keys mean."""
    known = env.sources()
    if name in known.declared or like not in known.declared:
        return
    change = Change(None, Document(SOURCE, name, source_to_dict(replace(known[like], name=name))))
    signature = Signature(actor.name, env.clock(), f"declared source {name} like {like}")
    with suppress(Conflict):  # somebody else declared it meanwhile
        env.store.commit(ChangeSet(documents=[change]), signature)


@authorised(Permission.ADMINISTER)
def withdraw_source(actor: Actor, env: Environment, name: str, withdrawn: bool = True) -> Source:
    """Let nothing a source said count, or (`withdrawn` False) let it count again."""
    known = env.sources()
    if name not in known.declared and not _has_spoken(env, name):
        raise NotFound(kind="source", name=name)
    if name == MANUAL:
        detail = "what people said by hand is not withdrawn as a whole; release values instead"
        raise InvalidInput(place="source 'manual'", detail=detail)
    source = replace(known[name], withdrawn=withdrawn)
    return put_source(actor, env, source_to_dict(source))


@authorised(Permission.ADMINISTER)
def put_precedence(
    actor: Actor, env: Environment, data: dict[str, Any], receipt: Receipt | None = None
) -> Precedence:
    """Say which sources win for an attribute of a type; no sources at all takes it back."""
    precedence = precedence_from_dict(data, env.catalog())
    types = env.catalog().below(precedence.type)
    body = {
        "type": precedence.type,
        "attribute": precedence.attribute,
        "sources": list(precedence.sources),
    }

    def say(planner: Planner) -> None:
        _document(planner, env, PRECEDENCE, precedence.name, body if precedence.sources else None)
        for claims in _contested(env, types):
            planner.reconclude(claim.name for claim in claims)

    def amend(rules: Rules) -> Rules:
        known = rules.sources
        others = [one for one in known.precedences.values() if one.name != precedence.name]
        kept = [*others, precedence] if precedence.sources else others
        return replace(rules, sources=Sources(known.declared.values(), kept))

    _commit(actor, env, f"declared precedence {precedence.name}", say, amend, receipt)
    return precedence


@authorised(Permission.WRITE)
def settle(actor: Actor, env: Environment) -> int:
    """Conclude anew what time alone changes: values that lapsed, relations that faded.

    Gives how many CIs and relations changed. Everything else is concluded as it is heard.
    """
    changed = 0
    for claims in _contested(env, None):
        changed += _settle(
            actor,
            env,
            lambda planner, c=claims: planner.reconclude(  # type: ignore[misc]
                one.name for one in c
            ),
        )
    rules = rules_of(env, env.clock())
    for name, source in rules.sources.declared.items():
        if source.fades is not None:
            late = [
                claim
                for claim in env.store.claims_of("relation", name)
                if faded(claim, rules) and claim.subject != NOBODY
            ]
            changed += _settle(actor, env, lambda planner, c=late: planner.relations.reconsider(c))  # type: ignore[misc]
    return changed


def _settle(actor: Actor, env: Environment, say: Callable[[Planner], None]) -> int:
    now = env.clock()
    signature = Signature(actor.name, now, "settled what time changes")
    plan, _ = commit_plan(env, Run("", "", now), signature, say)
    return len(plan.changes.items) + len(plan.changes.relations)


def _commit(
    actor: Actor,
    env: Environment,
    reason: str,
    say: Callable[[Planner], None],
    amend: Callable[[Rules], Rules],
    receipt: Receipt | None,
    run: str = "",
) -> None:
    now = env.clock()
    signature = Signature(actor.name, now, reason, run, receipt)
    commit_plan(env, Run("", "", now), signature, say, amend=amend)


def _document(
    planner: Planner, env: Environment, kind: str, name: str, body: dict[str, Any] | None
) -> None:
    before = env.store.document(kind, name)
    if before is None and body is None:
        raise NotFound(kind=kind, name=name)
    after = None if body is None else Document(kind, name, body)
    if before != after:
        planner.document(before, after)


def _claims_of(env: Environment, kind: Any, source: str) -> Iterable[Claim]:
    return list(env.store.claims_of(kind, source))


def _has_spoken(env: Environment, name: str) -> bool:
    """Whether a source has any claim."""
    return any(True for _ in env.store.claims_of("ci", name)) or any(
        True for _ in env.store.claims_of("relation", name)
    )


def _contested(env: Environment, types: frozenset[str] | None) -> Iterator[list[Claim]]:
    """The claims on CIs of which several sources speak, some CIs at a time."""
    query = ItemQuery(types=types, limit=PAGE)
    while page := env.store.find_items(query):
        several = env.store.contested([item.number for item in page])
        about = env.store.claims_about("ci", several)
        yield [claim for group in about.values() for claim in group]
        query = replace(query, after=(page[-1].key, page[-1].key))
