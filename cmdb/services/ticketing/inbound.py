"""What external systems tell us of their tickets, applied to ours: signed, in order, and once.

What cannot be done by our rules is written on the ticket and told in the answer. The answer is kept
with the commit, so that who repeats a call gets it again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from cmdb.errors import CMDBError, MissingField, NotFound, UnreadableInput, WrongValue, shown
from cmdb.history.log import Commit
from cmdb.messages.signatures import BadSignature, claimed, verify
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.external_systems import SYSTEMS, System
from cmdb.services.numbers import refuse
from cmdb.services.ports import Receipt
from cmdb.services.receipts import earlier_commit
from cmdb.services.ticketing import inform, unmatched
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.editing import prioritised, tell_of
from cmdb.services.ticketing.facts import facts_of
from cmdb.services.ticketing.links import (
    KIND,
    LinkedAlready,
    found_items,
    fresh,
    keep_link,
    link_to,
    tied,
)
from cmdb.services.ticketing.opening import Opening, opened_by
from cmdb.services.ticketing.steps import advance, settle
from cmdb.services.ticketing.targets import aimed
from cmdb.services.ticketing.values import check_template
from cmdb.services.ticketing.values import fields_of as keyed
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.foreign import Comment, ForeignTicket, Link
from cmdb.tickets.paths import reached, way_to
from cmdb.tickets.ticket import Ticket, edited, moved
from cmdb.tickets.translation import fields_of, translated

PLACE = "event"
OLDER = "a later word on this ticket was applied before"


def expected_of(env: Environment, name: str, headers: Mapping[str, str]) -> System:
    """The system that a call says it is from, before its body is read; BadSignature."""
    claimed(headers, env.clock())
    system = SYSTEMS.find(env, name)
    if system is None:
        raise BadSignature(detail="no signature fits the secret and the body")
    return system


def receive(env: Environment, name: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Apply an event that an external system has signed; gives the answer. BadSignature."""
    system = expected_of(env, name, headers)
    verified = verify(system.secret, headers, body, env.clock())
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableInput(place=PLACE, detail=f"it is not JSON: {error.msg}") from None
    if not isinstance(event, dict):
        raise WrongValue(place=PLACE, name="it", value=shown(event), expected="an object")
    receipt = Receipt(verified.id, hashlib.sha256(body).hexdigest())
    return take_event(system.actor, env, system, event, receipt)


@authorised(Permission.TICKETS)
def take_event(
    actor: Actor, env: Environment, system: System, event: Mapping[str, Any], receipt: Receipt
) -> dict[str, Any]:
    """Apply an event as the system; the same receipt again gives the same answer."""

    def do(work: Work) -> dict[str, Any]:
        earlier = earlier_commit(actor, env, receipt)
        if earlier is not None:
            return answer_of(earlier)
        return _Event(work, system, receipt.key, _said(event)).applied()

    return commit(actor, env, f"event of {system.name}", do, receipt)


def answer_of(made: Commit) -> dict[str, Any]:
    """The answer that the commit of an event keeps."""
    bodies = (one.after for one in made.entries if one.subject.startswith(f"{KIND}:"))
    return dict(next(body["answer"] for body in bodies if body is not None))


def _said(event: Mapping[str, Any]) -> dict[str, Any]:
    """What it says of a ticket: its `data`, as Standard Webhooks has it, or else all of it."""
    data = event.get("data")
    if not isinstance(data, dict):
        return dict(event)
    return {"timestamp": event["timestamp"], **data} if "timestamp" in event else data


class _Event:
    """One event within a commit."""

    def __init__(self, work: Work, system: System, id: str, said: Mapping[str, Any]) -> None:
        self.work, self.system, self.id = work, system, id
        mapping = system.settings.mapping
        self.read: ForeignTicket = translated(mapping, work.settings.processes, said, PLACE)
        self.at = self.read.times.get("updated")
        if self.read.version is None and self.at is None:
            raise MissingField(place=PLACE, name="updated")
        self.link = link_to(work, system.name, self.read.id)
        self.wishes: list[dict[str, str]] = []
        self.lost: list[Comment] = []
        work.origin = (system.name, self.read.id)

    def applied(self) -> dict[str, Any]:
        """Do what it says, and give the answer."""
        link, read, name = self.link, self.read, self.system.name
        head: dict[str, Any] = {"event": self.id, "id": read.id}
        if link is not None and link.older(read.version, self.at):
            answer = {**head, "result": "ignored", "number": link.number, "reason": OLDER}
            keep_link(self.work, name, read.id, replace(link, answer=answer))
            return answer
        keys, unknown = found_items(self.work, read.items, PLACE)
        if self.system.settings.mapping.strict:
            refuse([error for _, error in unknown])
        ticket = self._known()
        number = self._opened(keys) if ticket is None else self._changed(ticket, keys)
        self._go_on(number)
        taken = self._note(number)
        settle(self.work, number)
        after = self.work.ticket(number)
        open_references = unmatched.keep(self.work, name, read.id, number, read.items, unknown)
        answer = {
            **head,
            "result": "created" if ticket is None else "updated",
            "number": number,
            "state": after.state,
            "wishes": self.wishes,
            "unmatched": open_references,
        }
        before = link or Link(number)
        version = before.version if read.version is None else read.version
        at = before.at if self.at is None else self.at
        done = {n: v for n, v in read.values.items() if after.fields.get(n) == v}
        told = before.said.and_then(done, after.state if read.state else "", keys)
        made = Link(number, version, at, (*before.taken, *taken), answer, told)
        keep_link(self.work, name, read.id, made)
        return answer

    def _known(self) -> Ticket | None:
        """Our ticket: that of its number there, or of the number that it says we have for it."""
        if self.link is not None:
            return self.work.ticket(self.link.number)
        if not self.read.ticket:
            return None
        ticket = self.work.load([self.read.ticket]).get(self.read.ticket)
        if ticket is None:
            raise NotFound(kind="ticket", name=self.read.ticket)
        name = self.system.name
        other = ticket.foreign.get(name, self.read.id)
        if other != self.read.id:
            raise LinkedAlready(kind=f"ticket of {name}", name=other, number=ticket.number)
        return self.work.put(replace(ticket, foreign={**ticket.foreign, name: self.read.id}))

    def _opened(self, keys: list[str]) -> str:
        work, read = self.work, self.read
        process = work.settings.processes[read.kind]
        values = self._people_known(fields_of(process), dict(read.values))
        items = [{"key": key} for key in dict.fromkeys(keys)]
        opening = Opening(read.kind, values, items, foreign={self.system.name: read.id})
        return opened_by(work, opening).number

    def _changed(self, before: Ticket, keys: list[str]) -> str:
        """Change the fields that differ; what our rules do not allow is a wish."""
        work, process = self.work, self.work.process(before)
        said = {n: v for n, v in self.read.values.items() if before.fields.get(n) != v}
        given = self._people_known(fields_of(process), said)
        ticket = tied(before, keys)
        try:
            if given or ticket != before:
                given = keyed(work, process, given, before.number)
                changed = edited(process, ticket, given, roles_in(work.actor, before))
                check_template(work, changed, given)
                ticket = aimed(work, prioritised(work, before, changed, given))
        except CMDBError as error:
            self._wish(f"change {', '.join(sorted(given)) or 'CIs'}", error)
            return before.number
        if ticket != before:
            work.put(ticket)
            tell_of(work, before, ticket)
        return before.number

    def _people_known(self, fields: Any, values: dict[str, Any]) -> dict[str, Any]:
        """The values without people and teams that nobody has here; these are written down."""
        known = {
            "person": {one.name for one in self.work.people.values() if one.active},
            "team": self.work.teams,
        }
        for one in fields:
            value = values.get(one.name)
            for name in value if isinstance(value, list) else [value]:
                if value is not None and one.type in known and name not in known[one.type]:
                    values.pop(one.name, None)
                    self.lost.append(Comment(f"{one.label} there: {name}", id=f"{one.name} {name}"))
        return values

    def _go_on(self, number: str) -> None:
        """Take the steps that lead to its state there, as far as they can be taken."""
        work, wanted = self.work, self.read.state
        barred: set[tuple[str, str]] = set()
        entered: set[str] = set()
        why = CMDBError(detail="no step that it may take leads there")
        while wanted:
            ticket = work.ticket(number)
            process, state = work.process(ticket), ticket.state
            if reached(process, state, wanted):
                return
            entered.add(state)
            roles = roles_in(work.actor, ticket)
            way = way_to(process, state, wanted, roles, barred, entered)
            if not way:
                self._wish(f"be {wanted}", why)
                return
            try:
                moved(process, ticket, way[0].name, {}, roles, facts_of(work, ticket), work.at)
            except CMDBError as error:
                barred.add((state, way[0].name))
                why = error
            else:
                advance(work, ticket, way[0].name, {}, roles)

    def _wish(self, wish: str, error: CMDBError) -> None:
        self.wishes.append({"wish": wish, "reason": str(error)})
        text = f"{self.system.name} wants it to {wish}; not done: {error}"
        self.lost.append(Comment(text, id=text))

    def _note(self, number: str) -> list[str]:
        """Write down its comments, and what could not be done; gives the digests of what it was."""
        written = fresh(self.link, [*self.read.comments, *self.lost])
        ticket = self.work.ticket(number)
        for one in written:
            text = one.words()
            self.work.note(number, text, public=one.public)
            if one.public:
                names = [*inform.followers(ticket), *inform.workers(self.work, ticket)]
                inform.tell(self.work, "comment_added", ticket, names, text=text)
                inform.announce(self.work, "comment_added", ticket, text=text, by=self.work.who)
        return [one.digest for one in written]
