"""Files on tickets: taken only in known forms, kept as they are, and given out as nothing else."""

import hashlib
import re
import unicodedata
from dataclasses import replace

from cmdb.errors import InvalidInput, NotFound, Rejected
from cmdb.identity.changes import Content
from cmdb.services.actor import Actor, Permission, authorised
from cmdb.services.environment import Environment
from cmdb.services.ports import Receipt
from cmdb.services.ticketing.access import roles_in
from cmdb.services.ticketing.finding import current, get_ticket
from cmdb.services.ticketing.work import Work, commit
from cmdb.tickets.configuration.attachments import refused
from cmdb.tickets.media import detected, fits
from cmdb.tickets.parts import Attachment
from cmdb.tickets.ticket import Ticket

MOST_NAME = 200
STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of characters that nobody sees, or that steer the lines and direction of text."""

UNSAFE = re.compile(r"[\\/:*?\"<>|\x00-\x1f\x7f]")


@authorised(Permission.REQUEST)
def attach(
    actor: Actor,
    env: Environment,
    number: str,
    name: str,
    media_type: str,
    data: bytes,
    receipt: Receipt | None = None,
) -> Ticket:
    """Attach a file. Its bytes must be what its media type and name say; Rejected otherwise."""

    def do(work: Work) -> None:
        ticket = work.seen(number)
        limits, said = work.settings.attachment_limits, media_type.partition(";")[0].strip().lower()
        shown = safe_name(name)
        errors = refused(limits, shown, said, len(data), len(ticket.attachments))
        if not data:
            errors.append(InvalidInput(place=shown, detail="it is empty; attach what has content"))
        if not errors and not fits(said, shown, data):
            found = detected(data) or "something else"
            detail = f"it says that it is {said}, but is {found}; attach it as what it is"
            errors.append(InvalidInput(place=shown, detail=detail))
        if errors:
            raise Rejected(errors)
        digest = hashlib.sha256(data).hexdigest()
        last = max((one.id for one in ticket.attachments), default=0)
        made = Attachment(last + 1, shown, said, len(data), digest, work.who, work.at)
        work.contents.append(Content(digest, data))
        work.put(replace(ticket, attachments=(*ticket.attachments, made)))

    commit(actor, env, f"{number}: attached a file", do, receipt)
    return current(env, number)


@authorised(Permission.REQUEST)
def attachment(actor: Actor, env: Environment, number: str, id: int) -> tuple[Attachment, bytes]:
    """A file of a ticket with its bytes; NotFound."""
    ticket = get_ticket(actor, env, number)
    for one in ticket.attachments:
        if one.id == id:
            data = env.store.tickets.content(one.digest)
            if data is not None:
                return one, data
    raise NotFound(kind="attachment", name=f"{number} {id}")


@authorised(Permission.REQUEST)
def detach(
    actor: Actor,
    env: Environment,
    number: str,
    id: int,
    receipt: Receipt | None = None,
    *,
    expected: int | None = None,
) -> Ticket:
    """Take a file off a ticket: by who attached it, or who may edit the ticket."""

    def do(work: Work) -> None:
        ticket = work.seen(number, expected)
        known = [one for one in ticket.attachments if one.id == id]
        if not known:
            raise NotFound(kind="attachment", name=f"{number} {id}")
        editing = work.process(ticket).editing
        if known[0].by != work.who and editing.isdisjoint(roles_in(actor, ticket)):
            raise NotFound(kind="attachment", name=f"{number} {id}")
        rest = tuple(one for one in ticket.attachments if one.id != id)
        work.put(replace(ticket, attachments=rest))

    commit(actor, env, f"{number}: took a file off", do, receipt)
    return current(env, number)


def safe_name(name: str) -> str:
    """A file name without folders, control characters, and what steers the direction of text."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    kept = "".join(sign for sign in name if unicodedata.category(sign) not in STEERING)
    return UNSAFE.sub("_", kept).strip(" .")[:MOST_NAME] or "file"
