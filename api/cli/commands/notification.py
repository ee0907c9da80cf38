"""`cmdb notification`: messages that wait or were given up, a test, and what messages say."""

from typing import Annotated

import typer

from api.cli import notification_templates, output, session
from api.cli.words import language, say, wrong
from cmdb.errors import UnknownName
from cmdb.services import delivery, outbox
from cmdb.services.actor import Actor
from cmdb.services.environment import Environment

group = typer.Typer(help="List, retry and discard messages, send a test, and change the words.")
group.add_typer(notification_templates.group, name="template")

COLUMNS = ("state", "channel", "recipient", "template", "about", "attempts", "due", "error")

Numbers = Annotated[
    list[str] | None, typer.Argument(metavar="[NUMBER]…", help="As `list` has them.")
]
StateOption = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="Only pending, or only dead ones.")
]


@group.command("list")
def list_(
    state: StateOption = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show what was given up, then what waits; what was delivered is in the log."""
    with session.environment(store) as env:
        found = outbox.list_notifications(session.actor(), env, _state(state))
    rows = [one.content() for one in found]
    if form is session.Form.json:
        output.put_json({"notifications": rows})
        return 0
    said = ("state", "channel")
    cells = [
        (row["id"], *(say(row[n]) if n in said else str(row[n] or "") for n in COLUMNS))
        for row in rows
    ]
    output.put_rich(output.table(("number", *COLUMNS), cells))
    return 0


@group.command()
def retry(
    numbers: Numbers = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was given up.")] = False,
    store: session.StoreOption = None,
) -> int:
    """Let messages be tried again at once, and as often as new ones."""
    with session.environment(store) as env:
        actor = session.actor()
        for number in _chosen(actor, env, numbers, everything):
            outbox.retry(actor, env, number)
            output.note(say("message {number} will be tried again", number=number))
    return 0


@group.command()
def discard(
    numbers: Numbers = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was given up.")] = False,
    store: session.StoreOption = None,
) -> int:
    """Drop messages without delivering them; they stay in the log."""
    with session.environment(store) as env:
        actor = session.actor()
        for number in _chosen(actor, env, numbers, everything):
            outbox.discard(actor, env, number)
            output.note(say("message {number} is discarded", number=number))
    return 0


@group.command("test")
def send_test(
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="By mail to this address.")
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="NAME", help="By the webhook of this name.")
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Send a test message at once; what is wrong is told."""
    from cmdb.bootstrap import open_senders

    if (email is None) == (webhook is None):
        raise wrong("test", "give either --email or --webhook")
    with session.environment(store) as env:
        senders = open_senders()
        if email is not None:
            delivery.send_test(session.actor(), env, senders, "email", email, language())
        elif webhook is not None:
            delivery.send_test(session.actor(), env, senders, "webhook", webhook, language())
    output.note(say("the test message is sent"))
    return 0


def _chosen(
    actor: Actor, env: Environment, numbers: list[str] | None, everything: bool
) -> list[str]:
    """The messages that were named, or all that were given up."""
    if bool(numbers) == everything:
        raise wrong("command line", "name the messages by their numbers, or give --all")
    dead = outbox.list_notifications(actor, env, "dead") if everything else []
    return numbers or [one.message.id for one in dead]


def _state(text: str | None) -> outbox.State | None:
    for known in outbox.KINDS:
        if text == known:
            return known
    if text is not None:
        raise UnknownName(place="--state", kind="state", name=text, known=outbox.KINDS)
    return None
