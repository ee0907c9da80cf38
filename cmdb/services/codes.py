"""Codes: the next ones of a type are given once and for ever.

A counter is a document, and so is every code that was given: one commit raises the counter and
notes the codes, planned while nobody else can commit. So no code is given twice, not by another
rule either, and the log says who asked for it and why.
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cmdb.errors import CMDBError, Forbidden, NoCodeRule, WrongValue, shown
from cmdb.history.log import Commit
from cmdb.identity.changes import Change, ChangeSet, Document
from cmdb.identity.codes import Code, code_of, form_errors
from cmdb.identity.observation import ObservedItem
from cmdb.schema.codes import CodeRule
from cmdb.schema.model import Catalog
from cmdb.services.actor import EVERYTHING, Actor, Permission, authorised
from cmdb.services.carriers import Carriers, every_item
from cmdb.services.code_check import has_rules, in_use
from cmdb.services.environment import Environment
from cmdb.services.items import list_items
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt, Signature

COUNTER, CODE = "counter", "code"
MOST = 1000
"""Codes given at once at most."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter of a code rule: what it counts within, and the last number it gave."""

    name: str
    last: int


@dataclass(frozen=True, slots=True)
class RuleView:
    """The code rule of a type: which type declares it, and its counters."""

    rule: CodeRule
    declared_by: str
    counters: list[Counter]


@authorised(Permission.WRITE)
def give_codes(
    actor: Actor,
    env: Environment,
    type_name: str,
    values: Mapping[str, Any],
    count: int = 1,
    receipt: Receipt | None = None,
    *,
    reason: str = "",
) -> list[str]:
    """The next codes of a type for attribute `values`; they are never given again.

    Codes that CIs carry are passed over. Raises all that is wrong with the values; NumbersUsedUp,
    and gives none, when a number would be wider than the rule allows.
    """
    catalog = env.catalog()
    rule = _rule(catalog, type_name)
    parts = _parts(catalog, rule, type_name, values, count)
    if not actor.scope.covers(catalog.ancestors[type_name], values.get("site")):
        raise Forbidden(
            actor=actor.name,
            permission=f"write {type_name}, outside its scope",
            roles="one with a wider scope",
        )
    name, owner = rule.counter(parts), catalog.code_owners[type_name]
    carriers = Carriers(env.store, catalog)

    def plan() -> ChangeSet:
        known = env.store.document(COUNTER, name)
        last = 0 if known is None else known.body["last"]
        free = _codes_after(last, rule, parts, f"type {type_name}")
        free = (one for one in free if not carriers.of(one[1]) and not _given(env, one[1]))
        given = list(itertools.islice(free, count))
        counter = Document(COUNTER, name, {"type": owner, "last": given[-1][0]})
        notes = [Document(CODE, c.name, {"type": type_name, "code": c.text}) for _, c in given]
        return ChangeSet(documents=[Change(known, counter), *(Change(None, n) for n in notes)])

    words = f"gave codes of {type_name}: {count}" + (f"; {reason}" if reason else "")
    signature = Signature(actor.name, env.clock(), words, receipt=receipt)
    plan()  # so that what takes long is read before others have to wait
    done = env.store.commit_planned(plan, signature)
    assert done is not None  # noqa: S101 - a counter is always raised
    return codes_given(done)


def codes_given(commit: Commit) -> list[str]:
    """The codes that a commit gave, in order."""
    entries = (one for one in commit.entries if one.subject.startswith(f"{CODE}:"))
    return [one.after["code"] for one in entries if one.after is not None]


@authorised(Permission.READ)
def show_rule(actor: Actor, env: Environment, type_name: str) -> RuleView:
    """The code rule of a type; its counters for those who may see all CIs."""
    catalog = env.catalog()
    rule, owner = _rule(catalog, type_name), catalog.code_owners[type_name]
    known = env.store.documents(COUNTER) if actor.scope == EVERYTHING else []
    counters = [
        Counter(one.name.partition(":")[2], one.body["last"])
        for one in known
        if one.body["type"] == owner
    ]
    return RuleView(rule, owner, counters)


def _rule(catalog: Catalog, type_name: str) -> CodeRule:
    catalog.ci_type(type_name, "type")
    if type_name not in catalog.codes:
        raise NoCodeRule(place="type", name=type_name)
    return catalog.codes[type_name]


def _parts(
    catalog: Catalog, rule: CodeRule, type_name: str, values: Mapping[str, Any], count: int
) -> dict[str, str]:
    """The texts of the fields; raises all that is wrong with what was asked for."""
    errors: list[CMDBError] = []
    if not 1 <= count <= MOST:
        expected = f"a whole number from 1 to {MOST}"
        errors.append(
            WrongValue(place="codes", name="count", value=shown(count), expected=expected)
        )
    normal = catalog.check_attributes(type_name, dict(values), "values", errors)
    unfit: list[CMDBError] = []
    parts = rule.parsed.parts(normal, "values", unfit)
    told = values.keys() - normal.keys()  # what is no such attribute is not missing as well
    refuse([*errors, *(one for one in unfit if one.fields["name"] not in told)])
    return parts


def _codes_after(
    last: int, rule: CodeRule, parts: Mapping[str, str], place: str
) -> Iterator[tuple[int, Code]]:
    """The numbers after `last`, with their codes."""
    for number in itertools.count(last + 1):
        yield number, Code(rule.attribute, rule.code(parts, number, place))


def _given(env: Environment, code: Code) -> bool:
    return env.store.document(CODE, code.name) is not None


@authorised(Permission.READ)
def check_carried(actor: Actor, env: Environment, type_name: str | None = None) -> list[CMDBError]:
    """What is wrong with the codes and names that CIs carry, of those the actor may see."""
    catalog = env.catalog()
    if type_name is not None:
        catalog.ci_type(type_name, "type")
    if not has_rules(catalog):
        return []
    checked = catalog.ci_types if type_name is None else catalog.below(type_name)
    errors: list[CMDBError] = []
    holders: dict[Code, list[ObservedItem]] = {}
    for item in every_item(lambda query: list_items(actor, env, query)):
        seen = ObservedItem(item.key, item.type, item.key, item.name, attributes=item.attributes)
        if seen.type in checked:
            errors += form_errors(catalog, seen)
        if (code := code_of(catalog, seen)) is not None:
            holders.setdefault(code, []).append(seen)
    for code, group in holders.items():
        for seen in group if len(group) > 1 else ():
            if seen.type in checked:
                other = next(one.key for one in group if one.key != seen.key)
                errors.append(in_use(seen, code, other))
    return errors
