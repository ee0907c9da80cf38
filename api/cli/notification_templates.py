"""`cmdb notification template`: what messages say."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say, wrong
from cmdb.services import message_templates
from discovery.documents import load

group = typer.Typer(help="Show what messages say, and let them say something else.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the template.")]


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show the templates, and which have words of yours."""
    with session.environment(store) as env:
        found = message_templates.list_templates(session.actor(), env)
    if form is session.Form.json:
        output.put_json({"templates": found})
        return 0
    cells = [(one["name"], one["en"]["subject"], ", ".join(one["overridden"])) for one in found]
    output.put_rich(output.table(("name", "subject", "overridden"), cells))
    return 0


@group.command()
def show(name: Name, store: session.StoreOption = None) -> int:
    """Print a template as JSON: its words in both languages, and the placeholders it may have."""
    with session.environment(store) as env:
        found = message_templates.get_template(session.actor(), env, name)
    output.put_json(found, indent=True)
    return 0


@group.command("set")
def set_(
    name: Name,
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON or YAML: {en: {subject, text}, zh: …}.")
    ],
    store: session.StoreOption = None,
) -> int:
    """Let a message say something else in one language or both."""
    values: Any = load(path)
    if not isinstance(values, dict):
        raise wrong(str(path), "an object with 'en' or 'zh' is needed")
    with session.environment(store) as env:
        message_templates.override_template(session.actor(), env, name, values)
    output.note(say("template {name} is changed", name=name))
    return 0


@group.command()
def reset(name: Name, store: session.StoreOption = None) -> int:
    """Let a message say again what it said at first."""
    with session.environment(store) as env:
        message_templates.reset_template(session.actor(), env, name)
    output.note(say("template {name} says again what it did", name=name))
    return 0
