"""`cmdb webhook`: who is called when something happens."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, session
from api.cli.words import say
from cmdb.services import webhooks
from discovery import documents

group = typer.Typer(help="Add, list and remove webhooks: who is called when something happens.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the webhook.")]


@group.command()
def add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="https, or http to this machine.")],
    event: Annotated[
        list[str] | None,
        typer.Option(metavar="EVENT", help="Only this event, such as major_incident; repeatable."),
    ] = None,
    plain_http: Annotated[
        bool, typer.Option("--plain-http", help="Allow http to other machines.")
    ] = False,
    secret_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file with the secret, where the receiver gives it."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Declare a webhook, or replace it; the secret of a new one is printed once."""
    secret = None if secret_file is None else documents.text(secret_file).strip()
    with session.environment(store) as env:
        made = webhooks.put_target(
            session.actor(),
            env,
            name,
            url,
            events=event or (),
            plain_http=plain_http,
            secret=secret,
        )
    output.put_secret(made)
    output.note(say("webhook {name} is declared", name=name))
    return 0


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show the webhooks, and nothing secret."""
    with session.environment(store) as env:
        found = [one.content() for one in webhooks.list_targets(session.actor(), env)]
    if form is session.Form.json:
        output.put_json({"webhooks": found})
        return 0
    cells = [(one["name"], one["url"], ", ".join(one["events"]) or say("all")) for one in found]
    output.put_rich(output.table(("name", "url", "events"), cells))
    return 0


@group.command()
def remove(name: Name, store: session.StoreOption = None) -> int:
    """Call a webhook no more."""
    with session.environment(store) as env:
        webhooks.delete_target(session.actor(), env, name)
    output.note(say("webhook {name} is removed", name=name))
    return 0
