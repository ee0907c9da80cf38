"""`cmdb ticket config`: what an administrator configures for tickets."""

from typing import Annotated, Any

import typer

from api.cli import output, session
from api.cli.words import say, wrong
from cmdb.services import ticket_configuration as configuration
from cmdb.services.ticket_configuration import Kept
from cmdb.tickets.configuration.kinds import ALL, PROCESS, SINGLE, SINGLES, form_of, known_kind
from discovery import documents

group = typer.Typer(help="List, show, put and remove settings of tickets.")

Kind = Annotated[str, typer.Argument(metavar="KIND", help="`list` without one shows all kinds.")]
Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Its name; not needed where there is one.")
]


@group.command("list")
def list_(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="Only of this kind; none: all.")
    ] = None,
    form: session.FormOption = session.Form.table,
    store: session.StoreOption = None,
) -> int:
    """Show what is in force: defaults, and an administrator's own."""
    kinds = ALL if kind is None else (known_kind(kind, "KIND"),)
    with session.environment(store) as env:
        actor = session.actor()
        found = [kept for one in kinds for kept in configuration.list_settings(actor, env, one)]
    if form is session.Form.json:
        output.put_json({"settings": [_content(one) for one in found]})
    else:
        rows = [(one.kind, one.name, say("own") if one.own else say("default")) for one in found]
        output.put_rich(output.table(("kind of setting", "name", "origin"), rows))
    return 0


@group.command()
def show(kind: Kind, name: Name = None, store: session.StoreOption = None) -> int:
    """Show a setting, as JSON that `put` takes."""
    with session.environment(store) as env:
        kept = configuration.get_setting(session.actor(), env, kind, _named(kind, name))
    output.put_json(_said(kept), indent=True)
    return 0


@group.command()
def schema(kind: Kind) -> int:
    """Show the form of a kind of settings, as JSON Schema."""
    output.put_json(form_of(known_kind(kind, "KIND")).model_json_schema(), indent=True)
    return 0


@group.command()
def put(
    kind: Kind,
    path: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON or YAML: one setting, or a list of them.")
    ],
    store: session.StoreOption = None,
) -> int:
    """Set what has the names in the file, each in place of its default, if any."""
    field = "kind" if known_kind(kind, "KIND") == PROCESS else "name"
    read = documents.load(path)
    listed = read if isinstance(read, list) else [read]
    for one in listed:
        if not isinstance(one, dict):
            raise wrong(path, "a setting must be an object")
        if kind in SINGLES:
            one.setdefault(field, SINGLE)
        if not isinstance(one.get(field), str):
            raise wrong(path, "a setting must have a '{field}'", field=field)
    with session.environment(store) as env:
        for one in listed:
            kept = configuration.put_setting(session.actor(), env, kind, one[field], one)
            output.note(say("{kind} {name} is set", kind=kind, name=kept.name))
    return 0


@group.command()
def remove(kind: Kind, name: Name = None, store: session.StoreOption = None) -> int:
    """Remove a setting of one's own; the default of its name, if any, is in force again."""
    named = _named(kind, name)
    with session.environment(store) as env:
        left = configuration.remove_setting(session.actor(), env, kind, named)
    text = "{kind} {name} is removed" if left is None else "{kind} {name} is the default again"
    output.note(say(text, kind=kind, name=named))
    return 0


def _named(kind: str, name: str | None) -> str:
    """The name, which may be left out where there is one setting of a kind."""
    known_kind(kind, "KIND")
    if name is None and kind not in SINGLES:
        raise wrong("NAME", "name one; 'cmdb ticket config list {kind}' lists them", kind=kind)
    return name or SINGLE


def _said(kept: Kept) -> dict[str, Any]:
    return {"kind" if kept.kind == PROCESS else "name": kept.name, **kept.body()}


def _content(kept: Kept) -> dict[str, Any]:
    said = {"kind": kept.kind, "name": kept.name, "own": kept.own, "version": kept.version}
    return {**said, "setting": kept.body()}
