"""Decisions of people about identity."""

from typing import Annotated, Any

from fastapi import Path, Response

from api import identity
from api.http import paging
from api.http.calls import (
    Call,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
    etag_of,
    expect,
)
from api.http.models.common import Page
from api.http.models.decisions import DecisionForm, DecisionRow
from api.http.routing import READING, REMOVING, SHOWING, WRITING, router_at
from cmdb.errors import CMDBError, InvalidInput, NotFound, Rejected
from cmdb.history.log import Commit
from cmdb.identity.decisions import Decision, decision_of
from cmdb.services import decisions
from cmdb.services.planning import DECISION
from cmdb.services.ports import Receipt
from cmdb.services.versioned import version_of

router = router_at("/decisions", "identity")

Id = Annotated[str, Path(description="`id` of the decision.")]
MANY = 1 << 30
TAKES: dict[str, dict[str, tuple[int, int]]] = {
    "merge": {"cis": (2, MANY)},
    "split": {"cis": (1, 1), "claims": (1, MANY)},
    "pin": {"cis": (1, 1), "claims": (1, 1)},
    "ignore": {"claims": (0, MANY), "review": (0, 1)},
}
"""What each kind of decision takes: at least and at most how many."""


@router.get("", summary="List decisions", response_model=Page[DecisionRow], responses=READING)
def list_decisions(
    call: Caller,
    limit: paging.Limit = 100,
    cursor: paging.Cursor = None,
) -> Response:
    """One page of the decisions in force, by id."""
    found = decisions.list_decisions(call.actor, call.env)
    rows, following = paging.page("decisions", found, lambda one: (one.id,), (str,), limit, cursor)
    content = {"items": [identity.decision(one) for one in rows], "next": following}
    return call.answer(content, headers=paging.link(call.request, following))


@router.post("", summary="Decide", status_code=201, response_model=DecisionRow, responses=WRITING)
def decide(call: Caller, body: DecisionForm, key: IdempotencyKey = None) -> Response:
    """Merge, split, pin or ignore: it holds whatever is observed later, until it is undone."""
    _check(body)
    made = call.once(key, body, lambda receipt: _decide(call, body, receipt), _decided)
    path = call.request.url.path.rstrip("/")
    return _answer(call, made, 201, {"Location": f"{path}/{made.id}"})


@router.get(
    "/{id}",
    summary="Show a decision",
    response_model=DecisionRow,
    responses=SHOWING,
)
def show_decision(call: Caller, id: Id, known: IfNoneMatch = None) -> Response:
    """One decision in force."""
    return _answer(call, _find(call, id), 200, {})


@router.delete("/{id}", summary="Undo a decision", **REMOVING)
def undo_decision(
    call: Caller, id: Id, key: IdempotencyKey = None, version: IfMatch = None
) -> Response:
    """Take a decision back: everything is concluded as if it had not been made."""

    def act(receipt: Receipt | None) -> None:
        if version is not None:
            expect("decision", id, identity.decision(_find(call, id)), version)
        decisions.undo_decision(call.actor, call.env, id, receipt)

    return call.remove_once(key, act)


def _check(body: DecisionForm) -> None:
    """Refuse what a decision of this kind does not take, or lacks."""
    errors: list[CMDBError] = []
    given = {"cis": len(body.cis), "claims": len(body.claims), "review": int(bool(body.review))}
    for name, count in given.items():
        least, most = TAKES[body.kind].get(name, (0, 0))
        if count > 0 == most:
            errors.append(InvalidInput(place=name, detail="a decision of this kind has none"))
        elif count > most:
            errors.append(InvalidInput(place=name, detail="give one only"))
        elif count < least:
            detail = "give at least two" if least == 2 else "give at least one"
            errors.append(InvalidInput(place=name, detail=detail))
    if errors:
        raise Rejected(errors)


def _decide(call: Call, body: DecisionForm, receipt: Receipt | None) -> Decision:
    who = (call.actor, call.env)
    if body.kind == "merge":
        return decisions.merge(*who, body.cis, body.reason, receipt)
    if body.kind == "split":
        return decisions.split(*who, body.cis[0], body.claims, body.reason, receipt)
    if body.kind == "pin":
        return decisions.pin(*who, body.claims[0], body.cis[0], body.reason, receipt)
    return decisions.ignore(
        *who, review=body.review, claims=body.claims, reason=body.reason, receipt=receipt
    )


def _decided(commit: Commit) -> Decision:
    """The decision that a commit recorded."""
    return next(
        decision_of(entry.subject.partition(":")[2], entry.after)
        for entry in commit.entries
        if entry.kind == "document"
        and entry.subject.startswith(f"{DECISION}:")
        and entry.after is not None
    )


def _find(call: Call, id: str) -> Decision:
    for one in decisions.list_decisions(call.actor, call.env):
        if one.id == id:
            return one
    raise NotFound(kind="decision", name=id)


def _answer(call: Call, one: Decision, status: int, headers: dict[str, Any]) -> Response:
    content = identity.decision(one)
    return call.answer(content, status=status, etag=etag_of(version_of(content)), headers=headers)
