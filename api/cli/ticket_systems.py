"""`cmdb ticket system`: external ticket systems."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say, wrong
from cmdb.services import external_systems as systems
from cmdb.services.ticketing import unmatched
from discovery import documents

group = typer.Typer(help="Declare external ticket systems; see which of their CIs are unknown.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the system.")]


@group.command()
def put(
    name: Name,
    path: Annotated[
        str,
        typer.Argument(metavar="FILE", help="JSON or YAML: {mapping, target, events, …}."),
    ],
    secret_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file with the secret that it signs with."),
    ] = None,
    store: session.StoreOption = None,
) -> int:
    """Declare a system, or replace it; the secret of a new one is printed once."""
    values: Any = documents.load(path)
    if not isinstance(values, dict):
        raise wrong(path, "it must be an object")
    secret = None if secret_file is None else documents.text(secret_file).strip()
    with session.environment(store) as env:
        made = systems.put_system(session.actor(), env, name, values, secret=secret)
    output.put_secret(made)
    output.note(say("external system {name} is declared", name=name))
    return 0


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show the systems, and nothing secret."""
    with session.environment(store) as env:
        found = [one.content() for one in systems.list_systems(session.actor(), env)]
    if form is session.Form.json:
        output.put_json({"systems": found})
        return 0
    cells = [(one["name"], one["target"], ", ".join(one["events"])) for one in found]
    output.put_rich(output.table(("name", "webhook", "events"), cells))
    return 0


@group.command()
def show(name: Name, store: session.StoreOption = None) -> int:
    """Show a system, as JSON, and nothing secret."""
    with session.environment(store) as env:
        output.put_json(systems.get_system(session.actor(), env, name).content(), indent=True)
    return 0


@group.command()
def remove(name: Name, store: session.StoreOption = None) -> int:
    """Take nothing more from a system, and tell it nothing; its tickets stay."""
    with session.environment(store) as env:
        systems.remove_system(session.actor(), env, name)
    output.note(say("external system {name} is removed", name=name))
    return 0


@group.command("unmatched")
def unmatched_(
    name: Name,
    tie: Annotated[
        bool, typer.Option("--tie", help="First tie tickets to the CIs that are known by now.")
    ] = False,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show the CIs that it names and nobody knows here."""
    with session.environment(store) as env:
        if tie:
            found = unmatched.tie_unmatched(session.actor(), env, name)
            output.note(say("{count} found", count=found))
        rows = unmatched.list_unmatched(session.actor(), env, name)
    if form is session.Form.json:
        output.put_json({"unmatched": rows})
        return 0
    columns = ("number", "id", "reference", "why", "at")
    cells = [tuple(row[name] for name in columns) for row in rows]
    output.put_rich(output.table(("number", "elsewhere", "reference", "why", "since"), cells))
    return 0
