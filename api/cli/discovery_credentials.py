"""`cmdb discover credential`: what discovery logs in with; values go in and never come out."""

import sys
from typing import Annotated, Any

import orjson
import typer

from api.cli import output, session
from api.cli.words import say, wrong
from cmdb.sealing import new_key
from discovery import credentials
from discovery.credentials import KINDS

group = typer.Typer(help="Set, list and remove credentials; encrypted, and never shown again.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the credential.")]


@group.command("set")
def set_(
    name: Name,
    kind: Annotated[str, typer.Option(metavar="KIND", help=f"One of {', '.join(KINDS)}.")],
    store: session.StoreOption = None,
) -> int:
    """Set a credential: its values are asked for, or read as a JSON object from a pipe."""
    if sys.stdin.isatty():
        needed, allowed = KINDS.get(kind, ((), ()))
        values = {one: typer.prompt(one, hide_input=True) for one in needed}
        values |= {
            one: value
            for one in allowed
            if (value := typer.prompt(one, hide_input=True, default="", show_default=False))
        }
    else:
        values = _values(sys.stdin.buffer.read())
    with session.environment(store) as env:
        credentials.put_credential(session.actor(), env, name, kind, values)
    output.note(say("credential {name} is set", name=name))
    return 0


def _values(data: bytes) -> dict[str, Any]:
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise wrong("credential", "the values must be a JSON object")
    return values


@group.command("list")
def list_(form: session.FormOption = session.Form.table, store: session.StoreOption = None) -> int:
    """Show names and kinds, and nothing secret."""
    with session.environment(store) as env:
        found = credentials.list_credentials(session.actor(), env)
    if form is session.Form.json:
        output.put_json({"credentials": found})
    else:
        output.put_rich(output.table(("name", "kind"), [(o["name"], o["kind"]) for o in found]))
    return 0


@group.command()
def remove(name: Name, store: session.StoreOption = None) -> int:
    """Forget a credential."""
    with session.environment(store) as env:
        credentials.delete_credential(session.actor(), env, name)
    output.note(say("credential {name} is removed", name=name))
    return 0


def key() -> int:
    """Print a new key, for the file that CMDB_CREDENTIALS_KEY_FILE names."""
    output.put(f"{new_key()}\n")
    return 0
